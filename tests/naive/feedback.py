"""The feedback loop by the book: one piece of feedback after another, plain Python.

Rows are dicts as a file has them, with times as whole microseconds; it is slow, and valid for any
number of rows whose times are possible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

__all__ = ["association_counts", "loop", "quantile", "states"]

Row = Mapping[str, Any]
DAY = 86_400_000_000


def states(rows: Sequence[Row], steps: Sequence[Row], as_of: int) -> list[dict[str, Any]]:
    """What had become of each piece that was opened by then."""
    found = []
    for row in rows:
        if row["opened_at"] > as_of:
            continue
        happened = [
            (row[column], place, step)
            for place, (column, step) in enumerate(
                (
                    ("acknowledged_at", "acknowledged"),
                    ("acted_at", "acted"),
                    ("closed_at", "closed"),
                )
            )
            if row[column] is not None
        ]
        happened += [
            (step["at"], 3 + place, step["step"])
            for place, step in enumerate(steps)
            if step["feedback"] == row["id"] and step["at"] >= row["opened_at"]
        ]
        state: dict[str, Any] = {
            **row, "acknowledged": None, "acted": None, "closed": None, "n_reopened": 0,
        }  # fmt: skip
        for at, _place, step in sorted(happened):
            if at > as_of:
                break
            if step == "reopened":
                state["closed"] = None
                state["n_reopened"] += 1
            elif step != "opened" and state[step] is None:
                state[step] = at
        found.append(state)
    return found


def loop(found: Sequence[Row], as_of: int) -> dict[str, Any]:
    """Counts and times of a group."""
    is_open = [row["closed"] is None for row in found]
    overdue = [
        is_so and row["due_at"] is not None and row["due_at"] < as_of
        for row, is_so in zip(found, is_open, strict=True)
    ]
    promises = [
        (row, late) for row, late in zip(found, overdue, strict=True) if row["kind"] == "promise"
    ]
    kept = [
        row
        for row, _ in promises
        if row["closed"] is not None and (row["due_at"] is None or row["closed"] <= row["due_at"])
    ]
    broken = [
        row
        for row, is_overdue in promises
        if is_overdue
        or (
            row["closed"] is not None
            and row["due_at"] is not None
            and row["closed"] > row["due_at"]
        )
    ]
    return {
        "count": len(found),
        "open": sum(is_open),
        "overdue": sum(overdue),
        "closed": len(found) - sum(is_open),
        "reopened": sum(row["n_reopened"] > 0 for row in found),
        "promises": (len(promises), len(kept), len(broken)),
        "median": {
            step: quantile([_wait(row, step, as_of) for row in found], 50)
            for step in ("acknowledged", "acted", "closed")
        },
    }


def _wait(row: Row, step: str, as_of: int) -> tuple[int, str]:
    """How long feedback was followed, and what ended that."""
    if row[step] is not None:
        return row[step] - row["opened_at"], "done"
    if row["closed"] is not None:
        return row["closed"] - row["opened_at"], "closed"
    return as_of - row["opened_at"], "waiting"


def quantile(waits: Sequence[tuple[int, str]], percent: int) -> float | None:
    """When the share with the step is so large (Aalen and Johansen), in seconds."""
    without, share = Fraction(1), Fraction(0)
    for time in sorted({length for length, _ in waits}):
        at_risk = sum(length >= time for length, _ in waits)
        done = sum(length == time and end == "done" for length, end in waits)
        ended = sum(length == time and end != "waiting" for length, end in waits)
        share += without * Fraction(done, at_risk)
        without *= 1 - Fraction(ended, at_risk)
        if share >= Fraction(percent, 100):
            return time / 1e6
    return None


def association_counts(
    found: Sequence[Row],
    interactions: Mapping[str, Sequence[tuple[int, str]]],
    *,
    step: str,
    limits: Sequence[int],
    horizon: int,
    inactivity: int,
    end: int,
) -> dict[str, dict[int, tuple[int, int]]]:
    """By outcome and group: customers, and those with the outcome; the last group is the others.

    `interactions` are times and touchpoints of every customer; "purchase" is the outcome.
    """
    counts: dict[str, dict[int, tuple[int, int]]] = {}
    firsts: dict[str, Row] = {}
    for row in sorted(found, key=lambda row: row["opened_at"]):
        firsts.setdefault(row["customer"], row)
    for customer, row in firsts.items():
        landmark = row["opened_at"] + limits[-1]
        if landmark + horizon > end:
            continue
        took = None if row[step] is None else row[step] - row["opened_at"]
        group = next(
            (place for place, limit in enumerate(limits) if took is not None and took <= limit),
            len(limits),
        )
        later = sorted(
            (at, what)
            for at, what in interactions.get(customer, ())
            if landmark < at <= landmark + horizon
        )
        times = [landmark, *(at for at, _ in later), landmark + horizon]
        happened = {
            "returned": bool(later),
            "outcome": any(what == "purchase" for _, what in later),
            "churned": any(b - a > inactivity for a, b in zip(times, times[1:], strict=False)),
        }
        for outcome, is_so in happened.items():
            units, hits = counts.setdefault(outcome, {}).get(group, (0, 0))
            counts[outcome][group] = units + 1, hits + is_so
    return counts
