"""A plan as a file: YAML or JSON, read with the line of every entry, and errors that name it.

YAML's own reading makes `no` a truth value and `007` a number. Here a word is a number or a truth
value only where the option that it is given for is one; a touchpoint may well be called "no".
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from journeygraph import errors
from journeygraph.cohorts import CustomerWhere, Where
from journeygraph.errors import JourneyGraphError
from journeygraph.rules import Group, Rules
from journeygraph.splitting import Split
from queries.attribution import Attribution
from queries.funnel import Funnel, FunnelExclusion, FunnelStep
from queries.k_factor import KFactor
from queries.loyalty import Loyalty
from queries.loyalty_touchpoints import LoyaltyTouchpoints
from queries.referral_credit import Referrals
from queries.transitions import Transitions

__all__ = ["BadPlanError", "PlanText", "is_of_options", "read_plan_text"]

_DEEPEST = 12
_MOST_NODES = 20_000
_OPTIONS = (
    Where, CustomerWhere, Rules, Group, Split, Transitions, Funnel, FunnelStep,
    FunnelExclusion, Referrals, KFactor, LoyaltyTouchpoints, Loyalty, Attribution,
)  # fmt: skip
_FURTHER = {"last": "int", "length": "int", "confidence": "float", "decay": "float"}
_NAMES_AS_KEYS = {"rename", "attributes"}
_WHOLE = re.compile(r"[+-]?\d{1,18}")
_TRUTH = {"true": True, "false": False}

Path_ = tuple[str | int, ...]


class BadPlanError(JourneyGraphError):
    """A plan that cannot be carried out."""

    code = "BAD_PLAN"

    def __init__(
        self,
        problem: str,
        remedy: str = "",
        *,
        file: Path | None = None,
        line: int | None = None,
        column: str | None = None,
    ) -> None:
        super().__init__(
            problem,
            remedy or "docs/recompute.md says what a plan may hold.",
            file=file,
            line=line,
        )
        self.field = column
        if column is not None:
            self.problem = f"{column}: {problem}"
            self.args = (self.problem,)


def is_of_options(error: JourneyGraphError) -> bool:
    """Whether it is about options or names; those of stores and engines stand beside their code."""
    return type(error).__module__ == errors.__name__


@dataclass(frozen=True, slots=True)
class PlanText:
    """What a plan says, and where.

    Parameters
    ----------
    content
        Mappings, lists and plain values.
    file
        Where it was read from; None for a plan made in Python.
    lines
        By path within the content.
    """

    content: Any
    file: Path | None = None
    lines: Mapping[Path_, int] = field(default_factory=dict)

    def error(self, path: Path_, problem: str, remedy: str = "") -> BadPlanError:
        """The error about what stands at a path."""
        line = next((self.lines[path[:n]] for n in range(len(path), -1, -1)
                     if path[:n] in self.lines), None)  # fmt: skip
        return BadPlanError(problem, remedy, file=self.file, line=line, column=_shown(path) or None)

    def refused(self, path: Path_, error: JourneyGraphError) -> BadPlanError:
        """The error of something below a path, with the line of the field that it is about."""
        words = [_folded(word) for word in re.findall(r"[A-Za-z_][\w.]*", error.problem)]
        below = [known for known in self.lines if known[: len(path)] == path and known != path]
        for word in words:
            named = [known for known in below if _ends_with(known, word)]
            if named:
                return self.error(min(named, key=len), error.problem, error.remedy)
        return self.error(path, error.problem, error.remedy)


def _ends_with(path: Path_, word: str) -> bool:
    *_, last = word.split(".")
    keys = [part for part in path if isinstance(part, str)]
    return path[-1:] == tuple(keys[-1:]) and _folded(keys[-1]) == last


def _folded(word: str) -> str:
    return word.replace("_", "").replace("-", "").lower().rstrip(".")


def _shown(path: Path_) -> str:
    shown = ""
    for part in path:
        shown += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return shown.lstrip(".")


def read_plan_text(path: Path) -> PlanText:
    """Read a file.

    Raises
    ------
    BadPlanError
        With the line, where it is no YAML, or says something twice.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadPlanError(f"The plan cannot be read: {reason}.", file=path) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error)
        line = mark.line + 1 if mark else None
        raise BadPlanError(f"This is no YAML: {what}.", file=path, line=line) from error
    if node is None:
        raise BadPlanError("The plan is empty.", file=path)
    reading = _Reading(path)
    return PlanText(reading.value(node, (), ""), path, reading.lines)


class _Reading:
    """One pass over the nodes of a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._n_nodes = 0
        self.lines: dict[Path_, int] = {}

    def value(self, node: yaml.Node, path: Path_, key: str) -> Any:
        """What a node says; `key` is the option that it belongs to."""
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        self._n_nodes += 1
        if len(path) > _DEEPEST or self._n_nodes > _MOST_NODES:
            raise BadPlanError("It is nested too deeply, or too long.", file=self._file, line=line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(one, (*path, n), key) for n, one in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return _plain(node, key)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in node.value:
            line = name.start_mark.line + 1
            if not isinstance(name, yaml.ScalarNode):
                raise BadPlanError("A name is a plain text.", file=self._file, line=line)
            here = (*path, name.value)
            if name.value in found:
                what = f"{name.value!r} stands here and on line {self.lines[here]}."
                raise BadPlanError(what, file=self._file, line=line)
            self.lines[here] = line
            is_option = not path or str(path[-1]) not in _NAMES_AS_KEYS
            found[name.value] = self.value(value, here, name.value if is_option else "")
        return found


def _plain(node: yaml.ScalarNode, key: str) -> Any:
    """A word as the option takes it: a number or a truth value only where it is one."""
    text, kinds = str(node.value), _KINDS.get(_folded(key), "")
    if node.style is None and text in ("", "~", "null"):
        return None
    if "bool" in kinds and text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    if ("int" in kinds or "float" in kinds) and _WHOLE.fullmatch(text):
        return int(text)
    if "float" in kinds:
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _kinds() -> dict[str, str]:
    """By name of an option, folded: the kinds that it has in any question, as annotated."""
    kinds = {_folded(name): kind for name, kind in _FURTHER.items()}
    for options in _OPTIONS:
        for option in dataclasses.fields(options):
            name = _folded(option.name)
            words = re.findall(r"bool|int|float", str(option.type))
            kinds[name] = " ".join([kinds.get(name, ""), *words])
    return kinds


_KINDS = _kinds()
