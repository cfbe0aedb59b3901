"""Names of the metrics that every evaluation has; known without PyTorch."""

SCORE, DISTANCE = ALWAYS = ("inception_score", "fid")
"""Members of `sngan.metric` for whose values score sheets have fields of their own."""
