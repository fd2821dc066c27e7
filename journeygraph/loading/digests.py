"""The SHA-256 of a file, which is what its rows are known by; counted while the file is read.

Whoever waits for it first waits half as long again for the whole load. It is needed before the
first row only where the file may have been loaded before, and then its size has been seen before.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor

from journeygraph.loading.errors import DamagedFileError, UnreadableFileError
from journeygraph.loading.formats import Source

__all__ = ["FileDigest"]

_PIECE_BYTES = 1 << 20


class FileDigest:
    """The digest of a file, made by another thread from now on.

    Parameters
    ----------
    source
        The file; it must stay as it is until `result` is asked for.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._stopped = False
        self._mark = self._state()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="digest")
        self._future: Future[str] = self._pool.submit(self._count)

    def result(self) -> str:
        """The digest in hexadecimal digits, when it is there.

        Raises
        ------
        DamagedFileError
            Where the file was changed meanwhile.
        """
        digest = self._future.result()
        self.check_unchanged()
        return digest

    def check_unchanged(self) -> None:
        """Raise DamagedFileError if the file is not as it was."""
        if self._state() != self._mark:
            raise DamagedFileError(self._source.path, "it was changed while it was read")

    def close(self) -> None:
        """Stop counting."""
        self._stopped = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _state(self) -> tuple[int, int]:
        try:
            found = self._source.path.stat()
        except OSError as error:
            raise UnreadableFileError(self._source.path, error.strerror or str(error)) from error
        return found.st_size, found.st_mtime_ns

    def _count(self) -> str:
        digest = hashlib.sha256()
        try:
            with self._source.path.open("rb") as file:
                while not self._stopped and (piece := file.read(_PIECE_BYTES)):
                    digest.update(piece)
        except OSError as error:
            raise UnreadableFileError(self._source.path, error.strerror or str(error)) from error
        return digest.hexdigest()
