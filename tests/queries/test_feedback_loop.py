"""The feedback loop against plain Python, and what must hold of it whatever the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import journeygraph
from journeygraph.errors import InvalidOptionError, UnknownTeamError, UnknownTouchpointError
from journeygraph.graph import JourneyGraph
from queries.feedback_items import FeedbackItems, feedback_items
from queries.feedback_loop import FeedbackLoop, feedback_loop
from queries.feedback_outcomes import FeedbackOutcomes, feedback_outcomes
from tests.naive import feedback as naive

DAY = 86_400_000_000
START = 1_700_000_000_000_000
CUSTOMERS = ["ann", "bob", "cid"]
TIMES = st.integers(0, 20)
KINDS = ("complaint", "query", "promise")
STEPS = ("acknowledged", "acted", "closed", "reopened")


@st.composite
def feedback(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows and steps whose times are possible, in days since a start."""
    rows, steps = [], []
    for number in range(draw(st.integers(0, 7))):
        opened = draw(TIMES)
        later = st.none() | st.integers(opened, 20)
        acknowledged, acted, due = draw(later), draw(later), draw(later)
        least = max(opened, acknowledged or 0, acted or 0)
        row: dict[str, Any] = {
            "customer": draw(st.sampled_from([*CUSTOMERS, "a stranger"])),
            "kind": draw(st.sampled_from(KINDS)),
            "opened_at": opened, "acknowledged_at": acknowledged, "acted_at": acted,
            "closed_at": draw(st.none() | st.integers(least, 20)), "due_at": due,
            "touchpoint": draw(st.sampled_from(["shop", "web", None])),
            "team": draw(st.sampled_from(["north", None])),
            "id": f"f{number}",
        }  # fmt: skip
        for name in ("opened_at", "acknowledged_at", "acted_at", "closed_at", "due_at"):
            row[name] = None if row[name] is None else START + row[name] * DAY
        rows.append(row)
        for _ in range(draw(st.integers(0, 3))):
            at = START + draw(st.integers(opened, 21)) * DAY
            steps.append({"feedback": row["id"], "step": draw(st.sampled_from(STEPS)), "at": at})
    return rows, steps


def graph_of(
    rows: list[dict[str, Any]], steps: list[dict[str, Any]], interactions: Sequence[Any] = ()
) -> JourneyGraph:
    met = [(customer, START + 2 * DAY, "shop") for customer in CUSTOMERS]
    frame = pd.DataFrame([*met, (CUSTOMERS[0], START, "web"), *interactions])
    frame.columns = ["customer", "at", "touchpoint"]
    return journeygraph.from_pandas(
        frame,
        feedback=_frame(rows) if rows else None,
        feedback_steps=_frame(steps) if steps else None,
        time_unit="us",
    )


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    for name in frame.columns:
        if name == "at" or name.endswith("_at"):
            frame[name] = frame[name].astype("Int64")
    return frame


def said(group: Any) -> dict[str, Any]:
    return {
        "count": group.count,
        "open": group.open,
        "overdue": group.overdue,
        "closed": group.closed,
        "reopened": group.reopened,
        "promises": (group.promises.count, group.promises.kept, group.promises.broken),
        "median": {
            "acknowledged": group.time_to_acknowledge.median.seconds,
            "acted": group.time_to_act.median.seconds,
            "closed": group.time_to_close.median.seconds,
        },
    }


@given(given_rows=feedback(), days=TIMES, by=st.sampled_from(["kind", "touchpoint", "team"]))
def test_the_numbers_are_the_naive_ones_as_of_any_moment(given_rows, days, by):
    rows, steps = given_rows
    as_of = START + days * DAY
    journeys = graph_of(rows, steps).journeys()
    moment = pd.Timestamp(as_of, unit="us", tz="UTC").isoformat()
    answer = feedback_loop(FeedbackLoop(by=by, as_of=moment), journeys)
    found = naive.states(rows, steps, as_of)
    known = [row for row in found if row["customer"] in CUSTOMERS]
    assert said(answer.all) == naive.loop(known, as_of)
    assert answer.strangers == len(found) - len(known)
    assert {group.name: said(group) for group in answer.nodes} == {
        name: naive.loop([row for row in known if row[by] == name], as_of)
        for name in {row[by] for row in known}
    }
    for group in (answer.all, *answer.nodes):
        of_group = [row for row in known if group is answer.all or row[by] == group.name]
        assert group.customers.count == len({row["customer"] for row in of_group})
        assert group.open_customers.page(10).ids == tuple(
            who for who in CUSTOMERS
            if who in {row["customer"] for row in of_group if row["closed"] is None}
        )  # fmt: skip


@settings(max_examples=15)
@given(given_rows=feedback(), days=TIMES)
def test_what_is_later_than_the_moment_is_not_looked_at(given_rows, days):
    rows, steps = given_rows
    as_of = START + days * DAY
    times = ("acknowledged_at", "acted_at", "closed_at")
    earlier = [
        {**row, **{name: None for name in times if row[name] is not None and row[name] > as_of}}
        for row in rows
        if row["opened_at"] <= as_of
    ]
    moment = pd.Timestamp(as_of, unit="us", tz="UTC").isoformat()
    question = FeedbackLoop(as_of=moment)
    whole = feedback_loop(question, graph_of(rows, steps).journeys())
    step_rows = [step for step in steps if step["at"] <= as_of]
    cut = feedback_loop(question, graph_of(earlier, step_rows).journeys())
    assert said(whole.all) == said(cut.all)


@settings(max_examples=15)
@given(given_rows=feedback(), is_open=st.none() | st.booleans(), overdue=st.none() | st.booleans())
def test_the_list_holds_what_is_counted(given_rows, is_open, overdue):
    rows, steps = given_rows
    journeys = graph_of(rows, steps).journeys()
    question = FeedbackItems(open=is_open, overdue=overdue, first=3)
    items, after = [], None
    while True:
        answer = feedback_items(
            FeedbackItems(open=is_open, overdue=overdue, first=3, after=after), journeys
        )
        items += answer.nodes
        after = answer.page_info.end_cursor
        if not answer.page_info.has_next_page:
            break
    as_of = answer.as_of_us
    found = [
        row
        for row in naive.states(rows, steps, as_of)
        if row["customer"] in CUSTOMERS
        and is_open in (None, row["closed"] is None)
        and overdue
        in (None, row["closed"] is None and row["due_at"] is not None and row["due_at"] < as_of)
    ]
    found.sort(key=lambda row: -row["opened_at"])
    assert [
        (item.id, item.customer, item.opened_at_us, item.closed_at_us, item.reopened)
        for item in items
    ] == [
        (row["id"], row["customer"], row["opened_at"], row["closed"], row["n_reopened"])
        for row in found
    ]
    assert feedback_items(question, journeys).count == len(found)


INTERACTIONS = st.lists(
    st.tuples(
        st.sampled_from(CUSTOMERS), st.integers(0, 60).map(lambda day: START + day * DAY),
        st.sampled_from(["web", "purchase"]),
    ),
    max_size=12,
)  # fmt: skip


@given(given_rows=feedback(), interactions=INTERACTIONS)
def test_associations_count_what_comes_behind_the_landmark(given_rows, interactions):
    rows, steps = given_rows
    journeys = graph_of(rows, steps, interactions).journeys(inactivity="9d")
    question = FeedbackOutcomes(step="acted", within=["1d", "3d"], horizon="20d")
    answer = feedback_outcomes(question, journeys)
    met = [*((who, START + 2 * DAY, "shop") for who in CUSTOMERS), (CUSTOMERS[0], START, "web")]
    by_customer: dict[str, list[Any]] = {}
    for customer, at, touchpoint in [*met, *interactions]:
        by_customer.setdefault(customer, []).append((at, touchpoint))
    end = max(at for at, _ in sum(by_customer.values(), []))
    found = [row for row in naive.states(rows, steps, 2**62) if row["customer"] in CUSTOMERS]
    counts = naive.association_counts(
        found, by_customer, step="acted", limits=[DAY, 3 * DAY], horizon=20 * DAY,
        inactivity=9 * DAY, end=end,
    )  # fmt: skip
    assert len(answer.nodes) == 6
    for node in answer.nodes:
        expected = counts.get(str(node.outcome), {})
        assert (node.units, node.happened) == expected.get(node.group, (0, 0))
        others = expected.get(2, (0, 0))
        assert (node.other_rate.of, node.other_rate.successes) == others
        assert node.customers.count == node.happened
    assert answer.units == sum(group.units for group in answer.responses)
    assert answer.units + answer.censored == len({row["customer"] for row in found})


def test_a_step_behind_the_landmark_is_no_exposure():
    rows = [
        {"customer": who, "kind": "complaint", "opened_at": START, "acted_at": START + days * DAY,
         "id": who}
        for who, days in (("ann", 1), ("bob", 4))
    ]  # fmt: skip
    journeys = graph_of(rows, [], [("cid", START + 90 * DAY, "web")]).journeys()
    answer = feedback_outcomes(FeedbackOutcomes(within=["3d"], horizon="30d"), journeys)
    assert [group.units for group in answer.responses] == [1, 1]
    assert answer.responses[1].customers.page(5).ids == ("bob",)
    assert answer.wording == "associated with"


def test_strata_hold_kind_and_tenure_equal():
    """Mantel and Haenszel's odds ratio of two strata, by hand: 2 * 2 / (1 * 1) in each."""
    rows, interactions = [], []
    for kind in ("complaint", "query"):
        for number in range(6):
            who = f"{kind} {number}"
            acted = number < 3
            back = number in (0, 1, 3)
            row = {"customer": who, "kind": kind, "opened_at": START,
                   "acted_at": START if acted else None, "id": who}  # fmt: skip
            rows.append(row)
            interactions.append((who, START - DAY, "web"))
            if back:
                interactions.append((who, START + 5 * DAY, "web"))
    interactions.append(("late", START + 400 * DAY, "web"))
    journeys = graph_of(rows, [], interactions).journeys()
    answer = feedback_outcomes(FeedbackOutcomes(within=["1d"], horizon="30d"), journeys)
    (returned,) = (node for node in answer.nodes if node.outcome == "returned")
    assert returned.adjusted.odds_ratio.value == pytest.approx(4.0)
    assert returned.odds_ratio.value == pytest.approx(4.0)
    assert returned.adjusted.strata == 2
    assert returned.small


def test_stages_are_those_of_most_interactions():
    rows = [{"customer": "ann", "kind": "query", "opened_at": START, "touchpoint": "shop"}]
    frame = pd.DataFrame({"customer": ["ann"] * 3, "at": [START] * 3, "touchpoint": ["shop"] * 3,
                          "stage": ["support", "support", "purchase"]})  # fmt: skip
    graph = journeygraph.from_pandas(frame, feedback=_frame(rows), time_unit="us")
    answer = feedback_loop(FeedbackLoop(by="stage"), graph.journeys())
    assert [(group.name, group.count) for group in answer.nodes] == [("support", 1)]
    assert feedback_items(FeedbackItems(), graph.journeys()).nodes[0].id == "#1.0.0"


def test_populations():
    rows = [
        {"customer": who, "kind": "query", "opened_at": START + day * DAY, "id": f"{who}{day}"}
        for who in ("ann", "bob") for day in (1, 9)
    ]  # fmt: skip
    graph = graph_of(rows, [])
    day = [pd.Timestamp(START + n * DAY, unit="us", tz="UTC").isoformat() for n in range(12)]

    def count(**where: Any) -> int:
        return feedback_loop(FeedbackLoop(), graph.journeys(where=where)).all.count

    assert count() == 4
    assert count(**{"from": day[5]}) == 2  # although nobody has an interaction then
    assert count(until=day[5]) == 2
    assert count(touchpoints=["web"]) == 2  # ann alone met it


def test_what_cannot_be_asked_is_said():
    journeys = graph_of([], []).journeys()
    with pytest.raises(InvalidOptionError, match="complaint or query"):
        feedback_loop(FeedbackLoop(kinds=["rant"]), journeys)
    with pytest.raises(InvalidOptionError, match="as_of"):
        feedback_loop(FeedbackLoop(as_of="soon"), journeys)
    with pytest.raises(InvalidOptionError, match="at_least"):
        feedback_loop(FeedbackLoop(at_least=0), journeys)
    with pytest.raises(UnknownTouchpointError):
        feedback_items(FeedbackItems(touchpoints=["shopp"]), journeys)
    with pytest.raises(UnknownTeamError):
        feedback_items(FeedbackItems(teams=["south"]), journeys)
    with pytest.raises(InvalidOptionError, match="within"):
        feedback_outcomes(FeedbackOutcomes(within=[]), journeys)
    with pytest.raises(InvalidOptionError, match="strata_bins"):
        feedback_outcomes(FeedbackOutcomes(strata_bins=0), journeys)
    early = graph_of([], []).journeys(where={"until": "2023-11-18"})
    with pytest.raises(InvalidOptionError, match="before `until`"):
        feedback_loop(FeedbackLoop(as_of="2024-01-01"), early)
    answer = feedback_loop(FeedbackLoop(), journeys)
    assert answer.all.count == 0
    assert answer.all.share is None
    assert "no feedback" in answer.warnings[0]
