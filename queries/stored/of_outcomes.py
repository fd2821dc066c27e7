"""Stored statistics of outcomes: what goes with loyalty, and what outcomes are credited to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from journeygraph.errors import InvalidOptionError
from journeygraph.given import mapping_as
from queries.attribution import Attribution, AttributionMethod, attribution
from queries.attribution_recipe import rule_of
from queries.loyalty import Loyalty
from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints
from queries.paging import MAX_FIRST
from queries.stored.declaration import (
    Reads,
    Row,
    StoredStatistic,
    count,
    estimate,
    flag,
    listed,
    money,
    number,
    options_of,
    other,
    rate,
    text,
    whole,
)

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["ATTRIBUTION", "LOYALTY_TOUCHPOINTS"]


def _loyalty_question(**options: Any) -> LoyaltyTouchpoints:
    if options.get("loyalty") is None:
        raise InvalidOptionError(
            "loyalty", None, "what loyal means, as {repeat_purchase_within: 90d}"
        )
    options["loyalty"] = mapping_as(Loyalty, options["loyalty"], "loyalty")
    return LoyaltyTouchpoints(**options)


def _loyalty_rows(question: LoyaltyTouchpoints, journeys: Journeys) -> Iterator[Row]:
    answer = loyalty_touchpoints(question, journeys)
    yield whole(
        of=answer.units, loyal=answer.loyal, censored=answer.censored,
        not_eligible=answer.not_eligible, tested=answer.tested,
        **estimate("base_rate", answer.base_rate_interval),
    )  # fmt: skip
    yield from listed(
        LOYALTY_TOUCHPOINTS.columns,
        answer.nodes,
        of=answer.units,
        exposed_rate=lambda node: estimate("exposed_rate", node.exposed_interval),
        unexposed_rate=lambda node: estimate("unexposed_rate", node.unexposed_interval),
        lift=lambda node: estimate("lift", node.lift_interval),
        risk_difference=lambda node: estimate("risk_difference", node.risk_difference),
        odds_ratio=lambda node: estimate("odds_ratio", node.odds_ratio),
    )
    if answer.page_info.has_next_page:
        yield other(of=answer.units)


def _loyalty_reads(question: LoyaltyTouchpoints) -> Reads:
    """Columns and scores may stand anywhere; who began an interaction is a further column."""
    loyalty = question.loyalty
    columns = frozenset({"initiator"}) if loyalty.active_at is not None else frozenset()
    said = loyalty.column is not None or loyalty.promoter is not None
    return Reads(columns=columns, names=True, tables=said)


LOYALTY_TOUCHPOINTS = StoredStatistic(
    name="loyalty_touchpoints",
    about="Which touchpoints go with loyalty.",
    question=_loyalty_question,
    options=options_of(LoyaltyTouchpoints, "loyalty", "exposure_window", "at_least", first=200),
    columns=(
        text("touchpoint", "The touchpoint, or other item."),
        count("of", "Units judged."),
        count("loyal", "Of the whole: the loyal among them."),
        count("censored", "Of the whole: units whose horizon is not over."),
        count("not_eligible", "Of the whole: units that cannot be judged."),
        count("tested", "Of the whole: touchpoints with a p value."),
        *rate("base_rate", "Of the whole: `loyal` of `of`.", "loyal", "of"),
        count("exposed", "Units that met it before."),
        count("exposed_loyal", "The loyal among them."),
        *rate("exposed_rate", "`exposed_loyal` of `exposed`.", "exposed_loyal", "exposed"),
        count("unexposed", "Units that did not meet it."),
        count("unexposed_loyal", "The loyal among them."),
        *rate(
            "unexposed_rate", "`unexposed_loyal` of `unexposed`.", "unexposed_loyal", "unexposed"
        ),
        *rate("lift", "The exposed rate over the base rate."),
        *rate("risk_difference", "The exposed rate less the unexposed one."),
        *rate("odds_ratio", "The odds of the exposed over those of the unexposed."),
        number("p_value", "Of the association."),
        number("q_value", "The false discovery rate at which it is still found."),
        flag("forced", "Whether nearly everybody met it."),
        flag("survivors", "Whether who met it had at least twice as long to meet anything."),
        flag("small", "Whether fewer than 30 met it, or did not."),
    ),
    rows=_loyalty_rows,
    reads=_loyalty_reads,
)


def _attribution_question(**options: Any) -> Attribution:
    if "method" in options:
        options["method"] = AttributionMethod(options["method"])
    question = Attribution(**options)
    rule_of(question)
    return question


def _attribution_rows(question: Attribution, journeys: Journeys) -> Iterator[Row]:
    answer = attribution(question, journeys)
    same = {"method": answer.method.value, "of": answer.total}
    yield whole(
        **same, credit=answer.credited, value_minor=answer.value_minor, outcomes=answer.outcomes,
        without_path=answer.without_path, null_paths=answer.null_paths,
        open_paths=answer.open_paths,
    )  # fmt: skip
    yield from listed(
        ATTRIBUTION.columns,
        answer.nodes,
        **same,
        credit_low=lambda node: node.low,
        credit_high=lambda node: node.high,
        share=lambda node: {
            "share": node.share, "share_low": node.share_low, "share_high": node.share_high,
        },
    )  # fmt: skip
    if answer.page_info.has_next_page:
        rest = answer.credited - sum(node.credit for node in answer.nodes)
        yield other(**same, credit=rest)


ATTRIBUTION = StoredStatistic(
    name="attribution",
    about="Which items outcomes are credited to; that is no evidence of a cause.",
    question=_attribution_question,
    options=options_of(
        Attribution, "method", "order", "order_up_to", "half_life", "weights", "worth", "samples",
        "paths", "with_outcome_item", "open_as_null", "replicates", "seed", first=MAX_FIRST,
    ),
    columns=(
        text("method", "How outcomes are divided."),
        text("item", "The item."),
        count("of", "Outcomes with an item before them."),
        *rate("credit", "Outcomes credited to it."),
        *rate("share", "Of all that is credited."),
        money("value", "What the credited outcomes brought."),
        number("removal_effect", "Of Markov's method: the share of outcomes lost without it."),
        count("outcomes", "Paths to an outcome that met it; of the whole, all outcomes."),
        count("without_path", "Of the whole: outcomes with nothing before them."),
        count("null_paths", "Paths to nothing that met it; of the whole, all of these."),
        count("open_paths", "Of the whole: journeys that are still open."),
        count("units", "Units with a path to an outcome that met it."),
    ),
    rows=_attribution_rows,
    reads=lambda _question: Reads(names=True),
)  # fmt: skip
