"""Every kernel is found and compiled ahead, for the types that questions come with."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba.core.registry import CPUDispatcher

from journeygraph.cohorts import CustomerWhere
from journeygraph.graph import JourneyGraph
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from journeygraph.kernels.compile import compile_module, kernel_module, kernel_modules, main
from journeygraph.kernels.tiny import USUAL_CODE_TYPES
from journeygraph.statistics.patterns import Keep
from queries.common_paths import CommonPaths, PathForm, common_paths
from queries.drop_off import DropOff, drop_off
from queries.funnel import Funnel, FunnelStep, StepOrder, funnel
from queries.loyalty import Loyalty
from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints
from queries.referrals import Referrals, referrals
from queries.summary import summary
from queries.transitions import Transitions, transitions

HOUR_US = 3_600_000_000


def test_every_module_of_kernels_compiles_ahead() -> None:
    without = [name for name in kernel_modules() if not hasattr(kernel_module(name), "warm")]
    assert not without, "give these a function warm(), see journeygraph.kernels.tiny"


def test_compiling_says_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == kernel_modules()
    assert lines[-1].startswith("Compiled in ")


def test_after_that_no_question_waits_for_a_kernel() -> None:
    assert all(compile_module(name) >= 0 for name in kernel_modules())
    compiled = _signatures()
    if not compiled:
        return  # Python itself runs the kernels
    for graph in _graphs():
        for view in _views(graph):
            _ask_everything(view)
    assert _signatures() - compiled == set(), "warm() of these kernels leaves out what is asked"


@pytest.mark.filterwarnings("ignore:overflow encountered")  # of hashes, as it is meant
def test_every_question_stays_within_its_arrays() -> None:
    """Who leaves them is told so where Python runs the kernels: NumPy looks at every index."""
    graph = next(_graphs(40))
    for view in _views(graph):
        _ask_everything(view)
        assert view.n_units > 0


def test_who_waits_for_a_kernel_is_told_so_once(tmp_path: Path) -> None:
    if os.environ.get("NUMBA_DISABLE_JIT") == "1":
        return  # Python itself runs the kernels
    script = (
        "import numpy as np\n"
        "from journeygraph.kernels.contingency import compare_groups\n"
        "for kind in (np.int64, np.int32): compare_groups(*np.ones((2, 1), kind), 2, 1)\n"
        "print('answer')"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    told = []
    for _run in range(2):
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        assert done.stdout == "answer\n"
        told.append(done.stderr.count("Compiling what this needs"))
    assert told == [1, 0]


def _signatures() -> set[tuple[str, str, str]]:
    """Module, kernel and types of everything that is compiled."""
    return {
        (module, name, str(types))
        for module in kernel_modules()
        for name, kernel in vars(kernel_module(module)).items()
        if isinstance(kernel, CPUDispatcher)
        for types in kernel.signatures
    }


def _graphs(n_rows: int = 100) -> Iterator[JourneyGraph]:
    """Graphs with few and with many touchpoints, as their codes' types tell."""
    rows = [
        (
            f"c{n % 7}",
            n * HOUR_US,
            f"t{n * n % 10}",
            f"ch{n % 4}",
            ("inquiry", "purchase")[n % 2],
            n,
        )
        for n in range(n_rows)
    ]
    initiators = ["customer", "company"] * (n_rows // 2)
    sessions = [str(n % 3) for n in range(n_rows)]
    graph = graph_from_rows(
        rows, referrals=[("c1", "c2"), ("c2", "c3")], initiator=initiators, session=sessions
    )
    for kind in USUAL_CODE_TYPES:
        yield replace(graph, touchpoint_codes=graph.touchpoint_codes.astype(kind))
    yield replace(graph, channel_codes=graph.channel_codes.astype(np.uint16))


def _views(graph: JourneyGraph) -> Iterator[Journeys]:
    outcome = {"touchpoints": ["t1"]}
    wheres = [
        None,
        {
            "from": "1970-01-01T00:00:00.000001",
            "until": "1970-01-20",
            "minValue": -1,
            "channels": ["ch1", "ch2"],
            "initiators": ["customer"],
            "customers": {"touched": ["t1"], "hasOutcome": True, "referred": False},
        },
    ]
    for by, where in itertools.product(("touchpoint", "touchpoint_at_channel"), wheres):
        yield graph.journeys(by=by, where=where, outcome=outcome)
    for by, unit in itertools.product(("channel", "stage"), ("customer", "journey")):
        yield graph.journeys(by=by, unit=unit, split={"inactivity": "30h"}, outcome=outcome)
    yield graph.journeys(rules={"exclude": ["t9"], "collapse": True}, outcome=outcome)
    yield graph.journeys(unit="journey", split={"column": "session"}, outcome=outcome)
    yield graph.journeys(unit="journey", split={"outcome": True}, outcome=outcome)


def _ask_everything(view: Journeys) -> None:
    summary(view)
    for exact in (False, True):
        for length in (2, 3, 9):
            question = CommonPaths(form=PathForm.NGRAM, length=length, exact=exact)
            _count(common_paths(question, view).nodes)
        _count(common_paths(CommonPaths(form=PathForm.WHOLE, exact=exact), view).nodes)
        for form in (PathForm.WHOLE, PathForm.PREFIX_TREE, PathForm.STEP_GRID):
            for anchor in ("starts_at", "ends_at", "through"):
                options: dict[str, Any] = {anchor: view.items[0], "occurrence": "every"}
                _count(common_paths(CommonPaths(form=form, **options), view).nodes)
            ends = {"from": view.items[0], "to": view.items[-1]}
            _count(common_paths(CommonPaths(form=form, between=ends), view).nodes)
        for span in (None, "1d"):
            patterns = CommonPaths(form=PathForm.PATTERN, max_span=span, keep=Keep.CLOSED)
            _count(common_paths(patterns, view).nodes)
            against = CustomerWhere(has_outcome=exact)
            contrasts = CommonPaths(form=PathForm.CONTRAST, max_span=span, against=against)
            _count(common_paths(contrasts, view).nodes)
        _count(transitions(Transitions(exact=exact), view).nodes)
    _count(drop_off(DropOff(), view).nodes)
    steps = tuple(FunnelStep(any_of=(item,)) for item in view.items[:2])
    for order, window in itertools.product(StepOrder, (None, "1d")):
        _count(funnel(Funnel(steps=steps, order=order, window=window), view).steps)
    referrals(Referrals(), view)
    for loyalty in (
        Loyalty(repeat_purchase_within="1d"), Loyalty(active_at="1d"), Loyalty(no_churn="1d")
    ):  # fmt: skip
        _count(loyalty_touchpoints(LoyaltyTouchpoints(loyalty=loyalty), view).nodes)


def _count(nodes: object) -> None:
    """Look for the customers behind the first of the answers."""
    for node in list(nodes)[:1]:  # type: ignore[call-overload]
        assert node.customers.count >= 0
