"""Many texts in two arrays, so that a million ids can be memory-mapped like any number.

Python strings would cost some 60 bytes each and have to be made when a graph is opened; here
they are made when somebody looks at them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Texts", "hash_text"]

IntArray = npt.NDArray[np.integer[Any]]


class Texts(Sequence[str]):
    """An immutable sequence of texts.

    Parameters
    ----------
    offsets
        (n + 1,) int64: where each text begins in `data`; the last is where the last one ends.
    data
        uint8: the texts in UTF-8, one after another.
    hashes, places
        The index, if there is one: hashes of all texts, ascending, and whose they are.
    """

    __slots__ = ("data", "hashes", "offsets", "places")

    def __init__(
        self,
        offsets: npt.NDArray[np.int64],
        data: npt.NDArray[np.uint8],
        hashes: npt.NDArray[np.uint64] | None = None,
        places: IntArray | None = None,
    ) -> None:
        self.offsets = offsets
        self.data = data
        self.hashes = hashes
        self.places = places

    @classmethod
    def of(cls, texts: Iterable[str]) -> Texts:
        """Texts of plain Python strings."""
        encoded = [text.encode("utf-8") for text in texts]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(text) for text in encoded], out=offsets[1:])
        return cls(offsets, np.frombuffer(b"".join(encoded), np.uint8))

    @classmethod
    def from_arrow(cls, *arrays: pa.Array) -> Texts:
        """Texts of Arrow arrays of `string` or `large_string`, which must hold no nulls.

        They are taken from the buffers: a cast by `pyarrow` itself would import pandas.
        """
        parts = [_parts_of_arrow(array) for array in arrays if len(array)]
        sizes = [np.diff(begins) for begins, _ in parts]
        offsets = np.zeros(sum(map(len, sizes)) + 1, np.int64)
        if parts:
            np.cumsum(np.concatenate(sizes), out=offsets[1:])
        data = [part[int(begins[0]) : int(begins[-1])] for begins, part in parts]
        return cls(offsets, np.concatenate(data) if len(data) > 1 else (*data, _NOTHING)[0])

    def to_arrow(self) -> pa.LargeStringArray:
        """The same as an Arrow array, without a copy."""
        import pyarrow as pa

        return pa.LargeStringArray.from_buffers(
            len(self), pa.py_buffer(self.offsets), pa.py_buffer(self.data)
        )

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return self.take(np.arange(len(self))[index])
        at = int(index)
        if at < 0:
            at += len(self)
        if not 0 <= at < len(self):
            raise IndexError(index)
        return self._raw(at).decode("utf-8")

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), 65_536):
            yield from self.take(np.arange(start, min(start + 65_536, len(self))))

    def take(self, indexes: npt.NDArray[np.integer[Any]]) -> list[str]:
        """The texts at these indexes, in their order."""
        begins = self.offsets[indexes].tolist()
        ends = self.offsets[np.asarray(indexes, np.int64) + 1].tolist()
        data = self.data.data
        return [str(data[begin:end], "utf-8") for begin, end in zip(begins, ends, strict=True)]

    def select(self, indexes: npt.NDArray[np.integer[Any]]) -> Texts:
        """The texts at these indexes, in their order, as texts of their own."""
        begins = self.offsets[:-1][indexes]
        sizes = self.offsets[1:][indexes] - begins
        offsets = np.zeros(len(sizes) + 1, np.int64)
        np.cumsum(sizes, out=offsets[1:])
        places = np.arange(offsets[-1]) + np.repeat(begins - offsets[:-1], sizes)
        return Texts(offsets, self.data[places])

    def indexed(self) -> Texts:
        """The same with an index by hash, so that `find` need not read them all."""
        from journeygraph.kernels.text_hashes import hash_texts

        hashes = hash_texts(_read_only(self.offsets), _read_only(self.data))
        places = np.argsort(hashes, kind="stable")
        small = places.astype(_place_type(len(places)))
        return Texts(self.offsets, self.data, hashes[places], small)

    def grown(self, more: Texts) -> Texts:
        """These, which have an index, and then more, with an index of all."""
        assert self.hashes is not None
        assert self.places is not None
        new = more.indexed()
        assert new.hashes is not None
        assert new.places is not None
        before = np.searchsorted(self.hashes, new.hashes, "right")
        places = np.insert(self.places.astype(np.int64), before, new.places + len(self))
        return Texts(
            np.concatenate([self.offsets, more.offsets[1:] + self.offsets[-1]]),
            np.concatenate([self.data, more.data]),
            np.insert(self.hashes, before, new.hashes),
            places.astype(_place_type(len(places))),
        )

    def find(self, texts: Sequence[str]) -> npt.NDArray[np.int64]:
        """Index of each of the given texts, -1 where it is not one of these."""
        if self.hashes is None or self.places is None:
            found = self.indexed()  # kept: who asks once asks again
            self.hashes, self.places = found.hashes, found.places
            return found.find(texts)
        wanted = [_in_utf8(text) for text in texts]
        hashes = np.array([hash_text(text) for text in wanted], np.uint64)
        begins = np.searchsorted(self.hashes, hashes, "left").tolist()
        ends = np.searchsorted(self.hashes, hashes, "right").tolist()
        return np.array(
            [
                next((at for at in self.places[begin:end].tolist() if self._raw(at) == text), -1)
                for text, begin, end in zip(wanted, begins, ends, strict=True)
            ],
            np.int64,
        )

    def _raw(self, at: int) -> bytes:
        return self.data[int(self.offsets[at]) : int(self.offsets[at + 1])].tobytes()


def hash_text(text: bytes) -> int:
    """FNV-1a of one text, as `kernels.text_hashes.hash_texts` gives it."""
    found = 0xCBF29CE484222325
    for byte in text:
        found = ((found ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return found


def _place_type(n_texts: int) -> str:
    return "u4" if n_texts < 2**32 else "i8"


def _in_utf8(text: str) -> bytes:
    """A text as bytes; a lone surrogate becomes bytes that no text here has."""
    return text.encode("utf-8", "surrogatepass")


_NOTHING = np.zeros(0, np.uint8)


def _parts_of_arrow(texts: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Where each text of an array begins, the end of the last one, and the bytes."""
    kind = {"string": np.int32, "large_string": np.int64}[str(texts.type)]
    _, offsets, data = texts.buffers()
    begins = np.frombuffer(offsets, kind)[texts.offset :][: len(texts) + 1]
    return begins.astype(np.int64), _NOTHING if data is None else np.frombuffer(data, np.uint8)


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
