"""One module per peer: `load`, and a function for each workload that the peer offers.

A function answers from what `load` returned, or from the files where the workload is one of
`workloads.FROM_FILES`. It does all the work and returns a callable that puts the result into the
normal form of `benchmarks.normal`; only the function is timed.
"""
