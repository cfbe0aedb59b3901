"""What a trained discriminator is like: singular values, Lipschitz bounds, drawings."""
