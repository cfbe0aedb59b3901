"""Reports: what runs have come to, and a reproduction beside what the paper says."""
