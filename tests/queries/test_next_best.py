"""Next best touchpoint: written out, against the naive twin, without the future, and refused."""

from __future__ import annotations

import gc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from weakref import ref
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.errors import JourneyGraphError
from journeygraph.graph import JourneyGraph
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys, Unit
from queries.contact_limits import compile_limits
from queries.next_batch import (
    BatchReport,
    OutputNotWritableError,
    recommendations,
    write_all,
)
from queries.next_best import NextBest, NextBestAnswer, compile_next_best, next_best
from queries.next_gains import Objective
from tests.naive.next_best import Asked, answer_after, occasions
from tests.statistics.sequences import Case, view_and_units
from tests.strategies import CUSTOMERS, DAY_US, World

AWAY = 30 * DAY_US  # the inactivity limit of these views


def shop(extra: list[Any] = ()) -> JourneyGraph:  # type: ignore[assignment]
    """Four who left a cart were written to and two of them bought; of six who were not, one did."""
    rows: list[tuple[Any, ...]] = []
    initiators: list[str] = []

    def meet(
        customer: str, day: float, touchpoint: str, channel: str = "web", by: str = "customer"
    ):
        rows.append((customer, int(day * DAY_US), touchpoint, channel, None, None))
        initiators.append(by)

    for number in range(10):
        meet(f"c{number}", 0, "cart")
    for number, hours in enumerate((2, 4, 8, 24)):
        meet(f"c{number}", hours / 24, "reminder", "email", "company")
    meet("c0", 2, "purchase")
    meet("c2", 3, "purchase")
    meet("c9", 1, "purchase")
    meet("now", 60, "cart")
    for customer, day, touchpoint, channel, by in extra:
        meet(customer, day, touchpoint, channel, by)
    return graph_from_rows(rows, initiator=initiators)


def test_written_out() -> None:
    answer = next_best(NextBest(prefix=["cart"], at_least=4), shop().journeys())
    assert (answer.prefix, answer.units, answer.not_contacted) == (("cart",), 10, 6)
    assert answer.not_contacted_mean == pytest.approx(1 / 6)
    [reminder] = answer.nodes
    assert (reminder.item, reminder.units, reminder.worked) == ("reminder", 4, 2)
    # by quarters of the time until it: 1 of 1 against 0 of 2, 0 of 1 against 1 of 2, then 1 against
    # 0 and 0 against 0, each weighed by n1 n0 / n
    weights = (2 / 3, 2 / 3, 1 / 2, 1 / 2)
    differences = (1, -1 / 2, 1, 0)
    assert reminder.gain == pytest.approx(np.average(differences, weights=weights))
    times = [reminder.from_seconds, reminder.median_seconds, reminder.until_seconds]
    assert times == [2 * 3600, 2 * 3600, 8 * 3600]
    assert (reminder.channel, reminder.channel_share.of) == ("email", 2)
    assert (reminder.probability.successes, reminder.probability.of) == (4, 10)  # not "now"
    assert (answer.nothing.successes, answer.nothing.of) == (5, 10)
    assert reminder.customers.page(9).ids == ("c0", "c1", "c2", "c3")
    assert reminder.worked_customers.page(9).ids == ("c0", "c2")
    assert answer.not_contacted_customers.count == 6
    assert (answer.contacts, answer.wording) == ("begun by the company", "associated with")


def test_for_a_customer_at_the_right_time() -> None:
    journeys = shop().journeys()
    answer = next_best(NextBest(customer="now", at_least=4), journeys)
    [reminder] = answer.nodes
    assert answer.since_us == answer.as_of_us == 60 * DAY_US
    assert reminder.send_from_us == 60 * DAY_US + 2 * DAY_US // 24
    assert reminder.send_until_us == 60 * DAY_US + 8 * DAY_US // 24
    gone = next_best(NextBest(customer="c5", at_least=4), journeys)
    assert (gone.nodes, gone.candidates, gone.too_late) == ((), 1, 1)


@pytest.mark.parametrize(
    ("limits", "hour"),
    [
        ({"quiet_from": "00:00", "quiet_until": "05:00"}, 5),
        ({"quietFrom": "22:00", "quietUntil": "02:30"}, 2.5),
        ({"quiet_from": "03:00", "quiet_until": "05:00"}, 2),
        ({"quiet_from": "00:00", "quiet_until": "09:00"}, None),
        ({"at_most": 1, "per": "1d"}, 6),
        ({"at_most": 2, "per": "7d"}, 2),
        ({"at_most": 1, "per": "2d"}, None),
    ],
)
def test_limits_are_respected(limits: dict[str, Any], hour: float | None) -> None:
    graph = shop(
        [("now", 59.25, "news", "email", "company"), ("now", 60, "cart", "web", "customer")]
    )
    question = NextBest(customer="now", at_least=4, limits=limits)
    answer = next_best(question, graph.journeys())
    times = [node.send_from_us for node in answer.nodes]
    assert times == ([] if hour is None else [int((60 + hour / 24) * DAY_US)])
    assert answer.held_back == (hour is None)


def test_quiet_hours_are_those_of_the_time_zone() -> None:
    journeys = shop().journeys(timezone="Asia/Tokyo")  # nine hours ahead: 02:00 is 11:00
    question = NextBest(
        customer="now", at_least=4, limits={"quiet_from": "10:00", "quiet_until": "12:00"}
    )
    [reminder] = next_best(question, journeys).nodes
    assert reminder.send_from_us == 60 * DAY_US + 3 * DAY_US // 24


def test_nothing_is_said_of_few() -> None:
    answer = next_best(NextBest(prefix=["cart"], at_least=5), shop().journeys())
    assert (answer.nodes, answer.prefix, answer.units, answer.nothing.of) == ((), (), 0, 0)
    assert "fewer than 5 units" in answer.warnings[-1]


def test_a_shorter_prefix_is_asked_where_the_longer_is_rare() -> None:
    answer = next_best(NextBest(prefix=["purchase", "cart"], at_least=4), shop().journeys())
    assert (answer.asked, answer.prefix) == (("purchase", "cart"), ("cart",))


def test_what_is_never_to_be_recommended_is_not() -> None:
    question = NextBest(prefix=["cart"], at_least=4, never=["reminder"])
    assert next_best(question, shop().journeys()).nodes == ()


def test_without_initiators_every_item_is_a_contact_and_it_says_so() -> None:
    rows = [("a", 0, "home"), ("a", DAY_US, "cart"), ("b", 0, "home"), ("c", 99 * DAY_US, "home")]
    answer = next_best(NextBest(prefix=["home"], at_least=1), graph_from_rows(rows).journeys())
    assert [node.item for node in answer.nodes] == ["cart"]
    assert any("No interaction says who began it" in warning for warning in answer.warnings)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({}, "INVALID_OPTION"),
        ({"prefix": []}, "INVALID_OPTION"),
        ({"prefix": ["cart"], "customer": "now"}, "CONFLICTING_OPTIONS"),
        ({"prefix": ["carrt"]}, "UNKNOWN_ITEM"),
        ({"customer": "nobody"}, "UNKNOWN_CUSTOMER"),
        ({"prefix": ["cart"], "objective": "fame"}, "INVALID_OPTION"),
        ({"prefix": ["cart"], "within": "7"}, "INVALID_DURATION"),
        ({"prefix": ["cart"], "horizon": "1d"}, "INVALID_OPTION"),
        ({"prefix": ["cart"], "objective": "loyalty", "horizon": "8d"}, "INVALID_OPTION"),
        ({"prefix": ["cart"], "length": 0}, "INVALID_OPTION"),
        ({"prefix": ["cart"], "length": 9}, "INVALID_OPTION"),
        ({"prefix": ["cart"], "at_least": 0}, "INVALID_OPTION"),
        ({"prefix": ["cart"], "first": 1001}, "INVALID_OPTION"),
        ({"prefix": ["cart"], "contacts": ["letter"]}, "UNKNOWN_ITEM"),
        ({"prefix": ["cart"], "never": []}, "INVALID_OPTION"),
        ({"prefix": ["cart"], "limits": {"at_most": 1}}, "INVALID_OPTION"),
        ({"prefix": ["cart"], "limits": {"at_most": 0, "per": "1d"}}, "INVALID_OPTION"),
        ({"prefix": ["cart"], "limits": {"quiet_from": "22:00"}}, "INVALID_OPTION"),
        ({"prefix": ["cart"], "limits": {"quiet_from": "25:00", "quiet_until": "8"}},
         "INVALID_OPTION"),
        ({"prefix": ["cart"], "limits": {"quiet_from": "08:00", "quiet_until": "08:00"}},
         "INVALID_OPTION"),
        ({"prefix": ["cart"], "limits": {"often": 1}}, "UNKNOWN_OPTION"),
    ],
)  # fmt: skip
def test_bad_options_are_refused(options: dict[str, Any], code: str) -> None:
    with pytest.raises(JourneyGraphError) as caught:
        next_best(NextBest(**options), shop().journeys())
    assert caught.value.code == code


def test_a_customer_outside_of_the_view_is_refused() -> None:
    view = shop().journeys(where={"until": "1970-02-01"})
    with pytest.raises(JourneyGraphError) as caught:
        next_best(NextBest(customer="now"), view)
    assert caught.value.code == "INVALID_OPTION"


def campaign(seed: int) -> Case:
    """Few customers who do much within days, some time to follow them, and who is there at the end.

    Drawn evenly: what Hypothesis likes best, everything the same, has no two groups to compare.
    """
    pick = Random(seed)
    end = pick.choice([33, 36, 45, 400]) * DAY_US
    days = [pick.randint(0, 12) * DAY_US // 8 for _ in range(pick.randint(40, 70))]
    days += [end - pick.randint(0, 8) * DAY_US // 8 for _ in range(6)]
    rows: list[tuple[Any, ...]] = [
        (
            pick.choice("abcdefghi"),
            at,
            pick.choice(["home", "ad", "ad", "cart", "purchase"]),
            pick.choice([None, "web", "email"]),
            None,
            pick.choice([None, None, 100, 250, -50]),
        )
        for at in days
    ]
    said = [pick.choice([None, "customer", "company"]) for _ in rows]
    options = {
        "unit": pick.choice(["customer", "journey"]),
        "split": pick.choice([None, None, {"inactivity_us": DAY_US}, {"outcome": True}]),
        "rules": pick.choice([None, {"collapse": True}, {"exclude": ["hom*"]}]),
        "where": pick.choice([None, None, {"until": 34 * DAY_US}, {"channels": ["web"]}]),
    }
    return World(rows=rows, columns=pick.choice([{}, {"initiator": said}])), options


def _asked(
    case: Case, view: Journeys, within: int, objective: str, contacts: list[str] | None
) -> Asked:
    world, options = case
    until = (options.get("where") or {}).get("until")
    latest = view.graph.as_of_us
    return Asked(
        world=world,
        outcome=options.get("outcome"),
        contacts=contacts,
        within=within,
        horizon=within + AWAY,
        inactivity=AWAY,
        objective=objective,
        known_until=latest if until is None else min(until - 1, latest),
    )


def test_it_is_that_of_the_naive_twin() -> None:
    answered = sum(_is_that_of_the_twin(seed) for seed in range(60))
    assert answered > 20  # in the others there are no two groups to compare


def _is_that_of_the_twin(seed: int) -> bool:
    """Compare one drawn question; whether anything was said."""
    pick, case = Random(seed), campaign(seed)
    journeys, units = view_and_units(case)
    contacts = pick.choice([None, None, pick.sample(journeys.items, 2)])
    never = pick.choice([None, None, pick.sample(journeys.items, 1)])
    within = pick.choice([1, DAY_US, 2 * DAY_US, 7 * DAY_US])
    objective = pick.choice(list(Objective))
    length, at_least = pick.randint(1, 3), pick.randint(1, 2)
    found = occasions(units, _asked(case, journeys, within, str(objective), contacts))
    prefix = pick.choice([list(one.before) for one in found])
    question = NextBest(
        prefix=prefix, objective=objective, within=timedelta(microseconds=within), length=length,
        at_least=at_least, contacts=contacts, never=never, first=1000,
    )  # fmt: skip
    answer = next_best(question, journeys)
    expected = answer_after(found, tuple(prefix), length, at_least, set(never or ()))
    if expected is None:
        assert (answer.nodes, answer.prefix) == ((), ())
        return False
    used, n_units, alone, nothing, gains = expected
    assert (answer.prefix, answer.units, answer.not_contacted) == (used, n_units, alone)
    assert (answer.nothing.successes, answer.nothing.of) == nothing
    ranking = [(-node.gain, node.item) for node in answer.nodes]
    assert ranking == sorted(ranking)
    assert {item for _gain, item in ranking} == set(gains)
    for node in answer.nodes:
        gain = gains[node.item]
        assert (node.units, node.worked) == (gain.units, gain.worked)
        assert (node.compared, node.compared_with) == gain.compared
        assert node.gain == pytest.approx(gain.gain)
        assert (node.probability.successes, node.probability.of) == gain.probability
        assert node.channel == gain.channel
        times = (node.from_seconds, node.median_seconds, node.until_seconds)
        assert times == (
            (None,) * 3 if gain.quartiles is None else tuple(us / 1e6 for us in gain.quartiles)
        )
        if journeys.unit is Unit.CUSTOMER:
            assert node.customers.count == node.units
            assert node.worked_customers.count == node.worked

    return True


LIMITS: list[dict[str, Any] | None] = [
    None,
    {"at_most": 1, "per": "1d"},
    {"at_most": 2, "per": "3d", "quiet_from": "20:00", "quiet_until": "06:00"},
]


def test_the_batch_is_what_each_customer_is_told() -> None:
    told = [
        row
        for seed in range(8)
        for limits in LIMITS
        for row in _told_one_by_one(campaign(seed), limits)
    ]
    assert len(told) > 10


def _told_one_by_one(case: Case, limits: dict[str, Any] | None) -> list[Any]:
    journeys, _units = view_and_units(case)
    options: dict[str, Any] = {
        "objective": "value", "within": "2d", "at_least": 1, "first": 2, "limits": limits,
    }  # fmt: skip
    report = BatchReport()
    batches = list(recommendations(NextBest(**options), journeys, report))
    rows = [row for part in batches for row in part.to_pylist()]
    given_to = journeys.graph.customer_id(journeys.unit_customers)
    told = []
    for customer in dict.fromkeys(given_to):
        answer = next_best(NextBest(customer=customer, **{**options, "first": 1000}), journeys)
        worth = [node for node in answer.nodes if node.gain > 0][:2]
        told += [
            (customer, rank, node.item, node.gain, node.probability.value, answer.prefix,
             node.send_from_us, node.channel)
            for rank, node in enumerate(worth, 1)
        ]  # fmt: skip
    assert [
        (row["customer"], row["rank"], row["touchpoint"], row["gain"], row["probability"],
         tuple(row["prefix"]), _us(row["send_from"]), row["channel"])
        for row in rows
    ] == told  # fmt: skip
    assert (report.rows, report.recommended) == (len(told), len({row[0] for row in told}))
    fates = (
        report.recommended, report.unsupported, report.without_gain, report.too_late,
        report.held_back,
    )  # fmt: skip
    assert sum(fates) == report.customers == len(set(given_to))
    return told


def _us(moment: Any) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _plain(answer: NextBestAnswer) -> Any:
    from api.answers import to_plain

    return to_plain(answer, 2)


_TOUCHPOINT = {True: "purchase", False: "reminder"}

LATER = st.lists(
    st.tuples(st.sampled_from(CUSTOMERS[:4]), st.integers(40, 400), st.booleans()), max_size=8
)


@settings(max_examples=15)
@given(later=LATER, other=LATER, objective=st.sampled_from(["outcome", "value", "loyalty"]))
def test_nothing_of_the_future_is_known(later: list[Any], other: list[Any], objective: str) -> None:
    """Whatever comes after `until`, the answer is the same."""
    answers = []
    for future in (later, other):
        extra = [
            (f"c{CUSTOMERS.index(name)}", 20 + day, _TOUCHPOINT[buys], "web", "company")
            for name, day, buys in future
        ]
        journeys = shop(extra).journeys(where={"until": "1970-02-25"})
        question = NextBest(prefix=["cart"], at_least=1, objective=Objective(objective))
        answers.append(_plain(next_best(question, journeys)))
    assert answers[0] == answers[1]
    assert answers[0]["units"] == 10


def _many(n_customers: int = 9) -> JourneyGraph:
    return shop([(f"n{number}", 60, "cart", "web", "customer") for number in range(n_customers)])


@pytest.mark.parametrize("name", ["all.csv", "all.parquet"])
def test_a_file_for_everybody(tmp_path: Path, name: str) -> None:
    question = NextBest(at_least=4, first=1)
    told = list(recommendations(question, _many().journeys()))
    report = write_all(question, _many().journeys(), tmp_path / name)
    expected = pa.Table.from_batches(told).to_pandas()
    assert (report.rows, report.customers, len(expected)) == (10, 20, 10)
    if name.endswith(".csv"):
        found = pd.read_csv(tmp_path / name, parse_dates=["since", "send_from", "send_until"])
        expected["prefix"] = expected["prefix"].map(" > ".join)
    else:
        found = pd.read_parquet(tmp_path / name)
    assert found["customer"].tolist() == ["now", *(f"n{number}" for number in range(9))]
    found["prefix"] = found["prefix"].map(list)
    expected["prefix"] = expected["prefix"].map(list)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-12)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_that_cannot_be_written_leaves_nothing_and_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "all.csv").write_text("as before")

    def full(*arguments: Any) -> Any:
        yield from recommendations(*arguments)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("queries.next_batch.recommendations", full)
    with pytest.raises(OutputNotWritableError, match="No space left"):
        write_all(NextBest(at_least=4), _many().journeys(), tmp_path / "all.csv")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["as before"]


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("all.txt", {}, "INVALID_OPTION"),
        ("none/all.csv", {}, "OUTPUT_NOT_WRITABLE"),
        ("all.csv", {"customer": "now"}, "CONFLICTING_OPTIONS"),
        ("all.csv", {"first": -1}, "INVALID_OPTION"),
    ],
)
def test_a_bad_file_or_question_is_refused(
    tmp_path: Path, name: str, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(JourneyGraphError) as caught:
        write_all(NextBest(**options), shop().journeys(), tmp_path / name)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_hang_on_what_is_recommended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Customers come some at a time, and together they are what they are at once."""
    question, journeys = NextBest(at_least=4), _many().journeys()
    [whole] = recommendations(question, journeys)
    monkeypatch.setattr("queries.next_batch._CHUNK", 3)
    parts = list(recommendations(question, journeys))
    assert [part.num_rows for part in parts] == [0, 0, 0, 2, 3, 3, 2]
    assert pa.Table.from_batches(parts).equals(pa.Table.from_batches([whole]))


def test_who_lets_go_of_a_view_lets_go_of_its_models() -> None:
    """At once, and not when somebody looks for circles: they hold tens of bytes an interaction."""
    question, journeys = NextBest(prefix=["cart"], at_least=4), shop().journeys()
    gc.disable()
    try:
        model = ref(compile_next_best(question, journeys)[0])
        assert model() is compile_next_best(question, journeys)[0]
        del journeys
        assert model() is None
    finally:
        gc.enable()


@given(
    at=st.integers(0, 400 * 24 * 60),
    quiet=st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(lambda q: q[0] != q[1]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
)
def test_quiet_hours_against_stepping_from_minute_to_minute(
    at: int, quiet: tuple[int, int], zone: str
) -> None:
    clocks = [f"{minute // 60:02}:{minute % 60:02}" for minute in quiet]
    rules = compile_limits({"quiet_from": clocks[0], "quiet_until": clocks[1]}, zone)
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=at)

    def is_quiet(when: datetime) -> bool:
        clock = when.astimezone(ZoneInfo(zone)).strftime("%H:%M")
        if clocks[0] < clocks[1]:
            return clocks[0] <= clock < clocks[1]
        return clock >= clocks[0] or clock < clocks[1]

    expected = moment
    while is_quiet(expected):
        expected += timedelta(minutes=1)
    microseconds = np.array([_us(moment)])
    assert rules.after_quiet(microseconds).tolist() == [_us(expected)]
