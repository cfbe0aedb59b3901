"""The paper's tables and figures: the plan as data, and what carries it out."""
