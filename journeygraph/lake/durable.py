"""Small files and folders that are on the disk when a function returns.

Delta Lake's library flushes nothing, and a file that is renamed but not flushed can be empty
after a power cut; what a commit relies on is flushed here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

__all__ = ["make_folder", "numbered_files", "sync_all", "sync_file", "sync_folder", "write_file"]

_AT_ONCE = 16


def sync_file(path: Path) -> None:
    """Flush a file to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_all(paths: Iterable[Path]) -> None:
    """Flush files and folders to the disk, at the same time: most of a flush is waiting."""
    different = list(dict.fromkeys(paths))
    with ThreadPoolExecutor(max(1, min(_AT_ONCE, len(different)))) as pool:
        list(pool.map(sync_file, different))


def sync_folder(path: Path) -> None:
    """Flush the names of a folder to the disk."""
    sync_file(path)


def make_folder(path: Path) -> None:
    """Create a folder, and its parents, that survive a power cut."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in missing:
        sync_folder(folder.parent)


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that it appears whole or not at all, replacing what was there."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def numbered_files(folder: Path, ending: str) -> list[int]:
    """The numbers of the files that are named by a number and an ending, ascending."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:  # there may be thousands, and pathlib is slow with them
        stems = [entry.name.removesuffix(ending) for entry in entries if ending in entry.name]
    return sorted(int(stem) for stem in stems if stem.isdecimal())
