"""From the JSON of a run to its section of benchmarks/README.md: the same text for the same run.

The page has a section for each size; writing one leaves the others as they are.

python -m benchmarks.report RESULT.json README.md
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.files import SIZES
from benchmarks.section import section

__all__ = ["INTRODUCTION", "main", "with_section"]

INTRODUCTION = """\
# Benchmark

Written by `make bench`; do not edit. `make bench SIZE=10M` makes the environment, the data and its
section of this page, and leaves the other sections as they are; nothing but this repository is
needed. `make_journeys.py` says what the data is like. `make bench-large` is told in `LARGE.md`.

Each peer has a process of its own, with the data loaded in its best form (`peers/`), the same
number of threads, and all take turns: A B C A B C. Results are compared for equality first; who
differs or fails is not timed, and the reason stands in its row. Times are those of the fastest
round, in milliseconds of wall time; beside them the CPU seconds of all threads, and the most memory
that the process held in any round, what it had loaded included. *Ratio* is the time of the fastest
peer by that of journeygraph: above 1 we are faster.

What is timed of ours: the statistic behind the question, on an open graph, with a new view in
every round, hence nothing remembered; what remembering saves stands apart. The loads are durable,
validated and free of duplicates, those of the peers stay in memory (chdb writes to the disk); only
the columns that are asked for are loaded, by all. Histories are of one customer, the average of
100. What is appended is loaded durably by us, and what was counted before is brought up to date;
peers append it in memory and count anew, as fast as they can.

*Must read* is what our columns hold that any way of doing it must read once (for loads: the file,
and the columns that are made of it); *limit* is how long that takes at the reading speed of this
memory, on as many threads as the peers have, measured in the same run; × says how many times as
long we take.
"""


def with_section(page: str, size: str, text: str) -> str:
    """A page with the section of one size put in, the sections in the order of their sizes.

    Parameters
    ----------
    page
        What is there; anything else than sections is written anew.
    """
    sections = {**_sections(page), size: text.strip()}
    order = sorted(sections, key=lambda name: (SIZES.get(name, 0), name))
    return (
        "\n\n".join([INTRODUCTION.strip(), *(_marked(name, sections[name]) for name in order)])
        + "\n"
    )


def _marked(size: str, text: str) -> str:
    return f"<!-- begin {size} -->\n\n{text}\n\n<!-- end {size} -->"


def _sections(page: str) -> dict[str, str]:
    found = {}
    for part in page.split("<!-- begin ")[1:]:
        size, _, rest = part.partition(" -->")
        text, end, _ = rest.partition(f"<!-- end {size} -->")
        if end:
            found[size] = text.strip()
    return found


def main() -> None:
    """Write the section of a run into the page."""
    source, target = (Path(given) for given in sys.argv[1:])
    if not source.exists():
        sys.exit(f"{source} is not there: the run ended before anything was measured")
    result: dict[str, Any] = json.loads(source.read_text())
    page = target.read_text() if target.exists() else ""
    target.write_text(with_section(page, result["machine_info"]["size"], section(result)))


if __name__ == "__main__":
    main()
