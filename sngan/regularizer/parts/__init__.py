"""What regularizers are built of, and how several become one."""
