"""Every statistic that can be stored, by its name in a plan."""

from __future__ import annotations

from queries.stored.declaration import StoredStatistic
from queries.stored.of_customers import ADVOCATES, K_FACTOR, REFERRALS
from queries.stored.of_outcomes import ATTRIBUTION, LOYALTY_TOUCHPOINTS
from queries.stored.of_paths import COMMON_PATHS, DROP_OFF, FUNNEL, SUMMARY, TRANSITIONS

__all__ = ["REGISTRY"]

REGISTRY: dict[str, StoredStatistic] = {
    statistic.name: statistic
    for statistic in (
        SUMMARY,
        TRANSITIONS,
        COMMON_PATHS,
        DROP_OFF,
        FUNNEL,
        REFERRALS,
        ADVOCATES,
        K_FACTOR,
        LOYALTY_TOUCHPOINTS,
        ATTRIBUTION,
    )
}
"""By name; a later question joins by its declaration here."""
