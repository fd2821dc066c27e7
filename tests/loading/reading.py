"""What a reader gives, as plain Python."""

from contextlib import closing

from journeygraph.loading.formats import identify
from journeygraph.loading.readers import open_reader

__all__ = ["read", "write"]


def read(path, *, encoding=None, **options):
    """Columns, and rows as (line, values), broken ones as (line, code), in their order."""
    found = {}
    with closing(open_reader(identify(path, encoding), **options)) as reader:
        for batch in reader.batches():
            values = batch.table.to_pylist()
            for row, line, fields in zip(
                batch.rows.tolist(), batch.lines.tolist(), values, strict=True
            ):
                found[row] = (line, fields)
            for broken in batch.broken:
                found[broken.row] = (broken.line, broken.code)
        columns = list(reader.columns)
    assert sorted(found) == list(range(len(found)))
    return columns, [_in_order(columns, found[row]) for row in sorted(found)]


def _in_order(columns, row):
    line, fields = row
    return line, fields if isinstance(fields, str) else [fields.get(name) for name in columns]


def write(folder, content, name="data.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
