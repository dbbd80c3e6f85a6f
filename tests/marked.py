"""Texts of the catalogue between brackets, so that words from elsewhere show."""

from __future__ import annotations

import re
from types import MappingProxyType

import pytest

from ovopsim import labels

OPEN, CLOSE = "⟦", "⟧"
MONEY = re.compile(r"Rp|\b(?:thousand|million|billion|trillion|ribu|juta|miliar|triliun)\b")


def mark_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put every text of the catalogue between brackets."""
    marked = MappingProxyType(
        {
            key: {language: f"{OPEN}{text}{CLOSE}" for language, text in texts.items()}
            for key, texts in labels.catalogue().items()
        }
    )
    monkeypatch.setattr(labels, "catalogue", lambda: marked)


def words_from_elsewhere(text: str, names: tuple[str, ...] = ()) -> list[str]:
    """Return the words of a text that stand outside all brackets, money and given names apart."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    depth = 0
    outside = ""
    for character in text:
        depth += (character == OPEN) - (character == CLOSE)
        outside += character if depth == 0 and character != CLOSE else " " if character == CLOSE else ""
    return re.findall(r"[^\W\d_]{2,}", MONEY.sub("", outside))
