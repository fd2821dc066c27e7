"""Arrays of words that can be made again, kept beside a store and memory-mapped.

A file holds a head, the sums of its pages, and the words. The head and the sums are compared
with a digest when it is opened, pages when a search meets them (`kernels.text_index`), so that
opening costs nothing and damage is seen. Nothing is flushed: after a power cut the sums do not
fit, and the words are made again. A folder that cannot be written to costs time and no more.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson

from journeygraph.kernels.text_index import PAGE_WORDS, sum_pages

__all__ = ["KeptWords", "Made", "Words"]

_HEAD_BYTES = 4096
_LAYOUT = 2
_log = logging.getLogger(__name__)

WordArray = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Made:
    """Words, and facts about them."""

    words: WordArray
    facts: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Words with the sums of their pages; `seen` are the pages that were compared."""

    words: WordArray
    sums: WordArray
    seen: npt.NDArray[np.bool_]
    facts: Mapping[str, int]


class KeptWords:
    """Words that are kept in a file, or made where there is none.

    Parameters
    ----------
    path
        The file; None to keep them in memory only.
    make
        How to make them.
    expected
        Facts about them; words of which others are said are made again.
    """

    def __init__(
        self, path: Path | None, make: Callable[[], Made], expected: Mapping[str, int]
    ) -> None:
        self._path = path
        self._make = make
        kept = None if path is None else _opened(path)
        is_fit = kept is not None and expected.items() <= kept.facts.items()
        self._words = kept if kept is not None and is_fit else self._made()

    def ask(self, search: Callable[[Words], bool]) -> None:
        """Search; a search that meets damage gives False and is made once more, on new words."""
        if search(self._words):
            return
        _log.warning("%s is damaged and is made again", self._path)
        self._words = self._made()
        if not search(self._words):
            raise AssertionError("words that were just made are damaged")

    def _made(self) -> Words:
        made = self._make()
        sums = np.zeros(-(-len(made.words) // PAGE_WORDS), np.uint64)
        words = _read_only(made.words)
        sum_pages(words, sums)
        if self._path is not None:
            try:
                _save(self._path, made, sums)
            except OSError as error:
                _log.info("cannot keep %s: %s", self._path, error)
        seen = np.ones(len(sums), np.bool_)
        return Words(words, _read_only(sums), seen, made.facts)


def _read_only(words: WordArray) -> WordArray:
    view = words.view()
    view.flags.writeable = False
    return view


def _save(path: Path, made: Made, sums: WordArray) -> None:
    content = orjson.dumps(
        {
            "layout": _LAYOUT,
            "n_words": len(made.words),
            "facts": dict(made.facts),
            "sums": hashlib.sha256(sums.data).hexdigest(),
        }
    )
    head = hashlib.sha256(content).hexdigest().encode() + content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".making-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(head.ljust(_HEAD_BYTES))
            file.write(sums.data)
            file.write(made.words.data)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def _opened(path: Path) -> Words | None:
    """The words of a file, memory-mapped; None where it is missing or not what was written."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            digest, content = head[:64], head[64:].rstrip()
            if hashlib.sha256(content).hexdigest().encode() != digest:
                raise ValueError("its head is damaged")
            said = orjson.loads(content)
            if said["layout"] != _LAYOUT:
                return None
            n_words = int(said["n_words"])
            sums = np.fromfile(file, np.uint64, -(-n_words // PAGE_WORDS))
        if hashlib.sha256(sums.data).hexdigest() != said["sums"]:
            raise ValueError("its sums are damaged")
        begin = _HEAD_BYTES + sums.nbytes
        if path.stat().st_size != begin + 8 * n_words:
            raise ValueError("it is cut short")
        words = np.asarray(np.memmap(path, np.uint64, "r", begin, (n_words,)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("%s cannot be used and is made again: %s", path, error)
        return None
    return Words(words, _read_only(sums), np.zeros(len(sums), np.bool_), said["facts"])
