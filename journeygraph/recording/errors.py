"""Why something is not recorded; nothing of it is stored then."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from journeygraph.errors import JourneyGraphError, near_misses

__all__ = [
    "BadKeyTableError",
    "ConflictingFeedbackError",
    "ConflictingRequestError",
    "FeedbackStateError",
    "FeedbackTimeError",
    "NotMergedError",
    "RecordingNotAllowedError",
    "UnknownFeedbackError",
]

_MOST_SHOWN = 10

_CODES = {
    "closed": "FEEDBACK_CLOSED",
    "acknowledged": "ALREADY_ACKNOWLEDGED",
    "acted": "ALREADY_ACTED_ON",
    "closed again": "ALREADY_CLOSED",
    "open": "NOT_CLOSED",
}


class RecordingNotAllowedError(JourneyGraphError):
    """Somebody wants to record where only questions are answered."""

    code = "RECORDING_NOT_ALLOWED"

    def __init__(self) -> None:
        super().__init__(
            "Nothing is recorded here: this store is only read.",
            "Who runs the server allows it with --allow-recording.",
        )


class UnknownFeedbackError(JourneyGraphError):
    """Feedback that the store does not have."""

    code = "UNKNOWN_FEEDBACK"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"id={name!r} is no feedback of this store.",
            "Ids are compared exactly; feedback without one is called by its place, as '#3.0.17'. "
            "journeygraph feedback list shows both.",
        )


class FeedbackStateError(JourneyGraphError):
    """A step that feedback cannot take where it stands."""

    code = "FEEDBACK_STATE"

    def __init__(self, name: str, standing: str, since: str, remedy: str) -> None:
        super().__init__(f"Feedback {name!r} is {_said(standing)} since {since}.", remedy)
        self.code = _CODES[standing]


def _said(standing: str) -> str:
    return {"acted": "acted on", "closed again": "closed"}.get(standing, standing)


class FeedbackTimeError(JourneyGraphError):
    """A time that cannot be."""

    code = "TIMES_OUT_OF_ORDER"

    def __init__(self, argument: str, given: str, reason: str, *, is_future: bool = False) -> None:
        super().__init__(
            f"{argument}={given!r} {reason}.", "Mend the time, or leave it out for now."
        )
        if is_future:
            self.code = "FUTURE_TIME"


class ConflictingRequestError(JourneyGraphError):
    """A key of a request that was used for another one."""

    code = "CONFLICTING_REQUEST"

    def __init__(self, request: str) -> None:
        super().__init__(
            f"request={request!r} has recorded something else before.",
            "Give every request a key of its own, and the same one only when it is sent again.",
        )


class ConflictingFeedbackError(JourneyGraphError):
    """An id that other feedback has."""

    code = "CONFLICTING_ID"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"id={name!r} is the id of other feedback.",
            "Leave the id out to have one made, or change that feedback by its steps.",
        )


class BadKeyTableError(JourneyGraphError):
    """A key table that says what cannot be; nothing of it is merged."""

    code = "BAD_KEY_TABLE"

    def __init__(self, file: Path, problems: Sequence[tuple[int, str]]) -> None:
        shown = "".join(f"\n  line {line}: {problem}." for line, problem in problems[:_MOST_SHOWN])
        more = f"\n  and {len(problems) - _MOST_SHOWN} more." if len(problems) > _MOST_SHOWN else ""
        super().__init__(
            f"The key table cannot be used, and nothing was merged:{shown}{more}",
            "An id belongs to one customer, and a customer to no other; what is merged is taken "
            "back with `journeygraph identities unmerge`.",
            file=file,
            line=problems[0][0],
        )
        self.problems = tuple(problems)


class NotMergedError(JourneyGraphError):
    """An id that is a customer of its own."""

    code = "NOT_MERGED"

    def __init__(self, name: str, merged: Sequence[str]) -> None:
        near = near_misses(name, merged)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        super().__init__(
            f"{name!r} is not merged into another customer.",
            f"{hint}Ids are compared exactly; `journeygraph identities list` shows those that are.",
        )
