"""The workloads: what every peer is asked, what it gives back, and what we want to be.

`form` is the contract between the peers; results are compared in this form before anything is
timed. Rankings: by count, the largest first, equals by names.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.make_journeys import PURCHASE, TOUCHPOINTS

__all__ = [
    "FURTHER",
    "LENGTHS",
    "LONGEST_PATTERN",
    "N_LOOK_UPS",
    "OUTCOME",
    "OURS",
    "SMALLEST_SUPPORT",
    "STEPS",
    "TOP",
    "WINDOW_DAYS",
    "WORKLOADS",
    "Goal",
    "Workload",
]

OURS = "journeygraph"
TOP = 100
LENGTHS = (2, 3, 4, 5)
STEPS = TOUCHPOINTS[:4]
WINDOW_DAYS = 7
N_LOOK_UPS = 100
OUTCOME = TOUCHPOINTS[PURCHASE]
SMALLEST_SUPPORT = 0.05
LONGEST_PATTERN = 5


@dataclass(frozen=True)
class Goal:
    """How fast we want to be.

    Attributes
    ----------
    times
        As fast as the other.
    seconds
        At most, instead of a comparison.
    size
        At which it is judged.
    peer
        The other; the fastest peer where nobody is named.
    workload
        Of the other, where it is another one.
    """

    times: float = 1.0
    seconds: float | None = None
    size: str = "10M"
    peer: str | None = None
    workload: str | None = None

    def __str__(self) -> str:
        if self.seconds is not None:
            return f"{self.seconds * 1_000:g} ms"
        other = "" if self.peer is None else f" {self.peer}"
        if self.workload is not None:
            other = f" of our {WORKLOADS[self.workload].title}"
        return f"{self.times:g}×{other}"


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
    reads
        The columns of ours that any way of doing it must read once; `files` are those loaded.
    part
        The share of the columns that must be read.
    from_files
        The function is given the files, not what `load` returned.
    per
        The times are divided by this.
    note
        Below the table.
    """

    name: str
    title: str
    form: str
    goals: tuple[Goal, ...] = ()
    reads: tuple[str, ...] = ()
    part: float = 1.0
    from_files: bool = False
    per: int = 1
    note: str = ""


_ROWS = ("starts", "touchpoint")
_LOADED = ("files", "starts", "touchpoint", "channel", "at", "value")

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload(
            "transitions",
            "transitions with times",
            "[(source, target, count, mean seconds)], by names",
            (Goal(10),),
            (*_ROWS, "at"),
        ),
        Workload(
            "transition_counts",
            "transitions, counts only",
            "[(source, target, count)], by names",
            reads=_ROWS,
        ),
        Workload(
            "whole_paths",
            "whole paths, top 100",
            "(how many distinct paths, [(customers, path)])",
            (Goal(5),),
            _ROWS,
        ),
        Workload(
            "ngrams",
            "n-grams of 2 to 5, top 100 of each",
            "{n: [(occurrences, n-gram)]}",
            (Goal(3),),
            _ROWS,
        ),
        Workload(
            "funnel",
            "ordered funnel, four steps in 7 days",
            "[customers who reach step 1, 2, 3, 4]",
            (Goal(15),),
            (*_ROWS, "at"),
        ),
        Workload(
            "patterns",
            "frequent patterns with gaps",
            "[(customers, pattern)]: all that 5 % of the customers have, of up to five",
            (Goal(150, size="1M", peer="prefixspan"),),
            _ROWS,
        ),
        Workload(
            "attribution",
            "Markov removal and Shapley of channels",
            "([(channel, removal effect)], [(channel, Shapley credit)]), by names",
            (Goal(80),),
            (*_ROWS, "channel"),
        ),
        Workload(
            "removal_effects",
            "Markov removal of channels, paths prepared",
            "as the first of attribution",
            note="ChannelAttribution and marketing-attribution-models begin with a table of paths "
            "and how often each converts, which we make from the interactions within the time "
            "shown; theirs is made before. ChannelAttribution simulates until its repetitions "
            "vary by less than 5 %, and is let pass where no effect is off by more than 10 %; by "
            "how much it is stands in its row.",
        ),
        Workload(
            "loyalty",
            "loyalty contingency",
            "[(touchpoint, exposed and loyal, exposed, odds ratio, p of chi-square)], by names",
            (Goal(30),),
            _ROWS,
        ),
        Workload(
            "referral_forest",
            "referral forest",
            "([customers at depth 0, 1, …], [(size of a chain, chains)], "
            "top 100 [(customer, cents that all descendants brought)])",
            (Goal(15), Goal(100, size="1M", peer="networkx")),
            ("starts", "value", "referrals"),
        ),
        Workload(
            "history",
            "one customer's history",
            "[(interactions, sum of their times in seconds)] of `N_LOOK_UPS` customers",
            (Goal(seconds=1e-4),),
            per=N_LOOK_UPS,
        ),
        Workload(
            "load_parquet",
            "load Parquet",
            "(interactions, customers, cents in all)",
            (Goal(1, peer="duckdb"),),
            _LOADED,
            from_files=True,
        ),
        Workload(
            "load_csv",
            "load CSV",
            "(interactions, customers, cents in all)",
            (Goal(1, peer="duckdb"),),
            ("csv", *_LOADED[1:]),
            from_files=True,
        ),
        Workload(
            "first_answer",
            "CSV to transitions and whole paths",
            "(as transitions, as whole_paths)",
            (Goal(2),),
            ("csv", *_ROWS, "at"),
            from_files=True,
        ),
        Workload(
            "open_stored",
            "open what was stored",
            "(interactions, customers)",
            (Goal(10, peer=OURS, workload="load_parquet"),),
        ),
        Workload(
            "append",
            "1 % appended: transitions and whole paths",
            "(as transitions, as whole_paths)",
            (Goal(20),),
            ("delta", *_ROWS, "at"),
            part=0.01,
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
        Workload("again_transitions", "transitions", "whether there is one"),
        Workload("again_whole_paths", "common paths: 100 whole paths", "whether there is one"),
        Workload("again_ngrams", "common paths: 100 n-grams of 2, 3, 4 and 5",
                 "whether there is one"),
        Workload("again_funnel", "funnel", "whether there is one"),
        Workload("again_loyalty", "loyalty touchpoints: all of them", "whether there is one"),
    )
}  # fmt: skip
"""Beside the table: what few offer, our whole answers, and the same answers asked for again."""
