"""The field's own words and their normal forms.

Stages, initiators, environments and levels are closed sets, stored as small codes with 0 for
"not said". Channels are an open set: the names that everybody spells differently get one
spelling, all others stay as they are.
"""

from __future__ import annotations

import re

__all__ = [
    "CHANNELS",
    "ENVIRONMENTS",
    "FEEDBACK_KINDS",
    "FEEDBACK_STEPS",
    "INITIATORS",
    "LEVELS",
    "STAGES",
    "UNKNOWN",
    "code_of",
    "name_of",
    "normalise_channel",
]

UNKNOWN = "unknown"
"""How "not said" reads where an item needs a name."""

STAGES = ("inquiry", "comparison", "purchase", "support")
INITIATORS = ("customer", "company", "third party")
ENVIRONMENTS = ("digital", "physical")
LEVELS = ("physical", "emotional", "sensorial", "rational", "spiritual")
FEEDBACK_KINDS = ("complaint", "query", "suggestion", "praise", "promise")
FEEDBACK_STEPS = ("opened", "acknowledged", "acted", "closed", "reopened")
CHANNELS = (
    "web", "app", "online purchase", "phone", "call centre", "chat", "live chat", "text", "email",
    "social", "face to face", "store", "post", "advertising", "news", "word of mouth", "packaging",
)  # fmt: skip

_STAGE_SPELLINGS = {
    "awareness": "inquiry", "discovery": "inquiry", "consideration": "comparison",
    "evaluation": "comparison", "research": "comparison", "decision": "purchase",
    "conversion": "purchase", "checkout": "purchase", "service": "support",
    "after sales": "support", "aftersales": "support", "post purchase": "support",
}  # fmt: skip
_INITIATOR_SPELLINGS = {
    "direct": "customer", "user": "customer", "indirect": "company", "brand": "company",
    "firm": "company", "others": "third party", "other": "third party", "external": "third party",
}  # fmt: skip
_ENVIRONMENT_SPELLINGS = {"online": "digital", "offline": "physical"}
_SPELLINGS = {
    STAGES: _STAGE_SPELLINGS,
    INITIATORS: _INITIATOR_SPELLINGS,
    ENVIRONMENTS: _ENVIRONMENT_SPELLINGS,
    FEEDBACK_KINDS: {"question": "query", "compliment": "praise"},
    FEEDBACK_STEPS: {
        "new": "opened",
        "acted on": "acted",
        "resolved": "closed",
        "solved": "closed",
        "re opened": "reopened",
    },
    LEVELS: {"sensory": "sensorial", "cognitive": "rational"},
}
_CHANNEL_SPELLINGS = {
    "website": "web", "e mail": "email", "mail order": "post", "telephone": "phone",
    "call center": "call centre", "callcenter": "call centre", "livechat": "live chat",
    "sms": "text", "text message": "text", "social media": "social", "f2f": "face to face",
    "in person": "face to face", "in store": "store", "wom": "word of mouth",
    "mobile app": "app", "ads": "advertising", "advertisement": "advertising",
    "postal mail": "post",
}  # fmt: skip
_SEPARATORS = re.compile(r"[\s_\-]+")


def _plain(text: str) -> str:
    return _SEPARATORS.sub(" ", text.strip()).casefold()


def code_of(text: str, words: tuple[str, ...]) -> int | None:
    """Code of a word in one of the closed sets: 1-based, 0 for an empty text, None if unknown."""
    plain = _plain(text)
    if not plain:
        return 0
    plain = _SPELLINGS[words].get(plain, plain)
    return words.index(plain) + 1 if plain in words else None


def name_of(code: int, words: tuple[str, ...]) -> str | None:
    """The word behind a code of a closed set, None for 0."""
    return words[code - 1] if code else None


def normalise_channel(text: str) -> str:
    """One spelling for the channels that everybody spells differently; others stay as they are."""
    plain = _plain(text)
    plain = _CHANNEL_SPELLINGS.get(plain, plain)
    return plain if plain in CHANNELS else text.strip()
