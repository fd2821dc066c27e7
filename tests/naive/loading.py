"""What a text says as a time, an amount, a CSV record: plain Python, from docs/loading.md.

Valid for every text that the tests draw; slow.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

__all__ = ["EPOCH", "amount", "microseconds", "moment", "records"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_TIME = re.compile(
    r"(\d{4})([-/])(\d\d)\2(\d\d)"
    r"(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)


def microseconds(at: datetime) -> int:
    """Microseconds since the epoch."""
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(text: str, timezone: str = "UTC") -> int | str | None:
    """Microseconds of a text in ISO 8601, the code of its flaw, or None where it is empty."""
    text = text.strip(" ")
    if not text:
        return None
    found = _TIME.fullmatch(text)
    if found is None:
        return "BAD_TIME"
    year, _, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        at = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0),
            int((fraction or "0")[:6].ljust(6, "0")),
        )  # fmt: skip
        if offset is None:
            return _local(at, timezone)
        instant = microseconds(at.replace(tzinfo=UTC)) - _ahead(offset)
        return instant if _FIRST <= instant <= _LAST else "BAD_TIME"
    except (ValueError, OverflowError):
        return "BAD_TIME"


_FIRST = microseconds(datetime(1, 1, 1, tzinfo=UTC))
_LAST = microseconds(datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))


def _ahead(offset: str) -> int:
    if offset.upper() == "Z":
        return 0
    hours, minutes = int(offset[1:3]), int(offset[3:].lstrip(":") or 0)
    if hours > 18 or minutes > 59:
        raise ValueError(offset)
    size = (hours * 60 + minutes) * 60_000_000
    return -size if offset[0] == "-" else size


def _local(at: datetime, timezone: str) -> int | str:
    zone = ZoneInfo(timezone)
    instant = at.replace(tzinfo=zone, fold=0).astimezone(UTC)
    # A time that the clocks skip does not come back as it was.
    if instant.astimezone(zone).replace(tzinfo=None) != at:
        return "NONEXISTENT_TIME"
    return microseconds(instant)


def amount(text: str, exponent: int, *, round_values: bool = False) -> int | str | None:
    """Minor units of a text, the code of its flaw, or None where it is empty."""
    text = text.strip()
    if not text:
        return None
    # a power of ten of five digits is no amount in any currency
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?0*\d{1,4})?", text, re.ASCII):
        return "BAD_AMOUNT"
    units = Decimal(text) * 10**exponent
    rounded = units.quantize(Decimal(1), ROUND_HALF_EVEN) if abs(units) < 10**25 else units
    if abs(rounded) > 2**53:
        return "AMOUNT_TOO_LARGE"
    if rounded != units and len(Decimal(text).normalize().as_tuple().digits) in (16, 17):
        sure = Decimal(f"{Decimal(text):.15g}") * 10**exponent
        if sure == sure.to_integral_value():
            return int(sure)
    if rounded != units and not round_values:
        return "TOO_MANY_DECIMALS"
    return int(rounded)


def records(text: str, delimiter: str) -> list[tuple[int, list[str] | None]]:
    """The records of a CSV text with their lines; None for one whose quotes are broken."""
    lines = re.split(r"\r\n|\r|\n", text)
    breaks = [*re.findall(r"\r\n|\r|\n", text), ""]
    found: list[tuple[int, list[str] | None]] = []
    line = 0
    while line < len(lines):
        if not lines[line]:
            line += 1
            continue
        fields, n_lines = _record(lines, breaks, line, delimiter)
        found.append((line + 1, fields))
        line += n_lines
    return found


def _record(
    lines: list[str], breaks: list[str], first: int, delimiter: str
) -> tuple[list[str] | None, int]:
    """The fields of a record and how many lines it takes; a broken one takes one."""
    fields: list[str] = []
    line, rest = first, lines[first]
    while True:
        if rest.startswith('"'):
            quoted = _quoted(lines, breaks, line, rest[1:])
            if quoted is None or (quoted[2] and not quoted[2].startswith(delimiter)):
                return None, 1
            field, line, behind = quoted
        else:
            field, mark, rest = rest.partition(delimiter)
            behind = mark + rest
        fields.append(field)
        if not behind:
            return fields, line - first + 1
        rest = behind[1:]


def _quoted(
    lines: list[str], breaks: list[str], line: int, rest: str
) -> tuple[str, int, str] | None:
    """A quoted field, the line where it ends, and what follows there; None if it does not end."""
    value = ""
    while True:
        inside, quote, rest = rest.partition('"')
        value += inside
        if quote and rest.startswith('"'):
            value, rest = value + '"', rest[1:]
        elif quote:
            return value, line, rest
        elif line + 1 == len(lines):
            return None
        else:
            value += breaks[line]
            line += 1
            rest = lines[line]
