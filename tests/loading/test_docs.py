"""The page on loading: its names are those of the registry, its example runs as it says."""

import contextlib
import io
import re
from pathlib import Path

from journeygraph.loading.mapping import aliases_of
from journeygraph.schema import TABLES

PAGE = Path(__file__).parents[2] / "docs" / "loading.md"
BEGIN = "<!-- names: made by tests/loading/test_docs.py from journeygraph/schema.py -->\n"
END = "<!-- /names -->"


def names_of_columns():
    """What the page says of every table's columns."""
    parts = []
    for table in TABLES.values():
        parts.append(f"\n**{table.name}**: {table.meaning}\n\n| column | meaning | recognised |\n")
        parts.append("|---|---|---|\n")
        for column in table.columns:
            name = f"**{column.name}**" if column.required else column.name
            names = ", ".join(f"`{alias}`" for alias in aliases_of(column))
            parts.append(f"| {name} | {column.meaning} | {names} |\n")
    return "".join(parts) + "\n"


def test_the_page_names_what_is_recognised():
    page = PAGE.read_text()
    found = page[page.index(BEGIN) + len(BEGIN) : page.index(END)]
    assert found == names_of_columns(), "put the expected text between the two comments"


def test_the_example_runs_as_the_page_says(tmp_path, monkeypatch):
    page = PAGE.read_text()
    blocks = re.findall(r"```(\w*)\n(.*?)```", page, re.DOTALL)
    data = next(text for kind, text in blocks if kind == "csv")
    code = next(text for kind, text in blocks if kind == "python")
    printed = next(text for kind, text in blocks if kind == "" and text.startswith("4 3"))
    (tmp_path / "clicks.csv").write_text(data)
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, str(PAGE), "exec"), {})
    assert out.getvalue() == printed


def test_every_code_of_a_quarantined_row_is_explained():
    sources = Path(__file__).parents[2] / "journeygraph" / "loading"
    text = "".join(source.read_text() for source in sources.rglob("*.py"))
    constants = set(re.findall(r"^([A-Z_]+)\b.* = ", text, re.MULTILINE))
    refusals = set(re.findall(r'code = "(\w+)"', text))
    codes = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', text)) - constants - refusals
    assert "BAD_TIME" in codes
    assert {code for code in codes if f"`{code}`" not in PAGE.read_text()} == set()
