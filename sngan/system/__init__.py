"""The machine under a training: devices, random state, memory, files, signals, processes."""
