"""The next best touchpoint, and how well it is foretold, in GraphQL."""

from __future__ import annotations

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.next_best_options import ObjectiveEnum
from queries.next_predictions import Predictor

__all__ = ["NextBestAnswer", "NextEvaluationAnswer"]

PredictorEnum = fields.choice(
    Predictor,
    "Predictor",
    "Who says what comes next.",
    MODEL="The model: the longest prefix that enough units stood at.",
    FIRST_ORDER_CHAIN="What follows the last item.",
    MOST_POPULAR="What follows anything.",
    LAST_ITEM="The last item again, as often as items come again.",
)


class NextTouchpoint(graphene.ObjectType):
    """One contact that may come next."""

    item = fields.text("The touchpoint, or whatever the items are.")
    probability = fields.estimate(
        "How often it was directly the next item within the window, of the occasions at the prefix."
    )
    units = fields.count("Units at the prefix whose first contact it was.")
    worked = fields.count("Of these, who have what is to be brought about.")
    mean = fields.number("Their share with it, or their mean value in major units.")
    compared = fields.count("Of these, those who are compared with somebody alike.")
    compared_with = fields.count("Units not contacted who are compared with them.")
    gain = fields.number("The difference between both, of shares or of mean values.")
    low = fields.number("Lower end of its interval; null where nobody differs.")
    high = fields.number("Upper end of its interval.")
    p_value = fields.number("Of no difference.")
    q_value = fields.number("False discovery rate among all contacts at the prefix.")
    from_seconds = fields.number("A quarter of those it worked for were contacted by then.")
    median_seconds = fields.number("Half of those it worked for were contacted by then.")
    until_seconds = fields.number("Three quarters of those it worked for were contacted by then.")
    channel = graphene.String(description="By which channel it most often worked.")
    channel_share = fields.estimate("The share of that channel, of those it worked for.")
    send_from = fields.moment(
        "From when to contact the customer; null where no customer is asked about.", "send_from_us"
    )
    send_until = fields.moment("Until when.", "send_until_us")
    small = fields.flag("Whether fewer than 30 are compared on one side: read with care.")
    customers = customer_list("The customers behind `units`.")
    worked_customers = customer_list("The customers behind `worked`.", "worked_customers")


class NextBestAnswer(graphene.ObjectType):
    """What to turn to a customer with next: an association, and what stands behind it."""

    asked = fields.texts("The last items that were asked about.")
    prefix = fields.texts("Those that the answer goes by; none where nothing can be said.")
    since = fields.moment("When the customer was at the last item; null of a prefix.", "since_us")
    as_of = fields.moment("The end of the data: now.", "as_of_us")
    units = fields.count("Units at the prefix whose horizon is over.")
    not_contacted = fields.count("Of these, whom nobody turned to in time.")
    not_contacted_mean = fields.number("Their share with the objective, or their mean value.")
    occasions = fields.count("How often units stood at the prefix, with their window over.")
    nothing = fields.estimate("How often nothing came within the window.")
    candidates = fields.count("Contacts of which there is enough to say.")
    too_late = fields.count("Of these, those whose time is over for the customer.")
    held_back = fields.count(
        "Of these, those whose time is over before the limits allow a contact."
    )
    tested = fields.count("Contacts with a p value, over which q values are taken.")
    contacts = fields.text("What is a contact, in words.")
    objective = fields.word(ObjectiveEnum, "What is to be brought about.")
    within_seconds = fields.number("How soon a contact must come to count.")
    horizon_seconds = fields.number("How long outcome, value and activity are looked for.")
    wording = fields.text("How a finding is to be read.")
    adjusted_for = fields.texts("What is held equal.")
    warnings = fields.texts("What to mind.")
    nodes = fields.nodes(NextTouchpoint, "The contacts, the largest gain first.")
    customers = customer_list("The customers behind `units`.")
    not_contacted_customers = customer_list(
        "The customers behind `notContacted`.", "not_contacted_customers"
    )


class HitRate(graphene.ObjectType):
    """How often what came was among the k most probable."""

    k = fields.count("How many were named.")
    rate = fields.estimate("The share of occasions; it knows that units have several.")


class ReliabilityBin(graphene.ObjectType):
    """Occasions whose most probable next was held to be about so probable."""

    from_probability = fields.number("Where the bin begins.")
    until_probability = fields.number("Where it ends.")
    mean_probability = fields.number("Mean of what was said.")
    observed = fields.estimate("How often it came true.")


class PredictorScore(graphene.ObjectType):
    """How right one predictor was."""

    predictor = fields.word(PredictorEnum, "Which.")
    log_loss = fields.number("Mean of minus the natural logarithm of the probability of what came.")
    log_loss_low = fields.number("Lower end of its interval.")
    log_loss_high = fields.number("Upper end of its interval.")
    excess_loss = fields.number("What the loss is above the model's; null of the model.")
    excess_loss_low = fields.number("Lower end of its interval.")
    excess_loss_high = fields.number("Upper end of its interval.")
    is_beaten = graphene.Boolean(
        description="Whether the model does better, beyond chance; null of the model."
    )
    calibration_error = fields.number("Mean distance between what was said and what came true.")
    said_nothing = fields.count("Occasions of which it knew nothing.")
    hit_rates = fields.nodes(HitRate, "Hits among the k most probable.")
    reliability = fields.nodes(ReliabilityBin, "Bins that hold an occasion.")


class NextEvaluationAnswer(graphene.ObjectType):
    """How well the next touchpoint is foretold, on later data held out."""

    split_at = fields.moment("Where the data are cut; null where there are none.", "split_at_us")
    as_of = fields.moment("The end of the data.", "as_of_us")
    taught = fields.count("Occasions before the cut.")
    taught_units = fields.count("Of how many units.")
    tested = fields.count("Occasions after the cut.")
    tested_units = fields.count("Of how many units.")
    left_out = fields.count("Occasions whose window crosses the cut or the end of the data.")
    outcomes = fields.count("How many different things may come next, nothing among them.")
    within_seconds = fields.number("How soon is next.")
    beats_baselines = graphene.Boolean(
        description="Whether the model does better than every baseline, beyond chance; null where "
        "nothing can be tested."
    )
    verdict = fields.text("The same in a sentence.")
    warnings = fields.texts("What to mind.")
    nodes = fields.nodes(PredictorScore, "The model first, then the baselines.")
