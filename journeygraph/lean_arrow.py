"""Arrow without pandas, in a process that is all ours.

The first `pa.array` or `pc.equal` of a process asks whether its argument is of pandas, and for
that imports pandas: 0.2 seconds and 60 MiB for every command. Arrays could be made from buffers
everywhere; but scalars, comparisons and Parquet ask as well, and the next line of code would
bring it all back. So the one question is answered here: pandas is not there. pyarrow asks again
as soon as pandas is wanted (`to_pandas`, `Table.from_pandas`), and then finds it.

Only for our own commands: who imports this package as a library may hand pandas' own objects to
pyarrow.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

__all__ = ["leave_pandas_out"]


class _NoPandas(MetaPathFinder):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - as the import system has it
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is left out here", name=fullname)


def leave_pandas_out() -> None:
    """Let pyarrow go without pandas until somebody asks for it; before other threads start."""
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.scalar(None)
    finally:
        sys.meta_path.remove(finder)
