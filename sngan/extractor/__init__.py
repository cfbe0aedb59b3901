"""Feature networks the scores are computed with, one file per member of the ``extractor`` group."""
