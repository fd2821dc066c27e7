"""Stored statistics of paths: how much there is, transitions, common paths, drop-off, funnels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from journeygraph.errors import InvalidOptionError
from queries.common_paths import CommonPaths, PathForm, common_paths
from queries.drop_off import DropOff, drop_off
from queries.funnel import Funnel, funnel
from queries.funnel_options import steps_of
from queries.intervals import SMALL_GROUP, wilson
from queries.stored.declaration import (
    Reads,
    Row,
    StoredStatistic,
    count,
    estimate,
    flag,
    listed,
    moment,
    money,
    number,
    options_of,
    other,
    rate,
    text,
    texts,
    whole,
)
from queries.summary import summary
from queries.transitions import Transitions, transitions

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["COMMON_PATHS", "DROP_OFF", "FUNNEL", "SUMMARY", "TRANSITIONS"]

_SMALL = flag("small", "Whether fewer than 30 units stand behind the rate.")
_OF = count("of", "All units of the journeys.")


def _summary_rows(_question: None, journeys: Journeys) -> Iterator[Row]:
    yield from listed(SUMMARY.columns, [summary(journeys)], scope="whole", units=journeys.n_units)


SUMMARY = StoredStatistic(
    name="summary",
    about="How much there is.",
    question=lambda: None,
    options={},
    columns=(
        count("units", "Units with an item."),
        count("customers", "Customers with an item."),
        count("journeys", "Journeys with an item."),
        count("interactions", "Interactions that are an item, or repeat one."),
        count("touchpoints", "Different touchpoints of these."),
        count("channels", "Different channels of these."),
        moment("from", "The first of these interactions."),
        moment("until", "The last of these interactions."),
    ),
    rows=_summary_rows,
)


def _transition_rows(question: Transitions, journeys: Journeys) -> Iterator[Row]:
    answer = transitions(question, journeys)
    yield whole(of=answer.units, count=answer.count)
    yield from listed(
        TRANSITIONS.columns,
        answer.nodes,
        of=answer.units,
        share=lambda node: estimate("share", node.share_interval),
    )
    if answer.other_edges:
        yield other(of=answer.units, count=answer.other_count, distinct=answer.other_edges)


TRANSITIONS = StoredStatistic(
    name="transitions",
    about="What directly follows what, how often, and how soon.",
    question=Transitions,
    options=options_of(Transitions, "at_least", "exact", first=100),
    columns=(
        text("source", "The item before."),
        text("target", "The item directly after it."),
        count("units", "Units that go so, each once."),
        _OF,
        *rate("share", "`units` of `of`.", "units", "of"),
        count("count", "How often it happens."),
        count("distinct", "How many different ones, where it is not one."),
        number("median_seconds", "Median time between the two."),
        number("p95_seconds", "95 % of the times are no longer."),
        number("mean_seconds", "Mean of the times, exact."),
        flag("exact", "Whether median and 95th percentile are exact, or within 2.2 %."),
        _SMALL,
    ),
    rows=_transition_rows,
)


def _path_question(**options: Any) -> CommonPaths:
    question = CommonPaths(**options)
    if question.form not in {PathForm.WHOLE, PathForm.NGRAM}:
        raise InvalidOptionError("form", question.form.value, "WHOLE or NGRAM")
    return question


def _path_rows(question: CommonPaths, journeys: Journeys) -> Iterator[Row]:
    answer = common_paths(question, journeys)
    same = {"form": answer.form.value, "length": answer.length, "of": answer.units}
    yield whole(**same, count=answer.count, distinct=answer.distinct)
    yield from listed(
        COMMON_PATHS.columns,
        answer.nodes,
        **same,
        share=lambda node: estimate("share", node.share_interval),
        outcome_units=lambda node: node.outcome_rate.successes,
        outcome_rate=lambda node: estimate("outcome_rate", node.outcome_rate),
    )
    if answer.other_paths:
        rest = wilson(answer.other_units, answer.units, journeys.confidence)
        yield other(
            **same, units=answer.other_units, count=answer.other_count,
            distinct=answer.other_paths, **estimate("share", rest),
        )  # fmt: skip


COMMON_PATHS = StoredStatistic(
    name="common_paths",
    about="The paths that most units take: whole, or runs of items.",
    question=_path_question,
    options=options_of(CommonPaths, "form", "length", "at_least", "exact", first=100),
    columns=(
        text("form", "`whole` or `ngram`."),
        count("length", "Items of an n-gram."),
        texts("items", "The items of the path."),
        count(
            "units", "Units that take it, each once; of the others, those that take none listed."
        ),
        _OF,
        *rate("share", "`units` of `of`.", "units", "of"),
        count("count", "How often it is taken."),
        count("distinct", "How many different ones, where it is not one."),
        count("outcome_units", "Of `units`, those with the outcome after it."),
        *rate("outcome_rate", "`outcome_units` of `units`.", "outcome_units", "units"),
        money("value", "What these units brought in their whole history."),
        number("median_seconds", "Median length of its first occurrence."),
        number("p95_seconds", "95 % of these lengths are no longer."),
        flag("exact", "Whether the two are exact, or within 2.2 %."),
        _SMALL,
    ),
    rows=_path_rows,
)


def _drop_off_rows(question: DropOff, journeys: Journeys) -> Iterator[Row]:
    answer = drop_off(question, journeys)
    at_risk = answer.units - answer.open
    yield whole(
        visits=answer.units, exits=answer.exits, open=answer.open, at_risk=at_risk,
        with_outcome=answer.with_outcome, small=at_risk < SMALL_GROUP,
        **estimate("rate", wilson(answer.exits, at_risk, journeys.confidence)),
    )  # fmt: skip
    nodes = [node for node in answer.nodes if node.visits]
    yield from listed(
        DROP_OFF.columns,
        nodes,
        at_risk=lambda node: node.rate.of,
        rate=lambda node: estimate("rate", node.rate),
    )
    if answer.page_info.has_next_page:
        yield other(exits=answer.exits - sum(node.exits for node in nodes))


DROP_OFF = StoredStatistic(
    name="drop_off",
    about="Where journeys end without the outcome.",
    question=DropOff,
    options=options_of(DropOff, first=200),
    columns=(
        text("item", "The item."),
        count("visits", "Units that meet it; of the whole, all units."),
        count("exits", "Closed units without the outcome that were last seen there."),
        count("open", "Open units that were last seen there."),
        count("at_risk", "`visits` less `open`."),
        count("with_outcome", "Of the whole: closed units that reached the outcome."),
        *rate("rate", "`exits` of `at_risk`.", "exits", "at_risk"),
        _SMALL,
    ),
    rows=_drop_off_rows,
)


def _funnel_question(**options: Any) -> Funnel:
    steps = steps_of(options.pop("steps", None))
    return Funnel(steps=steps, **options)


def _funnel_rows(question: Funnel, journeys: Journeys) -> Iterator[Row]:
    answer = funnel(question, journeys)
    yield whole(of=answer.units, left=answer.left)
    yield from listed(
        FUNNEL.columns,
        answer.steps,
        of=answer.units,
        first_units=lambda step: step.of_first_interval.of,
        of_first=lambda step: estimate("of_first", step.of_first_interval),
        previous_units=lambda step: step.of_previous_interval.of,
        of_previous=lambda step: estimate("of_previous", step.of_previous_interval),
    )


def _funnel_reads(question: Funnel) -> Reads:
    """Conditions of steps, sessions and held columns may read anything."""
    steps = steps_of(question.steps)
    plain = (
        all(step.where is None for step in steps)
        and not question.exclude
        and question.session is None
        and not question.hold_constant
    )
    return Reads(tables=not plain)


FUNNEL = StoredStatistic(
    name="funnel",
    about="How many take some steps in order, and what each step loses.",
    question=_funnel_question,
    options=options_of(
        Funnel, "steps", "window", "step_window", "order", "optional", "session", "exclude",
        "entry", "hold_constant", "exact",
    ),
    columns=(
        text("label", "What the step is called."),
        texts("items", "The items that meet it."),
        count("units", "Units that reach it."),
        _OF,
        count("first_units", "Units that reach the first step."),
        *rate("of_first", "`units` of `first_units`.", "units", "first_units"),
        count("previous_units", "Units that reach the step before."),
        *rate("of_previous", "`units` of `previous_units`.", "units", "previous_units"),
        count("dropped", "Of these, those that can no longer reach it."),
        count("open", "Of these, those that still can."),
        flag("optional", "Whether it may be passed over."),
        count("skipped", "At an optional step, units that went past it or did not go on."),
        count("left", "Of the whole: units that an exclusion made leave."),
        number("median_seconds", "Median time from the step before."),
        number("median_from_first_seconds", "Median time from the first step."),
        flag("exact", "Whether the medians are exact, or within 2.2 %."),
        flag("small", "Whether fewer than 30 units reach it."),
    ),
    rows=_funnel_rows,
    reads=_funnel_reads,
)  # fmt: skip
