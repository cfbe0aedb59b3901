"""Generator and discriminator pairs, one file per table of the paper."""
