"""One training iteration: both updates, and the batches they see."""
