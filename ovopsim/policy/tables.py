"""What can be chosen, as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ovopsim.parameters.records import Record
from ovopsim.policy.effects import TARGETS, Effect, Quantity, value_of
from ovopsim.policy.levers import Lever, builtin_levers


def lever_table() -> pd.DataFrame:
    """Return what the agency can do, one row for each shipped lever.

    Returns
    -------
    DataFrame
        ``lever, role`` (0 = benchmark), ``about, to, unit_cost_idr`` (rupiah of 2016, overhead apart), ``batch,
        capacity`` (units; none where money is spent as it comes), ``owner_days, co_payment_idr, through, effects,
        constraint, first_link, aims_at``; ``grade`` and ``evidence`` of the unit cost.

    Examples
    --------
    >>> lever_table().set_index("lever").loc["exhibition", "role"]
    np.int64(5)
    """
    return pd.DataFrame([{"lever": name} | _row(lever) for name, lever in builtin_levers().items()])


def _row(lever: Lever) -> dict[str, Any]:
    return {
        "role": lever.role,
        "about": lever.about,
        "to": lever.to,
        "unit_cost_idr": value_of(lever.unit_cost),
        "batch": value_of(lever.batch),
        "capacity": None if lever.capacity is None else value_of(lever.capacity),
        "owner_days": value_of(lever.owner_days),
        "co_payment_idr": value_of(lever.co_payment),
        "through": lever.through,
        "effects": "; ".join(effect_line(effect) for effect in lever.effects),
        "constraint": lever.constraint,
        "first_link": lever.first_link.state,
        "aims_at": lever.aims_at.outcome,
        "grade": lever.unit_cost.grade if isinstance(lever.unit_cost, Record) else "given",
        "evidence": ", ".join(rows_of_evidence(lever.unit_cost)),
    }


def effect_line(effect: Effect) -> str:
    """Return an effect as its line in YAML says it.

    Examples
    --------
    >>> effect_line(Effect.model_validate({"start": "export", "probability": 0.1}))
    'start export, probability 0.1'
    """
    target = f" {effect.target}" if len(TARGETS[effect.verb]) > 1 else ""
    size = "" if effect.by is None else f" by {value_of(effect.by):,.10g}"
    chance = value_of(effect.probability)
    return f"{effect.verb}{target}{size}{'' if chance == 1.0 else f', probability {chance:g}'}"


def rows_of_evidence(quantity: Quantity | None) -> tuple[str, ...]:
    """Return the ids of the rows of evidence that a number rests on."""
    return quantity.evidence if isinstance(quantity, Record) else ()
