"""The loops: NumPy arrays in, NumPy arrays out, compiled by numba, nothing else imported."""
