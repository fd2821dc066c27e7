"""The demo company: a maker of coffee machines, its customers, and all they live through.

Seeded, so that the same words and numbers come out everywhere. What is put in is meant to be
found again by the questions: referred customers buy more often, who saw a demonstration in the
store comes back to buy again, a complaint that nobody acts on costs the repeat purchase, and the
delivery page is where people leave. A few rows are spoiled the way real exports are, to show the
quarantine.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

__all__ = ["DemoFiles", "write_demo_data"]

_BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
_END = datetime(2025, 7, 1, tzinfo=UTC)
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class _Touchpoint:
    stage: str
    channel: str
    initiator: str
    environment: str
    level: str
    emotion: float


_TOUCHPOINTS = {
    "search ad": _Touchpoint("inquiry", "advertising", "company", "digital", "sensorial", 0.0),
    "magazine review": _Touchpoint("inquiry", "news", "third party", "physical", "rational", 0.2),
    "friend's advice": _Touchpoint(
        "inquiry", "word of mouth", "third party", "physical", "emotional", 0.5
    ),
    "brand video": _Touchpoint("inquiry", "social", "company", "digital", "emotional", 0.2),
    "product page": _Touchpoint("inquiry", "web", "customer", "digital", "rational", 0.1),
    "compare models": _Touchpoint("comparison", "web", "customer", "digital", "rational", 0.0),
    "live chat advice": _Touchpoint(
        "comparison", "live chat", "customer", "digital", "rational", 0.3
    ),
    "store demonstration": _Touchpoint(
        "comparison", "face to face", "customer", "physical", "sensorial", 0.5
    ),
    "newsletter": _Touchpoint("comparison", "email", "company", "digital", "rational", 0.0),
    "cart": _Touchpoint("purchase", "web", "customer", "digital", "rational", 0.1),
    "delivery page": _Touchpoint("purchase", "web", "customer", "digital", "rational", -0.2),
    "purchase": _Touchpoint("purchase", "online purchase", "customer", "digital", "emotional", 0.4),
    "unpacking": _Touchpoint("support", "packaging", "customer", "physical", "sensorial", 0.5),
    "onboarding call": _Touchpoint("support", "phone", "company", "physical", "emotional", 0.4),
    "how-to article": _Touchpoint("support", "app", "customer", "digital", "rational", 0.1),
    "service call": _Touchpoint(
        "support", "call centre", "customer", "physical", "emotional", -0.2
    ),
    "text reminder": _Touchpoint("support", "text", "company", "digital", "rational", 0.0),
    "complaint": _Touchpoint("support", "email", "customer", "digital", "emotional", -0.7),
    "apology": _Touchpoint("support", "phone", "company", "physical", "emotional", 0.2),
}
_INTERACTION_COLUMNS = (
    "customer_id", "timestamp", "touchpoint", "channel", "initiator", "value", "emotion",
    "expectation", "experience", "event_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Where the demo data was written."""

    interactions: Path
    customers: Path
    referrals: Path
    feedback: Path
    dictionary: Path


@dataclass(slots=True)
class _Company:
    """What has happened so far, as rows of the four files."""

    random: np.random.Generator
    interactions: list[list[object]] = field(default_factory=list)
    customers: list[list[object]] = field(default_factory=list)
    referrals: list[list[object]] = field(default_factory=list)
    feedback: list[list[object]] = field(default_factory=list)
    advocates: list[tuple[str, datetime]] = field(default_factory=list)


@dataclass(slots=True)
class _Traveller:
    """One customer on the way: who, when, how they feel, and how likely they buy again."""

    company: _Company
    customer: str
    now: datetime
    mood: float
    loyal: float = 0.22

    def chance(self, probability: float) -> bool:
        return bool(self.company.random.random() < probability)

    def wait(self, days: float) -> None:
        self.now += timedelta(seconds=float(self.company.random.exponential(days * _DAY)) + 5.0)

    def meet(self, touchpoint: str, value: float | None = None, channel: str = "") -> None:
        """Record one interaction, unless it lies after the end of the data."""
        if self.now >= _END:
            return
        facts = _TOUCHPOINTS[touchpoint]
        random = self.company.random
        feels = random.random() < 0.4
        emotion = float(np.clip(random.normal(facts.emotion + self.mood, 0.3), -1, 1))
        expected = float(np.clip(random.normal(0.3, 0.2), -1, 1))
        rows = self.company.interactions
        rows.append(
            [
                self.customer,
                _written(self.now),
                touchpoint,
                channel or facts.channel,
                facts.initiator,
                "" if value is None else f"{value:.2f}",
                f"{emotion:.2f}" if feels else "",
                f"{expected:.2f}" if feels else "",
                f"{emotion:.2f}" if feels else "",
                f"e{len(rows):07d}",
            ]
        )


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def write_demo_data(folder: Path, customers: int = 6_000, seed: int = 7) -> DemoFiles:
    """Write the demo company's files below `folder`.

    Parameters
    ----------
    folder
        Made where it is missing; files of the same names are replaced.
    customers
        How many begin a journey.
    seed
        The same seed gives the same files.
    """
    company = _Company(random=np.random.default_rng(seed))
    span = (_END - _BEGIN).total_seconds() * 0.92
    for number, start in enumerate(np.sort(company.random.uniform(0, span, customers))):
        _live(company, f"c{number}", _BEGIN + timedelta(seconds=float(start)))
    company.interactions.sort(key=lambda row: str(row[1]))
    _spoil(company.interactions)
    folder.mkdir(parents=True, exist_ok=True)
    files = DemoFiles(
        interactions=folder / "interactions.csv.gz",
        customers=folder / "customers.csv",
        referrals=folder / "referrals.csv",
        feedback=folder / "feedback.csv",
        dictionary=folder / "touchpoints.yaml",
    )
    _write_csv(files.interactions, _INTERACTION_COLUMNS, company.interactions)
    _write_csv(files.customers, ("customer_id", "segment", "country"), company.customers)
    _write_csv(files.referrals, ("referrer_id", "referred_id", "at", "medium"), company.referrals)
    _write_csv(
        files.feedback,
        ("customer_id", "kind", "opened_at", "acknowledged_at", "acted_at", "closed_at", "due_at",
         "touchpoint", "feedback_id"),
        company.feedback,
    )  # fmt: skip
    files.dictionary.write_text(_dictionary(_TOUCHPOINTS), encoding="utf-8")
    return files


def _live(company: _Company, customer: str, start: datetime) -> None:
    random = company.random
    segment = str(random.choice(["home", "office", "café"], p=[0.7, 0.2, 0.1]))
    country = str(random.choice(["DE", "FR", "NL", "JP"], p=[0.4, 0.3, 0.2, 0.1]))
    company.customers.append([customer, segment, country])
    traveller = _Traveller(company, customer, start, float(random.normal(0, 0.15)))
    referred = _arrive(traveller)
    _compare(traveller)
    if not _buy(traveller, 0.62 if referred else 0.42):
        return
    _use(traveller)


def _arrive(traveller: _Traveller) -> bool:
    """Begin by advice of a customer, by word of mouth of unknown source, or by the company."""
    company = traveller.company
    known = [name for name, since in company.advocates[-400:] if since < traveller.now]
    referred = bool(known) and traveller.chance(0.28)
    if referred:
        advocate = known[int(company.random.integers(len(known)) ** 2 / len(known))]
        medium = "social" if traveller.chance(0.4) else "word of mouth"
        moment = _written(traveller.now)
        company.referrals.append([advocate, traveller.customer, moment, medium])
        traveller.meet("friend's advice", channel=medium)
        traveller.wait(1)
    elif traveller.chance(0.06):
        moment = _written(traveller.now)
        company.referrals.append(["", traveller.customer, moment, "word of mouth"])
        traveller.meet("friend's advice")
        traveller.wait(2)
    else:
        heard = company.random.choice(
            ["search ad", "brand video", "magazine review"], p=[0.6, 0.28, 0.12]
        )
        traveller.meet(str(heard))
        traveller.wait(0.3)
    traveller.meet("product page")
    return referred


def _compare(traveller: _Traveller) -> None:
    random = traveller.company.random
    for _round in range(int(random.poisson(2.2))):
        traveller.wait(1.2)
        step = random.choice(
            ["compare models", "product page", "newsletter", "live chat advice",
             "store demonstration"],
            p=[0.36, 0.30, 0.16, 0.11, 0.07],
        )  # fmt: skip
        traveller.meet(str(step))
        if step == "store demonstration":
            traveller.mood += 0.1
            traveller.loyal += 0.18


def _buy(traveller: _Traveller, eager: float) -> bool:
    """Walk through the cart; true where it ended in a purchase."""
    if not traveller.chance(eager + traveller.mood * 0.2):
        return False
    traveller.wait(0.4)
    traveller.meet("cart")
    traveller.wait(0.004)
    traveller.meet("delivery page")
    if not traveller.chance(0.72):
        if not traveller.chance(0.3):
            return False
        traveller.wait(2)
        traveller.meet("delivery page")
    traveller.wait(0.003)
    price = float(traveller.company.random.choice([79.9, 149.0, 249.0, 399.0]))
    traveller.meet("purchase", value=price)
    return traveller.now < _END


def _use(traveller: _Traveller) -> None:
    """Live with what was bought: help, trouble, advice to friends, and buying again."""
    company = traveller.company
    traveller.wait(3)
    traveller.meet("unpacking")
    if traveller.chance(0.35):
        traveller.wait(2)
        traveller.meet("onboarding call")
        traveller.loyal += 0.15
    for _round in range(int(company.random.poisson(0.8))):
        traveller.wait(9)
        traveller.meet(str(company.random.choice(["how-to article", "text reminder"])))
    if traveller.chance(0.2):
        traveller.loyal += _trouble(traveller)
    if traveller.chance(0.3 + traveller.mood * 0.3):
        company.advocates.append((traveller.customer, traveller.now))
    for _again in range(3):
        if not traveller.chance(max(traveller.loyal, 0.02)):
            return
        traveller.wait(30)
        traveller.meet("product page")
        if not _buy(traveller, 0.9):
            return


def _trouble(traveller: _Traveller) -> float:
    """Complain, and see whether anybody acts; what it does to the wish to buy again."""
    company = traveller.company
    traveller.wait(5)
    traveller.meet("service call")
    if not traveller.chance(0.6):
        return 0.0
    traveller.wait(2)
    traveller.meet("complaint")
    opened = traveller.now
    acted = traveller.chance(0.6)
    if acted:
        traveller.wait(3)
        traveller.meet("apology")
    acknowledged = opened + timedelta(days=1)
    if acted:
        acknowledged = min(acknowledged, traveller.now)
    moments = [opened, acknowledged] + [traveller.now] * 2 * acted
    if traveller.now < _END - timedelta(days=2):
        texts = [_written(moment) for moment in moments]
        texts += [""] * (4 - len(texts))
        due = _written(opened + timedelta(days=7))
        company.feedback.append(
            [traveller.customer, "complaint", *texts, due, "service call",
             f"f{len(company.feedback):05d}"]
        )  # fmt: skip
    return 0.12 if acted else -0.2


def _spoil(rows: list[list[object]]) -> None:
    """Break a few rows the way that real exports are broken."""
    rows[len(rows) // 5][1] = "yesterday"
    rows[len(rows) // 3][0] = ""
    rows[len(rows) // 2][6] = "7"


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    if path.suffix == ".gz":
        # no name and no time in the header of the archive: the same data, the same bytes
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, 0) as packed:
            for row in (header, *rows):
                packed.write((",".join(str(cell) for cell in row) + "\n").encode())
        return
    with path.open("w", newline="", encoding="utf-8") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _dictionary(touchpoints: Mapping[str, _Touchpoint]) -> str:
    lines = ["# What each touchpoint is, where the data does not say.", "touchpoints:"]
    for name, facts in touchpoints.items():
        lines += [
            f'  "{name}":',
            f"    stage: {facts.stage}",
            f"    channel: {facts.channel}",
            f"    initiator: {facts.initiator}",
            f"    environment: {facts.environment}",
            f"    level: {facts.level}",
        ]
    return "\n".join(lines) + "\n"
