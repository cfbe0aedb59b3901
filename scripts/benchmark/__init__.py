"""How long whole training iterations take: ours, and those of programs that do the same.

``python -m scripts.benchmark`` from the root of a checkout.
"""
