"""What architectures are built of."""
