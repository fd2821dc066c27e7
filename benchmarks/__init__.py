"""journeygraph beside its peers: the same questions, the same data, one run."""
