"""From pictures to scores: what enters, one pass through the extractor, and what is said of it."""
