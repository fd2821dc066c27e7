"""One HTML file of a view that needs nothing beside it: the same as the explorer's page saves.

The file is built with everything but its content. What goes into it is JSON in which nothing can
end the element that it stands in; the script draws it and takes no name for markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from api.answers import camel_case
from api.explorer.catalogue import Catalogue, ViewEntry, catalogue
from api.graphql.execution import Executor
from api.graphql.limits import Limits
from api.snapshots import Request, Snapshots
from journeygraph.errors import InvalidOptionError, JourneyGraphError

__all__ = ["UnansweredError", "ViewReport", "as_variables", "filled"]

_PLACE = "__JOURNEYGRAPH_REPORT__"
_STORE = "store { version asOf loadedAt interactions customers currency }"
_SUMMARY = "summary { customers journeys interactions }"
_DANGEROUS = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


class UnansweredError(JourneyGraphError):
    """The store could not answer what the view asks."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(str(error["message"]))
        self.code = str(error.get("extensions", {}).get("code", self.code))


def filled(template: str, content: Mapping[str, Any]) -> str:
    """The template with its content."""
    return template.replace(_PLACE, orjson.dumps(content).decode().translate(_DANGEROUS), 1)


@dataclass(frozen=True, kw_only=True)
class ViewReport:
    """A view of a population, to be made into a file.

    Attributes
    ----------
    view
        Its name in the explorer's address.
    population
        What `journeys` of GraphQL takes, by name.
    settings
        Variables of the view that are not as by default.
    """

    view: str
    population: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def html(self, store: Path, version: int | None = None) -> str:
        """The file.

        Raises
        ------
        UnknownViewError, ExplorerNotBuiltError, InvalidOptionError, UnansweredError
            Where there is no such view, a setting is missing or unknown, or there is no answer.
        """
        built = catalogue()
        view = built.view(self.view)
        variables = {**self.population, **self._variables(view)}
        query = _query(built, view, self.population)
        request = Snapshots(store).request(version)
        data = _answered(query, variables, request)
        return filled(built.template, _content(view, data, query, variables))

    def _variables(self, view: ViewEntry) -> dict[str, Any]:
        values = {name: variable["value"] for name, variable in view.variables.items()}
        for name in self.settings:
            if name not in values:
                raise InvalidOptionError("set", name, f"one of {', '.join(values)}")
        for name in view.required:
            if name not in self.settings:
                raise InvalidOptionError("set", None, f"{name}=…, which this view needs")
        return {**values, **self.settings}


def _query(built: Catalogue, view: ViewEntry, population: Mapping[str, Any]) -> str:
    """The question, with the variables that it names and no others."""
    about = population if view.journeys else {}
    declared = [f"${name}: {built.population[name]}" for name in about]
    declared += [f"${name}: {variable['type']}" for name, variable in view.variables.items()]
    head = f"query Report({', '.join(declared)})" if declared else "query Report"
    given = ", ".join(f"{name}: ${name}" for name in about)
    asked = [_STORE]
    if view.journeys:
        journeys = f"journeys({given})" if given else "journeys"
        asked.append(f"{journeys} {{\nwarnings\noutcome\n{_SUMMARY}\n{view.journeys}\n}}")
    if view.root:
        asked.append(view.root)
    return _indented(f"{head} {{\n" + "\n".join(asked) + "\n}")


def _indented(query: str) -> str:
    """Two spaces a level."""
    lines, depth = [], 0
    for line in filter(None, map(str.strip, query.splitlines())):
        shut = 1 if line[0] in "})" else 0
        lines.append("  " * max(0, depth - shut) + line)
        depth += sum(line.count(sign) for sign in "{(") - sum(line.count(sign) for sign in "})")
    return "\n".join(lines)


def _answered(query: str, variables: dict[str, Any], request: Request) -> dict[str, Any]:
    request.settle()
    response = Executor(Limits.of_own_machine()).answer(query, request, variables)
    if response.has_errors:
        raise UnansweredError(response.body["errors"][0])
    # as a program gets it: decimal texts, moments and whole numbers as JSON has them
    answered: dict[str, Any] = orjson.loads(response.to_bytes())["data"]
    return answered


def _content(
    view: ViewEntry, data: dict[str, Any], query: str, variables: dict[str, Any]
) -> dict[str, Any]:
    journeys = data.get("journeys") or {}
    part = {
        "population": _population(variables, view),
        "size": _size(journeys.get("summary")),
        "outcome": journeys.get("outcome"),
        "warnings": _warnings(journeys),
        "query": query,
        "variables": variables,
        "pictures": [
            {"figure": picture["figure"], "answer": _placed(data, picture["place"])}
            for picture in view.pictures
        ],
    }
    return {
        "title": view.title,
        "explain": view.explain,
        "locale": "en",
        "currency": data["store"]["currency"],
        "store": data["store"],
        "parts": [part],
    }


def _population(variables: Mapping[str, Any], view: ViewEntry) -> str:
    """The population in one line: name and value of what is not as by default."""
    if not view.journeys:
        return "One customer"
    said = [_said(name, value) for name, value in variables.items() if name not in view.variables]
    return " · ".join(said) or "Everybody"


_GROUPS = {"where", "customers", "rules"}  # of what they hold, each says its own name


def _said(name: str, value: Any) -> str:
    if name in _GROUPS and isinstance(value, dict):
        return " · ".join(_said(part, of) for part, of in value.items())
    if isinstance(value, dict):
        return f"{name}: " + ", ".join(_said(part, of) for part, of in value.items())
    if name == "attributes":
        return " · ".join(_said(pair["name"], pair["values"]) for pair in value)
    return f"{name}: {_plainly(value)}"


def _plainly(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(_plainly(part) for part in value.values())
    if isinstance(value, list):
        return ", ".join(map(_plainly, value))
    return str(value)


def _size(summary: Mapping[str, int] | None) -> str:
    if summary is None:
        return ""
    customers, journeys = summary["customers"], summary["journeys"]
    also = "" if journeys == customers else f" {journeys:,} journeys,"
    return f"{customers:,} customers,{also} {summary['interactions']:,} interactions"


def _warnings(journeys: Mapping[str, Any]) -> list[str]:
    """What to mind: of the journeys, and of each question asked of them."""
    found: list[str] = list(journeys.get("warnings", ()))
    for answer in journeys.values():
        if isinstance(answer, dict):
            found += answer.get("warnings") or ()
            found += (answer.get("planned") or {}).get("warnings") or ()
    return list(dict.fromkeys(found))


def _placed(data: Any, place: Mapping[str, Any]) -> Any:
    """What stands at a path, or an object of what stands at several."""
    if "parts" in place:
        return {
            name: None if path is None else _placed(data, {"path": path})
            for name, path in place["parts"].items()
        }
    for step in place["path"]:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def as_variables(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of `journeys` in Python as its arguments in GraphQL, defaults left out."""
    given = {name: value for name, value in options.items() if value is not None}
    usual = {
        "by": "touchpoint", "unit": "customer", "inactivity": "30d", "confidence": 0.95,
        "timezone": "UTC",
    }  # fmt: skip
    found = {name: value for name, value in given.items() if usual.get(name) != value}
    for name in {"by", "unit"} & set(found):
        found[name] = found[name].upper()
    for name in {"where", "rules", "outcome"} & set(found):
        found[name] = _as_input(found[name])
    return found


def _as_input(options: Mapping[str, Any]) -> dict[str, Any]:
    """Names as GraphQL spells them; what is said by name becomes a list of pairs."""
    found = {camel_case(name): value for name, value in options.items()}
    if isinstance(found.get("customers"), dict):
        found["customers"] = _as_input(found["customers"])
    if isinstance(found.get("attributes"), dict):
        pairs = found["attributes"].items()
        found["attributes"] = [{"name": name, "values": values} for name, values in pairs]
    if isinstance(found.get("rename"), dict):
        found["rename"] = [{"old": old, "new": new} for old, new in found["rename"].items()]
    return found
