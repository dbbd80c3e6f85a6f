"""Lists for the terminal: what the agency can do, and what the model assumes. Two or three lines each, at any width."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from ovopsim.labels import label, name_of, percent
from ovopsim.parameters.evidence import all_evidence
from ovopsim.parameters.money import DECIMAL_SIGN, format_idr
from ovopsim.parameters.records import Record
from ovopsim.policy.effects import TARGETS, Effect, Quantity, value_of
from ovopsim.policy.levers import ROLES, Lever
from ovopsim.policy.tables import rows_of_evidence


def levers_page(levers: Mapping[str, Lever], language: str = "en") -> RenderableType:
    """Return levers by role: name, unit cost, what it is, what it does, and where each number comes from."""
    parts: list[RenderableType] = [Text(label("text.levers_title", language), style="bold")]
    for role in (*[number for number in ROLES if number], 0):
        mine = {name: lever for name, lever in levers.items() if lever.role == role}
        title = label(f"role.{role}", language)
        heading = title if role == 0 else label("text.role", language, number=role, role=title)
        parts += [Text(), Text(heading, style="bold")]
        for name, lever in mine.items():
            parts += [
                _indented(line, 2 if place == 0 else 4) for place, line in enumerate(_lever(name, lever, language))
            ]
    return Group(*parts)


def _lever(name: str, lever: Lever, language: str) -> Iterator[Text]:
    cost = label("text.unit_cost", language, cost=format_idr(value_of(lever.unit_cost), language))
    title = name_of("lever", name, language)
    yield Text.assemble((name, "bold"), f"  {title}, {cost}; {_source(lever.unit_cost, language)}")
    yield Text(lever.about if language == "en" else label(f"lever_about.{name}", language))
    for effect in lever.effects:
        yield Text(f"{effect_words(effect, language)}{_effect_source(effect, language)}", style="dim")


def effect_words(effect: Effect, language: str = "en") -> str:
    """Return in words what an effect does.

    Examples
    --------
    >>> effect_words(Effect.model_validate({"start": "export", "probability": 0.1}))
    'begins to sell: export, with a chance of 10 %'
    """
    target = label(f"target.{effect.target}", language) if len(TARGETS[effect.verb]) > 1 else ""
    verb = "raise_access" if effect.target.startswith("access.") else effect.verb
    values = {"target": target, "by": _size(effect, language), "amount": format_idr(effect.size, language)}
    words = label(f"effect.{verb}", language, **values)
    chance = value_of(effect.probability)
    if chance == 1.0:
        return words
    return label("effect.chance", language, effect=words, share=percent(chance, language, 0 if chance >= 0.01 else 1))


def _size(effect: Effect, language: str) -> str:
    if (effect.verb == "raise" and not effect.target.startswith("access.")) or effect.verb == "boost":
        return percent(effect.size, language, 0 if round(100 * effect.size, 6).is_integer() else 1)
    return f"{effect.size:.4g}".replace(".", DECIMAL_SIGN[language])


def _effect_source(effect: Effect, language: str) -> str:
    found = dict.fromkeys(
        _source(quantity, language) for quantity in (effect.by, effect.probability) if isinstance(quantity, Record)
    )
    return f"; {'; '.join(found)}" if found else ""


def _source(quantity: Quantity, language: str) -> str:
    grade = label(f"grade.{quantity.grade if isinstance(quantity, Record) else 'given'}", language)
    rows = ", ".join(rows_of_evidence(quantity))
    if rows:
        return label("text.sources_with_rows", language, grade=grade, rows=rows)
    return label("text.sources", language, grade=grade)


def parameters_page(records: Mapping[str, Record], language: str = "en", full: bool = False) -> RenderableType:
    """Return parameters: value, unit, range, where the number comes from, and one sentence.

    Parameters
    ----------
    full : bool
        Whether the rows of evidence are quoted.
    """
    parts: list[RenderableType] = [Text(label("text.parameters_title", language, count=len(records)), style="bold")]
    for path, record in records.items():
        low, high = (f"{end:g}" for end in record.range)
        span = label("text.range", language, low=low, high=high)
        line = f"  {shown_value(record)} {record.unit} ({span}); {_source(record, language)}"
        parts += [Text.assemble((path, "bold"), line), _indented(Text(record.about), 4)]
        told = [record.source, record.derivation, *_evidence(record)] if full else [record.source]
        parts += [_indented(Text(line, style="dim"), 4) for line in told if line is not None]
    return Group(*parts)


def shown_value(record: Record) -> str:
    """Return a record's number, or its numbers by member, with as many digits as they have."""
    if isinstance(record.value, dict):
        return ", ".join(f"{member} {value:g}" for member, value in record.value.items())
    return f"{record.value:g}"


def _evidence(record: Record) -> Iterator[str]:
    for name in record.evidence:
        row = all_evidence()[name]
        figure = f"{row.quantity}: {row.value:g} {row.unit}, {row.place}, {row.year}"
        yield f"{name}: {figure}. {row.source_title}, {row.source_url}"


def _indented(text: Text, by: int) -> Padding:
    return Padding(text, (0, 0, 0, by))
