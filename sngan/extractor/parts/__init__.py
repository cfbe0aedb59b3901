"""What extractors are built of."""
