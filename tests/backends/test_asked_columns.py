"""What is counted elsewhere tells which columns it looks at, when it is asked about no rows."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from journeygraph.backends.skeleton import skeleton_of
from journeygraph.backends.spark_columns import AskedColumns
from journeygraph.statistics.base import MergeableStatistic, total
from journeygraph.statistics.economics import ECONOMICS, UNITS_WITH_AMOUNTS
from journeygraph.statistics.feelings import FEELINGS, ITEM, UNITS_THAT_SAY, Said
from journeygraph.statistics.peak_end import PEAK_END
from journeygraph.statistics.plan_codes import PlanCodes
from journeygraph.statistics.plan_deviations import PLAN_DEVIATIONS
from journeygraph.statistics.preferences import PREFERENCES, UNITS_THAT_PREFER, Preferred
from journeygraph.statistics.ratings import RATINGS, Rating
from journeygraph.statistics.satisfaction import SATISFACTION, UNITS_SATISFIED, Overall
from journeygraph.statistics.turns import TURNS


def asked_by(ask: Any) -> frozenset[str]:
    skeleton = skeleton_of(
        touchpoints=("home",), channels=("unknown",), as_of_us=0, version=None, currency=None,
        exponent=2, properties=(), pairs=None,
    )  # fmt: skip
    asked = AskedColumns(cast("Any", SimpleNamespace(property_names=())), skeleton.further)
    ask(replace(skeleton, further=asked).journeys())
    return asked.taken()


PLAN = PlanCodes(
    items=(0,), channels=(None,), optional=(False,), repeats=(False,), within_us=(None,),
    stages=(0,), stage_within_us=(None,),
)  # fmt: skip
SATISFIED = {"rating": Rating.EXPERIENCE, "overall": Overall.MEAN}


@pytest.mark.parametrize(
    ("statistic", "options", "columns"),
    [
        (RATINGS, {"rating": Rating.EMOTION}, {"emotion"}),
        (RATINGS, {"rating": Rating.GAP, "by": ("stage",)}, {"expectation", "experience"}),
        (FEELINGS, {"by": ITEM}, {"emotion", "expectation", "experience"}),
        (PEAK_END, {}, {"emotion"}),
        (TURNS, {"permutations": 1, "seed": 0, "as_large_at_most": 0}, {"emotion"}),
        (PREFERENCES, {}, {"initiator"}),
        (ECONOMICS, {}, {"cost"}),
        (PLAN_DEVIATIONS, {"plan": PLAN}, {"emotion"}),
        (SATISFACTION, SATISFIED, {"experience"}),
    ],
    ids=lambda given: given.name if isinstance(given, MergeableStatistic) else "",
)
def test_a_statistic_of_no_rows_looks_at_its_columns(
    statistic: MergeableStatistic, options: dict[str, Any], columns: set[str]
) -> None:
    assert columns <= asked_by(lambda view: total(statistic, view, **options))


def test_a_finder_of_no_rows_looks_at_its_columns() -> None:
    assert "emotion" in asked_by(lambda view: UNITS_THAT_SAY.units(view, said=Said.EMOTION))
    assert "initiator" in asked_by(
        lambda view: UNITS_THAT_PREFER.units(view, way=Preferred.INITIATED, item=0)
    )
    assert "cost" in asked_by(lambda view: UNITS_WITH_AMOUNTS.units(view, says="cost"))
    assert "experience" in asked_by(lambda view: UNITS_SATISFIED.units(view, item=0, **SATISFIED))
