"""What engines declare is what they do, and what the documentation says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from journeygraph.backends import ENGINES, EngineOptions, open_engine
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from queries.engine_support import NEEDS, answers, support_table
from tests.backends import divided
from tests.backends.questions import QUESTIONS, plain
from tests.backends.test_engines import WORLD
from tests.graph.stores import write_load

DOCS = Path(__file__).parents[2] / "docs"
ROWS_OF = {
    "summary": ["summary"],
    "customers of the journeys": ["customers"],
    "common paths: WHOLE": ["whole paths", "whole paths, the second page"],
    "common paths: NGRAM": ["runs of 2", "runs of 3"],
    "transitions": ["transitions"],
    "drop-off": ["drop-off"],
    "funnel: order and window": ["funnel", "strict funnel"],
    "funnel: any other condition": ["funnel with an optional step"],
    "exit hazards": ["exit hazards"],
    "journey map": ["journey map"],
    "journey map against a plan": ["journey map against a plan"],
    "preferences": ["preferences", "preferences by the last rating"],
    "economics: touchpoints, channels, stages": ["economics", "economics by stage"],
    "referral chains, credits, K, cascades": [
        "referral chains", "referral chains of the last", "referral credit split", "cascades",
        "K by cohort",
    ],
    "loyalty touchpoints: by what units do": ["loyalty: repeat", "loyalty: active"],
}  # fmt: skip


def test_the_table_of_the_documentation_is_the_declared_one() -> None:
    assert support_table() in (DOCS / "engines.md").read_text()


@pytest.mark.parametrize("question", ROWS_OF)
def test_a_question_asks_for_nothing_that_is_not_declared(
    question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()

    def noting(method: Any) -> Any:
        def noted(self: Any, declared: Any, options: Any) -> Any:
            asked.add(declared.name)
            return method(self, declared, options)

        return noted

    for name in ("_total", "_customers"):
        monkeypatch.setattr(divided._View, name, noting(getattr(divided._View, name)))
    where = {"channels": ["web"]}
    for one in ROWS_OF[question]:
        plain(QUESTIONS[one](divided.DividedEngine(WORLD.graph).journeys(where=where)))
    [needs] = [needs for needs in NEEDS if needs.question == question]
    assert asked <= needs.statistics | needs.finders
    assert asked


def test_every_engine_answers_the_four_questions() -> None:
    for needs in NEEDS[:7]:
        for name, support in ENGINES.items():
            assert answers(support, needs), (name, needs.question)


def test_rows_are_at_hand_here_only() -> None:
    assert [name for name, support in ENGINES.items() if support.arrays] == ["local"]


def test_an_engine_is_opened_by_its_name(tmp_path: Path) -> None:
    write_load(tmp_path / "store", WORLD)
    with open_engine(EngineOptions(store=tmp_path / "store")) as engine:
        assert engine.name == "local"
        assert engine.journeys().n_units == 3


def test_options_of_another_engine_are_refused() -> None:
    with pytest.raises(InvalidOptionError, match="engine"):
        EngineOptions(engine="flink")
    others: list[dict[str, Any]] = [{"master": "local"}, {"uri": "bolt://x"}, {"database": "d"}]
    for options in others:
        with pytest.raises(ConflictingOptionsError):
            EngineOptions(engine="local", **options)
    with pytest.raises(InvalidOptionError, match="the folder of a store"):
        open_engine(EngineOptions())


def test_every_engine_has_a_section_in_the_documentation() -> None:
    headings = re.findall(r"^## (\w+)", (DOCS / "engines.md").read_text(), re.MULTILINE)
    assert {name.capitalize() for name in ENGINES} <= set(headings)
