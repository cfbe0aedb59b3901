"""The training loop, and what goes on around one of its iterations."""
