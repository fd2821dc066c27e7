"""Lines of JSON Lines as they may be: mostly objects, and all that is nearly one."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

__all__ = ["json_lines"]

numbers = st.one_of(
    st.integers(-(10**19), 10**19).map(str),
    st.from_regex(r"-?(0|[1-9][0-9]{0,16})\.[0-9]{1,17}", fullmatch=True),
    st.from_regex(r"-?0\.0{0,6}[0-9]{1,4}0{0,3}", fullmatch=True),
    st.sampled_from(["-0", "00", "01", "1.", ".5", "1e3", "1E-2", "-", "+1", "-0.0", "5.0", "NaN"]),
)
texts = st.one_of(
    st.text(max_size=4).map(json.dumps),
    st.text("aé \t\u2028😀", max_size=4).map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.sampled_from(['"\t"', '"\\x"', '"\\""', '"open', '""', "'a'"]),
)
others = st.sampled_from(
    ["true", "false", "null", "True", "nul", "truee", "{}", "[1]", '{"b": 2}', ""]
)
values = st.one_of(numbers, texts, others)
keys = st.sampled_from(['"a"', '"b"', '"b c"', '"é"', '"\\u0061"', '"new"', '""', "a", '"a'])
spaces = st.sampled_from(["", "", "", " ", "\t "])


@st.composite
def json_lines(draw: Any) -> str:
    """An object, or nearly one."""
    members = draw(st.lists(st.tuples(keys, values), max_size=4))
    written = draw(spaces).join(
        f"{draw(spaces)}{key}{draw(spaces)}:{draw(spaces)}{value}{draw(st.sampled_from(',,,, ;'))}"
        for key, value in members
    )
    written = written[:-1] if draw(st.integers(0, 9)) else written
    begin, end = (
        draw(st.sampled_from(["{", "{", "{", " {", "", "["])),
        draw(st.sampled_from(["}", "}", "}", "} ", "", "}}", "},"])),
    )
    return begin + written + end
