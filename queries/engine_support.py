"""Which engine answers which question: what each is made of, against what each engine declares.

A question that needs rows one by one (quantiles of all times, patterns, curves, attribution) is
answered where the rows are at hand. All others need merged tables, lists of customers, and what
is told of customers and referrals; docs/engines.md prints the table.
"""

from __future__ import annotations

from dataclasses import dataclass

from journeygraph.backends.support import ENGINES, Support

__all__ = ["NEEDS", "Needs", "answers", "support_table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a question is made of: names of statistics and finders, or rows."""

    question: str
    statistics: frozenset[str] = frozenset()
    finders: frozenset[str] = frozenset()
    rows: bool = False


def _needs(question: str, statistics: str = "", finders: str = "", rows: bool = False) -> Needs:
    return Needs(
        question=question,
        statistics=frozenset(statistics.split()),
        finders=frozenset(filter(None, finders.split(", "))),
        rows=rows,
    )


_LISTED = "units with a sequence, units without a sequence"
_FATES = "units that reach a step, units still open at a step, units that drop at a step, nobody"
_EXITS = (
    "open units, completed units, gone units, units that exit, units open at an item, "
    "units that visit"
)

NEEDS: tuple[Needs, ...] = (
    _needs("summary", "sizes names_seen"),
    _needs("customers of the journeys", "", "every unit"),
    _needs("common paths: WHOLE", "sizes paths occurrences", f"every unit, {_LISTED}"),
    _needs("common paths: NGRAM", "sizes ngrams occurrences", f"every unit, {_LISTED}"),
    _needs("transitions", "sizes ngrams transition_times", "units with a sequence"),
    _needs("drop-off", "sizes exits", _EXITS),
    _needs("funnel: order and window", "sizes funnel", _FATES),
    _needs("funnel: any other condition", "sizes funnel_walks", "units with a fate, nobody"),
    _needs("exit hazards", "sizes exit_places", "units at a place, units last at a place"),
    _needs(
        "journey map",
        "sizes map_cells ratings",
        "units that meet a cell, units last seen in a cell",
    ),
    _needs(
        "journey map against a plan",
        "sizes map_cells ratings plan_deviations",
        "units that meet a cell, units last seen in a cell, units marked by a plan",
    ),
    _needs(
        "preferences",
        "sizes exits feelings preferences satisfaction",
        "units that visit, units that exit, units that say, units that prefer, "
        "units satisfied or not",
    ),
    _needs(
        "economics: touchpoints, channels, stages",
        "sizes economics",
        "units with amounts",
    ),
    _needs("referral chains, credits, K, cascades", "sizes", "every unit"),
    _needs(
        "loyalty touchpoints: by what units do",
        "sizes loyalty_states loyalty_exposures",
        "units judged, units judged and exposed",
    ),
    _needs("one customer's history"),
    _needs("exact quantiles, of any question", rows=True),
    _needs("common paths: PATTERN, CONTRAST, trees, grids, anchors", rows=True),
    _needs("experience, turns of feelings", rows=True),
    _needs("drop-off of two populations, compare", rows=True),
    _needs("time to convert, after a drop", rows=True),
    _needs("loyalty touchpoints: by value or column, strata, doses, hazards", rows=True),
    _needs("what precedes a referral, referrers who left", rows=True),
    _needs("attribution, what if", rows=True),
    _needs("economics: segments, paths, chains", rows=True),
    _needs("trend of a measure", rows=True),
    _needs("feedback loop, feedback items, feedback outcomes", rows=True),
    _needs("next best touchpoint, its evaluation", rows=True),
)
"""Every question, in the order of the documentation."""


def answers(support: Support, needs: Needs) -> bool:
    """Whether an engine with this support answers it."""
    if needs.rows and not support.arrays:
        return False
    return all(map(support.counts, needs.statistics)) and all(map(support.finds, needs.finders))


def support_table() -> str:
    """The table as Markdown."""
    lines = [
        "| question | " + " | ".join(ENGINES) + " |",
        "|---" * (len(ENGINES) + 1) + "|",
    ]
    for needs in NEEDS:
        marks = ["yes" if answers(support, needs) else "–" for support in ENGINES.values()]
        lines.append(f"| {needs.question} | " + " | ".join(marks) + " |")
    for option in dict.fromkeys(name for one in ENGINES.values() for name in one.without):
        marks = ["–" if option in one.without else "yes" for one in ENGINES.values()]
        lines.append(f"| `{option}` of a view | " + " | ".join(marks) + " |")
    return "\n".join(lines) + "\n"
