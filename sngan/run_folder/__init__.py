"""What a run leaves behind, where it lies, and how it is read again."""
