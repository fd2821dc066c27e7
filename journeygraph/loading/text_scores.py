"""Score what customers wrote, where they gave no score: a step before loading, for who wants it.

A file comes out with the columns `emotion` and `emotion_source` filled in: "reported" where the
customer gave a rating, "scored" where a lexicon of English gave one to an English text (VADER:
Hutto and Gilbert 2014, doi:10.1609/icwsm.v8i1.14550), nothing elsewhere. All else stays as it was.
Texts in other languages, and those too short to tell, are counted and left without a score: a
score that is made up would be worse than none.
"""

from __future__ import annotations

import contextlib
import csv
import os
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from journeygraph.errors import JourneyGraphError, UnknownColumnError
from journeygraph.loading.errors import (
    DuplicateColumnsError,
    EmptyFileError,
    MissingFileError,
    NoRowsError,
)
from journeygraph.loading.languages import Language, language_named, language_of
from journeygraph.loading.ratings import parse_ratings, parse_scale

__all__ = ["ScoredTexts", "TextOptions", "score_texts"]

EMOTION, SOURCE = "emotion", "emotion_source"
_ROWS_AT_ONCE = 20_000
_BLOCK_BYTES = 16 << 20

Score = Callable[[str], float]


class TextScoringMissingError(JourneyGraphError):
    """The lexicon is not installed."""

    code = "TEXT_SCORING_MISSING"

    def __init__(self) -> None:
        super().__init__(
            "The lexicon that scores texts is not installed.",
            "Install it with: pip install 'customer-journeygraph[text]'.",
        )


class NotScorableError(JourneyGraphError):
    """A file or an option that texts cannot be scored with."""

    code = "NOT_SCORABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOptions:
    """Which texts, and what is known of them.

    Attributes
    ----------
    text
        The column of the texts.
    rating
        The column in which customers rated, by default `emotion` where there is one; a row with a
        rating keeps it, and its source where it says one.
    scale
        The scale of these ratings, as "stars"; they are written as -1 to 1.
    language
        The column that says the language; without it the words of a text tell.
    """

    text: str
    rating: str | None = None
    scale: str = "unit"
    language: str | None = None


@dataclass(slots=True, kw_only=True)
class ScoredTexts:
    """How many rows there were of each kind; all but `rows` add up to `rows`.

    Attributes
    ----------
    scored
        English texts.
    reported
        Rows with a rating, whatever else they say.
    other_language, unclear
        Texts that are not English, and those of which it cannot be told.
    without_text
        Rows without a rating and without a text.
    """

    rows: int = 0
    scored: int = 0
    reported: int = 0
    other_language: int = 0
    unclear: int = 0
    without_text: int = 0


def score_texts(source: Path, to: Path, options: TextOptions) -> ScoredTexts:
    """Write a copy of a CSV or Parquet file with emotions, and say what was scored.

    The copy appears whole, or not at all.

    Raises
    ------
    JourneyGraphError
        Where the lexicon is not installed, a file cannot be read, a column is missing, a rating
        is off its scale, or both files are one.
    """
    score = _lexicon()
    if not source.is_file():
        near = [path.name for path in source.parent.iterdir()] if source.parent.is_dir() else []
        raise MissingFileError(source, near)
    if to.exists() and to.samefile(source):
        raise NotScorableError("The file to write is the one to read.", "Name another.", file=to)
    kinds = {source.suffix.lower(), to.suffix.lower()}
    if len(kinds) > 1 or not kinds <= {".csv", ".parquet"}:
        raise NotScorableError(
            f"Texts are scored from CSV to CSV, or from Parquet to Parquet, not from "
            f"{source.suffix or 'a file without suffix'} to {to.suffix or 'one without'}.",
            "Give both files the suffix .csv or .parquet.",
        )
    found = _Scoring(options=options, score=score, source=source)
    read = _read_csv if ".csv" in kinds else _read_parquet
    write = _write_csv if ".csv" in kinds else _write_parquet
    with _appearing(to) as draft:
        write(draft, map(found.scored, read(source)))
        if not found.counts.rows:
            raise NoRowsError(source, ())
    return found.counts


def _lexicon() -> Score:
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ModuleNotFoundError as missing:
        raise TextScoringMissingError from missing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it opens its files by codecs.open
        analyzer = SentimentIntensityAnalyzer()
    return lambda text: float(analyzer.polarity_scores(text)["compound"])


@dataclass(slots=True, kw_only=True)
class _Scoring:
    options: TextOptions
    score: Score
    source: Path
    counts: ScoredTexts = field(default_factory=ScoredTexts)

    def scored(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """A batch with its emotions."""
        texts = _texts(batch, self.options.text)
        ratings = self._ratings(batch)
        languages = self._languages(batch, texts)
        known = _texts(batch, SOURCE) if SOURCE in batch.schema.names else [""] * len(texts)
        tally: Counter[str] = Counter()
        emotions: list[str] = []
        sources: list[str] = []
        for text, rating, language, source in zip(texts, ratings, languages, known, strict=True):
            kind = _kind(text, rating, language)
            tally[kind] += 1
            emotion = round(1000 * self.score(text)) if kind == "scored" else rating
            emotions.append("" if emotion is None else f"{emotion / 1000:g}")
            told = {"reported": source or "reported", "scored": "scored"}
            sources.append(told.get(kind, ""))
        self.counts.rows += len(texts)
        for kind, n in tally.items():
            setattr(self.counts, kind, getattr(self.counts, kind) + n)
        return _with_columns(batch, {EMOTION: emotions, SOURCE: sources})

    def _ratings(self, batch: pa.RecordBatch) -> list[int | None]:
        column = self.options.rating
        if column is None and EMOTION not in batch.schema.names:
            return [None] * batch.num_rows
        texts = pa.array(_texts(batch, column or EMOTION), pa.string())
        ratings, flaws = parse_ratings(texts, parse_scale(self.options.scale))
        if len(flaws.rows):
            place = int(flaws.rows[0])
            raise NotScorableError(
                f"Row {self.counts.rows + place + 1:,}: the rating {texts[place].as_py()!r} is not "
                f"on the scale {self.options.scale!r}.",
                "Name the scale with --scale, as stars or 0..10, or mend the row.",
                file=self.source,
                column=column or EMOTION,
            )
        return cast("list[int | None]", ratings.to_pylist())

    def _languages(self, batch: pa.RecordBatch, texts: list[str]) -> Iterator[Language]:
        if self.options.language is None:
            return map(language_of, texts)
        return map(language_named, _texts(batch, self.options.language))


def _kind(text: str, rating: int | None, language: Language) -> str:
    """The name of the count that a row belongs to."""
    if rating is not None:
        return "reported"
    if not text.strip():
        return "without_text"
    kinds = {Language.ENGLISH: "scored", Language.OTHER: "other_language"}
    return kinds.get(language, "unclear")


def _texts(batch: pa.RecordBatch, column: str) -> list[str]:
    names = batch.schema.names
    if column not in names:
        raise UnknownColumnError("column", column, names)
    values = batch.column(names.index(column)).to_pylist()
    return ["" if value is None else str(value) for value in values]


def _with_columns(batch: pa.RecordBatch, columns: dict[str, list[str]]) -> pa.RecordBatch:
    """A batch with these columns, in the place of those that it has of that name or at the end."""
    kept = {name: batch.column(place) for place, name in enumerate(batch.schema.names)}
    return pa.RecordBatch.from_pydict(
        {**kept, **{name: pa.array(values, pa.string()) for name, values in columns.items()}}
    )


def _read_csv(source: Path) -> Iterator[pa.RecordBatch]:
    """Batches in which every column is text, as it stands in the file."""
    from pyarrow import csv as arrow_csv

    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            names = next(csv.reader(file), None)
        if names is None:
            raise EmptyFileError(source)
        if len(set(names)) < len(names):
            twice = [name for name, n in Counter(names).items() if n > 1]
            raise DuplicateColumnsError(source, twice)
        as_text = arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
        yield from arrow_csv.open_csv(
            source,
            read_options=arrow_csv.ReadOptions(block_size=_BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=as_text,
        )
    except (pa.ArrowInvalid, UnicodeDecodeError, csv.Error) as problem:
        raise _unreadable(source, problem) from problem


def _read_parquet(source: Path) -> Iterator[pa.RecordBatch]:
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(source) as file:
            yield from file.iter_batches(batch_size=_ROWS_AT_ONCE)
    except pa.ArrowInvalid as problem:
        raise _unreadable(source, problem) from problem


def _unreadable(source: Path, problem: Exception) -> NotScorableError:
    return NotScorableError(
        f"The file cannot be read: {problem}.",
        "Texts are scored in CSV in UTF-8 with commas, all rows as wide as the header, and in "
        "Parquet.",
        file=source,
    )


def _write_csv(draft: Path, batches: Iterator[pa.RecordBatch]) -> None:
    from pyarrow import csv as arrow_csv

    _write(batches, lambda schema: arrow_csv.CSVWriter(draft, schema))


def _write_parquet(draft: Path, batches: Iterator[pa.RecordBatch]) -> None:
    from pyarrow import parquet

    _write(batches, lambda schema: parquet.ParquetWriter(draft, schema))


def _write(batches: Iterator[pa.RecordBatch], open_writer: Callable[[pa.Schema], Any]) -> None:
    writer = None
    try:
        for batch in batches:
            writer = open_writer(batch.schema) if writer is None else writer
            writer.write_batch(batch)
    finally:
        if writer is not None:
            writer.close()


@contextlib.contextmanager
def _appearing(to: Path) -> Iterator[Path]:
    """A file beside the one to write, which takes its place when all is written."""
    if not to.parent.is_dir():
        raise NotScorableError("There is no such folder.", "Make it first.", file=to.parent)
    handle, name = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}.")
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(0o644)
        draft.replace(to)
    finally:
        draft.unlink(missing_ok=True)
