"""The loops: NumPy arrays in, NumPy arrays out, compiled by numba, nothing else imported.

A kernel that nobody compiled ahead is compiled when it is first needed, which takes seconds. That
is said then, once for a process, to the log: on the command line and of a server that is standard
error.
"""

from __future__ import annotations

import logging

from numba.core import event

__all__ = ["FIRST_NEED"]


class _FirstNeed(event.Listener):
    """Tells when the first kernel is compiled; what comes from numba's cache is not."""

    def __init__(self) -> None:
        self.is_told = False

    def on_start(self, event: event.Event) -> None:
        kernel = event.data["dispatcher"].py_func
        if not self.is_told and kernel.__module__.startswith(__name__):
            self.is_told = True
            logging.getLogger(__name__).warning(
                "Compiling what this needs, once on this machine: it takes some seconds "
                "(ahead of time: python -m journeygraph.kernels.compile)"
            )

    def on_end(self, event: event.Event) -> None:
        """Nothing more is said."""


FIRST_NEED = _FirstNeed()
"""Set `is_told` where somebody says it better."""

event.register("numba:compile", FIRST_NEED)
