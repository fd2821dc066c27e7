"""Common paths, in GraphQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.population import CustomerWhereInput, plain
from api.graphql.scalars import BigInt, Decimal, Duration
from journeygraph.statistics.anchors import Occurrence
from journeygraph.statistics.patterns import Keep
from queries.common_paths import CommonPaths, PathForm

if TYPE_CHECKING:
    from queries.common_paths import CommonPathsAnswer as Answer
    from queries.path_steps import PathFlow as Flow

__all__ = ["CommonPathsAnswer", "arguments", "asked"]

PathFormEnum = fields.choice(
    PathForm,
    "PathForm",
    "What is taken as a path.",
    WHOLE="The whole journey.",
    NGRAM="Every stretch of `length` items that follow each other directly.",
    PATTERN="Items in this order within a journey, whatever stands between them.",
    CONTRAST="Patterns that set the customers of `against` apart from all others.",
    PREFIX_TREE="How paths begin, step by step: every begin of at most `steps` items.",
    STEP_GRID="What is taken at each step, wherever it is come from.",
)
OccurrenceEnum = fields.choice(
    Occurrence,
    "Occurrence",
    "Which occurrence of an anchor makes a path.",
    FIRST="A unit's first.",
    LAST="A unit's last.",
    EVERY="Each makes a path of its own; units still count once.",
)
KeepEnum = fields.choice(
    Keep,
    "Keep",
    "Which patterns are listed.",
    ALL="All that are frequent.",
    CLOSED="Those that no pattern of one element more contains which as many units have.",
    MAXIMAL="Those that no frequent pattern of one element more contains.",
)


def _names(description: str) -> graphene.List:
    return graphene.List(graphene.NonNull(graphene.String), description=description)


class PathContrast(graphene.ObjectType):
    """How two populations differ in a pattern; the second is that of `against`."""

    units = fields.count("Units of the first population that have it.")
    share = fields.estimate("Of all units of the first population.")
    against_units = fields.count("Units of the second population that have it.")
    against_share = fields.estimate("Of all units of the second population.")
    difference = fields.estimate("The first share less the second.")
    odds_ratio = fields.estimate("Odds of having it, first population over second.")
    growth = fields.number("The first share over the second.")
    p_value = fields.number("Of Pearson's chi-square, or Fisher's exact test for few.")
    test = graphene.String(description="Which test gave the p value: chi-square or exact.")
    untested = graphene.String(description="Why there is no p value.")
    q_value = fields.number("False discovery rate among all patterns tested.")
    small = fields.flag("Whether a population is under 30 units: read with care.")
    customers = customer_list("The customers behind `units`.")
    against_customers = customer_list("The customers behind `againstUnits`.", "against_customers")


class Contrast(graphene.ObjectType):
    """Two populations compared: those of `against`, and all others before them."""

    units = fields.count("All units of the first population.")
    against_units = fields.count("All units of the second population.")
    tested = fields.count("Patterns with a p value, over which q values are taken.")
    wording = fields.text("How a finding is to be read.")
    warnings = fields.texts("What to mind.")
    customers = customer_list("The customers behind `units`.")
    against_customers = customer_list("The customers behind `againstUnits`.", "against_customers")


class PathStep(graphene.ObjectType):
    """A place in a tree or a grid; its `count` is those behind it, `stopped`, and `beyond`."""

    id = fields.count("Number of the place.")
    parent = BigInt(description="The place before it; null at the first step, and in a grid.")
    step = fields.count("From 1 on; where paths end at an anchor, backwards from there.")
    is_other = fields.flag("Whether it stands for all items without a place of their own.")
    merged = fields.count("How many items it stands for, where it does.")
    of_parent = fields.estimate(
        "Its units, of those of the place before; else of all units with a path."
    )
    stopped = fields.count("Paths that have no further item; read backwards, no earlier one.")
    exits = BigInt(description="Of these: gone without the outcome.")
    open = BigInt(description="Of these: the unit may still go on.")
    with_outcome = BigInt(description="Of these: with the outcome in the journey.")
    beyond = fields.count("Paths that go on to nothing that is shown.")
    stopped_customers = customer_list("The customers behind `stopped`.", "stopped_customers")
    exit_customers = customer_list("The customers behind `exits`.", "exit_customers")
    open_customers = customer_list("The customers behind `open`.", "open_customers")
    with_outcome_customers = customer_list(
        "The customers behind `withOutcome`.", "with_outcome_customers"
    )
    beyond_customers = customer_list("The customers behind `beyond`.", "beyond_customers")


class PathColumn(graphene.ObjectType):
    """One step of a grid."""

    step = fields.count("From 1 on.")
    count = fields.count("Paths that have an item at this step.")
    over_count = fields.count("Paths that stopped before.")
    over_exits = BigInt(description="Of these: gone without the outcome.")
    over_open = BigInt(description="Of these: the unit may still go on.")
    over_with_outcome = BigInt(description="Of these: with the outcome in the journey.")
    customers = customer_list("The customers behind `count`.")
    over_customers = customer_list("The customers behind `overCount`.", "over_customers")
    over_exit_customers = customer_list("The customers behind `overExits`.", "over_exit_customers")
    over_open_customers = customer_list("The customers behind `overOpen`.", "over_open_customers")
    over_with_outcome_customers = customer_list(
        "The customers behind `overWithOutcome`.", "over_with_outcome_customers"
    )


class PathFlow(graphene.ObjectType):
    """What goes from one place of a grid to one of the next step."""

    step = fields.count("The step of the source.")
    source = fields.count("The `id` of a place.")
    target = fields.count("The `id` of a place of the next step.")
    count = fields.count("Paths.")
    units = fields.count("Distinct units.")
    customers = customer_list("The customers behind `units`.")


class BetweenInput(graphene.InputObjectType):
    """The ends of a stretch, each an item or any of a class of items."""

    from_ = graphene.NonNull(
        graphene.List(graphene.NonNull(graphene.String)), name="from", description="It begins here."
    )
    to = fields.texts("It ends here.")


class InteractionWhereInput(graphene.InputObjectType):
    """Conditions on one interaction: all that is given must hold."""

    touchpoints = _names("At one of these touchpoints.")
    exclude_touchpoints = _names("At none of these touchpoints.")
    channels = _names('On one of these channels; "unknown" where it is not said.')
    stages = _names('In one of these stages; "unknown" where it is not said.')
    initiators = _names("customer, company, third party, or unknown.")
    environments = _names("digital, physical, or unknown.")
    levels = _names("physical, emotional, sensorial, rational, spiritual, or unknown.")
    min_value = Decimal(description="With a value of at least this, in major units.")
    max_value = Decimal(description="With a value of at most this, in major units.")


class CommonPath(graphene.ObjectType):
    """One way to go, and who went it."""

    items = fields.texts("The items, in order.")
    units = fields.count("Distinct units that went it.")
    share = fields.number("`units` of all units of these journeys.")
    share_interval = fields.estimate("The same with its interval.")
    count = fields.count("How often it was gone; a unit can go it more than once.")
    outcome_rate = fields.estimate(
        "Of its units, those with an outcome after it (whole paths: anywhere in the journey)."
    )
    value = fields.amount("What its units brought in, in their whole history, each unit once.")
    median_seconds = fields.number(
        "Median time from first to last item, first occurrence of each unit."
    )
    p95_seconds = fields.number("95 % of these times are no longer.")
    exact = fields.flag("Whether these times are exact; otherwise they are within 2.2 %.")
    small = fields.flag("Whether fewer than 30 units stand behind it: read with care.")
    customers = customer_list("The customers behind `units`.")
    contrast = graphene.Field(
        PathContrast, description="How two populations differ in it; null without `against`."
    )
    step = graphene.Field(
        PathStep, description="Its place in a tree or a grid; null for other forms."
    )


class CommonPathsAnswer(graphene.ObjectType):
    """The most frequent paths, what they cover, and what is left."""

    form = fields.word(PathFormEnum, "What is taken as a path.")
    length = graphene.Int(description="Items of a stretch; null for other forms.")
    units = fields.count("All units of these journeys: the denominator of every share.")
    count = fields.count("Occurrences of all paths.")
    distinct = fields.count("How many different paths there are.")
    covered_units = fields.count("Distinct units that went at least one of the paths listed.")
    coverage = fields.number("`coveredUnits` of `units`.")
    covered_count = fields.count("Occurrences of the paths listed.")
    other_units = fields.count("Units that went none of the paths listed.")
    other_count = fields.count("Occurrences of the paths not listed.")
    other_paths = fields.count("How many paths are not listed.")
    nodes = fields.nodes(
        CommonPath, "The paths, most units first, then by count and by name; contrasts by p."
    )
    page_info = fields.page_info()
    covered_customers = customer_list("The customers behind `coveredUnits`.", "covered_customers")
    other_customers = customer_list("The customers behind `otherUnits`.", "other_customers")
    contrast = graphene.Field(
        Contrast, description="The populations compared; null without `against`."
    )
    units_with_path = BigInt(
        description="Distinct units with a path of the anchor; null without anchors and steps."
    )
    with_path_customers = customer_list(
        "The customers behind `unitsWithPath`; all of them where it is null.", "with_path_customers"
    )
    columns = fields.nodes(PathColumn, "All steps of a grid; empty for other forms.")
    flows = fields.nodes(
        PathFlow,
        "What goes from place to place, of all places of a grid, with `flows: true`.",
        source=BigInt(description="Only from the place of this `id`."),
        target=BigInt(description="Only to the place of this `id`."),
    )
    backwards = fields.flag("Whether steps go backwards, from the end of each path.")

    @staticmethod
    def resolve_flows(
        answer: Answer,
        _info: graphene.ResolveInfo,
        source: int | None = None,
        target: int | None = None,
    ) -> list[Flow]:
        return [
            flow
            for flow in answer.flows
            if source in {None, flow.source} and target in {None, flow.target}
        ]


def arguments() -> dict[str, Any]:
    """What the question can be asked with."""
    return {
        "first": fields.first_argument(10, "How many paths."),
        "after": fields.after_argument(),
        "form": fields.argument(PathFormEnum, PathForm.WHOLE, "What is taken as a path."),
        "length": graphene.Int(description="Items of a stretch, for NGRAM; 2 if not given."),
        "at_least": graphene.Int(
            description="List nothing that fewer units did; it counts among the others. Patterns "
            "of fewer units are not looked for."
        ),
        "exact": fields.exact_argument(),
        "at_least_share": graphene.Float(
            description="For patterns, instead of `atLeast`: a share of all units; 0.05 if "
            "neither is given."
        ),
        "min_length": graphene.Int(description="Fewest elements of a pattern; 1 if not given."),
        "max_length": graphene.Int(
            description="Most elements of a pattern; 5 if not given, 32 at most."
        ),
        "max_gap": graphene.Int(
            description="Most items between two consecutive elements of a pattern."
        ),
        "max_gap_time": Duration(
            description="Most time between two consecutive elements of a pattern."
        ),
        "max_span": Duration(description="Most time from the first element to the last."),
        "keep": KeepEnum(description="Which patterns are listed; ALL if not given."),
        "against": CustomerWhereInput(
            description="For CONTRAST: the second population are the customers of these journeys "
            "for whom this holds, the first all others."
        ),
        **_step_arguments(),
    }


def _step_arguments() -> dict[str, Any]:
    return {
        "steps": graphene.Int(
            description="Of a tree or a grid: how many, 2 to 20; 5 if not given."
        ),
        "rows": graphene.Int(
            description="Most items behind a place of a tree, or at a step of a grid, 1 to 30; 10 "
            "if not given."
        ),
        "flows": graphene.Boolean(description="Say what goes from place to place of a grid."),
        "starts_at": _names("Paths from one of these items to the end of the journey."),
        "ends_at": _names("Paths up to one of these items; their steps go backwards from it."),
        "through": _names("Whole journeys with one of these items."),
        "between": BetweenInput(description="The shortest stretches between two items."),
        "occurrence": OccurrenceEnum(
            description="Which occurrence of these makes a path; FIRST if not given."
        ),
        "start_where": InteractionWhereInput(
            description="What holds for the interaction with which a path starts."
        ),
        "end_where": InteractionWhereInput(
            description="What holds for the interaction with which a path ends."
        ),
    }


_OBJECTS: tuple[str, ...] = ("between", "start_where", "end_where")


def asked(given: dict[str, Any]) -> CommonPaths:
    """The question that these arguments mean."""
    against = given.get("against")
    if against is not None:
        against = plain({"where": {"customers": against}})["where"]["customers"]
    anchors = {name: given[name] for name in _OBJECTS if name in given}
    return CommonPaths(**{**given, **plain(anchors), "against": against})
