"""What a run may watch besides its losses, one file per member of the ``monitor`` group."""
