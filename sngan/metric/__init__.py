"""Scores as pure functions of features: no files, no networks, no devices."""
