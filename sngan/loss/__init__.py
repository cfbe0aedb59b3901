"""Adversarial losses, one file per member of the ``loss`` group."""
