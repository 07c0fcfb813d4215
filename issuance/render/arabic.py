"""Joined letters of Uyghur, Kazakh and Kyrgyz in Arabic script, as glyphs with their text.

A letter has up to four forms: alone, first, between and last of the letters it joins. The
Unicode Standard gives each form a character of its own (Arabic Presentation Forms A and B)
whose decomposition names form and letter, so the table is Unicode's, not ours. Two matters
are beside it: ە (U+06D5) has no forms of its own and is drawn by those of ه, which these
languages do not write; lam with alef is one glyph for two letters.

What is printed is a form, what the document says is the letter: `Glyph.source`.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

LETTERS: Final = frozenset("ئابپتجچخدرزژسشغفقكگڭلمنھەوۇۆۈۋېىيعحۅۉءٴ")
"""The 32 letters of Uyghur, and those that Kazakh and Kyrgyz write beside them."""
SIGNS: Final = frozenset(" ·-")
"""What else a name may hold; drawn as it is, and joins nothing."""
_AE, _HEH = "\u06d5", "\u0647"
_LAM, _ALEF = "\u0644", "\u0627"
_FORMS: Final = ("<isolated>", "<initial>", "<medial>", "<final>")
_BLOCKS: Final = ((0xFB50, 0xFDFF), (0xFE70, 0xFEFC))


@dataclass(frozen=True, slots=True)
class Glyph:
    """One drawn character, and the one or two letters of the text that it stands for."""

    character: str
    source: str


def is_arabic_name(text: str) -> bool:
    """Tell whether `text` holds nothing but letters and signs that are joined here."""
    return set(text) <= LETTERS | SIGNS and not LETTERS.isdisjoint(text)


def shaped(text: str) -> tuple[Glyph, ...]:
    """Return the glyphs of `text` in the order in which it is read: the first is rightmost."""
    return tuple(_shaped(text))


def _shaped(text: str) -> Iterator[Glyph]:
    position = 0
    joined = False
    while position < len(text):
        source = text[position : position + 2]
        if source not in _forms():
            source = text[position]
        position += len(source)
        forms = _forms().get(source, {})
        following = _forms().get(text[position : position + 1], {})
        joins_next = "<initial>" in forms and "<final>" in following
        name = _form_name(joined and "<final>" in forms, joins_next)
        yield Glyph(forms.get(name, source), source)
        joined = joins_next


def _form_name(joined: bool, joins_next: bool) -> str:
    if joined:
        return "<medial>" if joins_next else "<final>"
    return "<initial>" if joins_next else "<isolated>"


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Return the forms of each letter, and of lam with alef, by the name Unicode gives them."""
    found: dict[str, dict[str, str]] = {}
    for first, last in _BLOCKS:
        for code in range(first, last + 1):
            name, *letters = unicodedata.decomposition(chr(code)).split() or [""]
            text = "".join(chr(int(letter, 16)) for letter in letters)
            if name in _FORMS and (text in LETTERS | {_HEH} or text == _LAM + _ALEF):
                found.setdefault(text, {})[name] = chr(code)
    heh = found.pop(_HEH)
    found[_AE] = {name: heh[name] for name in ("<isolated>", "<final>")}
    return found


@cache
def drawn_characters() -> frozenset[str]:
    """Return every character that `shaped` may draw: what the typeface must hold."""
    forms = {form for forms in _forms().values() for form in forms.values()}
    return frozenset(forms | (LETTERS - _forms().keys()) | SIGNS)


@cache
def _letters() -> dict[str, str]:
    return {form: text for text, forms in _forms().items() for form in forms.values()}


def letters_of(character: str) -> str:
    """Return the letters that a drawn character stands for; itself, where it is no form."""
    return _letters().get(character, character)
