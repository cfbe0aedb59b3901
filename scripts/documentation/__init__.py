"""The pages: their site, and the commands that they show."""
