"""The sessions in docs/graph.md give what the page says they give."""

from __future__ import annotations

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "graph.md"


def test_the_page_is_true() -> None:
    text = PAGE.read_text().replace("```python\n", "").replace("```\n", "")
    session = doctest.DocTestParser().get_doctest(text, {}, "graph.md", str(PAGE), 0)
    failures: list[str] = []
    result = doctest.DocTestRunner().run(session, out=failures.append)
    assert result.failed == 0, "".join(failures)
    assert result.attempted > 15
