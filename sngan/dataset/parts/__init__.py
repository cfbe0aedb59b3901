"""What data sets are built of: folders of pictures, caches, downloads."""
