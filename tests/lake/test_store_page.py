"""The sessions in docs/store.md give what the page says they give."""

from __future__ import annotations

import doctest
from pathlib import Path

from journeygraph.lake import errors
from journeygraph.lake.tables import STORED_TABLES

PAGE = Path(__file__).parents[2] / "docs" / "store.md"


def test_the_sessions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert tried > 5
    assert failed == 0


def test_every_table_and_every_error_is_on_the_page():
    page = PAGE.read_text(encoding="utf-8")
    codes = [getattr(errors, name).code for name in errors.__all__ if name.endswith("Error")]
    assert len(codes) == len(set(codes)) == 11
    for word in (*codes, *STORED_TABLES):
        assert f"`{word}`" in page
