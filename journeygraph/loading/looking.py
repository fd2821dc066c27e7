"""A first look at the files of a load, before anything is read or made: what they are, and hold."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from journeygraph.loading.errors import MappedColumnError, MissingColumnsError
from journeygraph.loading.formats import Format, Source, identify
from journeygraph.loading.mapping import map_columns
from journeygraph.loading.mapping_file import read_mapping_file
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.readers import open_reader

__all__ = ["LookedAt", "look_at", "mapping_said"]


def mapping_said(options: LoadOptions) -> dict[str, str]:
    """The mapping that the user gives, in a file and in so many words."""
    of_file = (
        {}
        if options.mapping_file is None
        else read_mapping_file(Path(options.mapping_file), options.schema)
    )
    return {**of_file, **options.mapping}


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A file that can be loaded: what it is, and the columns that were seen in it."""

    source: Source
    columns: tuple[str, ...]


def look_at(path: Path, options: LoadOptions, said: Mapping[str, str]) -> LookedAt:
    """Find out what a file is, and whether its columns are known, without reading it all."""
    source = identify(path, options.encoding)
    with closing(
        open_reader(source, delimiter=options.delimiter, columns=options.columns)
    ) as reader:
        try:
            map_columns(path, reader.columns, options.schema, said)
        except (MappedColumnError, MissingColumnsError):
            # A column that is named may first appear far behind, where rows name their columns.
            if source.format not in {Format.JSON_LINES, Format.XES}:
                raise
            for _ in reader.batches():
                pass
            map_columns(path, reader.columns, options.schema, said)
        return LookedAt(source, reader.columns)
