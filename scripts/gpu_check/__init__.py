"""One command for a GPU host: tests, benchmark, a real training and its score.

``python -m scripts.gpu_check --pictures ARCHIVE --out DIR`` from the root of a checkout.
"""
