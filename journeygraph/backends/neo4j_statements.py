"""The Cypher of the Neo4j engine: one file for each statistic, put together from whole files.

A statement about journeys is `population.cypher`, whom it is about, and `journeys.cypher`, which
selects, cleans and cuts on the server, followed by what is counted. Nothing that anybody asks
with becomes a part of a statement. All options of a view are one parameter, a map, and so are
those of a statistic: the server plans anew for every other type of a parameter, and would so for
every other view.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

__all__ = ["FOLDER", "statement"]

FOLDER = Path(__file__).with_name("cypher")
"""Where the files are."""


@lru_cache(maxsize=128)
def statement(*files: str) -> str:
    """The statement that these files make, one after the other, by their names without ending."""
    texts = [(FOLDER / f"{name}.cypher").read_text(encoding="utf-8") for name in files]
    return "\n".join(texts)
