"""Where the values of plain lines stand, held to the parser of single lines."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.kernels.json_lines import BLANK, OTHER, PLAIN, copy_texts, scan_objects
from journeygraph.loading.readers.jsonl import object_texts, parse_object
from tests.loading.json_text import json_lines

KEYS = ("a", "b", "b c", "é", "")


def scanned(text, n_most=64):
    """State and texts of each line, and where all of them end."""
    quoted = [key.encode() + b'"' for key in KEYS]
    starts = np.cumsum([0, *map(len, quoted)])
    starts.flags.writeable = False
    lines, states = np.zeros(n_most + 1, np.int64), np.zeros(n_most, np.int8)
    begins, ends = np.zeros((2, len(KEYS), n_most), np.int32)
    data, keys = np.frombuffer(text, np.uint8), np.frombuffer(b"".join(quoted), np.uint8)
    n_lines = scan_objects(data, True, keys, starts, lines, states, begins, ends)
    found = []
    for line in range(n_lines):
        columns = zip(KEYS, begins[:, line], ends[:, line], strict=True)
        texts = {key: text[begin:end].decode() for key, begin, end in columns if begin >= 0}
        found.append((states[line], texts))
    return found, int(lines[n_lines])


@given(st.lists(json_lines(), max_size=8), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
@example(['{"a": 1.50, "b": "x", "a": null}', '{"b":"y" , "a":-12.0}'], "\r\n", True)
@example(
    ["", " \t\f", "{", '{"a"', '{"a":', '{"a": "', '{"a": -', '{"a": t', '{"a":1,'], "\n", False
)
def test_plain_lines_are_those_of_the_parser(lines, ending, ends_with_one):
    text = (ending.join(lines) + ending * ends_with_one).encode("utf-8", "surrogatepass")
    found, end = scanned(text)
    assert end == len(text)
    whole = text.splitlines()
    assert len(found) == len(whole)
    for line, (state, texts) in zip(whole, found, strict=True):
        assert (state == BLANK) == (not line.strip(b" \t\x0b\x0c"))
        if state == PLAIN:
            parsed = parse_object(line)
            assert isinstance(parsed, dict), line
            assert object_texts(parsed) == texts, line


def test_usual_lines_are_plain_in_any_order_of_keys():
    lines = [
        '{"a":"x","b":1,"b c":true,"é":null,"":-0.25}',
        ' { "b" : "ü😀" ,\t"a" : 12345678901.50 } ',
        '{"b":false,"a":0}',
        "{}",
    ]
    found, _ = scanned("\n".join(lines).encode())
    assert [state for state, _ in found] == [PLAIN] * 4
    assert [texts for _, texts in found] == [
        {"a": "x", "b": "1", "b c": "true", "": "-0.25"},
        {"a": "12345678901.5", "b": "ü😀"},
        {"a": "0", "b": "false"},
        {},
    ]


def test_what_is_not_plain_is_left_to_the_parser():
    lines = ['{"new": 1}', '{"a": "\\n"}', '{"a": [1]}', '{"a": 1e5}', '{"a": 1} x', "[1]", "x"]
    found, _ = scanned("\n".join(lines).encode())
    assert [state for state, _ in found] == [OTHER] * len(lines)
    latin = '{"a": "é"}'.encode("latin-1")
    starts = np.array([0, 2])
    starts.flags.writeable = False
    lines, states = np.zeros(2, np.int64), np.zeros(1, np.int8)
    begins, ends = np.zeros((2, 1, 1), np.int32)
    data, keys = np.frombuffer(latin, np.uint8), np.frombuffer(b'a"', np.uint8)
    assert scan_objects(data, False, keys, starts, lines, states, begins, ends) == 1
    assert states[0] == OTHER


def test_no_more_lines_than_there_is_room_for():
    found, end = scanned(b'{"a":1}\n' * 5, n_most=3)
    assert ([state for state, _ in found], end) == ([PLAIN] * 3, 24)


def test_texts_are_copied_one_behind_the_other():
    data = np.frombuffer(b"abcdef", np.uint8)
    offsets, values, is_there = np.zeros(4, np.int32), np.zeros(11, np.uint8), np.zeros(3, np.bool_)
    begins, ends = np.array([[4, -1, 0, 2], [6, -1, 0, 3]], np.int32)
    copy_texts(data, np.array([3, 0, 1]), begins, ends, offsets, values, is_there)
    assert bytes(values[:3]) == b"cef"
    assert offsets.tolist() == [0, 1, 3, 3]
    assert is_there.tolist() == [True, True, False]
