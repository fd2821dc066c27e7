"""The pattern language of `where.did`, read: from what an analyst typed to a tree, or the place.

A pattern is over the items of a journey as a regular expression is over characters, so that
whoever knows the one can read the other; names are words, spaces part the elements, and there is
one way to write a time limit. What cannot be read is an error that points at the character. Only
how a pattern is written is decided here; whether its names exist is `pattern_automaton`'s matter.

    pattern   = sequence { "|" sequence }
    sequence  = element { ( [ "->" ] | limit { limit } ) element }
    element   = ( name | "." | class | "path_start" | "path_end" | group ) [ repeat ]
    group     = "(" pattern ")" [ "{" "<=" duration "}" ]
    class     = "[" [ "^" ] name { "|" name } "]"
    repeat    = "*" | "+" | "?" | "{" count "}" | "{" count "," [ count ] "}"
    limit     = ( "<=" | ">=" ) duration
    name      = word | '"' text '"' | "'" text "'"
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from journeygraph.durations import parse_duration
from journeygraph.errors import InvalidDurationError, UnreadablePatternError
from journeygraph.given import text

__all__ = [
    "LONGEST_PATTERN",
    "MOST_ITEMS",
    "Boundary",
    "Choice",
    "Class",
    "Limit",
    "Name",
    "Node",
    "Repeat",
    "Sequence",
    "Within",
    "parse_pattern",
]

LONGEST_PATTERN = 1_000
MOST_ITEMS = 64
"""Items that a pattern may be made of, every repetition written out."""

_DEEPEST = 20

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<arrow>->)
    | (?P<limit><=|>=)
    | (?P<quoted>"(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*')
    | (?P<sign>[][|^.*+?(){},])
    | (?P<word>(?:[^][|^.*+?(){},<>=\s"'\\-]|-(?!>))+)
    | (?P<end>$)
    )""",
    re.VERBOSE | re.DOTALL,
)
_DURATION = re.compile(r"\s*([^\s}()[\]|\"'.*+?<>=-]*)")
_QUOTED = re.compile(r"""\\["']|\\[*?\\]""")


class Name(NamedTuple):
    """A name, or with `is_wildcard` a text in which `*`, `?` and a backslash before them count."""

    text: str
    is_wildcard: bool
    place: int


@dataclass(frozen=True, slots=True)
class Class:
    """One item of these names, or with `negated` any other; any at all where there is none."""

    names: tuple[Name, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where a journey begins or ends."""

    is_start: bool


@dataclass(frozen=True, slots=True)
class Limit:
    """Time between what must be there before part number `before` and from there on."""

    before: int
    is_least: bool
    us: int
    place: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other, with limits of time between them."""

    parts: tuple[Node, ...]
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same so many times; `most` is None where there is no end to it."""

    node: Node
    least: int
    most: int | None
    place: int


@dataclass(frozen=True, slots=True)
class Within:
    """A group of which the last item comes at most this long after the first."""

    node: Node
    us: int
    place: int


Node = Class | Boundary | Sequence | Choice | Repeat | Within


class _Token(NamedTuple):
    kind: str
    text: str
    place: int


_END = "the end"


def parse_pattern(pattern: str, argument: str) -> Node:
    """Read a pattern.

    Parameters
    ----------
    argument
        The name that errors give to it, such as "where.did".

    Raises
    ------
    UnreadablePatternError
        Where it cannot be read: with the place.
    """
    if not pattern.strip():
        raise UnreadablePatternError(argument, pattern, 0, "it is empty")
    text(pattern, argument)
    if len(pattern) > LONGEST_PATTERN:
        problem = f"it has {len(pattern)} characters, of at most {LONGEST_PATTERN}"
        raise UnreadablePatternError(argument, pattern, LONGEST_PATTERN, problem)
    return _Reader(pattern, argument).read()


class _Reader:
    """Recursive descent, one token ahead."""

    def __init__(self, pattern: str, argument: str) -> None:
        self.pattern = pattern
        self.argument = argument
        self.depth = 0
        self.position = 0
        self.token = self._next()

    def read(self) -> Node:
        node = self._choice()
        if self.token.kind != "end":
            self._expected("a name, '.', '[', '(' or the end")
        return node

    def _next(self) -> _Token:
        found = _TOKEN.match(self.pattern, self.position)
        if found is None:
            self._unknown()
        kind = str(found.lastgroup)
        self.position = found.end()
        return _Token(kind, found[kind], found.start(kind))

    def _unknown(self) -> NoReturn:
        rest = self.pattern[self.position :]
        place = self.position + len(rest) - len(rest.lstrip())
        sign = self.pattern[place]
        if sign in "\"'":
            self._fail(place, f"the name that begins with {sign} here has no end")
        if sign in "<>":
            self._fail(place, "a limit of time is written '<=2d' or '>=2d'")
        self._fail(place, f"{sign!r} is no sign of a pattern: quote names that hold it")

    def _take(self) -> _Token:
        taken, self.token = self.token, self._next()
        return taken

    def _is(self, *signs: str) -> bool:
        return self.token.kind == "sign" and self.token.text in signs

    def _fail(self, place: int, problem: str) -> NoReturn:
        raise UnreadablePatternError(self.argument, self.pattern, place, problem)

    def _expected(self, what: str) -> NoReturn:
        found = _END if self.token.kind == "end" else repr(self.token.text)
        self._fail(self.token.place, f"{found} stands where {what} is expected")

    def _choice(self) -> Node:
        options = [self._sequence()]
        while self._is("|"):
            self._take()
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Node:
        parts = [self._element()]
        limits: list[Limit] = []
        while not (self.token.kind == "end" or self._is("|", ")")):
            if self.token.kind == "arrow":
                self._take()
            while self.token.kind == "limit":
                limits.append(self._limit(len(parts)))
            parts.append(self._element())
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts), tuple(limits))

    def _limit(self, before: int) -> Limit:
        sign, us = self._duration()
        return Limit(before, sign.text == ">=", us, sign.place)

    def _duration(self) -> tuple[_Token, int]:
        """A limit's sign and its length, of which a token is no part."""
        sign = self.token
        found = _DURATION.match(self.pattern, self.position)
        assert found is not None
        try:
            us = parse_duration(found[1], self.argument)
        except InvalidDurationError:
            said = f"{found[1]!r} is not a length of time, as 30m, 12h or 7d"
            self._fail(found.start(1), said)
        self.position = found.end()
        self._take()
        return sign, us

    def _element(self) -> Node:
        place = self.token.place
        node = self._group() if self._is("(") else self._single()
        if not self._is("*", "+", "?", "{"):
            return node
        node = self._repeated(node, place)
        if self._is("*", "+", "?", "{"):
            self._fail(self.token.place, "what is repeated already is repeated again: use a group")
        return node

    def _single(self) -> Node:
        if self._is("["):
            return self._class()
        if self._is("."):
            self._take()
            return Class((), negated=True)
        if self.token.kind == "word" and self.token.text in ("path_start", "path_end"):
            return Boundary(self._take().text == "path_start")
        return Class((self._name(),), negated=False)

    def _name(self) -> Name:
        if self.token.kind not in ("word", "quoted"):
            self._expected("a name, '.', '[' or '('")
        taken = self._take()
        if taken.kind == "word":
            return Name(taken.text, False, taken.place)
        name, is_wildcard = _unquoted(taken.text[1:-1])
        if not name:
            self._fail(taken.place, "a name is empty")
        return Name(name, is_wildcard, taken.place)

    def _class(self) -> Node:
        began = self._take().place
        negated = self._is("^")
        if negated:
            self._take()
        names = [self._name()]
        while self._is("|"):
            self._take()
            names.append(self._name())
        if not self._is("]"):
            self._fail(self.token.place, f"']' or '|' is expected: the class began at {began + 1}")
        self._take()
        return Class(tuple(names), negated)

    def _group(self) -> Node:
        began = self._take().place
        self.depth += 1
        if self.depth > _DEEPEST:
            self._fail(began, f"groups are within each other more than {_DEEPEST} deep")
        node = self._choice()
        if not self._is(")"):
            self._fail(self.token.place, f"')' is expected: the group began at {began + 1}")
        self._take()
        self.depth -= 1
        return self._window(node, began) if self._is("{") and self._is_window() else node

    def _is_window(self) -> bool:
        """Whether a limit follows the brace that is the token."""
        return self.pattern[self.position :].lstrip()[:1] in ("<", ">")

    def _window(self, node: Node, place: int) -> Node:
        self._take()
        if self.token.text != "<=":
            self._fail(self.token.place, "a group takes at most a time: '{<=2d}'")
        _, us = self._duration()
        if not self._is("}"):
            self._expected("'}'")
        self._take()
        return Within(node, us, place)

    def _repeated(self, node: Node, place: int) -> Node:
        sign = self._take()
        if sign.text != "{":
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign.text]
            return Repeat(node, least, most, place)
        if self.token.kind == "limit":
            self._fail(self.token.place, "a limit in braces follows a group: '(a .* b){<=2d}'")
        least = most = self._count()
        if self._is(","):
            self._take()
            most = None if self._is("}") else self._count()
        if not self._is("}"):
            self._expected("'}'")
        self._take()
        if most is not None and (most < least or most == 0):
            self._fail(sign.place, "the second count is at least the first, and at least 1")
        return Repeat(node, least, most, place)

    def _count(self) -> int:
        digits = self.token.text
        if not (digits.isascii() and digits.isdigit()):
            self._expected("a whole number")
        if len(digits) > 3 or int(digits) > MOST_ITEMS:
            self._fail(self.token.place, f"a count is at most {MOST_ITEMS}")
        return int(self._take().text)


def _unquoted(quoted: str) -> tuple[str, bool]:
    """What is meant within quotes, and whether it has wildcards (then the rules' own escapes)."""
    bare = re.sub(r"\\([\"'])", r"\1", quoted)
    if re.search(r"[*?]", _QUOTED.sub("", quoted)):
        return bare, True
    return re.sub(r"\\([*?\\])", r"\1", bare), False
