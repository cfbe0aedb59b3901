"""What metrics are built of."""
