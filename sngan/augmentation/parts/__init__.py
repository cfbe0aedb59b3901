"""What augmentations are made of."""
