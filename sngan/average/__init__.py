"""Averages of G's weights over a training, one file per member of the ``average`` group."""
