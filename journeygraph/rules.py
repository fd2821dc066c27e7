"""Cleaning the names of items: rename, group, exclude, tolerance, collapse, in this order.

Rules see the names that a path would be made of, and see each name once: all that they say comes
down to one table, from the code of a name to the code of an item. A rule that matches nothing is
an error: it is most often misspelt, and the number that it should have changed would be wrong
without a sign. Patterns are matched by RE2, in time linear in the name, so that no pattern from
outside can hold a server up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import (
    InvalidOptionError,
    InvalidPatternError,
    PatternMatchesNothingError,
    UnknownItemError,
)
from journeygraph.given import Names, flag, mapping_as, names, text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Group", "ItemTable", "Rules", "compile_rules", "matches_of_wildcards"]

LONGEST_PATTERN = 1_000
MOST_PATTERNS = 1_000

_WILDCARDS = re.compile(r"\\[*?\\]|[*?]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    r"""One name for all that match a pattern.

    Attributes
    ----------
    pattern
        Matches whole names: `*` stands for any text and `?` for one character (`\*` and `\?`
        for themselves); with `regex`, a regular expression in RE2's syntax.
    as_
        The name of the group; with `regex`, `\1` to `\9` stand for what its parentheses matched.
    """

    pattern: str
    as_: str
    regex: bool = False

    def __post_init__(self) -> None:
        text(self.as_, "rules.group.as")
        flag(self.regex, "rules.group.regex")
        _check_pattern(self.pattern, "rules.group.pattern")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How items are cleaned: rename, group, exclude, then, after a split, tolerance, collapse.

    Attributes
    ----------
    rename
        Old name to new name, all at once: no name is renamed twice.
    group
        The first group that matches a name takes it.
    exclude
        Patterns with wildcards, as of `Group`, of the names to leave out, after grouping.
    tolerance
        Items at most so long after the first of a set are simultaneous, and one item: a set of
        names. "0s" for equal times alone; None where every interaction is its own item.
    collapse
        Make one item of items of the same name that follow each other.
    """

    rename: Mapping[str, str] = field(default_factory=dict)
    group: tuple[Group, ...] = ()
    exclude: Names = ()
    tolerance: Duration | None = None
    collapse: bool = False

    def __post_init__(self) -> None:
        flag(self.collapse, "rules.collapse")
        if self.tolerance is not None:
            parse_duration(self.tolerance, "rules.tolerance", or_zero=True)
        object.__setattr__(self, "rename", _renamed(self.rename))
        object.__setattr__(self, "group", _grouped(self.group))
        object.__setattr__(self, "exclude", names(self.exclude or None, "rules.exclude") or ())
        for pattern in self.exclude:
            _check_pattern(pattern, "rules.exclude")
        if len(self.group) + len(self.exclude) > MOST_PATTERNS:
            expected = f"at most {MOST_PATTERNS} patterns"
            raise InvalidOptionError("rules", len(self.group) + len(self.exclude), expected)

    @property
    def tolerance_us(self) -> int | None:
        """The length of `tolerance`; None without."""
        if self.tolerance is None:
            return None
        return parse_duration(self.tolerance, "rules.tolerance", or_zero=True)


def _renamed(given: Any) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise InvalidOptionError("rules.rename", given, "a mapping of old names to new names")
    return {text(old, "rules.rename"): text(new, "rules.rename") for old, new in given.items()}


def _grouped(given: Any) -> tuple[Group, ...]:
    if isinstance(given, Mapping | str) or not isinstance(given, Sequence):
        raise InvalidOptionError("rules.group", given, "a list of {pattern, as}")
    for group in given:
        if isinstance(group, Mapping):
            for needed in ("pattern", "as"):
                if needed not in group and f"{needed}_" not in group:
                    raise InvalidOptionError("rules.group", dict(group), f"{needed!r} in it")
    return tuple(mapping_as(Group, group, "rules.group") for group in given)


def _check_pattern(pattern: Any, argument: str) -> None:
    if len(text(pattern, argument)) > LONGEST_PATTERN:
        raise InvalidOptionError(argument, pattern, f"at most {LONGEST_PATTERN} characters")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ItemTable:
    """What the rules make of names: `item_of[code of a name]` is the code of an item or -1."""

    items: Names
    item_of: npt.NDArray[np.int64]

    @property
    def changes_nothing(self) -> bool:
        """Whether every name is its own item."""
        return bool(np.array_equal(self.item_of, np.arange(len(self.items))))


def compile_rules(
    rules: Rules, known: Sequence[str], same: Callable[[str], str] = lambda name: name
) -> ItemTable:
    """Apply rename, group and exclude to names.

    Parameters
    ----------
    known
        The names by code.
    same
        The normal form in which a name that is not known as it is written is looked for.

    Raises
    ------
    UnknownItemError
        Where a name to rename is not known.
    PatternMatchesNothingError
        Where a pattern matches no name.
    InvalidPatternError
        Where a regular expression cannot be read.
    """
    cleaned: list[str] = list(known)
    codes = {name: code for code, name in enumerate(known)}
    for old, new in rules.rename.items():
        code = codes.get(old, codes.get(same(old)))
        if code is None:
            raise UnknownItemError("rules.rename", old, known)
        cleaned[code] = new
    cleaned = _in_groups(rules.group, cleaned)
    left_out = _left_out(rules.exclude, cleaned)
    items: dict[str, int] = {}
    item_of = [
        -1 if out else items.setdefault(name, len(items))
        for name, out in zip(cleaned, left_out, strict=True)
    ]
    return ItemTable(items=tuple(items), item_of=np.array(item_of, np.int64))


def _in_groups(groups: Sequence[Group], cleaned: list[str]) -> list[str]:
    grouped: list[str | None] = [None] * len(cleaned)
    for group in groups:
        hits, replaced = _matches(group, cleaned)
        if not any(hits):
            raise PatternMatchesNothingError("rules.group.pattern", group.pattern, cleaned)
        for code, hit in enumerate(hits):
            if hit and grouped[code] is None:
                grouped[code] = replaced[code]
    return [old if new is None else new for old, new in zip(cleaned, grouped, strict=True)]


def _left_out(patterns: Sequence[str], cleaned: list[str]) -> list[bool]:
    left_out = [False] * len(cleaned)
    for pattern in patterns:
        hits = _hits(_whole(_regex_of(pattern)), cleaned)
        if not any(hits):
            raise PatternMatchesNothingError("rules.exclude", pattern, cleaned)
        left_out = [out or hit for out, hit in zip(left_out, hits, strict=True)]
    return left_out


def _matches(group: Group, cleaned: list[str]) -> tuple[list[bool], list[str]]:
    if not group.regex:
        return _hits(_whole(_regex_of(group.pattern)), cleaned), [group.as_] * len(cleaned)
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        _hits(group.pattern, [""])  # by itself, before it is put in parentheses
        whole = _whole(group.pattern)
        hits = _hits(whole, cleaned)
        replaced = pc.replace_substring_regex(_texts(cleaned), whole, group.as_)
    except pa.ArrowInvalid as problem:
        said = str(problem).splitlines()[0].rstrip(".")
        raise InvalidPatternError("rules.group.pattern", group.pattern, said) from None
    return hits, replaced.to_pylist()


def _hits(regex: str, cleaned: list[str]) -> list[bool]:
    import pyarrow.compute as pc

    hits: list[bool] = pc.match_substring_regex(_texts(cleaned), regex).to_pylist()
    return hits


def matches_of_wildcards(pattern: str, known: Sequence[str]) -> list[bool]:
    """Which names a pattern with wildcards, as of `Group`, matches."""
    return _hits(_whole(_regex_of(pattern)), list(known))


def _texts(cleaned: list[str]) -> pa.Array:
    import pyarrow as pa

    return pa.array(cleaned, pa.large_string())


def _whole(regex: str) -> str:
    return rf"(?s)\A(?:{regex})\z"


def _regex_of(wildcards: str) -> str:
    """`*` and `?` as a regular expression; everything else stands for itself."""
    parts, position = [], 0
    for found in _WILDCARDS.finditer(wildcards):
        parts.append(_literal(wildcards[position : found.start()]))
        parts.append({"*": ".*", "?": "."}.get(found[0]) or _literal(found[0][1:]))
        position = found.end()
    return "".join([*parts, _literal(wildcards[position:])])


def _literal(characters: str) -> str:
    return "".join(
        character if character.isalnum() or character == "_" else rf"\x{{{ord(character):x}}}"
        for character in characters
    )
