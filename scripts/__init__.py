"""Programs beside the package: benchmarks, comparisons, checks."""
