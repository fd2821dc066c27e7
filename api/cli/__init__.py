"""The command line: what the engine does, for people and for batch jobs.

Starts lean: a command imports what it needs when it runs. An error that a user can act upon is
a sentence on standard error and exit status 1; a wrong command line is exit status 2.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    from api.cli.application import app
    from journeygraph.errors import JourneyGraphError
    from journeygraph.lean_arrow import leave_pandas_out
    from journeygraph.lean_numba import leave_blas_out

    if not {"--help", "--version"}.intersection(sys.argv):
        leave_pandas_out()
        leave_blas_out()
    try:
        app()
    except JourneyGraphError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except BrokenPipeError:
        # who reads us has seen enough, as in `journeygraph paths … | head`
        sys.stderr.close()
        sys.exit(1)
