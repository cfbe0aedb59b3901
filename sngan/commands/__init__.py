"""The commands: words in, messages and exit codes out. One file each."""
