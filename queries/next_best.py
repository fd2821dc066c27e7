"""The next best touchpoint: what to turn to a customer with next, when, and how sure that is.

Asked for a customer, or for the last items of a journey. Of every contact that units at this prefix
met, it says how probable it is as the next item, what the objective (outcome, value, loyalty)
was with it and without any contact, and how long after it worked. That is an association, held
equal in what `ADJUSTED_FOR` names, and called one: who was contacted may have been another kind of
customer.

Where fewer than `at_least` units were contacted so, or not at all, at a prefix, a shorter one is
asked; where the last item alone is not enough, nothing is said. What is known is known at the end
of the data: with `until` nothing later is looked at, for anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.statistics.followed import NO_CONTACT
from queries.contact_limits import ContactLimits, LimitRules, compile_limits
from queries.customer_lists import CustomerList
from queries.figures import Pictured
from queries.intervals import Estimate
from queries.next_gains import ADJUSTED_FOR, Gain, Objective
from queries.next_model import Decision, ModelOptions, NextModel, model_of
from queries.next_times import Standing, standing_of
from queries.next_touchpoints import NextTouchpoint, touchpoint_of
from queries.outcomes import outcome_warnings
from queries.paging import validate_first
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "NextBest",
    "NextBestAnswer",
    "NextTouchpoint",
    "compile_next_best",
    "next_best",
]

_LONGEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class NextBest(Question):
    """What to turn to a customer with next.

    Attributes
    ----------
    prefix
        The last items of a journey, the latest last; or
    customer
        the id of a customer, whose last items they are.
    objective
        What is to be brought about: the outcome, value, or loyalty (the customer active, by
        themselves, in the last `inactivity` of the horizon).
    within
        A contact counts that comes at most so long after the prefix.
    horizon
        Outcome, value and activity are looked for so long after the prefix; `within` and the
        inactivity limit together by default.
    length
        How many last items to go by, at most 8.
    at_least
        Say nothing of fewer units with a contact, or without one: ask a shorter prefix.
    contacts
        Items that are a contact by the company; by default those that the company began, where
        the data say who began them.
    never
        Items that are not to be recommended.
    limits
        How often, and at which hours, a customer may be contacted; only where one is asked about.
    first
        How many touchpoints.
    """

    prefix: Sequence[str] | None = None
    customer: str | None = None
    objective: Objective = Objective.OUTCOME
    within: Duration = "7d"
    horizon: Duration | None = None
    length: int = 3
    at_least: int = 30
    contacts: Sequence[str] | None = None
    never: Sequence[str] | None = None
    limits: ContactLimits | Mapping[str, Any] | None = None
    first: int = 5


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class NextBestAnswer(Pictured):
    """What may come next.

    Attributes
    ----------
    asked
        The last items that were asked about.
    prefix
        Those that the answer goes by; none where nothing can be said.
    since_us, as_of_us
        When the customer was at the last item, None for a prefix; when the data end: now.
    units
        Units at the prefix whose horizon is over.
    not_contacted, not_contacted_mean
        Those nobody turned to in time; their share with the objective, or mean value.
    occasions, nothing
        How often units stood there, their window over; how often nothing came within it.
    candidates
        Contacts of which there is enough to say, those of `nodes` included.
    too_late
        Of these, those whose time is over for the customer.
    held_back
        Of these, those whose time is over before the limits allow a contact.
    tested
        Contacts with a p value.
    contacts
        What is a contact, in words.
    objective, within_seconds, horizon_seconds
        What was asked for.
    wording, adjusted_for
        How a finding is to be read, and what was held equal.
    nodes
        The contacts, the largest gain first.
    """

    asked: tuple[str, ...]
    prefix: tuple[str, ...]
    since_us: int | None
    as_of_us: int
    units: int
    not_contacted: int
    not_contacted_mean: float | None
    occasions: int
    nothing: Estimate
    candidates: int
    too_late: int
    held_back: int
    tested: int
    contacts: str
    objective: Objective
    within_seconds: float
    horizon_seconds: float
    wording: str = "associated with"
    adjusted_for: tuple[str, ...] = ADJUSTED_FOR
    warnings: tuple[str, ...]
    nodes: tuple[NextTouchpoint, ...]
    customers: CustomerList = field(repr=False)
    not_contacted_customers: CustomerList = field(repr=False)


def next_best(question: NextBest, journeys: Journeys) -> NextBestAnswer:
    """Answer the question, the largest gain first.

    Raises
    ------
    UnknownItemError, UnknownCustomerError
        Where the prefix, a contact or an exclusion is no item, or there is no such customer.
    InvalidOptionError, InvalidDurationError, ConflictingOptionsError
        Where an option cannot be used, or neither or both of prefix and customer are given.
    """
    validate_first(question.first)
    if question.prefix is not None and question.customer is not None:
        raise ConflictingOptionsError("prefix", "customer")
    model, limits = compile_next_best(question, journeys)
    standing = None
    if question.customer is not None:
        standing = standing_of(model, question.customer)
        codes = standing.codes
    else:
        codes = _prefix_codes(question.prefix, journeys)
    decision = model.decide(codes)
    return _answer(question, model, limits, codes, standing, decision)


def compile_next_best(question: NextBest, journeys: Journeys) -> tuple[NextModel, LimitRules]:
    """Read the options, but for whom is asked about; nothing is counted yet."""
    _check(question)
    within_us = parse_duration(question.within, "within")
    horizon_us = within_us + journeys.inactivity_us
    if question.horizon is not None:
        horizon_us = parse_duration(question.horizon, "horizon")
    objective = Objective(question.objective)
    _check_horizon(question, objective, within_us, horizon_us, journeys)
    options = ModelOptions(
        objective=objective,
        within_us=within_us,
        horizon_us=horizon_us,
        length=question.length,
        at_least=question.at_least,
        contacts=_codes("contacts", question.contacts, journeys),
        never=_codes("never", question.never, journeys) or (),
    )
    return model_of(journeys, options), compile_limits(question.limits, journeys.timezone)


def _check(question: NextBest) -> None:
    if not 1 <= question.length <= _LONGEST:
        raise InvalidOptionError("length", question.length, f"a whole number from 1 to {_LONGEST}")
    if question.at_least < 1:
        raise InvalidOptionError("at_least", question.at_least, "a whole number, 1 or more")


def _check_horizon(
    question: NextBest, objective: Objective, within_us: int, horizon_us: int, journeys: Journeys
) -> None:
    if horizon_us < within_us:
        raise InvalidOptionError("horizon", question.horizon, "as long as `within`, or longer")
    if objective is Objective.LOYALTY and horizon_us - journeys.inactivity_us < within_us:
        expected = "as long as `within` and the inactivity limit together, or longer, for LOYALTY"
        raise InvalidOptionError("horizon", question.horizon, expected)


def _codes(
    argument: str, given: Sequence[str] | None, journeys: Journeys
) -> tuple[int, ...] | None:
    if given is None:
        return None
    return journeys.item_codes_of(argument, _listed(argument, given))


def _listed(argument: str, given: Any) -> list[str]:
    names = [given] if isinstance(given, str) else list(given)
    if not names or not all(isinstance(name, str) for name in names):
        raise InvalidOptionError(argument, given, "at least one name, or to be left out")
    return names


def _prefix_codes(prefix: Sequence[str] | None, journeys: Journeys) -> tuple[int, ...]:
    if prefix is None:
        raise InvalidOptionError("prefix", None, "the last items of a journey, or a customer")
    codes = []
    for name in _listed("prefix", prefix):
        meant = journeys.item_codes_of("prefix", [name])
        if len(meant) > 1:
            raise InvalidOptionError("prefix", name, "one item: write a set out, as '=ad + cart'")
        codes.append(meant[0])
    return tuple(codes)


def _answer(
    question: NextBest,
    model: NextModel,
    limits: LimitRules,
    codes: tuple[int, ...],
    standing: Standing | None,
    decision: Decision | None,
) -> NextBestAnswer:
    journeys, options = model.journeys, model.options
    names = tuple(journeys.items[code] for code in codes[-options.length :])
    gains: Sequence[Gain] = () if decision is None else decision.gains
    times = None if standing is None else standing.times(model, gains, limits)
    spans = None if times is None else times.spans
    listed = range(len(gains)) if times is None else times.in_time
    support = _Support.of(model, decision)
    return NextBestAnswer(
        asked=names,
        prefix=() if decision is None else names[len(names) - decision.length :],
        since_us=None if standing is None else standing.since_us,
        as_of_us=journeys.as_of_us,
        units=len(support.units),
        not_contacted=len(support.not_contacted),
        not_contacted_mean=support.mean,
        occasions=support.nothing.of,
        nothing=support.nothing,
        candidates=len(gains),
        too_late=0 if times is None else times.too_late,
        held_back=0 if times is None else times.held_back,
        tested=sum(gain.measured.p_value is not None for gain in gains),
        contacts=model.contacts.rule,
        objective=options.objective,
        within_seconds=options.within_us / 1e6,
        horizon_seconds=options.horizon_us / 1e6,
        warnings=_warnings(model, names, decision),
        nodes=tuple(
            touchpoint_of(model, decision, gains[place], None if spans is None else spans[place])
            for place in listed[: question.first]
            if decision is not None
        ),
        customers=support.customers,
        not_contacted_customers=support.not_contacted_customers,
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Support:
    """What stands behind a decision; nothing where there is none."""

    units: Any
    not_contacted: Any
    mean: float | None
    nothing: Estimate
    customers: CustomerList
    not_contacted_customers: CustomerList

    @classmethod
    def of(cls, model: NextModel, decision: Decision | None) -> _Support:
        nobody = np.zeros(0, np.int64)
        if decision is None:
            none = Estimate(value=None, low=None, high=None, successes=0, of=0)
            empty = CustomerList(model.journeys, lambda: nobody)
            return cls(nobody, nobody, None, none, empty, empty)
        comparison = decision.comparison
        alone = comparison.contacts == NO_CONTACT
        units, without = comparison.units, comparison.units[alone]
        return cls(
            units,
            without,
            float(comparison.amounts[alone].mean()),
            model.probability(decision, model.journeys.n_items),
            comparison.customers(units),
            comparison.customers(without),
        )


def _warnings(
    model: NextModel, names: tuple[str, ...], decision: Decision | None
) -> tuple[str, ...]:
    found = list(outcome_warnings(model.journeys))
    if not model.contacts.is_known:
        found.append(
            "No interaction says who began it, so that every item counts as a contact by the "
            "company, and who was not contacted simply left. Say which items are, as in "
            'contacts: ["…"], or load the initiator.'
        )
    if decision is None and names:
        least = model.options.at_least
        found.append(
            f"Nothing can be said after {names[-1]!r}: fewer than {least} units were contacted by "
            f"any one contact within the window, or fewer than {least} were not contacted at all."
        )
    return tuple(found)
