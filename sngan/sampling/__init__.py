"""From noise to pictures: latents, samples, grids, 8 bits."""
