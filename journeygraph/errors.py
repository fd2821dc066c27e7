"""What went wrong, where, and what to do about it.

Every error that a user can meet derives from `JourneyGraphError` and is made from facts;
the sentence, the remedy and the stable code are written here once, so that the command line,
GraphQL and Python say the same. The packages below add their own kinds beside their code.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = [
    "ConflictingOptionsError",
    "InconsistentGraphError",
    "InterleavedJourneysError",
    "InvalidDurationError",
    "InvalidOptionError",
    "InvalidPatternError",
    "JourneyGraphError",
    "RefusedRowsError",
    "PatternMatchesNothingError",
    "TooManyPatternsError",
    "TooLargePatternError",
    "UnknownChannelError",
    "UnknownColumnError",
    "UnknownCustomerError",
    "UnknownItemError",
    "UnknownOptionError",
    "UnknownStageError",
    "UnknownTeamError",
    "UnknownTouchpointError",
    "UnknownValueError",
    "UnreadablePatternError",
    "UnsupportedByEngineError",
    "near_misses",
]


class JourneyGraphError(Exception):
    """A problem that its user can act upon.

    Parameters
    ----------
    problem
        One sentence: what is wrong, with the offending value.
    remedy
        One sentence: what to do about it.
    file, line, column
        Where, if it is in a file.
    """

    code = "ERROR"

    def __init__(
        self,
        problem: str,
        remedy: str = "",
        *,
        file: Path | str | None = None,
        line: int | None = None,
        column: str | None = None,
    ) -> None:
        self.problem = problem
        self.remedy = remedy
        self.file = None if file is None else str(file)
        self.line = line
        self.column = column
        super().__init__(problem)

    @property
    def place(self) -> str:
        """Where it is: `file:line: column 'name'`, as far as it is known."""
        spot = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        if self.column is None:
            return spot
        return f"{spot}: column {self.column!r}" if spot else f"column {self.column!r}"

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        remedy = f"\n{self.remedy}" if self.remedy else ""
        return f"{place}{self.problem}{remedy} [{self.code}]"


def near_misses(word: str, known: Iterable[str], at_most: int = 3) -> list[str]:
    """The known words nearest to `word`, compared without regard to case."""
    folded: dict[str, str] = {}
    for name in known:
        folded.setdefault(name.casefold(), name)
    return [folded[hit] for hit in difflib.get_close_matches(word.casefold(), folded, at_most)]


def _did_you_mean(word: str, known: Sequence[str], all_of_them: str) -> str:
    near = near_misses(word, known)
    if near:
        return "Did you mean " + " or ".join(repr(name) for name in near) + "?"
    if not known:
        return all_of_them
    shown = ", ".join(repr(name) for name in list(known)[:10])
    return f"Known are {shown}" + (", …" if len(known) > 10 else "") + "."


class UnknownTouchpointError(JourneyGraphError):
    """A touchpoint that the store does not have."""

    code = "UNKNOWN_TOUCHPOINT"

    def __init__(self, argument: str, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"{argument}={name!r} is not a touchpoint of this store, which has {len(known)}.",
            _did_you_mean(name, known, "Load interactions first."),
        )


class UnknownTeamError(JourneyGraphError):
    """A team that the store does not have."""

    code = "UNKNOWN_TEAM"

    def __init__(self, argument: str, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"{argument}={name!r} is not a team of this store, which has {len(known)}.",
            _did_you_mean(name, known, "Neither interactions nor feedback name a team."),
        )


class UnknownChannelError(JourneyGraphError):
    """A channel that the store does not have."""

    code = "UNKNOWN_CHANNEL"

    def __init__(self, argument: str, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"{argument}={name!r} is not a channel of this store, which has {len(known)}.",
            _did_you_mean(name, known, "No interaction of this store has a channel."),
        )


class UnknownStageError(JourneyGraphError):
    """A word that is not a stage."""

    code = "UNKNOWN_STAGE"

    def __init__(self, argument: str, name: str, known: Sequence[str]) -> None:
        super().__init__(f"{argument}={name!r} is not a stage.", _did_you_mean(name, known, ""))


class UnknownItemError(JourneyGraphError):
    """An item (touchpoint, channel, stage, …) that the journeys at hand do not have."""

    code = "UNKNOWN_ITEM"

    def __init__(self, argument: str, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"{argument}={name!r} is not an item of these journeys, which have {len(known)}.",
            _did_you_mean(name, known, "The rules or the filter leave no item."),
        )


class UnknownColumnError(JourneyGraphError):
    """A column that a table does not have."""

    code = "UNKNOWN_COLUMN"

    def __init__(self, argument: str, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"{argument}={name!r} is not a column here.",
            _did_you_mean(name, known, "There are no such columns in this store."),
        )


class UnknownCustomerError(JourneyGraphError):
    """A customer that the store does not have."""

    code = "UNKNOWN_CUSTOMER"

    def __init__(self, customer: str) -> None:
        super().__init__(
            f"customer={customer!r} is not a customer of this store.",
            "Ids are compared exactly: '007' and '7' are two customers.",
        )


class InconsistentGraphError(JourneyGraphError):
    """Arrays of a graph that do not fit each other."""

    code = "INCONSISTENT_GRAPH"

    def __init__(self, arrays: str, problem: str) -> None:
        super().__init__(
            f"The {arrays} {problem}.",
            "Check the store with `journeygraph check`; arrays built by hand need all names.",
        )


class InvalidDurationError(JourneyGraphError):
    """A length of time that cannot be read."""

    code = "INVALID_DURATION"

    def __init__(self, argument: str, given: object) -> None:
        super().__init__(
            f"{argument}={given!r} is not a length of time.",
            "Write a number and a unit: '30s', '15m', '12h', '7d', '2w' or '90d12h'.",
        )


class InvalidOptionError(JourneyGraphError):
    """An option out of its range."""

    code = "INVALID_OPTION"

    def __init__(self, argument: str, given: object, expected: str) -> None:
        super().__init__(f"{argument}={given!r} cannot be used.", f"Expected {expected}.")


class RefusedRowsError(JourneyGraphError):
    """Rows of a frame that cannot be taken; a frame, unlike a file, has no quarantine."""

    code = "REFUSED_ROWS"

    def __init__(self, frame: str, n_rows: int, n_refused: int, reasons: Sequence[str]) -> None:
        shown = "".join(f"\n  {reason}" for reason in reasons)
        more = "\n  …" if n_refused > len(reasons) else ""
        super().__init__(
            f"{n_refused:,} of the {n_rows:,} rows of {frame} cannot be taken:{shown}{more}",
            "Mend or drop them. Loaded from a file, they would be kept aside in quarantine.",
        )


class ConflictingOptionsError(JourneyGraphError):
    """Options that exclude each other."""

    code = "CONFLICTING_OPTIONS"

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second} exclude each other.", "Give one of the two.")


class UnknownOptionError(JourneyGraphError):
    """A key that a group of options does not have."""

    code = "UNKNOWN_OPTION"

    def __init__(self, argument: str, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"{name!r} is not an option of {argument}.", _did_you_mean(name, known, "")
        )


class UnknownValueError(JourneyGraphError):
    """A value that no customer has for an attribute."""

    code = "UNKNOWN_VALUE"

    def __init__(self, argument: str, value: object, known: Sequence[str]) -> None:
        super().__init__(
            f"{argument}={value!r} is the value of no customer.",
            _did_you_mean(str(value), known, "No customer has a value here."),
        )


class InvalidPatternError(JourneyGraphError):
    """A regular expression that cannot be read."""

    code = "INVALID_PATTERN"

    def __init__(self, argument: str, pattern: str, problem: str) -> None:
        super().__init__(
            f"{argument}={pattern!r} cannot be read: {problem}.",
            "Write it in the syntax of RE2, which has no look-around and no back-references "
            "within a pattern, or use the wildcards '*' and '?'.",
        )


class PatternMatchesNothingError(JourneyGraphError):
    """A rule that would do nothing, most likely because it is misspelt."""

    code = "PATTERN_MATCHES_NOTHING"

    def __init__(self, argument: str, pattern: str, known: Sequence[str]) -> None:
        super().__init__(
            f"{argument}={pattern!r} matches none of the {len(known)} names.",
            _did_you_mean(pattern.strip("*?"), known, "There are no names to match.")
            + " A pattern must match the whole name; capitals count.",
        )


class InterleavedJourneysError(JourneyGraphError):
    """Journeys of one customer that overlap in time where each must end before the next."""

    code = "INTERLEAVED_JOURNEYS"

    def __init__(self, column: str, n_customers: int) -> None:
        super().__init__(
            f"Journeys split by column {column!r} overlap in time for {n_customers} customers.",
            "Count by journey (unit JOURNEY), or load with this column as the customer.",
        )


class TooManyPatternsError(JourneyGraphError):
    """More patterns than anybody could read, or a machine could hold."""

    code = "TOO_MANY_PATTERNS"

    def __init__(self, limit: int, least: int, n_units: int, unit: str) -> None:
        super().__init__(
            f"More than {limit:,} patterns are in at least {least:,} of {n_units:,} {unit}s.",
            "Ask for more units (at_least_share, at_least), a smaller max_length, a max_gap or a "
            "max_span, or take items together or out (rules: group, exclude, collapse).",
        )


class UnreadablePatternError(JourneyGraphError):
    """A pattern of what a customer did that cannot be read, with the character that stops it."""

    code = "UNREADABLE_PATTERN"

    def __init__(self, argument: str, pattern: str, place: int, problem: str) -> None:
        self.position = place + 1
        super().__init__(
            f"{argument} cannot be read at character {place + 1}: {problem}.\n"
            + _pointed_at(pattern, place),
            "Write items one after the other, as 'search [^cart]* cart .* path_end'; "
            "names with spaces or signs in quotes. docs/pattern-language.md has the grammar.",
        )


def _pointed_at(pattern: str, place: int) -> str:
    """The surroundings of a character on one line, and a sign below it."""
    first = max(0, place - 40)
    shown = "".join(one if one.isprintable() else " " for one in pattern[first : place + 40])
    return f"    {shown}\n    {' ' * (place - first)}^"


class TooLargePatternError(JourneyGraphError):
    """A pattern that is made of more items than a machine word has bits."""

    code = "PATTERN_TOO_LARGE"

    def __init__(self, argument: str, n_items: int, limit: int) -> None:
        super().__init__(
            f"{argument} is made of {n_items:,} items, repetitions written out, of at most "
            f"{limit}.",
            "Repeat fewer times (or with '*' or '+', which cost one), take alternatives into a "
            "class [a|b], or give several patterns.",
        )


class UnsupportedByEngineError(JourneyGraphError):
    """Something that the engine which was asked does not answer."""

    code = "UNSUPPORTED_BY_ENGINE"

    def __init__(self, engine: str, what: str, remedy: str = "") -> None:
        self.engine = engine
        self.what = what
        super().__init__(
            f"The engine {engine!r} does not give {what}.",
            remedy or "Ask the engine 'local'; docs/engines.md says what each engine answers.",
        )
