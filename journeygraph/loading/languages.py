"""Whether a text is English, by its little words.

A lexicon of English scores "die" in a German text. Nobody needs to name the language of a text to
keep it from that, only to see that it is another one: in running text of any of these languages
about every second word is one of its hundred commonest. Who has a column that says the language
gives that instead.
"""

from __future__ import annotations

import re
from enum import StrEnum

__all__ = ["Language", "language_named", "language_of"]


class Language(StrEnum):
    """What is known of the language of a text."""

    ENGLISH = "english"
    OTHER = "other"
    UNCLEAR = "unclear"
    """Too short to tell, or as much one as another."""


_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_ENGLISH_WORDS = """
the and of to is was it that this for with my you i'm they are were have has had not but from very
be at we our me so if all there been when which would what their your or by an just will who out
about can could did don't didn't it's wasn't i've after because he she his her than then them too
only again never ever really i
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_OTHERS = tuple(
    frozenset(words.split())
    for words in (
        "der die das und ist war ich nicht ein eine zu mit den dem auf für von sehr es im sich "
        "auch aber wie noch nach bei wir sie mich mir hat habe haben bin sind wurde nur wenn",
        "le la les et est un une des du que pas je il elle nous vous très pour dans avec sur mais "
        "ce qui au aux mon ma j'ai c'est ne se plus été par sont tout bien",
        "el la los las y es un una de que no en por con para muy mi se lo al del pero más fue me "
        "todo está como su sin ha han este esta bien",
        "o os as e é um uma de que não em por com para muito meu minha se do da dos das no na mas "
        "foi eu ao mais já veio pelo está este produto antes prazo recebi bem",
        "il lo la gli le e è un una di che non in per con molto mi si del della ma ho sono era "
        "come più anche nel alla questo questa tutto bene",
        "de het een en is van ik niet dat op te zijn met voor was maar er ook heel mijn we aan bij "
        "nog wel goed heb naar dit geen als",
    )
)


def language_of(text: str) -> Language:
    """English where more of the words are common in English than in any other language known."""
    words = [word.casefold() for word in _WORD.findall(text.replace("’", "'"))]
    english = sum(word in _ENGLISH for word in words)
    other = max(sum(word in known for word in words) for known in _OTHERS)
    if any(ord(letter) > 0x24F for word in words for letter in word):  # beyond the Latin letters
        other = max(other, len(words))
    if english > other:
        return Language.ENGLISH
    return Language.OTHER if other > english else Language.UNCLEAR


def language_named(name: str) -> Language:
    """What a column says: "en", "en-GB" and "English" are English, an empty one is unclear."""
    plain = re.split(r"[-_]", name.strip().casefold())[0]
    if not plain:
        return Language.UNCLEAR
    return Language.ENGLISH if plain in {"en", "eng", "english"} else Language.OTHER
