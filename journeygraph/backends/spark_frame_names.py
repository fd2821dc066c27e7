"""Names and words of frames, which are few: collected once, and put back as codes.

Spark never compares a name with a list of all names: each column of names is joined with the
small table of its codes, which every executor gets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from journeygraph.backends.spark_failures import telling
from journeygraph.backends.spark_frame_errors import TooManyNamesError
from journeygraph.graph import WORDS
from journeygraph.vocabulary import code_of, normalise_channel

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

__all__ = ["Texts", "channel_codes_of", "coded", "codes_of_names", "texts_of", "word_code"]

_MOST_NAMES = 100_000
_WORDS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of columns, each with how many rows have it."""

    counts: Mapping[str, Mapping[str, int]]

    def of(self, column: str) -> Mapping[str, int]:
        """Those of a column; none where there is no such column."""
        return self.counts.get(column, {})

    def refused_words(self) -> list[str]:
        """A sentence for each column with words that are not of the vocabulary."""
        sentences = []
        for column, words in WORDS.items():
            unknown = {t: n for t, n in self.of(column).items() if code_of(t, words) is None}
            if unknown:
                most = sorted(unknown, key=lambda text: (-unknown[text], text))[:_WORDS_SHOWN]
                shown = ", ".join(f"{text!r} ({unknown[text]:,})" for text in most)
                more = ", …" if len(unknown) > len(most) else ""
                sentences.append(
                    f"column {column!r} is none of {', '.join(words)}, in "
                    f"{sum(unknown.values()):,} of them: {shown}{more}"
                )
        return sentences


def texts_of(frame: DataFrame, columns: Mapping[str, Expression]) -> Texts:
    """The different texts of columns, in one pass.

    Raises
    ------
    TooManyNamesError
        Where they are not few.
    """
    from pyspark.sql import functions as f

    if not columns:
        return Texts({})
    pairs = [f.struct(f.lit(name).alias("name"), text) for name, text in columns.items()]
    pairs = [pair.cast("struct<name: string, text: string>") for pair in pairs]
    said = frame.select(f.explode(f.array(*pairs)).alias("said")).select("said.*")
    counted = said.where("text is not null").groupBy("name", "text").count()
    rows = telling("spark", counted.limit(_MOST_NAMES + 1).collect)
    if len(rows) > _MOST_NAMES:
        raise TooManyNamesError(list(columns), _MOST_NAMES)
    counts: dict[str, dict[str, int]] = {name: {} for name in columns}
    for name, text, n_rows in sorted(rows):
        counts[name][text] = n_rows
    return Texts(counts)


def codes_of_names(texts: Mapping[str, int]) -> dict[str, int]:
    """A code for each name, in the order of the names."""
    return {text: code for code, text in enumerate(sorted(texts))}


def channel_codes_of(*texts: Mapping[str, int]) -> tuple[list[str], dict[str, int]]:
    """The channels that are said, and the code of each spelling."""
    normal = {text: normalise_channel(text) for part in texts for text in part}
    names = sorted(set(normal.values()))
    places = {name: code for code, name in enumerate(names)}
    return names, {text: places[name] for text, name in normal.items()}


def coded(frame: DataFrame, column: str, codes: Mapping[str, int]) -> DataFrame:
    """A frame with the codes of names in the place of the names; of null, null."""
    from pyspark.sql import functions as f

    if not codes:
        return frame.withColumn(column, f.lit(None).cast("int"))
    text, code = f"{column}_text", f"{column}_code"
    table: Any = pa.table({text: list(codes), code: pa.array(codes.values(), pa.int32())})
    names = f.broadcast(frame.sparkSession.createDataFrame(table))
    joined = frame.join(names, frame[column] == names[text], "left")
    return joined.withColumn(column, f.col(code)).drop(text, code)


def word_code(text: Expression, column: str, said: Sequence[str]) -> Expression:
    """The code of a word of the vocabulary; of null, null."""
    from pyspark.sql import functions as f

    pairs = [f.lit(part) for word in said for part in (word, code_of(word, WORDS[column]) or 0)]
    if not pairs:
        return f.lit(None).cast("tinyint")
    return f.try_element_at(f.create_map(*pairs), text).cast("tinyint")
