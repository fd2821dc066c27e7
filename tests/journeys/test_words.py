"""Options of one word: every one of them is read and refused alike."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from journeygraph.errors import InvalidOptionError
from journeygraph.labelling import By
from journeygraph.options import Word
from journeygraph.splitting import Unit
from journeygraph.statistics.paths_to_outcomes import PathScope
from journeygraph.statistics.patterns import Keep
from queries.attribution_credit import AttributionMethod, Worth
from queries.common_paths import PathForm
from queries.funnel import StepOrder
from queries.referral_chains import AdvocateOrder, ChainOrder

WORDS = [
    (By, "by"), (Unit, "unit"), (PathScope, "paths"), (Keep, "keep"), (PathForm, "form"),
    (StepOrder, "order"), (ChainOrder, "order"), (AdvocateOrder, "order"),
    (AttributionMethod, "method"), (Worth, "worth"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "argument"), WORDS)
def test_words_are_read_by_value_and_by_name_and_others_are_refused(
    kind: type[Word], argument: str
) -> None:
    for word in kind:
        assert word.value == word.name.lower()
        assert kind(word.value) is kind(word.name) is kind(word.name.title()) is word
        assert kind(word.value.replace("_", "-")) is word
        assert pickle.loads(pickle.dumps(word)) is word
    wrongs: list[Any] = ["", "no such", 3, None, [], f"{next(iter(kind))} "]
    for wrong in wrongs:
        with pytest.raises(InvalidOptionError) as caught:
            kind(wrong)
        problem, remedy = str(caught.value).splitlines()
        assert problem.startswith(f"{argument}=")
        assert all(word.name in remedy for word in kind)
