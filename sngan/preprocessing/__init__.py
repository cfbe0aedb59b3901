"""Maps from 8-bit pictures to network input, one file per member of the ``preprocessing`` group."""
