"""A planned journey as a file: YAML or JSON, with errors that name the line and the field.

YAML's own reading makes `no` a truth value and `007` a number; here every value is a text but for
`optional` and `repeats`, so that a touchpoint may well be called "no". What is read makes no
objects: anything else than mappings, lists and texts is refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from queries.planned_journey import BadPlannedJourneyError, PlannedJourney, planned_journey

__all__ = ["read_planned_journey"]

_DEEPEST = 8
_MOST_NODES = 2_000
_FLAGS = {"optional", "repeats"}
_TRUTH = {"true": True, "false": False}


def read_planned_journey(path: Path | str) -> PlannedJourney:
    """Read a planned journey from a file.

    Raises
    ------
    BadPlannedJourneyError
        With the file, the line and the field: where there is no such file, it is no YAML, or it
        says something that a plan does not have.
    """
    path = Path(path)
    try:
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadPlannedJourneyError("", f"Cannot be read: {reason}.", file=str(path)) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error)
        raise BadPlannedJourneyError(
            "", f"This is no YAML: {what}.", file=str(path), line=mark.line + 1 if mark else None
        ) from error
    if node is None:
        raise BadPlannedJourneyError("", "The file is empty.", file=str(path))
    reading = _Reading()
    try:
        return planned_journey(reading.value(node, "", ""))
    except BadPlannedJourneyError as error:
        line = error.line or reading.line_of(error.field)
        raise BadPlannedJourneyError(
            error.field, error.what, file=str(path), line=line
        ) from error.__cause__


class _Reading:
    """One pass over the nodes of a file."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}
        self._n_nodes = 0

    def line_of(self, field: str) -> int | None:
        """The line of a field, or of what it would stand in."""
        while field not in self._lines and field:
            field = field[: max(field.rfind("."), field.rfind("["), 0)]
        return self._lines.get(field)

    def value(self, node: yaml.Node, field: str, key: str) -> Any:
        """What a node says; `key` is the option that it belongs to."""
        line = node.start_mark.line + 1
        self._lines.setdefault(field, line)
        self._n_nodes += 1
        if self._n_nodes > _MOST_NODES or field.count(".") + field.count("[") > _DEEPEST:
            raise BadPlannedJourneyError(field, "Too long, or nested too deeply.", line=line)
        if isinstance(node, yaml.SequenceNode):
            numbered = enumerate(node.value, 1)
            return [self.value(one, f"{field}[{number}]", key) for number, one in numbered]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, field)
        assert isinstance(node, yaml.ScalarNode)
        text = str(node.value)
        if node.style is None and text in ("", "~", "null"):
            return None
        return _TRUTH.get(text.lower(), text) if key in _FLAGS else text

    def _mapping(self, node: yaml.MappingNode, field: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in node.value:
            line = name.start_mark.line + 1
            if not isinstance(name, yaml.ScalarNode):
                raise BadPlannedJourneyError(field, "A name is a plain text.", line=line)
            here = f"{field}.{name.value}".lstrip(".")
            if name.value in found:
                what = f"Stands here and on line {self._lines[here]}."
                raise BadPlannedJourneyError(here, what, line=line)
            self._lines[here] = line
            found[name.value] = self.value(value, here, str(name.value))
        return found
