"""A planned journey against the actual ones: by hand, by identities, and on a real log."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings

import journeygraph
from journeygraph.errors import InvalidOptionError
from journeygraph.graph_build import graph_from_rows
from queries.funnel import Funnel, FunnelStep, funnel
from queries.journey_map import JourneyMap, journey_map
from queries.plan_deviations import DeviationKind, PlanDeviation
from queries.planned_journey import (
    BadPlannedJourneyError,
    PlannedJourney,
    PlannedStage,
    PlannedTouchpoint,
)
from queries.planned_journey_file import read_planned_journey
from queries.planned_map import PlannedMap
from tests.journeys.views import cases
from tests.statistics.sequences import Case, view_and_units
from tests.statistics.test_plan_deviations import by_touchpoint
from tests.strategies import DAY_US

DAY = pd.Timedelta(days=1)

# Until day 99: a does what is planned; b leaves out the advice, is late and goes back to search;
# c does it the wrong way round and calls; d has just begun.
ROWS = [
    ("a", 1, "search", "web", "inquiry"), ("a", 2, "advice", "phone", "comparison"),
    ("a", 3, "cart", "web", "purchase"), ("a", 4, "bought", "web", "purchase"),
    ("b", 1, "search", "web", "inquiry"), ("b", 9, "cart", "web", "purchase"),
    ("b", 10, "search", "web", "inquiry"),
    ("c", 1, "cart", "web", "purchase"), ("c", 2, "search", "web", "inquiry"),
    ("c", 3, "advice", "chat", "comparison"), ("c", 4, "call", "phone", "support"),
    ("c", 5, "call", "phone", "support"), ("c", 6, "bought", "web", "purchase"),
    ("d", 98, "search", "web", "inquiry"),
]  # fmt: skip
EMOTION = [500, None, 500, 1000, -500, None, -1000, 0, 0, 0, None, -500, 0, 1000]
PLAN = {
    "name": "to the sale",
    "stages": [
        {
            "stage": "before",
            "touchpoints": ["search", {"touchpoint": "advice", "channel": "phone"}],
        },
        {
            "stage": "sale",
            "within": "1d",
            "touchpoints": [
                {"touchpoint": "cart", "within": "3d"},
                {"touchpoint": "voucher", "optional": True},
                "bought",
            ],
        },
    ],
}


def held(plan: Any = PLAN, **options: Any) -> PlannedMap:
    rows = [(customer, day * DAY_US, *rest, None) for customer, day, *rest in ROWS]
    graph = graph_from_rows(rows, emotion=EMOTION)
    view = graph.journeys(outcome={"touchpoints": ["bought"]}, **options)
    answer = journey_map(JourneyMap(planned=plan), view).planned
    assert answer is not None
    return answer


def test_steps() -> None:
    answer = held()
    assert (answer.name, answer.units, answer.closed, answer.open) == ("to the sale", 4, 3, 1)
    assert [
        (one.number, one.stage, one.touchpoint, one.met.successes, one.met.of, one.out_of_order,
         one.skipped, one.not_yet, one.repeated)
        for one in answer.steps
    ] == [
        (1, "before", "search", 3, 4, 1, 0, 0, 1),
        (2, "before", "advice", 1, 3, 0, 2, 1, 0),
        (3, "sale", "cart", 3, 3, 0, 0, 1, 0),
        (4, "sale", "voucher", 0, 3, 0, 3, 1, 0),
        (5, "sale", "bought", 2, 3, 0, 1, 1, 0),
    ]  # fmt: skip
    cart = answer.steps[2]
    assert (cart.late.successes, cart.late.of, cart.within_seconds) == (1, 2, 3 * 86_400)
    assert cart.late_customers.page(9).ids == ("b",)
    assert answer.steps[0].out_of_order_customers.page(9).ids == ("c",)
    assert answer.steps[1].skipped_customers.page(9).ids == ("b", "c")
    assert answer.steps[1].not_yet_customers.page(9).ids == ("d",)
    assert answer.steps[0].repeated_customers.page(9).ids == ("b",)
    assert cart.small


def test_stages_what_is_extra_and_who_follows() -> None:
    answer = held()
    assert [(one.stage, one.units, one.late.successes, one.late.of) for one in answer.stages] == [
        ("before", 3, 0, 0), ("sale", 3, 1, 3),
    ]  # fmt: skip
    assert [(one.item, one.stage, one.units, one.count) for one in answer.extras] == [
        ("advice", "comparison", 1, 1), ("call", "support", 1, 2),
    ]  # fmt: skip
    assert (answer.follows.successes, answer.follows.of) == (1, 3)
    assert answer.follow_customers.page(9).ids == ("a",)
    assert (answer.open_on_plan, answer.open_on_plan_customers.page(9).ids) == (1, ("d",))


def test_fitness() -> None:
    answer = held()
    # a 0; b leaves out advice and bought, and searches again: 3 of 3 + 4; c: the search, the chat
    # and two calls are left over, search and advice unmet: 6 of 6 + 4; d 0
    assert answer.fitness == pytest.approx((1 + (1 - 3 / 7) + (1 - 6 / 10) + 1) / 4)
    assert [(one.at_least, one.below, one.units) for one in answer.fitness_bands] == [
        (0, 0.25, 0), (0.25, 0.5, 1), (0.5, 0.75, 1), (0.75, 1, 0), (1, None, 2),
    ]  # fmt: skip
    assert answer.fitness_bands[1].customers.page(9).ids == ("c",)


def test_where_deviations_hurt() -> None:
    answer = held()
    found = {(one.kind, one.step or one.item): one for one in answer.deviations}
    assert set(found) == {
        (DeviationKind.SKIPPED, 2), (DeviationKind.SKIPPED, 5), (DeviationKind.OUT_OF_ORDER, 1),
        (DeviationKind.REPEATED, 1), (DeviationKind.LATE, 3), (DeviationKind.STAGE_LATE, None),
        (DeviationKind.EXTRA, "advice"), (DeviationKind.EXTRA, "call"),
    }  # fmt: skip
    without_advice = found[DeviationKind.SKIPPED, 2]
    assert (without_advice.rate.successes, without_advice.rate.of) == (1, 2)
    assert (without_advice.other_rate.successes, without_advice.other_rate.of) == (1, 1)
    assert without_advice.difference.value == -0.5
    assert without_advice.emotion.value == pytest.approx((-0.5 - 1 + 0 + 0 + 0 - 0.5 + 0) / 7)
    assert without_advice.other_emotion.value == pytest.approx(2 / 3)
    late = found[DeviationKind.LATE, 3]  # set beside a, for whom the cart came in time
    assert (late.rate.of, late.other_rate.of, late.other_rate.successes) == (1, 1, 1)
    again = found[DeviationKind.REPEATED, 1]  # beside those that met it, d is open
    assert (again.rate.of, again.other_rate.of) == (1, 1)
    assert answer.wording == "associated with"
    assert all(one.small for one in answer.deviations)


def test_q_values_are_over_all_tests() -> None:
    from scipy.stats import false_discovery_control

    answer = held()
    outcomes = [(one.p_value, one.q_value) for one in answer.deviations]
    feelings = [(one.emotion_difference.p_value, one.emotion_q_value) for one in answer.deviations]
    tested = [(p, q) for p, q in outcomes + feelings if p is not None]
    assert len(tested) == answer.tested > 5
    expected = false_discovery_control([p for p, _ in tested], method="bh")
    assert [q for _, q in tested] == pytest.approx(expected.tolist())


def test_lists_are_cut_and_the_rest_is_counted() -> None:
    rows = [(customer, day * DAY_US, *rest, None) for customer, day, *rest in ROWS]
    view = graph_from_rows(rows).journeys(outcome={"touchpoints": ["bought"]})
    answer = journey_map(JourneyMap(first=1, planned=PLAN), view).planned
    assert answer is not None
    assert (len(answer.extras), answer.other_extras, answer.other_extra_count) == (1, 1, 2)
    assert (len(answer.deviations), answer.other_deviations) == (1, 7)
    frequent = journey_map(JourneyMap(at_least=2, planned=PLAN), view).planned
    assert frequent is not None
    assert (frequent.extras, frequent.other_extras, frequent.other_extra_count) == ((), 2, 3)
    assert [(one.kind, one.units) for one in frequent.deviations] == [(DeviationKind.SKIPPED, 2)]
    assert frequent.tested == answer.tested


def test_names_that_nothing_has_are_warned_of() -> None:
    plan = {
        "stages": [
            {"stage": "s", "touchpoints": ["serch", {"touchpoint": "cart", "channel": "wap"}]}
        ]
    }
    warnings = held(plan).warnings
    assert "Nobody meets 'serch'. Did you mean 'search'?" in warnings
    assert "Nothing is by channel 'wap'." in warnings[1]
    assert any("'bought' is itself the outcome" in text for text in held().warnings)


def test_nobody() -> None:
    answer = journey_map(JourneyMap(planned=PLAN), graph_from_rows([]).journeys()).planned
    assert answer is not None
    assert (answer.units, answer.fitness, answer.fitness_bands, answer.extras) == (0, None, (), ())
    assert answer.steps[0].met.value is answer.follows.value is answer.stages[0].share is None


@pytest.mark.parametrize("options", [{"by": "channel"}, {"rules": {"tolerance": "1h"}}])
def test_only_touchpoints_can_be_planned(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidOptionError, match="by="):
        held(**options)


@settings(max_examples=6)
@given(case=cases().map(by_touchpoint))
def test_a_step_is_met_by_whom_a_funnel_counts(case: Case) -> None:
    """Of two steps without anything else, both are met by whoever does them in this order."""
    view, _ = view_and_units(case)
    if view.n_items < 2 or view.n_journeys != view.n_units:
        return
    first, second = view.items[:2]
    plan = {"stages": [{"stage": "s", "touchpoints": [first, second]}]}
    answer = journey_map(JourneyMap(planned=plan, first=1000), view).planned
    assert answer is not None
    steps = [FunnelStep(any_of=(name,)) for name in (first, second)]
    counted = funnel(Funnel(steps=steps), view).steps
    # who does both in this order takes both up; who does not, one of the two
    both = sum(one.met.successes for one in answer.steps) - view.n_units
    neither = view.n_units - sum(
        bool({first, second} & set(_names(view, journey))) for journey in range(view.n_journeys)
    )
    assert both + neither == counted[1].units
    for one in answer.steps:
        assert one.met.successes + one.out_of_order + one.skipped + one.not_yet == view.n_units
        assert one.met_customers.count <= one.met.successes
    cells = journey_map(JourneyMap(first=1000), view).nodes
    assert {(one.item, one.stage, one.units, one.count) for one in answer.extras} == {
        (one.item, one.stage, one.units, one.count)
        for one in cells
        if one.item not in (first, second)
    }


def _names(view: Any, journey: int) -> list[str]:
    codes = view.item_codes[view.journey_starts[journey] : view.journey_ends[journey]]
    return [view.items[code] for code in codes.tolist() if code < view.n_items]


@pytest.mark.realdata
def test_the_most_common_way_through_the_receipts_against_all_others() -> None:
    file = Path(os.environ["JOURNEYGRAPH_DATA"]) / "env_permit_receipt.parquet"
    frame = pd.read_parquet(file).sort_values(["customer_id", "timestamp", "event_index"])
    traces = frame.groupby("customer_id")["touchpoint"].agg(tuple)
    [(plan, follow)] = Counter(traces).most_common(1)
    later = frame.tail(1).assign(  # nobody else is open then
        customer_id="later", touchpoint="later", timestamp=frame["timestamp"].max() + 10 * DAY
    )
    columns = ["customer_id", "timestamp", "touchpoint", "event_index"]
    graph = journeygraph.from_pandas(
        pd.concat([frame[columns], later[columns]]),
        columns={"customer": "customer_id", "sequence": "event_index"},
    )
    last = plan[-1]
    view = graph.journeys(inactivity="1d", outcome={"touchpoints": [last]})
    stages = [PlannedStage(stage="all", touchpoints=plan)]
    answer = journey_map(JourneyMap(planned=PlannedJourney(stages=stages)), view).planned
    assert answer is not None
    assert (answer.open, answer.follows.successes, answer.follows.of) == (1, follow, len(traces))
    # without optional steps and repeats the fitness is Dice's: 2 x LCS / (n + m)
    dice = [2 * longest_common(trace, plan) / (len(trace) + len(plan)) for trace in traces]
    assert answer.fitness == pytest.approx(sum(dice) / (len(dice) + 1))
    extra = frame[~frame["touchpoint"].isin(plan)].groupby("touchpoint")["customer_id"]
    expected = {**extra.nunique().to_dict(), "later": 1}
    assert {one.item: one.units for one in answer.extras} == expected
    skipped = {one.number: one.skipped for one in answer.steps}
    for number, name in enumerate(plan, 1):
        if plan.count(name) == 1:
            assert skipped[number] == sum(name not in trace for trace in traces)
    for one in answer.deviations:
        if one.kind is DeviationKind.EXTRA and one.item != "later":
            check_rates(one, traces, last)


def longest_common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    row = [0] * (len(other) + 1)
    for item in one:
        before = row[:]
        for place, step in enumerate(other, 1):
            row[place] = (
                before[place - 1] + 1 if item == step else max(before[place], row[place - 1])
            )
    return row[-1]


def check_rates(one: PlanDeviation, traces: Any, last: str) -> None:
    has = [trace for trace in traces if one.item in trace]
    others = [trace for trace in traces if one.item not in trace]
    assert (one.rate.successes, one.rate.of) == (sum(last in trace for trace in has), len(has))
    assert one.other_rate.successes == sum(last in trace for trace in others)
    assert one.other_rate.of == len(others)


FILE = """name: to the sale
stages:
  - stage: before
    touchpoints:
      - search
      - {touchpoint: advice, channel: phone}
  - stage: sale
    within: 1d
    touchpoints:
      - touchpoint: cart
        within: 3d
      - {touchpoint: voucher, optional: true}
      - bought
"""


def test_a_file_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(FILE)
    plan = read_planned_journey(tmp_path / "plan.yaml")
    assert plan.stages[0].touchpoints[0] == PlannedTouchpoint(touchpoint="search")  # type: ignore[union-attr]
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    assert read_planned_journey(tmp_path / "plan.json") == plan
    assert [one.met for one in held(plan).steps] == [one.met for one in held().steps]


def test_words_stay_words(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("stages: [{stage: 007, touchpoints: [no, 1.0, ~x]}]\n")
    [stage] = read_planned_journey(tmp_path / "plan.yaml").stages
    assert isinstance(stage, PlannedStage)
    assert [one.touchpoint for one in stage.touchpoints] == ["no", "1.0", "~x"]  # type: ignore[union-attr]
    assert stage.stage == "007"


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "says"),
    [
        ("within: 3d", "within: soon", 11, "stages[2].touchpoints[1].within", "'soon' is not"),
        ("within: 1d", "within: 1", 8, "stages[2].within", "not a length of time"),
        ("channel: phone", "chanel: phone", 6, "stages[1].touchpoints[2].chanel", "'channel'"),
        ("optional: true", "optional: maybe", 12, "stages[2].touchpoints[2].optional", "true or"),
        ("- stage: sale", "- stage: ''", 7, "stages[2].stage", "not a name"),
        ("      - bought\n", "      - [bought]\n", 13, "stages[2].touchpoints[3]", "no mapping"),
        ("within: 1d\n", "within: 1d\n    within: 2d\n", 9, "stages[2].within", "line 8"),
        ("      - search", "      - {touchpoint: search, within: 1d}", 5,
         "stages[1].touchpoints[1].within", "before the first"),
        ("name: to the sale", "colour: red", 1, "colour", "Known"),
        ("name: to the sale", "name: [a]", 1, "name", "not a name"),
        ("    touchpoints:\n      - search\n      - {touchpoint: advice, channel: phone}\n",
         "    touchpoints: none\n", 4, "stages[1].touchpoints", "as a list"),
        ("name: to the sale", "name: @here", 1, "", "no YAML"),
    ],
)  # fmt: skip
def test_errors_name_the_line_and_the_field(
    tmp_path: Path, old: str, new: str, line: int, field: str, says: str
) -> None:
    file = tmp_path / "plan.yaml"
    assert old in FILE
    file.write_text(FILE.replace(old, new, 1))
    with pytest.raises(BadPlannedJourneyError) as caught:
        read_planned_journey(file)
    error = caught.value
    assert (error.line, error.field) == (line, field)
    assert str(error).startswith(f"{file}:{line}: ")
    assert says in str(error)
    assert "[BAD_PLANNED_JOURNEY]" in str(error)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"), (b"- a\n", "no mapping"), (b"stages: []\n", "At least one"),
        (b"\xff\xfe\x00", "Cannot be read"), (b"a: [\n", "no YAML"),
        (b"stages: &a [*a]\n", "nested too deeply"),
        (b"stages: [{stage: s, touchpoints: [" + b"a," * 101 + b"]}]\n", "101 steps"),
        (b"stages: !!python/object:os.system {}\n", "At least one"),
    ],
)  # fmt: skip
def test_other_files_are_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "plan.yaml").write_bytes(content)
    with pytest.raises(BadPlannedJourneyError, match=says):
        read_planned_journey(tmp_path / "plan.yaml")


def test_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPlannedJourneyError, match="No such file"):
        read_planned_journey(tmp_path / "none.yaml")


def test_a_mapping_is_refused_with_its_field() -> None:
    plan = {"stages": [{"stage": "s", "touchpoints": [{"touchpoint": "a", "repeats": "yes"}]}]}
    with pytest.raises(BadPlannedJourneyError, match=r"stages\[1\].touchpoints\[1\].repeats"):
        held(plan)
