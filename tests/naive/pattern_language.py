"""The pattern language by trying everything, as docs/pattern-language.md words it.

A pattern is a tuple: ("item", names, negated), ("start",), ("end",), ("sequence", parts, limits),
("choice", options), ("repeat", node, least, most or None), ("within", node, us). `limits` are
(place among the parts that it stands before, "<=" or ">=", us). It never reads a pattern's text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["is_in", "may_be_empty", "regex", "written"]

Node = tuple[Any, ...]
Symbols = list[tuple[str, int]]

START, END = "<", ">"


def written(node: Node) -> str:
    """As an analyst would write it."""
    kind = node[0]
    if kind == "item":
        return _written_item(*node[1:])
    if kind in ("start", "end"):
        return f"path_{kind}"
    if kind == "choice":
        return "(" + " | ".join(written(option) for option in node[1]) + ")"
    if kind == "repeat":
        return f"({written(node[1])})" + _times(node[2], node[3])
    if kind == "within":
        return f"({written(node[1])}){{<={node[2]}us}}"
    texts = []
    for number, part in enumerate(node[1]):
        texts += [f"{sign}{us}us" for before, sign, us in node[2] if before == number]
        texts.append(f"({written(part)})" if part[0] == "sequence" else written(part))
    return " ".join(texts)


def _written_item(names: list[str], negated: bool) -> str:
    if not names:
        return "."
    quoted = [name if name.isalnum() else f'"{name}"' for name in names]
    sign = "^" if negated else ""
    return quoted[0] if len(names) == 1 and not negated else f"[{sign}{'|'.join(quoted)}]"


def _times(least: int, most: int | None) -> str:
    plain = {(0, None): "*", (1, None): "+", (0, 1): "?"}
    return plain.get((least, most), f"{{{least},{'' if most is None else most}}}")


def regex(node: Node) -> str:
    """The same over characters, without times: items are letters, `<` and `>` the boundaries."""
    kind = node[0]
    if kind == "item":
        names, negated = node[1:]
        if not names:
            return "[^<>]"
        return f"[^<>{''.join(names)}]" if negated else f"[{''.join(names)}]"
    if kind in ("start", "end"):
        return START if kind == "start" else END
    if kind == "choice":
        return "(?:" + "|".join(regex(option) for option in node[1]) + ")"
    if kind == "repeat":
        return f"(?:{regex(node[1])})" + _times(node[2], node[3])
    parts = [node[1]] if kind == "within" else node[1]
    return "(?:" + "".join(regex(part) for part in parts) + ")"


def may_be_empty(node: Node) -> bool:
    """Whether it may match nothing."""
    kind = node[0]
    if kind in ("item", "start", "end"):
        return False
    if kind == "sequence":
        return all(may_be_empty(part) for part in node[1])
    if kind == "choice":
        return any(may_be_empty(option) for option in node[1])
    return may_be_empty(node[1]) or (kind == "repeat" and node[2] == 0)


def is_in(node: Node, items: list[str], at_us: list[int]) -> bool:
    """Whether a journey of these items has a match anywhere."""
    symbols = [
        (START, at_us[0]), *zip(items, at_us, strict=True), (END, at_us[-1])
    ]  # fmt: skip
    return any(True for start in range(len(symbols) + 1) for _ in ends(node, symbols, start))


def ends(node: Node, symbols: Symbols, start: int) -> set[int]:
    """Where a match of the node that begins at `start` may end."""
    kind = node[0]
    if kind in ("item", "start", "end"):
        return {start + 1} if start < len(symbols) and _is(node, symbols[start][0]) else set()
    if kind == "choice":
        return {end for option in node[1] for end in ends(option, symbols, start)}
    if kind == "within":
        return {
            end for end in ends(node[1], symbols, start)
            if end == start or symbols[end - 1][1] - symbols[start][1] <= node[2]
        }  # fmt: skip
    if kind == "repeat":
        return _repeated(node[1], node[2], node[3], symbols, start)
    return {
        ([start, *(end for _, end in chosen)])[-1]
        for chosen in _choices(node[1], symbols, start)
        if _in_time(node, chosen, symbols)
    }


def _is(node: Node, symbol: str) -> bool:
    if node[0] in ("start", "end"):
        return symbol == (START if node[0] == "start" else END)
    names, negated = node[1:]
    if symbol in (START, END):
        return False
    return (symbol not in names) if negated or not names else symbol in names


def _repeated(node: Node, least: int, most: int | None, symbols: Symbols, start: int) -> set[int]:
    most = len(symbols) + least if most is None else most
    found, reached = set(), {start}
    for count in range(most + 1):
        if count >= least:
            found |= reached
        reached = {end for place in reached for end in ends(node, symbols, place)}
    return found


def _choices(parts: list[Node], symbols: Symbols, start: int) -> Iterator[list[tuple[int, int]]]:
    """Every way in which the parts may share what follows `start`: where each begins and ends."""
    if not parts:
        yield []
        return
    for end in ends(parts[0], symbols, start):
        for rest in _choices(parts[1:], symbols, end):
            yield [(start, end), *rest]


def _in_time(node: Node, chosen: list[tuple[int, int]], symbols: Symbols) -> bool:
    _, parts, limits = node
    there = [number for number, part in enumerate(parts) if not may_be_empty(part)]
    for before, sign, us in limits:
        left = max(number for number in there if number < before)
        right = min(number for number in there if number >= before)
        waited = symbols[chosen[right][0]][1] - symbols[chosen[left][1] - 1][1]
        if not (waited <= us if sign == "<=" else waited >= us):
            return False
    return True
