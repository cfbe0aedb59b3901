"""Kill, damage, interrupt and crowd the real commands, and count what is kept of the promises."""
