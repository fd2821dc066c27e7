"""JSON Lines: text stays text, numbers keep their digits, a bad line costs a row."""

import gzip
import json
from contextlib import closing

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from journeygraph.errors import JourneyGraphError
from journeygraph.loading.errors import DamagedFileError, NoRowsError, WrongFormatError
from journeygraph.loading.formats import identify
from journeygraph.loading.readers import jsonl, open_reader
from tests.loading.json_text import json_lines
from tests.loading.reading import read, write


def values_of(folder, *lines):
    """The values of a column `a`, null where there is none."""
    _, rows = read(write(folder, "\n".join(lines), "data.jsonl"))
    return [values if isinstance(values, str) else values[0] for _, values in rows]


def test_values_as_texts(tmp_path):
    assert values_of(
        tmp_path,
        '{"a": "007"}', '{"a": 7}', '{"a": 7.0}', '{"a": 7.25}', '{"a": true}', '{"a": null}',
        '{"a": "NA"}', '{"b": 1}', '{"a": {"b": [1, "x", 2.5]}}', '{"a": []}', '{"a": "é\\n\\""}',
    ) == [
        "007", "7", "7", "7.25", "true", None, "NA", None, '{"b":[1,"x",2.5]}', "[]", 'é\n"',
    ]  # fmt: skip


@pytest.mark.parametrize(
    "number",
    ["9223372036854775807", "18446744073709551615", "123456789012345678901234567890",
     "0.1234567890123456789", "1e400", "-12345678901234567890123", "9" * 5000],
)  # fmt: skip
def test_numbers_keep_their_digits(tmp_path, number):
    assert values_of(tmp_path, f'{{"a": {number}}}') in ([number], ["BAD_JSON"])
    if "e" not in number:
        assert values_of(tmp_path, f'{{"a": {number}}}') == [number]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers() | st.text()), max_size=8))
@example([{"a": "x"}, {"b": 2**70}, {}])
def test_what_python_writes_is_read_as_it_was(tmp_path_factory, objects):
    folder = tmp_path_factory.mktemp("jsonl")
    path = write(folder, "\n".join(json.dumps(one) for one in objects) or "{}", "data.jsonl")
    names = list(dict.fromkeys(name for one in objects for name in one))
    if not names:
        with pytest.raises(NoRowsError):
            read(path)
        return
    columns, rows = read(path)
    assert columns == names
    assert rows == [
        (line, [None if (value := one.get(name)) is None else str(value) for name in names])
        for line, one in enumerate(objects, 1)
    ]


@settings(max_examples=200)
@given(st.lists(json_lines(), min_size=1, max_size=10), st.sampled_from(["\n", "\r\n", "\r"]))
@example(['{"a": 1.50, "b": "x", "a": null}', '{"b":"y" , "a":-12.0}', '{"a": 0.00001}'], "\n")
@example(['{"a": 1}', '{"a": 123456789012345.5}', '{"a": 12345678901234.5}'], "\n")
def test_plain_lines_are_read_as_all_others_are(tmp_path_factory, lines, ending):
    """The kernel beside the parser of single lines: the same rows, texts, and reasons."""
    first = '{"a": "first", "b": 1, "b c": true, "é": null, "": 0}'
    content = ending.join([first, *lines]).encode("utf-8", errors="surrogatepass")
    path = write(tmp_path_factory.mktemp("plain"), content, "data.jsonl")
    with closing(open_reader(identify(path))) as reader:
        (batch,) = reader.batches()
    found = dict(zip(batch.lines.tolist(), batch.table.to_pylist(), strict=True))
    found |= {one.line: one.reason for one in batch.broken}
    expected = {}
    for number, line in enumerate(content.splitlines(keepends=True), 1):
        if not line.isspace():
            parsed = jsonl.parse_object(line)
            expected[number] = parsed if isinstance(parsed, str) else jsonl.object_texts(parsed)
    assert found.keys() == expected.keys()
    for number, texts_of_line in expected.items():
        of_row = found[number]
        if isinstance(of_row, dict):
            of_row = {name: text for name, text in of_row.items() if text is not None}
        assert of_row == texts_of_line, content


def test_a_bad_line_is_one_broken_row_with_its_text(tmp_path):
    lines = ['{"a": 1}', "", '{"a": 2', "[1]", '"x"', '{"a": NaN}', '{"a": 6}']
    path = write(tmp_path, "\n".join(lines), "data.jsonl")
    _, rows = read(path)
    assert rows == [
        (1, ["1"]), (3, "BAD_JSON"), (4, "BAD_JSON"), (5, "BAD_JSON"), (6, "BAD_JSON"), (7, ["6"]),
    ]  # fmt: skip
    with closing(open_reader(identify(path))) as reader:
        (batch,) = reader.batches()
    assert batch.broken[0].raw == {"_raw": '{"a": 2'}
    assert batch.broken[1].reason == "it is JSON, but not an object with names and values"


def test_what_is_nested_too_deeply_is_a_broken_row(tmp_path):
    deep = "[" * 400 + "]" * 400
    lines = ['{"a": 1}', f'{{"a": {deep}}}', f'{{"a": 1e999, "b": {deep}}}', '{"a": 1e999, "b": }']
    assert values_of(tmp_path, *lines) == ["1", "BAD_JSON", "BAD_JSON", "BAD_JSON"]


def test_bytes_that_are_no_text_cost_a_row(tmp_path):
    content = b'{"a": "x"}\n{"a": "\xff"}\n{"a": "y"}\n'
    assert [values for _, values in read(write(tmp_path, content, "a.jsonl"))[1]] == [
        ["x"], "BAD_JSON", ["y"],
    ]  # fmt: skip


@pytest.mark.parametrize("block", [1, 5, 1 << 20])
@pytest.mark.parametrize("most_lines", [1, 7, 1 << 17])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_and_blocks(tmp_path, monkeypatch, block, most_lines, ending):
    monkeypatch.setattr(jsonl, "_BLOCK_BYTES", block)
    monkeypatch.setattr(jsonl, "_MOST_LINES", most_lines)
    lines = [f'{{"a": {n}}}' for n in range(30)] + ["", '{"b": 1}']
    content = ending.join(lines).encode()
    with closing(open_reader(identify(write(tmp_path, content, "a.jsonl")))) as reader:
        found = [
            (line, value)
            for batch in reader.batches()
            for line, value in zip(batch.lines.tolist(), batch.table["a"].to_pylist(), strict=True)
        ]
        assert reader.columns == ("a", "b")
    assert found == [(n + 1, str(n)) for n in range(30)] + [(32, None)]


def test_gzip_and_other_encodings(tmp_path):
    lines = '{"a": "ü"}\n{"a": "x"}\n'
    for name, content, encoding in (
        ("a.jsonl.gz", gzip.compress(lines.encode()), None),
        ("a.json", lines.encode("latin-1"), "latin-1"),
        ("a.ndjson", lines.encode("utf-16"), None),
    ):
        path = write(tmp_path, content, name)
        assert [values for _, values in read(path, encoding=encoding)[1]] == [["ü"], ["x"]]
    cut = write(tmp_path, gzip.compress(lines.encode())[:-5], "cut.jsonl.gz")
    with pytest.raises(DamagedFileError):
        read(cut)


@pytest.mark.parametrize(
    "content",
    ['[{"a": 1}, {"a": 2}]', '{\n  "a": 1,\n  "b": [\n 1\n]\n}\n', '["a", "b"]\n["c", "d"]\n'],
)
def test_a_json_document_is_refused_with_the_way_out(tmp_path, content):
    with pytest.raises(WrongFormatError, match="jq"):
        read(write(tmp_path, content, "data.json"))


def test_objects_without_anything_in_them_are_no_rows(tmp_path):
    with pytest.raises(NoRowsError):
        read(write(tmp_path, "{}\n{}\n", "data.jsonl"))


@given(st.binary(max_size=200))
def test_any_bytes_behind_a_brace_end_in_rows_or_a_clear_error(tmp_path_factory, content):
    path = write(tmp_path_factory.mktemp("any"), b'{"a": 1}\n{' + content, "data.jsonl")
    try:
        _, rows = read(path)
    except JourneyGraphError:
        return
    assert rows[0] == (1, ["1"]) or rows[0][1][0] == "1"
