"""Loyalty touchpoints as a command: a table for each look asked for, `--json` for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.loyalty_options import (
    ActiveAt,
    ChurnWithin,
    Column,
    Equals,
    LoyalAtLeast,
    NoChurn,
    Promoter,
    RepeatPurchaseWithin,
    ValueWithin,
    loyalty_given,
)
from api.cli.population import AfterOption
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, interval, p_value, print_table, say, share

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.loyalty_touchpoints import LoyaltyAnswer, LoyaltyTouchpoint

__all__ = ["loyalty", "print_loyalty"]


def loyalty(
    journeys: Journeys,
    repeat_purchase_within: RepeatPurchaseWithin = None,
    active_at: ActiveAt = None,
    no_churn: NoChurn = None,
    churn_within: ChurnWithin = None,
    value_within: ValueWithin = None,
    promoter: Promoter = None,
    loyal_at_least: LoyalAtLeast = None,
    column: Column = None,
    equals: Equals = None,
    exposure_window: Annotated[
        str | None, typer.Option(help="Only touchpoints this long before the first purchase.")
    ] = None,
    strata: Annotated[
        list[str] | None,
        typer.Option(
            help="Compare within: tenure, exposure, channel, an attribute or a column; repeatable."
        ),
    ] = None,
    strata_bins: Annotated[int, typer.Option(help="Bins of tenure and exposure.")] = 5,
    dose: Annotated[
        list[int] | None,
        typer.Option(help="By how often: the least times of a dose, as 1, 2, 3, 6; repeatable."),
    ] = None,
    first_days: Annotated[
        list[int] | None,
        typer.Option(help="Met in so many first days of the customer; repeatable."),
    ] = None,
    hazard: Annotated[bool, typer.Option("--hazard", help="Cox's hazard ratio.")] = False,
    permutations: Annotated[
        int, typer.Option(help="Permute who is loyal so often; 0 for not.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Of the permutations.")] = 0,
    first: Annotated[int, typer.Option("--first", help="How many rows.")] = 10,
    after: AfterOption = None,
    at_least: Annotated[
        int, typer.Option(help="List no touchpoint that fewer met; it changes no q.")
    ] = 1,
    as_json: JsonOption = False,
) -> None:
    """Loyalty touchpoints: which touchpoints go with loyalty (an association, not a cause)."""
    from queries.loyalty import Loyalty
    from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints

    given = loyalty_given(
        repeat_purchase_within=repeat_purchase_within, active_at=active_at, no_churn=no_churn,
        churn_within=churn_within, value_within=value_within, promoter=promoter,
        at_least=loyal_at_least, column=column, equals=equals,
    )  # fmt: skip
    question = LoyaltyTouchpoints(
        loyalty=Loyalty(repeat_purchase_within="90d") if given is None else given,
        exposure_window=exposure_window, strata=strata or None, strata_bins=strata_bins,
        dose=dose or None, first_days=first_days or None, hazard=hazard,
        permutations=permutations, seed=seed, first=first, after=after,
        at_least=at_least,
    )  # fmt: skip
    answer = loyalty_touchpoints(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        print_loyalty(answer, journeys)


def print_loyalty(answer: LoyaltyAnswer, journeys: Journeys) -> None:
    """Print loyalty touchpoints as tables."""
    by = str(journeys.by)
    print_table(
        f"Touchpoints associated with loyalty – {count(answer.loyal)} of {count(answer.units)} "
        f"{journeys.unit}s are loyal ({share(answer.base_rate)}); {count(answer.censored)} are "
        "not followed for long enough to tell",
        [by, "exposed", "loyal, exposed", "loyal, others", "lift", "odds ratio", "p", "q"],
        [
            [
                node.touchpoint, count(node.exposed), share(node.exposed_rate),
                share(node.unexposed_rate), _figure(node.lift),
                interval(node.odds_ratio, percent=False), p_value(node.p_value),
                p_value(node.q_value),
            ]
            for node in answer.nodes
        ],
    )  # fmt: skip
    _print_adjusted(answer, by)
    _print_by_dose(answer.nodes, by)
    _print_by_first_days(answer.nodes, by)
    _print_hazards(answer.nodes, by)
    _print_permutations(answer, by)
    _print_values(answer.nodes, by)
    for warning in answer.warnings:
        say(f"Note: {warning}")


def _print_adjusted(answer: LoyaltyAnswer, by: str) -> None:
    found = [(node.touchpoint, node.adjusted) for node in answer.nodes if node.adjusted]
    if not found:
        return
    print_table(
        f"Adjusted for {', '.join(answer.adjusted_for)} (Mantel–Haenszel)",
        [by, "odds ratio", "difference", "p", "q", "strata differ, p", "strata", "empty"],
        [
            [
                name, interval(pooled.odds_ratio, percent=False), interval(pooled.risk_difference),
                p_value(pooled.p_value), p_value(pooled.q_value), p_value(pooled.heterogeneity_p),
                count(pooled.strata), count(pooled.empty_strata),
            ]
            for name, pooled in found
        ],
    )  # fmt: skip


def _print_by_dose(nodes: Sequence[LoyaltyTouchpoint], by: str) -> None:
    found = [node for node in nodes if node.dose]
    if not found:
        return
    print_table(
        "Loyal, by how often it was met",
        [by, *(dose.times for dose in found[0].dose), "trend, p"],
        [
            [
                node.touchpoint,
                *(f"{share(dose.rate)} of {count(dose.units)}" for dose in node.dose),
                p_value(None if node.dose_trend is None else node.dose_trend.p_value),
            ]
            for node in found
        ],
    )


def _print_by_first_days(nodes: Sequence[LoyaltyTouchpoint], by: str) -> None:
    rows = [
        [
            node.touchpoint, count(point.days), count(point.exposed), share(point.exposed_rate),
            share(point.unexposed_rate), interval(point.odds_ratio, percent=False),
            p_value(point.p_value), p_value(point.q_value),
        ]
        for node in nodes
        for point in node.first_days
    ]  # fmt: skip
    if rows:
        print_table(
            "Met in the first days of the customer",
            [by, "days", "exposed", "loyal, exposed", "loyal, others", "odds ratio", "p", "q"],
            rows,
        )


def _print_hazards(nodes: Sequence[LoyaltyTouchpoint], by: str) -> None:
    found = [(node.touchpoint, node.hazard_ratio) for node in nodes if node.hazard_ratio]
    if not found:
        return
    print_table(
        "How much sooner it happens (Cox)",
        [by, "hazard ratio", "low", "high", "p", "events", "of whom exposed"],
        [
            [
                name, _figure(ratio.value), _figure(ratio.low), _figure(ratio.high),
                p_value(ratio.p_value), count(ratio.events), count(ratio.exposed_events),
            ]
            for name, ratio in found
        ],
    )  # fmt: skip


def _print_permutations(answer: LoyaltyAnswer, by: str) -> None:
    if answer.permutation_limit is None:
        return
    print_table(
        f"By chance alone the largest |z| seldom exceeds {answer.permutation_limit:.2f}",
        [by, "adjusted p"],
        [[node.touchpoint, p_value(node.permutation_p)] for node in answer.nodes],
    )


def _print_values(nodes: Sequence[LoyaltyTouchpoint], by: str) -> None:
    found = [(node.touchpoint, node.mean_value) for node in nodes if node.mean_value]
    if not found:
        return
    print_table(
        "Mean value in the horizon",
        [by, "exposed", "others", "difference", "low", "high", "p", "q"],
        [
            [
                name, _figure(means.exposed_mean), _figure(means.unexposed_mean),
                _figure(means.difference), _figure(means.low), _figure(means.high),
                p_value(means.p_value), p_value(means.q_value),
            ]
            for name, means in found
        ],
    )  # fmt: skip


def _figure(number: float | None) -> str:
    return "–" if number is None else f"{number:.2f}"
