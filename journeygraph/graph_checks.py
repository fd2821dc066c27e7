"""Whether the arrays of a graph fit each other: kernels trust them and look at no bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InconsistentGraphError
from journeygraph.late_columns import LateColumn
from journeygraph.vocabulary import STAGES, UNKNOWN

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph

__all__ = ["check_graph"]

_COLUMNS = ("touchpoint_codes", "channel_codes", "stage_codes", "value_minor")


def check_graph(graph: JourneyGraph) -> None:
    """Refuse arrays that would send a kernel past their ends."""
    starts, n = graph.customer_starts, len(graph.given("at_us"))
    if len(starts) == 0 or starts[0] != 0 or starts[-1] != n or np.any(starts[1:] < starts[:-1]):
        raise InconsistentGraphError("customer_starts", "do not divide the interactions")
    for name in _COLUMNS:
        if len(graph.given(name)) != n:
            raise InconsistentGraphError(name, f"are not {n}, one for each interaction")
    if graph.channels[:1] != (UNKNOWN,):
        raise InconsistentGraphError("channels", f"do not begin with {UNKNOWN!r}")
    names_of = {"touchpoint": graph.touchpoints, "channel": graph.channels, "stage": (0, *STAGES)}
    for name, names in names_of.items():
        codes = graph.given(f"{name}_codes")
        if not isinstance(codes, LateColumn):
            _check_codes(f"{name}_codes", codes, len(names))
    _check_referrals(graph)


def _check_referrals(graph: JourneyGraph) -> None:
    referrals = graph.referrals
    for name in ("referrers", "at_us", "medium_codes"):
        if len(getattr(referrals, name)) != len(referrals):
            raise InconsistentGraphError(f"referrals.{name}", f"are not {len(referrals)}")
    _check_codes("referrals.referrers", referrals.referrers, graph.n_customers, lowest=-1)
    _check_codes("referrals.referred", referrals.referred, graph.n_customers)
    _check_codes("referrals.medium_codes", referrals.medium_codes, len(graph.channels))


def _check_codes(
    name: str, codes: npt.NDArray[np.integer[Any]], n_names: int, lowest: int = 0
) -> None:
    may_be_negative = codes.dtype.kind == "i"
    if len(codes) and (int(codes.max()) >= n_names or (may_be_negative and codes.min() < lowest)):
        raise InconsistentGraphError(name, f"name something beyond the {n_names} that there are")
