"""Sources of real pictures, one file per member of the ``dataset`` group."""
