"""Stored statistics of referrals: chains in numbers, advocates, and K by cohort.

Trees are grown on the whole store, whenever something happened, so that all of these depend on its
tables as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from queries.calendar_periods import Period
from queries.k_factor import Factor, KFactor, k_factor
from queries.paging import MAX_FIRST
from queries.referral_chains import AdvocateOrder
from queries.referral_credit import CreditRule, Referrals, WindowEnd
from queries.referrals import referrals
from queries.stored.declaration import (
    Option,
    Reads,
    Row,
    StoredStatistic,
    count,
    customer,
    estimate,
    flag,
    listed,
    money,
    number,
    options_of,
    rate,
    text,
    whole,
)

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["ADVOCATES", "K_FACTOR", "REFERRALS"]

_CREDIT = ("credit", "window", "window_to", "media")


def _all_tables(_question: Any) -> Reads:
    return Reads(tables=True)


def _referrals_of(options: dict[str, Any]) -> Referrals:
    """Take the options about which referrals count out of others."""
    mine = {name: options.pop(name) for name in [*options] if name in _REFERRAL_OPTIONS}
    if "credit" in mine:
        mine["credit"] = CreditRule(mine["credit"])
    if "window_to" in mine:
        mine["window_to"] = WindowEnd(mine["window_to"])
    return Referrals(**mine)


_REFERRAL_OPTIONS = {field.name for field in fields(Referrals)}


def _chain_rows(question: Referrals, journeys: Journeys) -> Iterator[Row]:
    answer = referrals(question, journeys)
    has_trees = question.credit is not CreditRule.SPLIT
    sizes = answer.sizes if has_trees else ()
    yield from listed(
        REFERRALS.columns,
        [answer],
        scope="whole",
        share=estimate("share", answer.share_interval),
        unattributed_share=estimate("unattributed_share", answer.unattributed_share),
        chains=sum(row.chains for row in sizes) if has_trees else None,
        largest=max((row.size for row in sizes), default=0) if has_trees else None,
        max_depth=answer.max_depth if has_trees else None,
    )


REFERRALS = StoredStatistic(
    name="referrals",
    about="Chains of referrals in numbers.",
    question=lambda **options: _referrals_of(options),
    options=options_of(Referrals, *_CREDIT),
    columns=(
        count("customers", "Customers selected."),
        count("referred", "Of these, those whom a customer brought."),
        *rate("share", "`referred` of `customers`.", "referred", "customers"),
        count("roots", "Of these, those brought by nobody who brought somebody."),
        count("chains", "Chains of these roots; null where credit is split."),
        count("largest", "Customers of the largest chain."),
        count("max_depth", "Most steps below a root that one of these stands."),
        count("unattributed", "Of these, those whom nobody known brought, though told of."),
        *rate("unattributed_share", "`unattributed` of `customers`.", "unattributed", "customers"),
        count("self_referrals_cut", "Referrals of these by themselves."),
        count("cycles_cut", "Referrals of these that would have closed a cycle."),
        count("further_referrals", "Referrals of these beside the one that counts."),
        count("other_medium", "Referrals of these by other media than asked for."),
        count("outside_window", "Referrals of these not within the window."),
    ),
    rows=_chain_rows,
    reads=_all_tables,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advocates:
    """Who brings most customers, and what these bring."""

    referrals: Referrals
    first: int
    order: AdvocateOrder = AdvocateOrder.BROUGHT
    decay: float = 0.5


def _advocate_question(**options: Any) -> Advocates:
    mine = _referrals_of(options)
    if "order" in options:
        options["order"] = AdvocateOrder(options["order"])
    return Advocates(referrals=mine, **options)


def _advocate_rows(question: Advocates, journeys: Journeys) -> Iterator[Row]:
    answer = referrals(question.referrals, journeys)
    found = answer.advocates(question.first, None, question.order, question.decay)
    yield from listed(ADVOCATES.columns, found.nodes)


ADVOCATES = StoredStatistic(
    name="advocates",
    about="Who brings most customers, and what these bring.",
    question=_advocate_question,
    options={
        **options_of(Referrals, "at_least", *_CREDIT),
        **options_of(Advocates, "order", "decay", first=100),
    },
    columns=(
        customer("customer", "The key of the customer; `identities` has the id."),
        count("brought", "Customers brought directly."),
        count("downstream", "Those, whom these brought, and so on."),
        money("downstream_value", "What all of these brought in after they were referred."),
        money("first_hop_value", "The same of those brought directly."),
        money("decayed_value", "The same of all, each further step times the factor `decay`."),
    ),
    rows=_advocate_rows,
    reads=_all_tables,
)


def _k_question(**options: Any) -> KFactor:
    mine = _referrals_of(options)
    if "cohorts" in options:
        options["period"] = Period(options.pop("cohorts"))
    return KFactor(referrals=mine, **options)


def _k_rows(question: KFactor, journeys: Journeys) -> Iterator[Row]:
    answer = k_factor(question, journeys)
    yield whole(**_factor(answer.overall))
    for row in listed(K_FACTOR.columns, answer.nodes):
        yield {**row, "k_low": row.pop("low", None), "k_high": row.pop("high", None)}


def _factor(factor: Factor) -> Row:
    [row] = listed(K_FACTOR.columns, [factor])
    del row["scope"]
    return row


K_FACTOR = StoredStatistic(
    name="k_factor",
    about="How many customers a customer brings, by cohort.",
    question=_k_question,
    options={
        **options_of(Referrals, *_CREDIT),
        **options_of(KFactor, "within", "replicates", "seed", first=MAX_FIRST),
        "cohorts": Option(None, "Period"),
    },
    columns=(
        text("cohort", "Month or week of the members' first interaction."),
        count("members", "Customers whose first interaction made them members."),
        count("observed", "Of these, whose whole window is over."),
        count("inviters", "Of these, who brought somebody within it."),
        count("brought", "Customers whom they brought within it."),
        number("credit", "The same, each divided by the referrers who share them."),
        *rate("k", "`credit` / `observed`."),
        text("interval", "How the interval was made: `bootstrap` or `poisson`."),
        count("timed", "Pairs of which the time between is known."),
        number("cycle_seconds", "Median time from the inviter's to the invitee's beginning."),
        flag("small", "Whether fewer than 30 were observed."),
    ),
    rows=_k_rows,
    reads=_all_tables,
    has_periods=False,
)
