"""The tables and their columns: name, kind, meaning, and the names that files give to them.

This is the registry that everything reads: the mapping recognises columns by their `aliases`,
validation checks them by their `kind`, the lake stores them by `arrow_schema`, and the docs
print their meaning. A column is added here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

__all__ = [
    "CUSTOMERS",
    "FEEDBACK",
    "FEEDBACK_STEPS",
    "INTERACTIONS",
    "NAMES_OF_ITEMS",
    "REFERRALS",
    "TABLES",
    "Column",
    "Kind",
    "Table",
]


class Kind(StrEnum):
    """How the text or number of a column is read, checked and stored."""

    CUSTOMER = "customer"  # an id, any text; stored as the customer's surrogate key
    NAME = "name"  # a name from an open set; stored as its code (see NAMES_OF_ITEMS)
    WORD = "word"  # a word of a closed set of `vocabulary`; stored as its code, 0 = not said
    TIME = "time"  # a moment; stored as microseconds UTC
    MONEY = "money"  # an amount in major units; stored in minor units
    SCALE = "scale"  # a rating on a stated scale; stored in thousandths of [-1, 1]
    WHOLE = "whole"  # a whole number
    TEXT = "text"  # any text, kept as it is


_TYPES = {
    Kind.CUSTOMER: pa.int64(),
    Kind.NAME: pa.int32(),
    Kind.WORD: pa.int8(),
    Kind.TIME: pa.timestamp("us", tz="UTC"),
    Kind.MONEY: pa.int64(),
    Kind.SCALE: pa.int16(),
    Kind.WHOLE: pa.int64(),
    Kind.TEXT: pa.string(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    `aliases` are the names under which files bring it, compared in lower case with separators
    removed (see `loading.mapping`), the surest first; a column's own name always counts.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def arrow_type(self) -> pa.DataType:
        """The type in which the lake stores it."""
        return _TYPES[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One of the tables that a file can hold.

    `in_order` are pairs of columns of times: the second is never before the first.
    """

    name: str
    columns: tuple[Column, ...]
    meaning: str
    in_order: tuple[tuple[str, str], ...] = ()

    def __getitem__(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def arrow_schema(self) -> pa.Schema:
        """The columns as the lake stores them.

        In front stand `file` (the number of the file within the load) and `row` (0-based, within
        the file), which with the partition column `load` are the arrival order.
        At the end stands `properties`: a JSON object with the columns that nobody mapped.
        """
        return pa.schema(
            [
                pa.field("file", pa.int32(), nullable=False),
                pa.field("row", pa.int64(), nullable=False),
                *(
                    pa.field(column.name, column.arrow_type, nullable=not column.required)
                    for column in self.columns
                ),
                pa.field("properties", pa.string()),
            ]
        )


NAMES_OF_ITEMS = {"touchpoint": "touchpoints", "channel": "channels", "team": "teams",
                  "medium": "channels"}  # fmt: skip
"""Which list of names (a lake table of code and name) a NAME column takes its codes from."""

_CUSTOMER_ALIASES = (
    "case:concept:name", "customer_id", "customer", "user_id", "userid", "user", "client_id",
    "visitor_id", "person_id", "distinct_id", "member_id", "account_id", "contact_id",
    "case_id", "case", "caseid", "id_customer", "cookie",
)  # fmt: skip
_TIME_ALIASES = (
    "time:timestamp", "timestamp", "at", "event_time", "event_timestamp", "time", "datetime",
    "date_time", "occurred_at", "created_at", "event_date", "date", "ts",
)  # fmt: skip
_TEAM = Column(name="team", kind=Kind.NAME, meaning="Who served the customer.")

INTERACTIONS = Table(
    name="interactions",
    meaning="One contact of one customer at one moment.",
    columns=(
        Column(name="customer", kind=Kind.CUSTOMER, required=True, aliases=_CUSTOMER_ALIASES,
               meaning="Who travels."),
        Column(name="at", kind=Kind.TIME, required=True, aliases=_TIME_ALIASES,
               meaning="When it happened."),
        Column(name="touchpoint", kind=Kind.NAME, required=True,
               aliases=("concept:name", "touchpoint", "event", "event_name", "eventname",
                        "activity", "event_type", "action", "interaction", "page", "step"),
               meaning="Where the brand and the customer meet."),
        Column(name="channel", kind=Kind.NAME,
               aliases=("channel", "case:channel", "channel_name", "marketing_channel",
                        "utm_medium", "medium"),
               meaning="By what medium."),
        Column(name="stage", kind=Kind.WORD, aliases=("journey_stage", "funnel_stage"),
               meaning="inquiry, comparison, purchase or support."),
        Column(name="initiator", kind=Kind.WORD, aliases=("initiated_by",),
               meaning="customer, company or third party."),
        Column(name="environment", kind=Kind.WORD, meaning="digital or physical."),
        Column(name="level", kind=Kind.WORD,
               meaning="physical, emotional, sensorial, rational or spiritual."),
        Column(name="value", kind=Kind.MONEY,
               aliases=("revenue", "amount", "conversion_value", "order_value"),
               meaning="What it brought, in the currency of the store."),
        Column(name="cost", kind=Kind.MONEY, meaning="What it cost the company."),
        Column(name="emotion", kind=Kind.SCALE, aliases=("valence", "sentiment"),
               meaning="Valence of the customer's feeling, -1 to 1."),
        Column(name="emotion_label", kind=Kind.TEXT, meaning="The feeling in a word."),
        Column(name="emotion_source", kind=Kind.TEXT, meaning="reported, scored or inferred."),
        Column(name="expectation", kind=Kind.SCALE, meaning="What the customer expected, -1 to 1."),
        Column(name="experience", kind=Kind.SCALE, meaning="What the customer found, -1 to 1."),
        _TEAM,
        Column(name="session", kind=Kind.TEXT, aliases=("session_id", "visit_id"),
               meaning="The visit, order or case that it belongs to."),
        Column(name="sequence", kind=Kind.WHOLE, aliases=("event_index", "sequence_number"),
               meaning="Order among interactions of the same moment; 0 where not given."),
        Column(name="id", kind=Kind.TEXT,
               aliases=("interaction_id", "event_id", "eventid", "message_id", "insert_id"),
               meaning="What an interaction is known by, where the source has such an id."),
    ),
)  # fmt: skip

CUSTOMERS = Table(
    name="customers",
    meaning="What is known of a customer: one row each, every further column an attribute.",
    columns=(
        Column(name="customer", kind=Kind.CUSTOMER, required=True, aliases=_CUSTOMER_ALIASES,
               meaning="Who it is."),
    ),
)  # fmt: skip

REFERRALS = Table(
    name="referrals",
    meaning="One customer brought another; without a referrer, word of mouth of unknown source.",
    columns=(
        Column(name="referrer", kind=Kind.CUSTOMER,
               aliases=("referrer_id", "referred_by", "inviter", "inviter_id", "parent",
                        "parent_id", "source"),
               meaning="Who brought; empty where nobody knows."),
        Column(name="referred", kind=Kind.CUSTOMER, required=True,
               aliases=("referred_id", "referee", "referee_id", "invitee", "invitee_id", "child",
                        *_CUSTOMER_ALIASES, "target"),
               meaning="Who was brought."),
        Column(name="at", kind=Kind.TIME, aliases=_TIME_ALIASES,
               meaning="When; a referral without a time comes after those that have one."),
        Column(name="medium", kind=Kind.NAME, aliases=("channel",), meaning="By what medium."),
        Column(name="id", kind=Kind.TEXT, aliases=("referral_id",),
               meaning="What a referral is known by."),
    ),
)  # fmt: skip

_FEEDBACK_ALIASES = ("feedback_id", "complaint_id", "ticket_id")

FEEDBACK = Table(
    name="feedback",
    meaning="A complaint, query, suggestion, praise or promise, and what became of it.",
    columns=(
        Column(name="customer", kind=Kind.CUSTOMER, required=True, aliases=_CUSTOMER_ALIASES,
               meaning="Who gave it, or to whom it was promised."),
        Column(name="kind", kind=Kind.WORD, required=True, aliases=("feedback_kind", "type"),
               meaning="complaint, query, suggestion, praise or promise."),
        Column(name="opened_at", kind=Kind.TIME, required=True,
               aliases=("opened", *_TIME_ALIASES), meaning="When it was given."),
        Column(name="acknowledged_at", kind=Kind.TIME, aliases=("acknowledged",),
               meaning="When the company answered that it has it."),
        Column(name="acted_at", kind=Kind.TIME, aliases=("acted", "acted_on_at"),
               meaning="When the company did something about it."),
        Column(name="closed_at", kind=Kind.TIME, aliases=("closed", "resolved_at"),
               meaning="When it was closed."),
        Column(name="due_at", kind=Kind.TIME, aliases=("due",), meaning="By when it is due."),
        Column(name="touchpoint", kind=Kind.NAME, meaning="Which touchpoint it is about."),
        _TEAM,
        Column(name="text", kind=Kind.TEXT, aliases=("message", "comment"),
               meaning="The customer's words."),
        Column(name="id", kind=Kind.TEXT, aliases=_FEEDBACK_ALIASES,
               meaning="What it is known by."),
    ),
    in_order=(
        ("opened_at", "acknowledged_at"), ("opened_at", "acted_at"), ("opened_at", "closed_at"),
        ("opened_at", "due_at"), ("acknowledged_at", "closed_at"), ("acted_at", "closed_at"),
    ),
)  # fmt: skip

FEEDBACK_STEPS = Table(
    name="feedback_steps",
    meaning="What became of feedback, a step each; with these it can be opened again.",
    columns=(
        Column(name="feedback", kind=Kind.TEXT, required=True, aliases=_FEEDBACK_ALIASES,
               meaning="The id of the feedback."),
        Column(name="step", kind=Kind.WORD, required=True,
               aliases=("status", "new_status", "event", "action"),
               meaning="opened, acknowledged, acted, closed or reopened."),
        Column(name="at", kind=Kind.TIME, required=True, aliases=_TIME_ALIASES,
               meaning="When."),
        _TEAM,
        Column(name="note", kind=Kind.TEXT, aliases=("comment", "remark"),
               meaning="What there is to say about it."),
        Column(name="id", kind=Kind.TEXT, aliases=("step_id", "event_id"),
               meaning="What the step is known by."),
    ),
)  # fmt: skip

TABLES = {
    table.name: table for table in (INTERACTIONS, CUSTOMERS, REFERRALS, FEEDBACK, FEEDBACK_STEPS)
}
