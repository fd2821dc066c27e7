"""YAML in which every value is a text with its line, for files that people write by hand.

YAML's own reading makes `no` a truth value and `007` a number, and forgets on which line an
entry stood; a touchpoint may well be called "no".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from journeygraph.errors import JourneyGraphError
from journeygraph.loading.errors import MissingFileError

__all__ = ["Entry", "read_entries"]

_DEEPEST = 4
_MOST_ENTRIES = 1_000_000

Problem = Callable[[str, int | None], JourneyGraphError]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`key: value`; the value is a text, or entries of its own."""

    key: str
    line: int
    text: str = ""
    entries: tuple[Entry, ...] | None = None


def read_entries(path: Path, problem: Problem) -> tuple[Entry, ...]:
    """The entries of a file.

    Parameters
    ----------
    path
        A file in YAML or JSON whose content is a mapping, of mappings or of texts.
    problem
        Makes the error from what is wrong and the line.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
        node = yaml.compose(content, Loader=yaml.BaseLoader)
    except FileNotFoundError as error:
        near = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise MissingFileError(path, sorted(near)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise problem(f"The file cannot be read as text: {error}.", None) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error)
        raise problem(f"This is no YAML: {what}.", mark.line + 1 if mark else None) from error
    if node is None:
        raise problem("The file is empty.", None)
    return _Reading(problem).entries_of(node, 1)


class _Reading:
    """One pass over the nodes of a file."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._n_entries = 0

    def entries_of(self, node: yaml.Node, depth: int) -> tuple[Entry, ...]:
        """The entries of a mapping."""
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.MappingNode):
            raise self._problem("Expected `name: value` on each line.", line)
        self._n_entries += len(node.value)
        if depth > _DEEPEST or self._n_entries > _MOST_ENTRIES:
            raise self._problem("It is nested too deeply, or too long.", line)
        seen: dict[str, int] = {}
        entries = []
        for key, value in node.value:
            entry = self._entry(key, value, depth)
            if entry.key in seen:
                raise self._problem(
                    f"{entry.key!r} stands here and on line {seen[entry.key]}.", entry.line
                )
            seen[entry.key] = entry.line
            entries.append(entry)
        return tuple(entries)

    def _entry(self, key: yaml.Node, value: yaml.Node, depth: int) -> Entry:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise self._problem("A name is a plain text.", line)
        if isinstance(value, yaml.ScalarNode):
            return Entry(key=key.value, line=line, text=value.value)
        return Entry(key=key.value, line=line, entries=self.entries_of(value, depth + 1))
