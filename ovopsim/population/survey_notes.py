"""What was made of a survey, in sentences: what was not in it, what did not fit, how well its sales are met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ovopsim.fields import CHANNELS, FIRM
from ovopsim.population.columns import survey_columns
from ovopsim.population.imputing import SKILLS, practice_alone
from ovopsim.population.notes import Note
from ovopsim.population.resting import LOG_REACH
from ovopsim.population.settling import Settled, cost_of_a_month
from ovopsim.population.survey import Survey

Array = NDArray[np.float64]
# what follows from sales where the file does not say, and is not drawn
FOLLOWS: Final = ("workers", "cash_idr")
NEARLY: Final = 1e-9


class Made(NamedTuple):
    """What became of a survey.

    Attributes
    ----------
    firms : array (fields, firms)
        State before month 0.
    settled : Settled
    opened : int
        Times that a firm was given a channel.
    unsold : array (4,) of bool
        Channels in which no firm sells.
    """

    firms: Array
    settled: Settled
    opened: int
    unsold: NDArray[np.bool_]


def survey_notes(survey: Survey, made: Made, values: dict[str, Any]) -> list[Note]:
    """Return all that a reader should know of a population made from a survey."""
    differ = 100 * float(np.abs(made.settled.difference).max())
    return [
        Note("note_settled", all=survey.count, percent=f"{differ:.1f}"),
        *_missing(survey),
        Note("note_unseen", all=survey.count),
        *_misfits(survey, made, values),
    ]


def _missing(survey: Survey) -> Iterator[Note]:
    for name, column in survey_columns().items():
        if column.missing != "imputed":
            continue
        missing = int(np.isnan(survey.columns[name]).sum())
        how = "follows" if name in FOLLOWS else "drawn"
        if missing == survey.count:
            yield Note(f"note_absent_{how}", column=name, firms=missing, all=survey.count)
        elif missing:
            yield Note(f"note_empty_{how}", column=name, firms=missing, all=survey.count)


def _misfits(survey: Survey, made: Made, values: dict[str, Any]) -> Iterator[Note]:
    """Say where the file and the model did not fit, and what was done."""
    for place, name in enumerate(SKILLS):
        taught = practice_alone(values, place)
        learning = int((survey.columns[name] < taught).sum())
        if learning:
            yield Note("note_learning", column=name, firms=learning, all=survey.count, value=f"{taught:.2f}")
    if made.opened:
        yield Note("note_opened", count=made.opened)
    for channel, name in enumerate(CHANNELS):
        if made.unsold[channel]:
            yield Note("note_unsold", channel=name)
    stretched = ~np.isnan(survey.columns["workers"]) & (np.abs(made.firms[FIRM.log_ability]) > LOG_REACH - NEARLY)
    if stretched.any():
        yield Note("note_workers", firms=int(stretched.sum()), all=survey.count)
    short = survey.columns["cash_idr"] < cost_of_a_month(made.firms, values)
    if short.any():
        yield Note("note_cash", firms=int(short.sum()), all=survey.count)
    if made.settled.helped.any():
        yield Note("note_helped", firms=int(made.settled.helped.sum()), all=survey.count)
