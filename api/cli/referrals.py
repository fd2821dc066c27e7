"""Referrals as commands: tables for people, `--json` for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.population import AfterOption, over_journeys
from api.cli.referral_options import (
    AnyCredit,
    Credit,
    Medium,
    Window,
    WindowTo,
    recipe_of,
)
from api.cli.referred_contrast import referred_contrast
from api.cli.showing import JsonOption, print_json, show_answer
from api.cli.tables import count, interval, print_table, say, seconds, share

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.referral_tree import ReferralTree
    from queries.referrals import ReferralsAnswer

__all__ = ["add_to", "print_referrals"]

_AtLeast = Annotated[int, typer.Option(help="List none that brought fewer.")]
_First = Annotated[int, typer.Option("--first", help="How many rows.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("referrals")(over_journeys(referrals))
    app.command("referral-tree")(over_journeys(referral_tree))
    app.command("cascades")(over_journeys(cascades))
    app.command("k-factor")(over_journeys(k_factor))
    app.command("before-referral")(over_journeys(before_referral))
    app.command("referrer-left")(over_journeys(referrer_left))
    app.command("referred-contrast")(over_journeys(referred_contrast))


def referrals(
    journeys: Journeys,
    credit: AnyCredit = "first",
    window: Window = None,
    window_to: WindowTo = "interaction",
    medium: Medium = None,
    at_least: _AtLeast = 1,
    decay: Annotated[float, typer.Option(help="Factor of value for each further step.")] = 0.5,
    first: _First = 5,
    as_json: JsonOption = False,
) -> None:
    """Referral chains: who brought whom, how far it went, and what it was worth."""
    from queries.referrals import CreditRule
    from queries.referrals import referrals as ask

    question = recipe_of(credit, window, window_to, medium, at_least)
    answer = ask(question, journeys)
    split = question.credit is CreditRule.SPLIT
    if as_json:
        print_json(_in_full(answer, first, decay, split), journeys)
    elif split:
        print_credits(answer, journeys, first)
    else:
        print_referrals(answer, journeys, first, decay)


def _in_full(answer: ReferralsAnswer, first: int, decay: float, split: bool) -> dict[str, Any]:
    from api.answers import parts_of

    shown: dict[str, Any] = {**parts_of(answer), "credits": answer.credits(first).nodes}
    if not split:
        shown |= {
            "max_depth": answer.max_depth, "depths": answer.depths, "sizes": answer.sizes,
            "chains": answer.chains(first).nodes,
            "advocates": answer.advocates(first, decay=decay).nodes,
        }  # fmt: skip
    return shown


def _title(answer: ReferralsAnswer) -> str:
    return (
        f"Referral chains – {count(answer.referred)} of {count(answer.customers)} customers were "
        f"referred ({share(answer.share)}), by chains from {count(answer.roots)} roots; "
        f"cut: {count(answer.self_referrals_cut)} self-referrals, {count(answer.cycles_cut)} "
        f"cycles; of unknown source: {count(answer.unattributed)}"
    )


def print_credits(answer: ReferralsAnswer, journeys: Journeys, first: int = 5) -> None:
    """Print what referrers are credited with."""
    from api.answers import money

    print_table(
        _title(answer),
        ["referrer", "brought", "credit", "value"],
        [
            [node.customer, count(node.brought), f"{node.credit:,.2f}",
             money(node.value_minor, journeys.graph.exponent) or "–"]
            for node in answer.credits(first).nodes
        ],
    )  # fmt: skip


def print_referrals(
    answer: ReferralsAnswer, journeys: Journeys, first: int, decay: float = 0.5
) -> None:
    """Print referral chains as tables."""
    from api.answers import money

    def amount(minor: int) -> str:
        return money(minor, journeys.graph.exponent) or "–"

    print_table(
        _title(answer),
        ["largest chains begin with", "customers", "depth", "value"],
        [
            [chain.root, count(chain.size), count(chain.depth), amount(chain.value_minor)]
            for chain in answer.chains(first=first).nodes
        ],
    )
    print_table(
        "Top advocates",
        ["customer", "brought", "downstream", "their value", "first hop", f"decayed by {decay:g}"],
        [
            [node.customer, count(node.brought), count(node.downstream),
             amount(node.downstream_value_minor), amount(node.first_hop_value_minor),
             amount(node.decayed_value_minor)]
            for node in answer.advocates(first=first, decay=decay).nodes
        ],
    )  # fmt: skip


def referral_tree(
    journeys: Journeys,
    credit: Credit = "first",
    window: Window = None,
    window_to: WindowTo = "interaction",
    medium: Medium = None,
    of: Annotated[
        str | None, typer.Option(help="A customer in the chain; the first chain if not given.")
    ] = None,
    order: Annotated[str, typer.Option(help="size, depth or value: which is first.")] = "size",
    most: Annotated[int, typer.Option(help="List at most so many members.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """One chain of referrals as a tree: who stands below whom."""
    from queries.referrals import ChainOrder
    from queries.referrals import referrals as ask

    answer = ask(recipe_of(credit, window, window_to, medium, 1), journeys)
    tree = answer.tree(of=of, order=ChainOrder(order), most=most)
    show_answer(tree, journeys, as_json, _print_tree)


def _print_tree(tree: ReferralTree | None, _journeys: Journeys) -> None:
    from api.answers import moment

    if tree is None:
        say("Nobody selected begins a chain of referrals.")
        return
    depths = [0]
    for above in tree.referrers[1:]:
        depths.append(depths[above] + 1)
    print_table(
        f"Chain of {tree.root} – {count(tree.size)} customers, {count(tree.depth)} steps deep; "
        f"{count(tree.others)} farther down are not listed",
        ["customer", "brought by", "step", "at"],
        [
            [tree.ids[place], "" if above < 0 else tree.ids[above], count(depths[place]),
             moment(tree.referred_at_us[place]) or "–"]
            for place, above in enumerate(tree.referrers)
        ],
        texts=2,
    )  # fmt: skip


def cascades(
    journeys: Journeys,
    credit: Credit = "first",
    window: Window = None,
    window_to: WindowTo = "interaction",
    medium: Medium = None,
    at_least: _AtLeast = 1,
    order: Annotated[str, typer.Option(help="size, depth, breadth or virality.")] = "size",
    first: _First = 10,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """How referrals spread: size, depth, breadth and structural virality of each cascade."""
    from queries.cascades import CascadeOrder, Cascades
    from queries.cascades import cascades as ask

    recipe = recipe_of(credit, window, window_to, medium, at_least)
    question = Cascades(referrals=recipe, order=CascadeOrder(order), first=first, after=after)
    show_answer(ask(question, journeys), journeys, as_json, _print_cascades)


def _print_cascades(answer: Any, _journeys: Journeys) -> None:
    print_table(
        f"Cascades – {count(answer.cascades)}, with {count(answer.size)} of "
        f"{count(answer.customers)} customers; {count(answer.organic)} came by nobody's word "
        f"({share(answer.organic_share.value)}); mean virality {_figure(answer.mean_virality)}, "
        f"median time between generations {seconds(answer.median_generation_seconds)}",
        ["root", "customers", "depth", "breadth", "virality", "between generations", "generations"],
        [
            [node.root, count(node.size), count(node.depth), count(node.breadth),
             _figure(node.virality), seconds(node.median_generation_seconds),
             _shortened(node.generations)]
            for node in answer.nodes
        ],
    )  # fmt: skip


def _shortened(generations: Sequence[int]) -> str:
    listed = " ".join(count(size) for size in generations[:8])
    return listed + " …" * (len(generations) > 8)


def _figure(number: float | None) -> str:
    return "–" if number is None else f"{number:,.3f}"


def k_factor(
    journeys: Journeys,
    credit: AnyCredit = "first",
    window: Window = None,
    window_to: WindowTo = "interaction",
    medium: Medium = None,
    period: Annotated[str, typer.Option(help="Cohorts by month or week.")] = "month",
    within: Annotated[str, typer.Option(help="How long a member has to bring somebody.")] = "30d",
    replicates: Annotated[int, typer.Option(help="Draws of members for intervals.")] = 2000,
    seed: Annotated[int, typer.Option(help="Of what is drawn.")] = 0,
    first: _First = 100,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """K by cohort of inviters: how many customers a customer brings, and how fast."""
    from queries.k_factor import KFactor, Period
    from queries.k_factor import k_factor as ask

    question = KFactor(
        referrals=recipe_of(credit, window, window_to, medium), period=Period(period),
        within=within, replicates=replicates, seed=seed, first=first, after=after,
    )  # fmt: skip
    show_answer(ask(question, journeys), journeys, as_json, _print_k_factor)


def _print_k_factor(answer: Any, _journeys: Journeys) -> None:
    rows: Iterable[tuple[str, Any]] = [
        *((node.cohort, node) for node in answer.nodes), ("all", answer.overall)
    ]  # fmt: skip
    print_table(
        f"K within {seconds(answer.within_seconds)} of the first interaction – "
        f"{count(answer.outside_window)} referrals outside it, {count(answer.undated)} undated",
        ["cohort", "members", "observed", "inviters", "brought", "K", "interval", "cycle", ""],
        [
            [name, count(node.members), count(node.observed), count(node.inviters),
             count(node.brought), _figure(node.k),
             "–" if node.low is None else f"[{_figure(node.low)}, {_figure(node.high)}]",
             seconds(node.cycle_seconds), "few" if node.small else ""]
            for name, node in rows
        ],
    )  # fmt: skip


def before_referral(
    journeys: Journeys,
    credit: AnyCredit = "first",
    window: Window = None,
    window_to: WindowTo = "interaction",
    medium: Medium = None,
    before: Annotated[str, typer.Option(help="How long before the referral.")] = "30d",
    match_on: Annotated[
        list[str] | None, typer.Option(help="Attribute in which they are alike; repeatable.")
    ] = None,
    match_activity: Annotated[
        bool, typer.Option(help="Whether they must have done about as much before it.")
    ] = True,
    at_least: Annotated[int, typer.Option(help="List none that fewer met.")] = 1,
    first: _First = 10,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """What customers meet before they refer somebody, against matched customers who do not."""
    from queries.before_referral import BeforeReferral
    from queries.before_referral import before_referral as ask

    question = BeforeReferral(
        referrals=recipe_of(credit, window, window_to, medium), before=before,
        match_on=match_on or (), match_activity=match_activity, at_least=at_least, first=first,
        after=after,
    )  # fmt: skip
    show_answer(ask(question, journeys), journeys, as_json, _print_before_referral)


def _print_before_referral(answer: Any, _journeys: Journeys) -> None:
    title = (
        f"Within {seconds(answer.before_seconds)} before the first referral – "
        f"{count(answer.cases)} of {count(answer.referrers)} referrers against "
        f"{count(answer.controls)} customers who referred nobody, in {count(answer.strata)} strata "
        f"(alike in {', '.join(answer.adjusted_for)})"
    )
    for name, nodes in (("met", answer.nodes), ("felt", answer.feelings)):
        print_table(
            title if name == "met" else "Feelings",
            [name, "referrers", "share", "others", "share", "odds ratio", "p", "q", ""],
            [
                [node.item, count(node.cases), share(node.case_share.value), count(node.controls),
                 share(node.control_share.value), interval(node.odds_ratio, percent=False),
                 _small(node.p_value), _small(node.q_value), "few" if node.small else ""]
                for node in nodes
            ],
        )  # fmt: skip


def _small(number: float | None) -> str:
    return "–" if number is None else f"{number:.2g}"


def referrer_left(
    journeys: Journeys,
    credit: Credit = "first",
    window: Window = None,
    window_to: WindowTo = "interaction",
    medium: Medium = None,
    first: _First = 10,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Active customers whose referrer has left (by --inactivity), against the others."""
    from queries.referrer_left import ReferrerLeft
    from queries.referrer_left import referrer_left as ask

    recipe = recipe_of(credit, window, window_to, medium)
    question = ReferrerLeft(referrals=recipe, first=first, after=after)
    show_answer(ask(question, journeys), journeys, as_json, _print_referrer_left)


def _print_referrer_left(answer: Any, _journeys: Journeys) -> None:
    from api.answers import moment

    print_table(
        f"Referrer left – active are {count(answer.referrer_left_active)} of "
        f"{count(answer.referrer_left)} whose referrer has left "
        f"({interval(answer.left_rate)}), and {count(answer.referrer_here_active)} of "
        f"{count(answer.referrer_here)} whose referrer is active ({interval(answer.here_rate)})",
        ["active customer", "referrer", "referrer last seen", "last seen"],
        [
            [node.customer, node.referrer, moment(node.referrer_last_at_us) or "–",
             moment(node.last_at_us) or "–"]
            for node in answer.nodes
        ],
        texts=4,
    )  # fmt: skip
