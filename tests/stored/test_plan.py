"""A plan is checked before anything is computed, and its hash is that of what it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import JourneyGraphError
from journeygraph.graph_build import graph_from_rows
from journeygraph.lake.versions import StoreVersion
from queries.stored.parts import parts_of
from queries.stored.plan import DEFAULT_PLAN, plan_of, read_plan
from queries.stored.plan_file import BadPlanError
from queries.stored.registry import REGISTRY
from queries.stored.run import answer_of

PLAN = """\
# every night
periods: month
statistics:
  - statistic: transitions
    first: 50
  - statistic: funnel
    name: checkout
    steps: [ad, cart]
    window: 7d
"""


def read(tmp_path, text):
    file = tmp_path / "plan.yaml"
    file.write_text(text, encoding="utf-8")
    return read_plan(file)


def test_formatting_order_and_defaults_do_not_change_the_hash(tmp_path):
    other = """\
statistics: [
  {name: checkout, statistic: funnel, window: "7d", steps: [{any_of: [ad]}, cart],
   order: ordered, timezone: UTC},
  {statistic: transitions, atLeast: 1, first: 50, unit: CUSTOMER, inactivity: 720h},
]
periods: {of: MONTH}   # the same
"""
    assert read(tmp_path, PLAN).hash == read(tmp_path, other).hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("50", "51"),
        ("month", "week"),
        ("7d", "8d"),
        ("[ad, cart]", "[cart, ad]"),
        ("checkout", "till"),
        ("periods", "inactivity: 1d\nperiods"),
        ("periods", "name: other\nperiods"),
    ],
)
def test_what_means_something_else_has_another_hash(tmp_path, old, new):
    assert read(tmp_path, PLAN).hash != read(tmp_path, PLAN.replace(old, new)).hash


def test_words_are_numbers_only_where_an_option_is_one(tmp_path):
    plan = read(
        tmp_path,
        "statistics:\n- statistic: funnel\n  steps: [no, 007, 2024]\n"
        "  where: {customers: {attributes: {first: [1, true]}}}\n"
        "  rules: {rename: {collapse: yes, '1': 2}, collapse: true}\n",
    )
    [entry] = plan.entries
    assert [step.any_of for step in entry.question.steps] == [("no",), ("007",), ("2024",)]
    assert entry.population["where"].customers.attributes == {"first": ("1", "true")}
    assert entry.population["rules"].rename == {"collapse": "yes", "1": "2"}
    assert entry.population["rules"].collapse is True


def test_the_default_plan_needs_no_names_and_is_valid():
    plan = plan_of()
    assert plan.name == "default"
    assert {entry.statistic.name for entry in plan.entries} == set(REGISTRY) - {"funnel"}
    assert len(plan.entries) == len(DEFAULT_PLAN["statistics"])


BAD = {
    "statistics:\n  - statistic: transition\n": (2, "statistics[1].statistic", "'transitions'"),
    "statistics:\n  - statistic: transitions\n    frist: 3\n": (3, ".frist", "'first'"),
    "statistics:\n  - statistic: transitions\n    first: many\n": (3, ".first", "whole number"),
    "statistics:\n  - statistic: transitions\n    first: 5000\n": (3, ".first", "0 to 1000"),
    "statistics:\n  - statistic: transitions\n    at_least: 0\n": (3, ".at_least", "above 0"),
    "statistics:\n  - statistic: transitions\n    exact: perhaps\n": (3, ".exact", "true or false"),
    "statistics:\n  - statistic: transitions\n    by: mood\n": (3, ".by", "TOUCHPOINT"),
    "timezone: Mars\nstatistics:\n  - statistic: summary\n": (1, "timezone", "Europe/Berlin"),
    "confidence: 2\nstatistics:\n  - statistic: summary\n": (1, "confidence", "0 and 1"),
    "confidence: high\nstatistics:\n  - statistic: summary\n": (1, "confidence", "0 and 1"),
    "inactivity: 30\nstatistics:\n  - statistic: summary\n": (1, "inactivity", "'30s'"),
    "periods: year\nstatistics:\n  - statistic: summary\n": (1, "periods", "DAY, WEEK or MONTH"),
    "periods: {last: 3}\nstatistics:\n  - statistic: summary\n": (1, "periods", "day, week or"),
    "periods: {of: day, last: 0}\nstatistics:\n  - statistic: summary\n": (
        1, "periods.last", "above 0",
    ),
    "statistics:\n  - statistic: summary\n    segments: country\n": (3, ".segments", "mapping"),
    "statistics:\n  - statistic: summary\n    segments: {column: mood}\n": (
        3, ".segments.column", "channel",
    ),
    "statistics:\n  - statistic: summary\n    segments:\n"
    "      - {attribute: a, column: channel}\n": (
        4, ".segments[1]", "either attribute or column",
    ),
    "statistics:\n  - statistic: summary\n    where:\n      chanels: [web]\n": (
        4, ".where.chanels", "'channels'",
    ),
    "statistics:\n  - statistic: summary\n    where: {from: 2024-01-01}\n    periods: day\n": (
        2, "statistics[1]", "last: 12",
    ),
    "statistics:\n  - statistic: summary\n    where: {channels: [web]}\n"
    "    segments: {column: channel}\n": (2, "statistics[1]", "one of the two"),
    "statistics:\n  - statistic: k_factor\n    periods: month\n": (3, ".periods", "periods: none"),
    "statistics:\n  - statistic: funnel\n": (2, "statistics[1]", "list of steps"),
    "statistics:\n  - statistic: funnel\n    steps: ad\n": (3, ".steps", "a list"),
    "statistics:\n  - statistic: common_paths\n    form: pattern\n": (3, ".form", "WHOLE or NGRAM"),
    "statistics:\n  - statistic: loyalty_touchpoints\n": (2, "statistics[1]", "what loyal means"),
    "statistics:\n  - statistic: attribution\n    method: magic\n": (3, ".method", "MARKOV"),
    "statistics:\n  - statistic: summary\n  - statistic: summary\n": (3, "statistics[2]", "name"),
    "statistics:\n  - statistic: summary\n    name: ''\n": (3, ".name", "100 characters"),
    "statistics:\n  - summary\n": (2, "statistics[1]", "name: value"),
    "statistics: []\n": (1, "statistics", "list of statistics"),
    "statistic: []\n": (1, "statistic", "'statistics'"),
    "a: 1\na: 2\n": (2, None, "line 1"),
    "statistics: [\n": (2, None, "no YAML"),
    "": (None, None, "empty"),
}  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_a_bad_plan_is_refused_with_line_and_field(tmp_path, text):
    line, field, hint = BAD[text]
    with pytest.raises(BadPlanError) as refused:
        read(tmp_path, text)
    error = refused.value
    assert error.line == line
    assert (error.field or "").endswith(field or "")
    assert hint in str(error)
    assert str(tmp_path / "plan.yaml") in str(error)
    assert error.code == "BAD_PLAN"


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(BadPlanError, match="cannot be read"):
        read_plan(tmp_path / "none.yaml")
    (tmp_path / "plan.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadPlanError, match="cannot be read"):
        read_plan(tmp_path / "plan.yaml")


_WORDS = st.sampled_from(
    [
        None,
        True,
        0,
        3,
        -1,
        0.5,
        "",
        "ad",
        "7d",
        "month",
        "channel",
        "markov",
        "whole",
        "none",
        "2024",
    ]
)
_KEYS = st.sampled_from(
    ["of", "last", "first", "column", "attribute", "values", "any_of", "touchpoints", "customers",
     "from", "until", "rename", "group", "column", "inactivity", "at_least", "promoter", "pattern",
     "repeat_purchase_within", "optional", "within", "did"]
)  # fmt: skip
_ANYTHING = st.recursive(
    _WORDS,
    lambda some: st.lists(some, max_size=3) | st.dictionaries(_KEYS, some, max_size=3),
    max_leaves=6,
)
_OPTIONS = sorted(
    {name for statistic in REGISTRY.values() for name in statistic.options}
    | {"name", "where", "rules", "split", "by", "unit", "outcome", "inactivity", "confidence",
       "timezone", "periods", "segments"}
)  # fmt: skip
NOTHING = StoreVersion(
    number=1, at_us=0, kind="load", load=1, note="", tables={}, revisions={}, digests={}, counts={},
    next_load=2,
)  # fmt: skip


@given(
    statistic=st.sampled_from(sorted(REGISTRY)),
    options=st.dictionaries(st.sampled_from(_OPTIONS), _ANYTHING, max_size=3),
)
def test_whatever_a_plan_says_it_is_computed_or_refused(statistic, options):
    """Also where a value is only looked at when its question is asked."""
    needed = {"funnel": {"steps": ["ad"]},
              "loyalty_touchpoints": {"loyalty": {"no_churn": "1d"}}}  # fmt: skip
    graph = graph_from_rows([("a", 1, "ad", "web", None, 5), ("a", 2, "purchase", None, None, 7)])
    codes = set()
    given = {"statistic": statistic, **needed.get(statistic, {}), **options}
    try:
        plan = plan_of({"statistics": [given]})
        for part in parts_of(plan, graph, NOTHING):
            answer_of(part, plan.text, lambda part=part: graph.journeys(**part.population), graph)
    except JourneyGraphError as refused:
        codes.add(refused.code)
    assert "ERROR" not in codes
