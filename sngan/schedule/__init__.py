"""How learning rates change over a run."""
