"""Referred customers against matched others, as a command."""

from __future__ import annotations

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
from api.cli.referral_options import (
    AnyCredit,
    Medium,
    Window,
    WindowTo,
    recipe_of,
)
from api.cli.showing import JsonOption, show_answer
from api.cli.tables import count, interval, p_value, print_table, say, seconds, share

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.covariate_balance import CovariateBalance
    from queries.matched_measures import MatchedGroup, MatchedMeasure
    from queries.referred_contrast import ReferredContrastAnswer

__all__ = ["referred_contrast"]


def referred_contrast(
    journeys: Journeys,
    credit: AnyCredit = "first",
    window: Window = None,
    window_to: WindowTo = "interaction",
    medium: Medium = None,
    within: Annotated[
        str, typer.Option(help="How long each customer is followed, from the first interaction.")
    ] = "90d",
    period: Annotated[str, typer.Option(help="They came in the same month or week.")] = "month",
    match_on: Annotated[
        list[str] | None,
        typer.Option(
            help="Attribute, or column of the first interaction, in which they are alike; "
            "repeatable."
        ),
    ] = None,
    balance_of: Annotated[
        list[str] | None,
        typer.Option(help="Further one of which the balance is shown; repeatable."),
    ] = None,
    include_unattributed: Annotated[
        bool,
        typer.Option(
            "--include-unattributed", help="Who came by an unknown referrer counts as referred."
        ),
    ] = False,
    repeat_purchase_within: RepeatPurchaseWithin = None,
    active_at: ActiveAt = None,
    no_churn: NoChurn = None,
    churn_within: ChurnWithin = None,
    value_within: ValueWithin = None,
    promoter: Promoter = None,
    loyal_at_least: LoyalAtLeast = None,
    column: Column = None,
    equals: Equals = None,
    as_json: JsonOption = False,
) -> None:
    """What referred customers do, against customers alike whom nobody referred."""
    from queries.calendar_periods import Period
    from queries.referred_contrast import ReferredContrast
    from queries.referred_contrast import referred_contrast as ask

    question = ReferredContrast(
        referrals=recipe_of(credit, window, window_to, medium),
        within=within,
        period=Period(period),
        match_on=match_on or (),
        balance_of=balance_of or (),
        loyalty=loyalty_given(
            repeat_purchase_within=repeat_purchase_within, active_at=active_at, no_churn=no_churn,
            churn_within=churn_within, value_within=value_within, promoter=promoter,
            at_least=loyal_at_least, column=column, equals=equals,
        ),
        include_unattributed=include_unattributed,
    )  # fmt: skip
    show_answer(ask(question, journeys), journeys, as_json, _print)


def _print(answer: ReferredContrastAnswer, _journeys: Journeys) -> None:
    print_table(
        f"Referred and others, {seconds(answer.within_seconds)} from the first interaction on – "
        f"{count(answer.matched_referred)} of {count(answer.referred)} referred against "
        f"{count(answer.matched_others)} of {count(answer.others)} whom nobody referred, in "
        f"{count(answer.strata)} strata (alike in {', '.join(answer.adjusted_for)}); "
        f"{count(answer.censored)} came too lately, {count(answer.referred_later)} were referred "
        f"later, {count(answer.unclear)} are unclear",
        ["measure", "referred", "others", "adjusted", "adjusted", "difference", "odds ratio",
         "p", "q", ""],
        [_row(measure) for measure in answer.measures],
    )  # fmt: skip
    times = answer.time_to_outcome
    print_table(
        "Time to the first outcome",
        ["referred, median", "others, median", "hazard ratio", "low", "high", "p", "q"],
        [[
            seconds(times.referred_median_seconds), seconds(times.others_median_seconds),
            _figure(times.hazard_ratio), _figure(times.low), _figure(times.high),
            p_value(times.p_value), p_value(times.q_value),
        ]],
        texts=0,
    )  # fmt: skip
    print_table(
        "Balance: standardised differences before and after matching",
        ["", "", "referred", "others", "before", "referred", "others", "after", ""],
        [_balance_row(one) for one in answer.balance],
        texts=2,
    )
    for warning in answer.warnings:
        say(f"Note: {warning}")


def _row(node: MatchedMeasure) -> list[str]:
    return [
        node.measure, _group(node, node.referred), _group(node, node.others),
        _value(node, node.referred.adjusted), _value(node, node.others.adjusted),
        f"{_value(node, node.difference)} [{_value(node, node.low)}, {_value(node, node.high)}]",
        interval(node.odds_ratio, percent=False), p_value(node.p_value), p_value(node.q_value),
        "few" if node.small else "",
    ]  # fmt: skip


def _group(node: MatchedMeasure, group: MatchedGroup) -> str:
    return f"{_value(node, group.value)} of {count(group.units)}"


def _value(node: MatchedMeasure, number: float | None) -> str:
    return share(number) if node.is_share else _figure(number)


def _balance_row(one: CovariateBalance) -> list[str]:
    return [
        one.covariate, one.value or "", *(
            _figure(number)
            for number in (
                one.referred_before, one.others_before, one.difference_before,
                one.referred_after, one.others_after, one.difference_after,
            )
        ), "unbalanced" if one.unbalanced else "",
    ]  # fmt: skip


def _figure(number: float | None) -> str:
    return "–" if number is None else f"{number:.2f}"
