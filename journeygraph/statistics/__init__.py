"""What is counted: declarations of kernel, keys, merge rules and finish (see `base`)."""
