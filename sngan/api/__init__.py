"""The front door for programs: what ``import sngan`` offers, one file per topic."""
