"""The ids and further columns of a graph that was opened from a store, each when asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InconsistentGraphError
from journeygraph.feedback import Feedback
from journeygraph.feedback_reading import feedback_of, feedback_tables, read_feedback
from journeygraph.graph import WORDS, CodedColumn, IntArray
from journeygraph.graph_cache import ArrayCache, Arrays, NoCache
from journeygraph.graph_columns import attributes_frame, empty_number, number_type
from journeygraph.graph_layout import arranged, fill_not_said, inserted, words_of_touchpoints
from journeygraph.json_columns import codes_of, columns_of, names_in
from journeygraph.lake.versions import StoreVersion
from journeygraph.merged_keys import MergedKeys, merged_keys
from journeygraph.store_rows import (
    Tables,
    Wanted,
    column_batches,
    names_by_code,
    numbers_of,
    read_rows,
)
from journeygraph.texts import Texts

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["StoreColumns", "begins_with"]

_KEPT_FEEDBACK = 2


class StoreColumns:
    """Columns that are read from tables, brought into the order of the graph, and kept.

    Parameters
    ----------
    tables, entry
        The store, or what is like one, and the version that the graph shows.
    cache
        Where what has been read is kept.
    core
        The graph's own arrays, with `order` and `customer_keys`.
    find_base
        Finds the columns of an earlier version whose rows are the first of this one: what was
        read for that one need not be read again.
    """

    def __init__(
        self,
        tables: Tables,
        entry: StoreVersion,
        cache: ArrayCache | NoCache,
        core: Arrays,
        find_base: Callable[[], StoreColumns | None] = lambda: None,
    ) -> None:
        self.tables = tables
        self.entry = entry
        self.cache = cache
        self.core = core
        self._find_base = find_base
        self._opened: dict[str, Arrays] = {}

    @cached_property
    def customer_ids(self) -> Texts:
        """The customers' ids by customer index."""
        there = self._get("ids", self._make_ids, "identities")
        return Texts(there["offsets"], there["data"], there["hashes"], there["places"])

    @cached_property
    def merged(self) -> MergedKeys:
        """Which keys are one customer."""
        return merged_keys(self.tables, self.entry)

    @cached_property
    def merged_ids(self) -> Mapping[str, int]:
        """Ids that were merged, by which their customers are found as well."""
        merged, keys = self.merged, self.core["customer_keys"]
        places = np.searchsorted(keys, merged.others_of).clip(0, max(len(keys) - 1, 0))
        is_here = keys[places] == merged.others_of if len(keys) else np.zeros(len(merged), np.bool_)
        ids = self._ids_of_keys(merged.others[is_here])
        return dict(zip(ids, places[is_here].tolist(), strict=True))

    def number(self, name: str) -> IntArray:
        """One of `NUMBERS`, or the codes of one of `WORDS`."""
        return self._get(f"column-{name}", lambda: self._make_number(name))["numbers"]

    def text(self, name: str) -> CodedColumn:
        """One of `TEXTS`."""
        if name == "team":
            there = self._get("column-team", self._make_team, "teams")
            return CodedColumn(there["codes"], tuple(there.facts["names"]))
        return _coded(self._get(f"column-{name.replace('_', '-')}", lambda: self._make_text(name)))

    def property_names(self) -> Sequence[str]:
        """What `properties` of the interactions hold."""
        there = self._get("property-names", self._make_property_names)
        return tuple(there.facts["names"])

    def property(self, name: str) -> CodedColumn:
        """One of `property_names`."""
        digest = hashlib.sha256(name.encode()).hexdigest()[:32]
        return _coded(self._get(f"property-{digest}", lambda: self._make_property(name)))

    def attributes(self) -> pd.DataFrame:
        """The customers' attributes, one row for each customer index."""
        there = self._get("attributes", self._make_attributes)
        columns = {
            name: CodedColumn(there[f"codes-{number}"], _texts(there, str(number)))
            for number, name in enumerate(there.facts["names"])
        }
        return attributes_frame(len(self.core["customer_keys"]), columns)

    def feedback(self) -> Feedback:
        """The feedback of the version."""
        keys = self.core["customer_keys"]
        make = partial(read_feedback, self.tables, self.entry, keys)
        there = self.cache.get("feedback", make, feedback_tables(self.entry))
        self.cache.keep_latest("feedback", _KEPT_FEEDBACK)  # every recording makes another
        return feedback_of(there)

    def _get(self, group: str, make: Callable[[], Arrays], table: str | None = None) -> Arrays:
        if group not in self._opened:
            self._opened[group] = self.cache.get(group, make, self._key(table))
        return self._opened[group]

    def _key(self, table: str | None) -> dict[str, Any] | None:
        return None if table is None else {table: self.entry.revisions.get(table)}

    @cached_property
    def _base(self) -> StoreColumns | None:
        """An earlier version to which rows and customers were only added at the end."""
        base = self._find_base()
        if base is None:
            return None
        alike = begins_with(self.core["customer_keys"], base.core["customer_keys"])
        return base if alike else None

    def _of_base(self, group: str, table: str | None = None) -> Arrays | None:
        """What is kept of a group for the earlier version."""
        if self._base is None or isinstance(self._base.cache, NoCache):
            return None
        return self._base.cache.peek(group, self._base._key(table))

    def _make_ids(self) -> Arrays:
        ids = self._grown_ids() or self._ids().indexed()
        assert ids.hashes is not None
        assert ids.places is not None
        return Arrays(
            {"offsets": ids.offsets, "data": ids.data, "hashes": ids.hashes, "places": ids.places}
        )

    def _ids(self) -> Texts:
        return self._ids_of_keys(self.merged.by_name(self.core["customer_keys"]))

    def _ids_of_keys(self, wanted_keys: IntArray) -> Texts:
        """The ids of keys, in their order."""
        n_keys = self.entry.counts.get("identities", 0)
        customers = {"customer": Wanted(np.int64)}
        keys = read_rows(self.tables, self.entry, "identities", customers)["customer"]
        place = np.full(n_keys, -1, np.int64)
        place[keys] = np.arange(len(keys))
        wanted = place[wanted_keys]
        if (wanted < 0).any():
            raise InconsistentGraphError("customers", "have keys without an id")
        ids = Texts.from_arrow(*column_batches(self.tables, self.entry, "identities", "id"))
        return ids if np.array_equal(wanted, np.arange(len(ids))) else ids.select(wanted)

    def _grown_ids(self) -> Texts | None:
        """The ids of the earlier version and those of the new customers."""
        there = self._of_base("ids", "identities")
        if there is None or self._base is None or len(self.merged):
            return None
        known = Texts(there["offsets"], there["data"], there["hashes"], there["places"])
        n_given = self._base.entry.counts.get("identities", 0)
        keys = self.core["customer_keys"][len(known) :] - n_given
        parts = column_batches(self.tables, self.entry, "identities", "id", n_given)
        new = Texts.from_arrow(*parts)
        if len(keys) and (keys[0] < 0 or keys[-1] >= len(new)):
            return None  # a key that was given before it was used; or damage, which is seen there
        return known.grown(new.select(keys))

    def _make_number(self, name: str) -> Arrays:
        before = self._of_base(f"column-{name}")
        if before is None or self._base is None:
            return Arrays({"numbers": self._numbers(name, 0, slice(None))})
        n_old = self._base.entry.counts.get("interactions", 0)
        new = np.flatnonzero(self.core["order"] >= n_old)
        numbers = self._numbers(name, n_old, new)
        return Arrays({"numbers": inserted(before["numbers"], numbers, new - np.arange(len(new)))})

    def _numbers(
        self, name: str, first_row: int, rows: slice | npt.NDArray[np.int64]
    ) -> npt.NDArray[Any]:
        """A column of some rows of the graph, which arrived from a row on."""
        wanted = {name: Wanted(number_type(name), int(empty_number(name, 1)[0]))}
        arrived = read_rows(self.tables, self.entry, "interactions", wanted, first_row)[name]
        order = self.core["order"][rows]
        numbers = arranged(arrived, order - first_row if first_row else order)
        if name in WORDS:
            touchpoints = self.core.facts["touchpoints"]
            words = words_of_touchpoints(touchpoints, self.entry.dictionary, name)
            numbers = fill_not_said(numbers, self.core["touchpoint_codes"][rows], words)
        return numbers

    def _make_team(self) -> Arrays:
        wanted = {"team": Wanted(np.int32, -1)}
        codes = read_rows(self.tables, self.entry, "interactions", wanted)["team"]
        names = names_by_code(self.tables, self.entry, "teams")
        if len(codes) and int(codes.max()) >= len(names):
            raise InconsistentGraphError("teams", f"name more than the {len(names)} that there are")
        return Arrays({"codes": arranged(codes, self.core["order"])}, {"names": names})

    def _make_text(self, name: str) -> Arrays:
        import pyarrow as pa

        parts = column_batches(self.tables, self.entry, "interactions", name)
        column = pa.chunked_array(parts, pa.string())
        if column.null_count == len(column):  # as with most columns of most data
            return self._coded_arrays(np.full(len(column), -1, np.int32), Texts.of([]))
        whole = column.cast(pa.large_string()).dictionary_encode().combine_chunks()
        codes = numbers_of(whole.indices, -1).astype(np.int32)
        return self._coded_arrays(codes, Texts.from_arrow(whole.dictionary))

    def _make_property_names(self) -> Arrays:
        return Arrays({}, {"names": names_in(self._properties("interactions"))})

    def _make_property(self, name: str) -> Arrays:
        codes, names = codes_of(self._properties("interactions"), name)
        return self._coded_arrays(codes, Texts.of(names))

    def _make_attributes(self) -> Arrays:
        rows = read_rows(self.tables, self.entry, "customers", {"customer": Wanted(np.int64)})
        keys = self.core["customer_keys"]
        customers = np.searchsorted(keys, self.merged.resolve(rows["customer"]))
        columns = columns_of(self._properties("customers"), len(customers))
        arrays: dict[str, npt.NDArray[Any]] = {}
        for number, (codes, texts) in enumerate(columns.values()):
            said = codes >= 0
            latest = np.full(len(keys), -1, np.int32)
            latest[customers[said]] = codes[said]  # of several rows the last one stays
            arrays[f"codes-{number}"] = latest
            arrays.update(_text_arrays(str(number), Texts.of(texts)).arrays)
        return Arrays(arrays, {"names": list(columns)})

    def _properties(self, table: str) -> Any:
        return column_batches(self.tables, self.entry, table, "properties")

    def _coded_arrays(self, codes: npt.NDArray[np.int32], names: Texts) -> Arrays:
        arrays = _text_arrays("names", names).arrays
        return Arrays({"codes": arranged(codes, self.core["order"]), **arrays})


def begins_with(keys: npt.NDArray[np.int64], first: npt.NDArray[np.int64]) -> bool:
    """Whether keys of customers, which ascend from 0 or later, begin with these."""
    n_first = len(first)
    if n_first > len(keys):
        return False
    if n_first and keys[-1] == len(keys) - 1:  # all that there are: 0, 1, 2, …
        return bool(first[-1] == n_first - 1)
    return bool(np.array_equal(keys[:n_first], first))


def _text_arrays(name: str, texts: Texts) -> Arrays:
    return Arrays({f"offsets-{name}": texts.offsets, f"data-{name}": texts.data})


def _texts(arrays: Arrays, name: str) -> Texts:
    return Texts(arrays[f"offsets-{name}"], arrays[f"data-{name}"])


def _coded(arrays: Arrays) -> CodedColumn:
    return CodedColumn(arrays["codes"], _texts(arrays, "names"))
