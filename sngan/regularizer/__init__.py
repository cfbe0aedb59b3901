"""Ways of taming a discriminator, one file per member of the ``regularizer`` group."""
