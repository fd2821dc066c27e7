"""Statistics that a batch job computes and a store keeps: which there are, made, kept and read."""
