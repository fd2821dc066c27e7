"""A planned journey against the actual ones, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.cli.tables import count, interval, p_value, print_table, seconds, share, warn

if TYPE_CHECKING:
    from queries.plan_deviations import PlanDeviation
    from queries.plan_steps import HeldStage, HeldStep
    from queries.planned_map import PlannedMap

__all__ = ["print_planned"]


def print_planned(answer: PlannedMap, unit: str) -> None:
    """Print the steps, the stages with a time, what is extra, and where deviations hurt."""
    fitness = "" if answer.fitness is None else f", mean fitness {answer.fitness:.3f}"
    print_table(
        f"{answer.name or 'Planned journey'} – {interval(answer.follows)} of "
        f"{count(answer.closed)} closed {unit} follow it, {count(answer.open_on_plan)} of "
        f"{count(answer.open)} open ones so far{fitness}",
        ["step", "touchpoint", "met", "out of order", "skipped", "not yet", "repeated", "late"],
        [[_step(step), _touchpoint(step), *_numbers(step)] for step in answer.steps],
        texts=2,
    )
    timed = [stage for stage in answer.stages if stage.within_seconds is not None]
    if timed:
        print_table("Stages in time", ["stage", "planned", unit, "late"], map(_stage, timed))
    print_table(
        f"Extra – {count(answer.other_extras)} more are not listed",
        ["touchpoint", "stage", unit, "share", "times"],
        [
            [
                one.item, one.stage or "(not said)", count(one.units), share(one.share),
                count(one.count),
            ]
            for one in answer.extras
        ],
        texts=2,
    )  # fmt: skip
    print_table(
        f"Deviations {answer.wording} the outcome – {count(answer.tested)} tests, "
        f"{count(answer.other_deviations)} more are not listed",
        ["deviation", "where", unit, "outcome rate", "others", "difference", "p", "q", "emotion"],
        map(_deviation, answer.deviations),
        texts=2,
    )
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _step(step: HeldStep) -> str:
    return f"{step.number}. {step.stage}"


def _touchpoint(step: HeldStep) -> str:
    by = f" by {step.channel}" if step.channel else ""
    words = {"optional": step.optional, "repeats": step.repeats}
    said = ", ".join(word for word, holds in words.items() if holds)
    return f"{step.touchpoint}{by}" + (f" ({said})" if said else "")


def _numbers(step: HeldStep) -> list[str]:
    return [
        interval(step.met) + (" (few)" if step.small else ""), count(step.out_of_order),
        count(step.skipped), count(step.not_yet), count(step.repeated), interval(step.late),
    ]  # fmt: skip


def _stage(stage: HeldStage) -> list[str]:
    return [stage.stage, seconds(stage.within_seconds), count(stage.units), interval(stage.late)]


def _deviation(one: PlanDeviation) -> list[str]:
    where = one.item or one.stage or ""
    felt = one.emotion_difference.value
    return [
        one.kind.value, where if one.step is None else f"{one.step}. {where}", count(one.units),
        interval(one.rate), interval(one.other_rate),
        interval(one.difference) + (" (few)" if one.small else ""), p_value(one.p_value),
        p_value(one.q_value), "–" if felt is None else f"{felt:+.2f}",
    ]  # fmt: skip
