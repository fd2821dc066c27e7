"""What can be recorded: new feedback, and a step of feedback that is there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from journeygraph.errors import InvalidOptionError
from journeygraph.given import text
from journeygraph.moments import Moment, parse_moment
from journeygraph.vocabulary import FEEDBACK_KINDS, FEEDBACK_STEPS, code_of

__all__ = ["FeedbackStepTaken", "NewFeedback"]

_UTC = ZoneInfo(str(UTC))
_LONGEST_NAME = 1_000
_LONGEST_TEXT = 100_000
_LONGEST_REQUEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFeedback:
    """A complaint, query, suggestion, praise or promise to be recorded.

    Attributes
    ----------
    customer
        The id of a customer whom the store knows.
    kind
        One of `vocabulary.FEEDBACK_KINDS`, by its usual spellings.
    opened_at
        Now, if not given.
    due_at
        By when it is due; not before it was opened.
    touchpoint
        One that the store knows.
    team, text
        The team that it is with, and the customer's words.
    id
        One that no other feedback has; made if not given.
    request
        A key of the caller's: the same request sent again records nothing more.
    """

    customer: str
    kind: str
    opened_at: Moment | None = None
    due_at: Moment | None = None
    touchpoint: str | None = None
    team: str | None = None
    text: str | None = None
    id: str | None = None
    request: str | None = None

    def __post_init__(self) -> None:
        text(self.customer, "customer")
        _check_texts(self, ("touchpoint", "team", "id"), _LONGEST_NAME)
        _check_texts(self, ("text",), _LONGEST_TEXT)
        _check_texts(self, ("request",), _LONGEST_REQUEST)
        if not self.kind_code:
            raise InvalidOptionError("kind", self.kind, " or ".join(FEEDBACK_KINDS))

    @property
    def kind_code(self) -> int:
        """Into FEEDBACK_KINDS, from 1; 0 where it is none of them."""
        return code_of(str(self.kind), FEEDBACK_KINDS) or 0

    def opened_us(self, now_us: int) -> int:
        """When it was opened."""
        return _moment(self.opened_at, "opened_at", now_us)

    @property
    def due_us(self) -> int | None:
        """By when it is due."""
        return None if self.due_at is None else parse_moment(self.due_at, "due_at", _UTC)

    @property
    def digest(self) -> str:
        """Of what was asked for, the key of the request excepted."""
        return _digest(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackStepTaken:
    """A step of feedback to be recorded.

    Attributes
    ----------
    id
        What the feedback is called.
    step
        "acknowledged", "acted", "closed" or "reopened".
    at
        Now, if not given; not before the last step.
    team, note
        Who took it, and what there is to say about it.
    request
        A key of the caller's: the same request sent again records nothing more.
    """

    id: str
    step: str
    at: Moment | None = None
    team: str | None = None
    note: str | None = None
    request: str | None = None

    def __post_init__(self) -> None:
        text(self.id, "id")
        _check_texts(self, ("team",), _LONGEST_NAME)
        _check_texts(self, ("note",), _LONGEST_TEXT)
        _check_texts(self, ("request",), _LONGEST_REQUEST)
        if self.step not in FEEDBACK_STEPS[1:]:
            raise InvalidOptionError("step", self.step, " or ".join(FEEDBACK_STEPS[1:]))

    def at_us(self, now_us: int) -> int:
        """When it was taken."""
        return _moment(self.at, "at", now_us)

    @property
    def digest(self) -> str:
        """Of what was asked for, the key of the request excepted."""
        return _digest(self)


def _moment(given: Moment | None, argument: str, now_us: int) -> int:
    return now_us if given is None else parse_moment(given, argument, _UTC)


def _check_texts(given: Any, arguments: tuple[str, ...], longest: int) -> None:
    for argument in arguments:
        value = getattr(given, argument)
        if value is None:
            continue
        if not text(value, argument).strip() or len(value) > longest or "\0" in value:
            expected = f"a text of at most {longest:,} characters, or to be left out"
            shown = value if len(value) <= longest else f"{value[:40]}…"
            raise InvalidOptionError(argument, shown, expected)


def _digest(given: NewFeedback | FeedbackStepTaken) -> str:
    said = {part.name: getattr(given, part.name) for part in fields(given)}
    said["request"] = type(given).__name__
    content = orjson.dumps(said, default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()
