"""From words to objects: configurations are composed, checked, trusted and built here."""
