"""Changes of the pictures that D sees, one file per member of the ``augmentation`` group."""
