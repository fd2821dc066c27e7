"""From what `benchmarks.large` measured to its page: the same text for the same figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.machine import machine_in_words

__all__ = ["large_page"]

_TITLES = {
    "generate": "Making the data",
    "load": "Loading",
    "open": "Opening",
    "ask": "Every question, of a new view each",
    "append": "One per cent more",
}


def large_page(result: dict[str, Any]) -> str:
    """The page."""
    return "\n".join(
        [
            f"# {result['interactions']:,} interactions within {result['limit_gib']:g} GiB",
            "",
            "Written by `make bench-large`; do not edit. Each stage has a process of its own. "
            "*Resident* is the most memory that the process held during the step, pages of mapped "
            "files included, which the system takes back when it needs them; *anonymous* is the "
            "part that it cannot take back. " + _held(result),
            "",
            machine_in_words(result["machine"], result["commit"]),
            "",
            *_verdict(result),
            "",
            *_facts(result),
            "",
            "| | wall, s | CPU, s | anonymous, MiB | resident, MiB |",
            "|---|--:|--:|--:|--:|",
            *_rows(result["steps"]),
            "",
        ]
    )


def _held(result: dict[str, Any]) -> str:
    if not result["held"]:
        return "This system does not let a process be held to a limit: it was looked at only."
    return f"No process may claim more than {result['limit_gib']:g} GiB of private memory."


def _verdict(result: dict[str, Any]) -> Iterator[str]:
    if not result["problems"]:
        most = max((step["peak_mib"] for step in result["steps"]), default=0.0) / 1024
        yield f"**Reached**: no step held more than {most:.1f} GiB."
        return
    yield "**Not reached**:"
    yield ""
    yield from (f"- {' '.join(problem.split())}" for problem in result["problems"])


def _facts(result: dict[str, Any]) -> Iterator[str]:
    told = [step["facts"] for step in result["steps"] if "interactions" in step.get("facts", {})]
    if told:
        facts = told[-1]
        per_interaction = result["store_bytes"] / facts["interactions"]
        yield (
            f"{facts['interactions']:,.0f} interactions of {facts['customers']:,.0f} customers. "
            f"The open graph takes {facts['bytes_per_interaction']:.1f} bytes for each interaction "
            f"(time, touchpoint, channel, stage and value); the store with what is kept to open it "
            f"takes {per_interaction:.0f} on the disk."
        )


def _rows(steps: list[dict[str, Any]]) -> Iterator[str]:
    stage = None
    for step in steps:
        if step["stage"] != stage:
            stage = step["stage"]
            yield f"| **{_TITLES[stage]}** | | | | |"
        anonymous = step["anonymous_mib"]
        title = step["step"] + (" (failed)" if "problem" in step else "")
        yield (
            f"| {title} | {step['wall']:,.2f} | {step['cpu']:,.2f} "
            f"| {'' if anonymous is None else f'{anonymous:,.0f}'} | {step['peak_mib']:,.0f} |"
        )
