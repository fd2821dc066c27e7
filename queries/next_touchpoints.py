"""One contact that may come next, as it is told."""

from __future__ import annotations

from dataclasses import dataclass, field

from queries.customer_lists import CustomerList
from queries.intervals import Estimate
from queries.next_gains import Gain
from queries.next_model import Decision, NextModel

__all__ = ["NextTouchpoint", "touchpoint_of"]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class NextTouchpoint:
    """One contact that may come next.

    Attributes
    ----------
    item
        The touchpoint, or whatever the items are.
    probability
        How often it was directly the next item within the window, of the occasions at the prefix;
        the interval knows that units stand there several times.
    units, worked
        Units at the prefix whose first contact it was; of these, who have what is to be brought
        about.
    mean
        Their share with it, or their mean value in major units of money.
    compared, compared_with
        Of these units and of those not contacted, who are alike enough to be compared.
    gain, low, high
        The difference of shares, or of mean values, between both; with its interval, if any.
    p_value, q_value
        Of no difference; the false discovery rate over all contacts at the prefix.
    from_seconds, median_seconds, until_seconds
        Quartiles of the time until the contact, of those it worked for.
    channel, channel_share
        By which channel it most often worked, and its share of these.
    send_from_us, send_until_us
        When to contact the customer: between the quartiles, not before now, and within the
        limits; None where no customer is asked about.
    small
        Fewer than 30 compared on one side.
    """

    item: str
    probability: Estimate
    units: int
    worked: int
    mean: float
    compared: int
    compared_with: int
    gain: float
    low: float | None
    high: float | None
    p_value: float | None
    q_value: float | None
    from_seconds: float | None
    median_seconds: float | None
    until_seconds: float | None
    channel: str | None
    channel_share: Estimate
    send_from_us: int | None
    send_until_us: int | None
    small: bool
    customers: CustomerList = field(repr=False)
    worked_customers: CustomerList = field(repr=False)


def touchpoint_of(
    model: NextModel, decision: Decision, gain: Gain, span: tuple[int, int] | None
) -> NextTouchpoint:
    """Tell of a contact.

    Parameters
    ----------
    span
        From when until when the customer may be contacted; None where nobody is asked about.
    """
    measured = gain.measured
    delays = (None,) * 3 if gain.delays_us is None else tuple(us / 1e6 for us in gain.delays_us)
    return NextTouchpoint(
        item=model.journeys.items[gain.item],
        probability=model.probability(decision, gain.item),
        units=gain.units,
        worked=gain.worked,
        mean=gain.mean,
        compared=measured.referred.units,
        compared_with=measured.others.units,
        gain=measured.difference or 0.0,
        low=measured.low,
        high=measured.high,
        p_value=measured.p_value,
        q_value=gain.q_value,
        from_seconds=delays[0],
        median_seconds=delays[1],
        until_seconds=delays[2],
        channel=gain.channel,
        channel_share=gain.channel_share,
        send_from_us=None if span is None else span[0],
        send_until_us=None if span is None else span[1],
        small=gain.small,
        customers=gain.customers,
        worked_customers=gain.worked_customers,
    )
