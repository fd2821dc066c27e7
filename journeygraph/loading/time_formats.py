"""Times written as a stated format says, for the national forms that nobody may guess.

31/12 and 12/31 look alike on most days of the year; so such a form is read only where the user
says which it is. The codes are strptime's; names of months and days are English.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.errors import InvalidOptionError

__all__ = ["check_time_format", "parse_by_format"]

_CODE = re.compile(r"%.")
_KNOWN = set("YymdHIMSpjbBhaAfzZ%TDFRe")
_DATE_CODES = ({"%Y", "%y", "%D", "%F"}, {"%m", "%b", "%B", "%h", "%j", "%D", "%F"})


def check_time_format(given: str) -> None:
    """Raise InvalidOptionError unless it is a format that tells year, month and day."""
    codes = set(_CODE.findall(given))
    unknown = sorted(code for code in codes if code[1] not in _KNOWN)
    expected = "codes of strptime that tell year, month and day, as %d.%m.%Y %H:%M:%S"
    if unknown:
        raise InvalidOptionError("time_format", given, f"{expected}; not {', '.join(unknown)}")
    if not all(codes & needed for needed in _DATE_CODES):
        raise InvalidOptionError("time_format", given, expected)
    if "%Z" in codes:
        raise InvalidOptionError(
            "time_format", given, "no %Z: names of zones are ambiguous; say --timezone"
        )
    if "%f" in codes and "%S.%f" not in given and "%S,%f" not in given:
        raise InvalidOptionError("time_format", given, "%f behind %S, as %S.%f")
    parse_by_format(pa.array([f"{datetime.now(UTC):%Y-%m-%d}"]), given)


def parse_by_format(
    texts: pa.StringArray, time_format: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], bool]:
    """Read times of one stated form.

    Returns
    -------
    at_us, is_read, is_instant
        Microseconds since the epoch, as if UTC where the format has no offset; which texts could
        be read; whether the format has an offset.
    """
    import polars as pl

    has_offset = "%z" in time_format
    # polars counts %f in nanoseconds; "%.f" is the point and the digits behind it.
    pattern = time_format.replace("%S.%f", "%S%.f")
    texts_read = pl.Series(texts).str.strip_chars()
    if "%S,%f" in time_format:
        pattern = pattern.replace("%S,%f", "%S%.f")
        texts_read = texts_read.str.replace_all(",", ".", literal=True)
    try:
        read = texts_read.str.to_datetime(
            pattern, time_unit="us", time_zone="UTC" if has_offset else None, strict=False
        )
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise InvalidOptionError("time_format", time_format, f"a format ({reason})") from error
    is_read = read.is_not_null().to_numpy()
    return read.to_physical().fill_null(0).to_numpy(), is_read, has_offset
