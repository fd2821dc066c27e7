"""A store in plain Python: every version is a copy of everything."""

from __future__ import annotations

from dataclasses import dataclass, field

Row = tuple[int, int]


@dataclass
class NaiveStore:
    """Loads and their values; `versions` holds what each version showed."""

    loads: dict[int, list[int]] = field(default_factory=dict)
    versions: list[list[Row]] = field(default_factory=list)

    def commit(self) -> None:
        self.versions.append(
            [(load, value) for load in sorted(self.loads) for value in self.loads[load]]
        )


def encode(known: list[str], texts: list[str | None]) -> list[int]:
    """Position of each text in `known`, which grows by new ones; -1 where there is none."""
    keys = []
    for text in texts:
        if text is not None and text not in known:
            known.append(text)
        keys.append(-1 if text is None else known.index(text))
    return keys
