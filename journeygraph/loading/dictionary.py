"""The touchpoint dictionary: stage, channel, initiator, environment and level where data is silent.

    pricing page: {stage: comparison, channel: web, initiator: customer}
    "ad: *":      {stage: inquiry, channel: advertising, initiator: company}

`*` stands for any characters and `?` for one. A name goes before a pattern, and of several
patterns the first; what it leaves open the later ones do not fill. Patterns are applied to the
touchpoints that the store has whenever something is loaded, so that a version's dictionary names
every touchpoint that it speaks of, and whoever reads it needs no patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from journeygraph.errors import InvalidOptionError, near_misses
from journeygraph.loading.errors import BadDictionaryError
from journeygraph.loading.yaml_text import Entry, read_entries
from journeygraph.vocabulary import (
    ENVIRONMENTS,
    INITIATORS,
    LEVELS,
    STAGES,
    code_of,
    name_of,
    normalise_channel,
)

__all__ = [
    "Dictionary",
    "GivenDictionary",
    "applied_to",
    "dictionary_after",
    "given_dictionary",
    "read_dictionary",
    "unknown_touchpoints",
]

Dictionary = dict[str, dict[str, str]]
GivenDictionary = Mapping[str, Mapping[str, str]] | Path | str
"""A dictionary as Python takes it: a mapping, or a YAML file."""

_WORDS = {"stage": STAGES, "initiator": INITIATORS, "environment": ENVIRONMENTS, "level": LEVELS}
_FIELDS = ("stage", "channel", "initiator", "environment", "level")
_HEADING = "touchpoints"


def read_dictionary(path: Path) -> Dictionary:
    """What a dictionary file says, in normal forms.

    Raises
    ------
    BadDictionaryError
        With the line, for a field or a word that is not known, or no YAML.
    """

    def problem(what: str, line: int | None) -> BadDictionaryError:
        return BadDictionaryError(path, what, line=line)

    entries = read_entries(path, problem)
    if len(entries) == 1 and entries[0].key == _HEADING and entries[0].entries is not None:
        entries = entries[0].entries
    return {entry.key: _fields(path, entry) for entry in entries}


def given_dictionary(given: GivenDictionary) -> Dictionary:
    """A dictionary that somebody gave in Python.

    Raises
    ------
    InvalidOptionError
        For a field or a word of a mapping that is not known.
    BadDictionaryError
        As `read_dictionary`.
    """
    if isinstance(given, str | Path):
        return read_dictionary(Path(given))
    said = {name: dict(words) for name, words in given.items()}
    for touchpoint, words in said.items():
        for name, word in words.items():
            argument = f"dictionary[{touchpoint!r}][{name!r}]"
            if name not in _FIELDS:
                raise InvalidOptionError(argument, word, f"channel, {', '.join(_WORDS)}")
            if name in _WORDS and code_of(word, _WORDS[name]) is None:
                raise InvalidOptionError(argument, word, " or ".join(_WORDS[name]))
    return said


def applied_to(
    dictionary: Mapping[str, Mapping[str, str]], touchpoints: Iterable[str]
) -> Dictionary:
    """The same with an entry for every touchpoint that one of its patterns fits."""
    applied = {name: dict(fields) for name, fields in dictionary.items()}
    patterns = [(_pattern(name), name) for name in dictionary if _is_pattern(name)]
    if patterns:
        for touchpoint in touchpoints:
            if touchpoint not in applied:
                fitting = (name for pattern, name in patterns if pattern.fullmatch(touchpoint))
                found = next(fitting, None)
                if found is not None:
                    applied[touchpoint] = dict(dictionary[found])
    return applied


def dictionary_after(
    before: Mapping[str, Mapping[str, str]],
    given: Mapping[str, Mapping[str, str]] | None,
    touchpoints: Sequence[str],
) -> Dictionary | None:
    """The dictionary of the next version; None where it stays as it is.

    Parameters
    ----------
    before
        That of the store.
    given
        The one that takes its place, if any.
    touchpoints
        All that the next version has.
    """
    chosen = before if given is None else given
    if not chosen and not before:
        return None
    applied = applied_to(chosen, touchpoints)
    return applied if applied != before else None


def unknown_touchpoints(
    dictionary: Mapping[str, Mapping[str, str]], touchpoints: Sequence[str]
) -> list[str]:
    """A sentence for each entry that fits no touchpoint, with near misses."""
    known = set(touchpoints)
    sentences = []
    for name in dictionary:
        pattern = _pattern(name) if _is_pattern(name) else None
        fits = any(map(pattern.fullmatch, touchpoints)) if pattern else name in known
        if not fits:
            near = " or ".join(repr(other) for other in near_misses(name, touchpoints, 2))
            hint = f" Did you mean {near}?" if near else ""
            sentences.append(f"The dictionary's {name!r} fits no touchpoint of the store.{hint}")
    return sentences


def _fields(path: Path, entry: Entry) -> dict[str, str]:
    if entry.entries is None:
        what = f"{entry.key!r} needs fields, as {{stage: comparison}}."
        raise BadDictionaryError(path, what, line=entry.line)
    return {
        field.key: _word(path, entry.key, field)
        for field in entry.entries
        if field.entries is not None or field.text.strip()
    }


def _word(path: Path, touchpoint: str, field: Entry) -> str:
    if field.key not in _FIELDS:
        raise BadDictionaryError(
            path,
            f"{touchpoint!r} has an unknown field {field.key!r}.",
            _known(field.key, _FIELDS),
            line=field.line,
        )
    if field.entries is not None:
        what = f"{field.key!r} of {touchpoint!r} needs one word."
        raise BadDictionaryError(path, what, line=field.line)
    if field.key == "channel":
        return normalise_channel(field.text)
    words = _WORDS[field.key]
    word = name_of(code_of(field.text, words) or 0, words)
    if word is None:
        raise BadDictionaryError(
            path,
            f"{field.key} {field.text!r} of {touchpoint!r} is not known.",
            _known(field.text, words),
            line=field.line,
        )
    return word


def _known(given: str, known: Sequence[str]) -> str:
    near = near_misses(given, known)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return f"{hint}Known are {', '.join(known)}."


def _is_pattern(name: str) -> bool:
    return "*" in name or "?" in name


def _pattern(name: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    letters = "".join(parts.get(letter) or re.escape(letter) for letter in name)
    return re.compile(letters, re.DOTALL)
