"""The workloads: what every peer is asked, and what it gives back.

The docstring of each member of `NORMAL_FORMS` is the contract between the peers; results are
compared in this form before anything is timed. Rankings: by count, the largest first, equals by
names.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.make_journeys import TOUCHPOINTS

__all__ = [
    "FURTHER",
    "LENGTHS",
    "NOT_THERE_YET",
    "N_LOOK_UPS",
    "STEPS",
    "TOP",
    "WINDOW_DAYS",
    "WORKLOADS",
    "Workload",
]

TOP = 100
LENGTHS = (2, 3, 4, 5)
STEPS = TOUCHPOINTS[:4]
WINDOW_DAYS = 7
N_LOOK_UPS = 100


@dataclass(frozen=True)
class Workload:
    """One thing to do.

    Attributes
    ----------
    name
        Of the function in the modules of the peers.
    title
        In the table.
    form
        The normal form of its result.
    from_files
        The function is given the files, not what `load` returned.
    goal
        How many times as fast as the fastest peer we want to be, at ten million interactions.
    per
        The times are divided by this.
    """

    name: str
    title: str
    form: str
    from_files: bool = False
    goal: float | None = None
    per: int = 1


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload(
            "transitions",
            "transitions with times",
            "[(source, target, count, mean seconds)], by names",
            goal=10,
        ),
        Workload(
            "transition_counts",
            "transitions, counts only",
            "[(source, target, count)], by names",
        ),
        Workload(
            "whole_paths",
            "whole paths, top 100",
            "(how many distinct paths, [(customers, path)])",
            goal=5,
        ),
        Workload(
            "ngrams",
            "n-grams of 2 to 5, top 100 of each",
            "{n: [(occurrences, n-gram)]}",
            goal=3,
        ),
        Workload(
            "funnel",
            "ordered funnel, four steps in 7 days",
            "[customers who reach step 1, 2, 3, 4]",
            goal=15,
        ),
        Workload(
            "loyalty",
            "loyalty contingency",
            "[(touchpoint, exposed and loyal, exposed, odds ratio, p of chi-square)], by names",
            goal=30,
        ),
        Workload(
            "referral_forest",
            "referral forest",
            "([customers at depth 0, 1, …], [(size of a chain, chains)], "
            "top 100 [(customer, cents that all descendants brought)])",
            goal=15,
        ),
        Workload(
            "history",
            "one customer's history",
            "[(interactions, sum of their times in seconds)] of `N_LOOK_UPS` customers",
            per=N_LOOK_UPS,
        ),
        Workload(
            "load_parquet",
            "load Parquet",
            "(interactions, customers, cents in all)",
            from_files=True,
            goal=1,
        ),
        Workload(
            "load_csv",
            "load CSV",
            "(interactions, customers, cents in all)",
            from_files=True,
            goal=1,
        ),
        Workload(
            "first_answer",
            "CSV to transitions and whole paths",
            "(as transitions, as whole_paths)",
            from_files=True,
            goal=2,
        ),
        Workload(
            "open_stored",
            "open what was stored",
            "(interactions, customers)",
        ),
    )
}

FURTHER = {
    workload.name: workload
    for workload in (
        Workload(
            "funnel_without_window",
            "ordered funnel, four steps, no window",
            "as funnel",
        ),
        Workload("answer_transitions", "transitions: all of them, with units, shares, intervals, "
                 "mean, median, 95th percentile", "whether there is one"),
        Workload("answer_whole_paths", "common paths: 100 whole paths", "whether there is one"),
        Workload("answer_ngrams", "common paths: 100 n-grams of 2, 3, 4 and 5",
                 "whether there is one"),
        Workload("answer_funnel", "funnel", "whether there is one"),
        Workload("answer_loyalty", "loyalty touchpoints: all of them", "whether there is one"),
        Workload("answer_referrals", "referrals: 100 chains and 100 advocates (graph opened anew)",
                 "whether there is one"),
        Workload("answer_history", "customer: all fields of the whole history",
                 "whether there is one", per=N_LOOK_UPS),
    )
}  # fmt: skip
"""Beside the table: what few offer, and our whole answers."""

NOT_THERE_YET = (
    "frequent patterns with gaps (beside prefixspan)",
    "Markov removal effect and Shapley (beside ChannelAttribution, marketing-attribution-models)",
    "1 % appended and refreshed",
)
