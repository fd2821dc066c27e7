"""A file of text as pieces of UTF-8, whatever its encoding and whether it is gzipped.

What is wrong with the bytes is said with the line: a gzip file cut short or with a wrong
checksum, text that is not what it was said to be.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from journeygraph.loading.errors import DamagedFileError, EncodingError, UnreadableFileError
from journeygraph.loading.formats import Source, open_source

__all__ = ["TextStream", "bad_text"]

PIECE_BYTES = 1 << 20


class TextStream:
    """Bytes in UTF-8, without a byte order mark.

    Parameters
    ----------
    source
        A file of text.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._stream, self._raw = open_source(source)
        self._is_plain = source.encoding in {"utf-8", "utf-8-sig"}
        self._decoder = None if self._is_plain else codecs.getincrementaldecoder(source.encoding)()
        self._at_start = True
        self._line = 1

    @property
    def bytes_read(self) -> int:
        """How far into the file itself it has come."""
        return 0 if self._raw.closed else self._raw.tell()

    def read(self, size: int) -> bytes:
        """About `size` bytes; fewer only where the file ends, and then, at last, none."""
        if self._is_plain:
            return self._read_bytes(size)
        pieces: list[bytes] = []
        n_bytes = 0
        while n_bytes < size:
            raw = self._read_bytes(PIECE_BYTES)
            piece = self._transcode(raw)
            pieces.append(piece)
            n_bytes += len(piece)
            if not raw:
                break
        return b"".join(pieces)

    def read_raw(self, size: int) -> bytes:
        """At most `size` bytes as they stand in the file, unpacked."""
        with self._naming_damage():
            return self._stream.read(size)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        self._raw.close()

    def _read_bytes(self, size: int) -> bytes:
        piece = self.read_raw(size)
        if self._at_start:
            self._at_start = False
            return piece.removeprefix(codecs.BOM_UTF8) if self._is_plain else piece
        return piece

    @contextmanager
    def _naming_damage(self) -> Iterator[None]:
        path = self._source.path
        try:
            yield
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DamagedFileError(path, f"it cannot be unpacked to its end ({error})") from error
        except OSError as error:
            raise UnreadableFileError(path, error.strerror or str(error)) from error

    def _transcode(self, raw: bytes) -> bytes:
        assert self._decoder is not None
        try:
            text = self._decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            begin = error.object[: error.start].decode(self._source.encoding, errors="replace")
            raise bad_text(self._source, error, self._line + begin.count("\n")) from error
        except UnicodeError as error:  # without a place: no byte order mark, for one
            raise EncodingError(
                self._source.path, self._source.encoding, raw[:8], self._line
            ) from error
        self._line += text.count("\n")
        return text.removeprefix("\ufeff").encode("utf-8", errors="surrogatepass")


def bad_text(source: Source, error: UnicodeDecodeError, line: int | None) -> EncodingError:
    """The error for bytes that are no text of the file's encoding."""
    name = "utf-8" if source.encoding == "utf-8-sig" else source.encoding
    found = bytes(error.object[error.start : error.start + 8])
    return EncodingError(source.path, name, found, line)
