"""Generators on their way to others and from others: exports, files of other programs."""
