"""Two populations side by side, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.means import Mean
from api.graphql.population import WhereInput, plain
from queries.compare import Compare

__all__ = ["CompareAnswer", "Difference", "arguments", "asked"]


class Difference(graphene.ObjectType):
    """The first population less the second."""

    value = fields.number("The difference; null where one side has no value.")
    low = fields.number("Lower end of its interval.")
    high = fields.number("Upper end of its interval.")
    p_value = fields.number("That there is no difference; null where there is nothing to test.")
    q_value = fields.number("False discovery rate over all rows of the table that are tested.")
    small = fields.flag("Whether one side is of fewer than 30 units: read with care.")


def _difference(description: str) -> graphene.Field:
    return fields.one(Difference, description)


class Average(graphene.ObjectType):
    """A mean with its interval, and a median."""

    value = fields.number("The mean; null where there is nothing.")
    low = fields.number("Lower end of its interval; null where fewer than two customers say it.")
    high = fields.number("Upper end of its interval; null where fewer than two customers say it.")
    median = fields.number("The median, by nearest rank.")
    count = fields.count("How many numbers it is of.")
    units = fields.count("Of how many units they are.")


class ComparedShare(graphene.ObjectType):
    """A share of units in both populations."""

    population = fields.estimate("In the first population.")
    against = fields.estimate("In the second population.")
    difference = _difference("The first share less the second.")


class ComparedAverage(graphene.ObjectType):
    """An average in both populations."""

    population = fields.one(Average, "In the first population.")
    against = fields.one(Average, "In the second population.")
    difference = _difference("The first mean less the second.")


class ComparedEmotion(graphene.ObjectType):
    """What both populations felt."""

    population = fields.one(Mean, "In the first population.")
    against = fields.one(Mean, "In the second population.")
    difference = _difference("The first mean less the second.")


class ItemSide(graphene.ObjectType):
    """An item in one population."""

    units = fields.count("Units that meet it, each once.")
    share = fields.estimate("`units` of all units of this population.")
    exits = fields.count("Closed units without the outcome that are last seen at it.")
    open = fields.count("Open units that are last seen at it: not gone yet.")
    rate = fields.estimate("`exits` of `units` less `open`.")
    emotion = fields.one(Mean, "How customers felt there, from -1 to 1.")
    customers = customer_list("The customers behind `units`.")
    exit_customers = customer_list("The customers behind `exits`.", "exit_customers")


class ComparedItem(graphene.ObjectType):
    """An item in both populations, and how far apart they are."""

    item = fields.text("The item.")
    population = fields.one(ItemSide, "In the first population.")
    against = fields.one(ItemSide, "In the second population.")
    share_difference = _difference("Of the shares of units that meet it.")
    rate_difference = _difference("Of the exit rates.")
    emotion_difference = _difference("Of the mean emotions.")


class ComparedItems(graphene.ObjectType):
    """A page of items in both populations."""

    eligible = fields.count("Items that at least `atLeast` units of both together meet.")
    shares_tested = fields.count("Of these, with a p value of the shares.")
    rates_tested = fields.count("Of these, with a p value of the exit rates.")
    emotions_tested = fields.count("Of these, with a p value of the emotions.")
    nodes = fields.nodes(ComparedItem, "The items, smallest p of the shares first.")
    page_info = fields.page_info()


class TransitionSide(graphene.ObjectType):
    """A transition in one population."""

    units = fields.count("Units that take it, each once.")
    share = fields.estimate("`units` of all units of this population.")
    count = fields.count("How often it is taken.")
    customers = customer_list("The customers behind `units`.")


class ComparedTransition(graphene.ObjectType):
    """A transition in both populations, and how far apart they are."""

    source = fields.text("The item before.")
    target = fields.text("The item directly after it.")
    population = fields.one(TransitionSide, "In the first population.")
    against = fields.one(TransitionSide, "In the second population.")
    share_difference = _difference("Of the shares of units that take it.")


class ComparedTransitions(graphene.ObjectType):
    """A page of transitions in both populations."""

    eligible = fields.count("Transitions that at least `atLeast` units of both together take.")
    shares_tested = fields.count("Of these, with a p value.")
    nodes = fields.nodes(ComparedTransition, "The transitions, smallest p first.")
    page_info = fields.page_info()


def _page(kind: Any, description: str, what: str) -> graphene.Field:
    return fields.one(
        kind,
        description,
        first=fields.first_argument(50, f"How many {what}."),
        after=fields.after_argument(),
        at_least=fields.at_least_argument(
            f"Neither test nor list {what} of fewer units of both populations together."
        ),
    )


class CompareAnswer(graphene.ObjectType):
    """Two populations side by side: whole, item by item, and transition by transition."""

    units = fields.count("All units of the first population.")
    against_units = fields.count("All units of the second population.")
    shared = fields.count("Customers in both; tests and intervals allow for it.")
    tested = fields.count("Measures below with a p value, over which their q values are taken.")
    wording = fields.text("How a finding is to be read.")
    outcome_rate = fields.one(ComparedShare, "Units with the outcome, of all units.")
    exit_rate = fields.one(
        ComparedShare, "Closed units without the outcome, of all that are not open."
    )
    open_share = fields.one(ComparedShare, "Open units, of all units.")
    value_per_unit = fields.one(ComparedAverage, "What a unit brought, in major units of money.")
    items_per_journey = fields.one(ComparedAverage, "How many items a journey has.")
    journey_seconds = fields.one(
        ComparedAverage, "From the first item of a journey to the end of its last."
    )
    emotion = fields.one(ComparedEmotion, "What was felt, from -1 to 1.")
    items = _page(ComparedItems, "Items, smallest p of the shares first.", "items")
    transitions = _page(
        ComparedTransitions, "Transitions, smallest p of the shares first.", "transitions"
    )
    warnings = fields.texts("What to be careful about.")
    customers = customer_list("The customers behind `units`.")
    against_customers = customer_list("The customers behind `againstUnits`.", "against_customers")
    shared_customers = customer_list("The customers behind `shared`.", "shared_customers")

    @staticmethod
    def resolve_items(answer: Any, _info: graphene.ResolveInfo, **page: Any) -> Any:
        return answer.items(**page)

    @staticmethod
    def resolve_transitions(answer: Any, _info: graphene.ResolveInfo, **page: Any) -> Any:
        return answer.transitions(**page)


def arguments() -> dict[str, Any]:
    """What the question can be asked with."""
    return {
        "with_": graphene.Argument(
            graphene.NonNull(WhereInput),
            name="with",
            description="The second population: these conditions in place of the `where` of "
            "`journeys`, which is the first. Each ends at its own `until`.",
        )
    }


def asked(given: dict[str, Any]) -> Compare:
    """The question that these arguments mean."""
    return Compare(with_=plain({"where": given["with_"]}).get("where", {}))
