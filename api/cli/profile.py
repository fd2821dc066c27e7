"""One customer on one page, or as one JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.cli.tables import count, interval, print_table, seconds

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.profile import CustomerStanding, WholeProfile
    from queries.similar_customers import SimilarAnswer

__all__ = ["print_profile", "profile_parts"]


def profile_parts(whole: WholeProfile, journeys: Journeys | None, first: int) -> dict[str, Any]:
    """All of a profile, under the names that GraphQL gives it.

    Parameters
    ----------
    journeys
        Whose customers are similar; None where nothing can be asked of them.
    first
        How many entries of each list.
    """
    profile = whole.profile
    links = profile.links
    return {
        "id": profile.id,
        "ids": profile.ids,
        "attributes": [{"name": k, "value": v} for k, v in profile.attributes.items()],
        "standing": whole.standing,
        "interactions": profile.interactions(first).nodes,
        "purchases": whole.purchases(first).nodes,
        "emotions": whole.emotions(first).nodes,
        "expectations": whole.expectations(first).nodes,
        "referred_by": profile.referred_by,
        "referred": profile.referred,
        "upline": links.upline(first).nodes,
        "downstream": links.downstream,
        "downstream_value_minor": links.downstream_value_minor,
        "similar": _similar(whole, journeys),
    }


def _similar(whole: WholeProfile, journeys: Journeys | None) -> SimilarAnswer | None:
    from queries.similar_customers import SimilarCustomers, similar_customers

    if journeys is None or not whole.history:
        return None
    return similar_customers(SimilarCustomers(customer=whole.profile.id), journeys)


def print_profile(whole: WholeProfile, journeys: Journeys | None, first: int) -> None:
    """Print all of a profile."""
    from api.answers import moment, money

    profile, exponent = whole.profile, whole.profile.graph.exponent
    rows = profile.interactions(first).nodes
    others = [["also known as", name] for name in profile.ids[1:]]
    print_table(
        f"Customer {profile.id} – referred by {profile.referred_by or 'nobody known'}, "
        f"referred {count(profile.links.brought)}",
        ["", "known"],
        [
            *others,
            *_standing_rows(whole.standing, exponent),
            *map(list, profile.attributes.items()),
        ],
        texts=2,
    )
    print_table(
        f"History – {count(len(rows))} of {count(profile.n_interactions)} interactions",
        ["at", "touchpoint", "channel", "stage", "value", "feeling", "expected", "found"],
        [
            [
                moment(row.at_us) or "–", row.touchpoint, row.channel or "–", row.stage or "–",
                money(row.value_minor, exponent) or "–", _rating(row.emotion),
                _rating(row.expectation), _rating(row.experience),
            ]
            for row in rows
        ],
        texts=4,
    )  # fmt: skip
    similar = _similar(whole, journeys)
    if similar is not None and similar.prefix:
        _print_similar(similar)


def _standing_rows(standing: CustomerStanding, exponent: int) -> list[list[str]]:
    from api.answers import moment, money

    last = standing.last_item or "–"
    rows = [
        ["last seen", f"{moment(standing.last_at_us) or '–'} at {last}"],
        ["since then", seconds(standing.since_seconds)],
        ["open or gone", {None: "–", True: "open", False: "gone"}[standing.is_open]],
        ["outcomes", f"{count(standing.outcomes)}, last {moment(standing.last_outcome_us) or '–'}"],
        ["value", money(standing.value_minor, exponent) or "–"],
        ["usual silence, longest", f"{seconds(standing.median_gap_seconds)}, "
                                   f"{seconds(standing.longest_gap_seconds)}"],
        ["feelings: mean, lately, last", ", ".join(map(_rating, (
            standing.mean_emotion, standing.recent_emotion, standing.last_emotion)))],
        ["expectations met", f"{count(standing.met_or_surpassed)} of "
                             f"{count(standing.expectations)}"],
    ]  # fmt: skip
    signs = [
        sign
        for sign, is_so in (
            ("bought more than once", standing.is_repeat),
            ("brought others", standing.brought > 0),
            ("silent for longer than ever before", standing.is_unusually_silent),
            ("the last feeling was bad", (standing.last_emotion or 0) < 0),
            ("the last expectation was not met", standing.was_disappointed),
        )
        if is_so
    ]
    return [*rows, ["signs", "; ".join(signs) or "none"]]


def _print_similar(similar: SimilarAnswer) -> None:
    print_table(
        f"Similar customers – what {count(similar.units)} others did next after "
        f"{' > '.join(similar.prefix)}; nothing in time: {interval(similar.nothing)}",
        ["next", "share", "median"],
        [
            [node.item, interval(node.probability), seconds(node.median_seconds)]
            for node in similar.nodes
        ],
    )


def _rating(number: float | None) -> str:
    return "–" if number is None else f"{number:+.2f}"
