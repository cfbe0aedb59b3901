"""The report: what a reproduction has come to, beside what the paper says."""
