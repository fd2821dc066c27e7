"""Hash texts, to find one among millions without reading them all.

FNV-1a, 64 bits: not the fastest, but six lines in any language, so that a single text is hashed
without compiling anything (`texts.hash_text`).
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["BASIS", "PRIME", "hash_texts", "warm"]

BASIS = np.uint64(0xCBF29CE484222325)
PRIME = np.uint64(0x100000001B3)


@numba.njit(nogil=True, cache=True)
def hash_texts(offsets, data):
    """Hash each text.

    Parameters
    ----------
    offsets
        (n + 1,) int64: where each text begins in `data`; the last is where the last one ends.
    data
        uint8: the texts in UTF-8, one after another.

    Returns
    -------
    hashes
        (n,) uint64.

    Notes
    -----
    Fowler, Noll and Vo; RFC 9923.
    """
    hashes = np.empty(len(offsets) - 1, np.uint64)
    for text in range(len(hashes)):
        found = BASIS
        for place in range(offsets[text], offsets[text + 1]):
            found = (found ^ np.uint64(data[place])) * PRIME
        hashes[text] = found
    return hashes


def warm() -> None:
    """Compile for the types met."""
    hash_texts(read_only([0, 1]), read_only([97], np.uint8))
