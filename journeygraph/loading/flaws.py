"""What is wrong with rows, a column at a time: which rows, the code, and the reason in words.

Most columns have no flaw in most batches, so nothing here costs anything then; where every row
has one, the reasons are still made by array functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Flaws", "shorten"]

_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaws:
    """Rows of a batch that cannot be taken because of one column.

    `rows` ascend; `codes` and `reasons` belong to them, one each.
    """

    rows: npt.NDArray[np.int64]
    codes: pa.Array
    reasons: pa.Array

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def none(cls) -> Flaws:
        """No flaws."""
        empty = pa.array([], pa.string())
        return cls(rows=np.zeros(0, np.int64), codes=empty, reasons=empty)

    @classmethod
    def of_rows(
        cls,
        mask: npt.NDArray[np.bool_],
        code: str,
        reason: str,
        texts: pa.StringArray | None = None,
    ) -> Flaws:
        """The rows where the mask is true, all for one reason, which each row's text begins."""
        rows = np.flatnonzero(mask)
        if not len(rows):
            return cls.none()
        reasons = pa.array([reason] * len(rows) if texts is None else [], pa.string())
        if texts is not None:
            reasons = pc.binary_join_element_wise(
                _quoted(texts.take(pa.array(rows))), pa.scalar(reason), pa.scalar(" ")
            )
        return cls(rows=rows, codes=pa.array([code] * len(rows), pa.string()), reasons=reasons)

    @classmethod
    def of_words(
        cls,
        places: npt.NDArray[np.int32],
        words: Sequence[str],
        code: str,
        refused: Mapping[int, str],
    ) -> Flaws:
        """The rows whose word is refused.

        Parameters
        ----------
        places
            (n_rows,) which of the words each row has.
        refused
            The reason by place of the word, which begins it.
        """
        if not refused:
            return cls.none()
        rows = np.flatnonzero(np.isin(places, list(refused)))
        reasons = {
            place: f"{shorten(words[place])!r} {reason}" for place, reason in refused.items()
        }
        return cls(
            rows=rows,
            codes=pa.array([code] * len(rows), pa.string()),
            reasons=pa.array([reasons[place] for place in places[rows].tolist()], pa.string()),
        )

    def of_code(self, code: str) -> Flaws:
        """Those of one code."""
        is_of_code = pc.equal(self.codes, code)
        return Flaws(
            rows=self.rows[is_of_code.to_numpy(zero_copy_only=False)],
            codes=self.codes.filter(is_of_code),
            reasons=self.reasons.filter(is_of_code),
        )

    @classmethod
    def joined(cls, parts: Sequence[Flaws]) -> Flaws:
        """The flaws of one column from several checks that found different rows."""
        some = [part for part in parts if len(part)]
        if len(some) < 2:
            return some[0] if some else cls.none()
        rows = np.concatenate([part.rows for part in some])
        order = np.argsort(rows, kind="stable")
        return cls(
            rows=rows[order],
            codes=pa.concat_arrays([part.codes for part in some]).take(pa.array(order)),
            reasons=pa.concat_arrays([part.reasons for part in some]).take(pa.array(order)),
        )


def shorten(text: str) -> str:
    """A value as a reason shows it."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _quoted(texts: pa.StringArray) -> pa.StringArray:
    shown = pc.utf8_slice_codeunits(texts, 0, _SHOWN)
    return pc.binary_join_element_wise(pa.scalar("'"), shown, pa.scalar("'"), pa.scalar(""))
