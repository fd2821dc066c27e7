"""English texts get a score, others none, ratings stay; and what is refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import journeygraph
from journeygraph.errors import JourneyGraphError
from journeygraph.loading.languages import Language, language_named, language_of
from journeygraph.loading.text_scores import TextOptions, score_texts

REVIEWS = """customer,at,touchpoint,comment,stars
007,2024-01-01,parcel,"The parcel was late, and the support was terrible!",
7,2024-01-01,parcel,I am very happy with this.,
a,2024-01-01,parcel,"It is great,
and I love it",1
b,2024-01-01,parcel,Die Lieferung war sehr gut,
c,2024-01-01,parcel,Super,
d,2024-01-01,parcel,,
e,2024-01-01,parcel,,5
"""


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    path.write_text(REVIEWS)
    return path


def test_english_texts_are_scored_and_ratings_stay(reviews: Path) -> None:
    to = reviews.with_name("scored.csv")
    done = score_texts(reviews, to, TextOptions(text="comment", rating="stars", scale="stars"))
    assert (done.rows, done.scored, done.reported) == (7, 2, 2)
    assert (done.other_language, done.unclear, done.without_text) == (1, 1, 1)
    rows = pd.read_csv(to, dtype=str, keep_default_na=False)
    given = pd.read_csv(reviews, dtype=str, keep_default_na=False)
    assert rows[given.columns].equals(given)
    assert rows["emotion_source"].tolist() == [
        "scored", "scored", "reported", "", "", "", "reported",
    ]  # fmt: skip
    felt = rows["emotion"].tolist()
    assert float(felt[0]) < 0 < float(felt[1])
    assert felt[2:] == ["-1", "", "", "", "1"]


def test_what_was_scored_can_be_loaded_and_is_told_by_its_source(reviews: Path) -> None:
    from queries.experience import Experience, experience

    to = reviews.with_name("scored.csv")
    score_texts(reviews, to, TextOptions(text="comment", rating="stars", scale="stars"))
    graph = journeygraph.from_pandas(pd.read_csv(to, dtype=str, keep_default_na=False))
    sources = experience(Experience(), graph.journeys()).overall.sources
    assert [(one.source, one.emotion.ratings) for one in sources] == [
        ("reported", 2), ("scored", 2),
    ]  # fmt: skip
    assert sources[0].emotion.value == 0


def test_a_column_says_the_language(tmp_path: Path) -> None:
    table = pa.table({
        "said": ["Super", "The end", "awful", None], "lang": ["en-GB", "de", "", "en"],
        "n": [1, 2, 3, 4],
    })  # fmt: skip
    parquet.write_table(table, tmp_path / "a.parquet")
    done = score_texts(
        tmp_path / "a.parquet", tmp_path / "b.parquet", TextOptions(text="said", language="lang")
    )
    assert (done.scored, done.other_language, done.unclear, done.without_text) == (1, 1, 1, 1)
    found = parquet.read_table(tmp_path / "b.parquet")
    assert found.select(["said", "lang", "n"]).equals(table)
    assert found["emotion_source"].to_pylist() == ["scored", "", "", ""]


def test_a_rating_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "text,emotion,emotion_source\nI love it and you,-0.5,inferred\nI love it and you,,\n"
    )
    score_texts(tmp_path / "a.csv", tmp_path / "b.csv", TextOptions(text="text"))
    rows = pd.read_csv(tmp_path / "b.csv")
    assert list(rows.columns) == ["text", "emotion", "emotion_source"]
    assert rows["emotion"][0] == -0.5
    assert rows["emotion"][1] > 0.5
    assert rows["emotion_source"].tolist() == ["inferred", "scored"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("It broke after two days", Language.ENGLISH),
        ("I don’t know who to ask", Language.ENGLISH),
        ("Sehr gutes Produkt, bin zufrieden", Language.OTHER),
        ("Muito bom, recomendo a todos", Language.OTHER),
        ("非常好", Language.OTHER),
        ("Super!", Language.UNCLEAR),
        ("5 / 5", Language.UNCLEAR),
    ],
)
def test_the_words_tell_the_language(text: str, language: Language) -> None:
    assert language_of(text) is language


def test_a_name_tells_the_language() -> None:
    assert [language_named(name) for name in ("en_US", " ENGLISH ", "pt-br", "")] == [
        Language.ENGLISH, Language.ENGLISH, Language.OTHER, Language.UNCLEAR,
    ]  # fmt: skip


@pytest.mark.realdata
def test_hardly_a_review_in_portuguese_is_taken_for_english() -> None:
    data = Path(os.environ["JOURNEYGRAPH_DATA"]) / "olist_sample8k_reviews.parquet"
    texts = pd.read_parquet(data)["review_comment_message"].dropna()
    told = [language_of(text) for text in texts]
    assert len(told) > 4000
    assert told.count(Language.ENGLISH) < len(told) / 1000
    assert told.count(Language.OTHER) > 0.9 * len(told)


BROKEN = {
    "empty.csv": "", "header.csv": "comment,at\n", "ragged.csv": "comment,at\na,b,c\n",
    "twice.csv": "comment,comment\na,b\n", "other.csv": "remark\nhello\n", "latin.csv": "",
    "off.csv": "comment,emotion\nhello,7\n", "folder.txt": "comment\n",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("empty.csv", "EMPTY_FILE"), ("header.csv", "NO_ROWS"), ("ragged.csv", "NOT_SCORABLE"),
        ("twice.csv", "DUPLICATE_COLUMNS"), ("other.csv", "UNKNOWN_COLUMN"),
        ("latin.csv", "NOT_SCORABLE"), ("off.csv", "NOT_SCORABLE"), ("folder.txt", "NOT_SCORABLE"),
        ("missing.csv", "FILE_NOT_FOUND"),
    ],
)  # fmt: skip
def test_what_cannot_be_scored_is_refused_and_nothing_is_written(
    tmp_path: Path, name: str, code: str
) -> None:
    if name in BROKEN:
        (tmp_path / name).write_text(BROKEN[name])
    if name == "latin.csv":
        (tmp_path / name).write_bytes("comment\nschön\n".encode("latin-1"))
    with pytest.raises(JourneyGraphError) as raised:
        score_texts(tmp_path / name, tmp_path / "to.csv", TextOptions(text="comment"))
    assert raised.value.code == code
    assert {path.name for path in tmp_path.iterdir()} <= {name}


def test_the_file_to_read_is_not_written_over(reviews: Path) -> None:
    with pytest.raises(JourneyGraphError, match="the one to read"):
        score_texts(reviews, reviews, TextOptions(text="comment"))
    with pytest.raises(JourneyGraphError, match="no such folder"):
        score_texts(reviews, reviews.parent / "no" / "to.csv", TextOptions(text="comment"))
    assert reviews.read_text() == REVIEWS


def test_without_the_lexicon_it_is_said_how_to_get_it(
    reviews: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vaderSentiment", None)
    monkeypatch.setitem(sys.modules, "vaderSentiment.vaderSentiment", None)
    with pytest.raises(JourneyGraphError, match="not installed") as raised:
        score_texts(reviews, reviews.with_name("to.csv"), TextOptions(text="comment"))
    assert raised.value.code == "TEXT_SCORING_MISSING"
    assert "customer-journeygraph[text]" in raised.value.remedy
