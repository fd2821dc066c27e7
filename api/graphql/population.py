"""Which journeys are asked: the inputs of `journeys`, and what they select."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.scalars import DateTime, Decimal, Duration
from journeygraph.errors import InvalidOptionError
from journeygraph.journeys import By, Unit

__all__ = [
    "ByEnum",
    "OutcomeInput",
    "RulesInput",
    "SplitInput",
    "UnitEnum",
    "WhereInput",
    "against_where_argument",
    "plain",
    "second_population",
]

ByEnum = fields.choice(
    By,
    "By",
    "What a path is made of.",
    TOUCHPOINT="The touchpoint.",
    CHANNEL="The channel.",
    STAGE="The stage.",
    TOUCHPOINT_AT_CHANNEL="The touchpoint and the channel, as touchpoint@channel.",
)
UnitEnum = fields.choice(
    Unit,
    "Unit",
    "What is counted.",
    CUSTOMER="Distinct customers.",
    JOURNEY="Journeys, as the split makes them.",
)


def _texts(description: str) -> graphene.List:
    return graphene.List(graphene.NonNull(graphene.String), description=description)


class AttributeInput(graphene.InputObjectType):
    """Customers of whom a column says one of these values."""

    name = fields.text("A column of the customers table.")
    values = fields.texts("Any of these.")


class CustomerWhereInput(graphene.InputObjectType):
    """Which customers: all that is given must hold, judged on their whole history."""

    ids = graphene.List(graphene.NonNull(graphene.ID), description="Only these customers.")
    attributes = graphene.List(
        graphene.NonNull(AttributeInput), description="What the customers table says of them."
    )
    touched = _texts("They met at least one of these touchpoints.")
    not_touched = _texts("They met none of these touchpoints.")
    referred = graphene.Boolean(description="Whether another customer brought them.")
    has_outcome = graphene.Boolean(description="Whether they had the outcome.")


class WhereInput(graphene.InputObjectType):
    """Which interactions and customers: all that is given must hold."""

    from_ = DateTime(name="from", description="From this moment on (inclusive).")
    until = DateTime(
        description="Before this moment (exclusive); no later interaction is looked at for "
        "anything, but referral trees are grown on the whole store."
    )
    touchpoints = _texts("Only these touchpoints.")
    exclude_touchpoints = _texts("All but these touchpoints.")
    channels = _texts('Only these channels; "unknown" where it is not said.')
    stages = _texts('Only these stages; "unknown" where it is not said.')
    initiators = _texts("customer, company, third party, or unknown.")
    environments = _texts("digital, physical, or unknown.")
    levels = _texts("physical, emotional, sensorial, rational, spiritual, or unknown.")
    min_value = Decimal(description="Only with a value of at least this, in major units.")
    max_value = Decimal(description="Only with a value of at most this, in major units.")
    customers = CustomerWhereInput(description="Of which customers.")
    did = _texts(
        "Only units with a journey that matches, for each of these patterns over the items that "
        "all other options give, as `[search|ad] .* cart [^purchase]* path_end`: names, in quotes "
        'where they have spaces or signs (`"pricing page"`, with `*` and `?` as wildcards there), '
        "`.` for any item, `[a|b]`, `[^a|b]`, `* + ? {2,4}`, groups `(a b | c)`, `path_start`, "
        "`path_end`, and limits of time: `cart .* <=2d purchase`, `(ad .* cart){<=7d}`."
    )
    not_did = _texts("Only units without a journey that matches any of these patterns.")


def against_where_argument() -> graphene.Argument:
    """A second population with conditions of its own."""
    return graphene.Argument(
        WhereInput,
        description="Instead: the second population is that of these conditions, in place of the "
        "`where` of `journeys`, which is the first. Each ends at its own `until`.",
    )


class RenameInput(graphene.InputObjectType):
    """A new name for an item."""

    old = fields.text("The name that it has.")
    new = fields.text("The name that it gets.")


class GroupInput(graphene.InputObjectType):
    """One item for all that match a pattern."""

    pattern = fields.text("With * for any text and ? for one character; it matches whole names.")
    as_ = graphene.NonNull(graphene.String, name="as", description="The item that they become.")
    regex = graphene.Boolean(description="Read the pattern as a regular expression (RE2).")


class RulesInput(graphene.InputObjectType):
    """How items are cleaned: rename, group, exclude, split, tolerance, collapse, in this order."""

    rename = graphene.List(graphene.NonNull(RenameInput), description="New names for items.")
    group = graphene.List(graphene.NonNull(GroupInput), description="Many items into one.")
    exclude = _texts("Patterns of items to leave out.")
    tolerance = Duration(
        description="Items at most so long after the first of a set are simultaneous, and one "
        'item, named as `cart + search`; "0s" for equal times alone. A name then means every set '
        "that holds it, `a + b` every set that holds both, and `=a + b` that set alone."
    )
    collapse = graphene.Boolean(description="Take direct repeats of an item as one.")


class SplitInput(graphene.InputObjectType):
    """Where a new journey begins: exactly one of the three."""

    inactivity = Duration(description="After a gap of at least this length.")
    outcome = graphene.Boolean(description="After each outcome.")
    column = graphene.String(
        description="One journey for each value of this column, such as session."
    )


class OutcomeInput(graphene.InputObjectType):
    """What counts as success: all that is given must hold."""

    touchpoints = _texts("An interaction at one of these touchpoints.")
    stages = _texts("An interaction in one of these stages.")
    min_value = Decimal(description="An interaction with at least this value, in major units.")


def second_population(given: dict[str, Any]) -> dict[str, Any]:
    """Arguments with `against` and `againstWhere`, these two plain, or None where not given."""
    against, where = given.get("against"), given.get("against_where")
    if against is not None:
        against = plain({"where": {"customers": against}})["where"].get("customers", {})
    if where is not None:
        where = plain({"where": where})["where"]
    return {**given, "against": against, "against_where": where}


def plain(given: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `journeys` as plain dicts and lists; what is null as not given."""
    options: dict[str, Any] = _plain(given)
    rules, customers = options.get("rules", {}), options.get("where", {}).get("customers", {})
    if "rename" in rules:
        rules["rename"] = _mapping(rules["rename"], "old", "new", "rules.rename")
    if "attributes" in customers:
        argument = "where.customers.attributes"
        customers["attributes"] = _mapping(customers["attributes"], "name", "values", argument)
    return options


def _plain(given: Any) -> Any:
    if isinstance(given, dict):
        return {name: _plain(value) for name, value in given.items() if value is not None}
    return [_plain(part) for part in given] if isinstance(given, list) else given


def _mapping(pairs: list[dict[str, Any]], key: str, value: str, argument: str) -> dict[str, Any]:
    mapping = {pair[key]: pair[value] for pair in pairs}
    if len(mapping) < len(pairs):
        raise InvalidOptionError(argument, [pair[key] for pair in pairs], "each name once")
    return mapping
