"""Where a run's numbers and pictures go besides its folder; one file per member of ``logger``."""
