"""Who takes part in a field trial, and which arm each firm is drawn into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ovopsim.compiling import door
from ovopsim.draws import TRIAL_ASSIGNMENT, uniform
from ovopsim.errors import InputError
from ovopsim.fields import CHANNELS, FIRM, SENTRAS, Reals
from ovopsim.policy.trials import CONTROL, Arm, Eligible, Trial
from ovopsim.simulation import MonthZero

Flags = NDArray[np.bool_]

# What the randomisation and the survey draw, apart from the assignments of a scenario (numbered from 0).
OF_FIRMS, OF_GROUPS, OF_PLACES, OF_FOLLOW_UPS = 1_000, 1_001, 1_002, 2_000
PLURALS: Final = {"firm": "firms", "group": "groups", "sentra": "sentras"}
ROUNDING: Final = 1e-9


def neighbours_of(arm: str) -> str:
    """Return what firms of an arm's groups are called that saturation leaves out: no controls, for they live near."""
    return f"{arm}: neighbours"


def eligible_firms(who: Eligible, table: Reals, start: MonthZero) -> Flags:
    """Return which of the first firms may take part, by the table of the month before the first delivery."""
    same = table[FIRM.firm_id] == start.world.firms[FIRM.firm_id]
    found: Flags = same & (table[FIRM.active] == 1.0) & (start.world.firms[FIRM.active] == 1.0)
    if who.sentra is not None:
        found &= table[FIRM.sentra] == SENTRAS.index(who.sentra)
    if who.sells_in is not None:
        found &= table[FIRM.participates + CHANNELS.index(who.sells_in)] == 1.0
    if who.fewest_workers is not None:
        found &= table[FIRM.workers] >= who.fewest_workers
    if who.most_workers is not None:
        found &= table[FIRM.workers] <= who.most_workers
    if who.most_craft is not None:
        found &= table[FIRM.craft] <= who.most_craft
    flags = {
        "licensed": table[FIRM.licensed],
        "certified": table[FIRM.certified],
        "member": table[FIRM.member],
        "has_contract": table[FIRM.contract_lot],
        "borrows": table[FIRM.bank_debt],
    }
    for name, values in flags.items():
        wanted = getattr(who, name)
        if wanted is not None:
            found &= (values > 0.0) == wanted
    return found


def randomised(
    trial: Trial, start: MonthZero, table: Reals, slots: NDArray[np.intp]
) -> tuple[NDArray[np.str_], NDArray[np.intp]]:
    """Return each firm's arm and unit: units in the order of their draws, the first of them in the first arm.

    Firms of an arm's units that its saturation leaves out are its neighbours.

    Raises
    ------
    InputError
        When an arm, or the controls, would be left without a firm; it names the key.
    """
    luck = luck_of_firms(start, slots, OF_FIRMS)
    sentra = table[FIRM.sentra, slots].astype(int)
    units, draws = _units(trial, start, slots, sentra, luck)
    arms = {name: arm for name, arm in trial.arms.items() if not arm.whole}
    _check_saturation(trial.name, trial.unit, arms)
    arm = np.full(len(slots), CONTROL, dtype=f"U{max(map(len, (CONTROL, *map(neighbours_of, arms))))}")
    count = len(draws)
    if arms and count < len(arms) + (sum(each.share for each in arms.values()) < 1.0):
        raise InputError(
            f"{trial.name}: {len(slots)} firms in {count} units of randomisation are eligible, too few for "
            f"{len(arms)} arms and controls. Raise 'firms', or loosen 'eligible'."
        )
    order = np.argsort(draws)
    place = reach = 0.0
    for name, each in arms.items():
        reach += each.share
        chosen = order[round(place * count) : round(reach * count)]
        place = reach
        inside = np.isin(units, chosen)
        if each.saturation < 1.0:
            arm[inside] = neighbours_of(name)
            inside &= _within_saturation(units, luck, each.saturation)
        if not inside.any():
            key, share = ("saturation", each.saturation) if len(chosen) else ("share", each.share)
            of_what = f"the firms of each of {len(chosen)}" if len(chosen) else f"{count}"
            raise InputError(
                f"{trial.name}: arms.{name}.{key}: {share:g} of {of_what} {PLURALS[trial.unit]} is nobody. "
                "Raise it, or 'firms'."
            )
        arm[inside] = name
    if reach < 1.0 - ROUNDING and CONTROL not in arm:
        raise InputError(
            f"{trial.name}: arms: shares of {reach:g} of {count} {PLURALS[trial.unit]} leave no controls. "
            "Lower a share, or raise 'firms'."
        )
    return arm, units


def _check_saturation(trial: str, unit: str, arms: Mapping[str, Arm]) -> None:
    for name, arm in arms.items():
        if unit == "firm" and arm.saturation < 1.0:
            raise InputError(
                f"{trial}: arms.{name}.saturation: with 'unit: firm' there are no neighbours to leave out. "
                "Leave it away, or give 'unit: group' or 'unit: sentra'."
            )


def _units(
    trial: Trial, start: MonthZero, slots: NDArray[np.intp], sentra: NDArray[Any], luck: Reals
) -> tuple[NDArray[np.intp], Reals]:
    """Return each firm's unit of randomisation, numbered from 0, and each unit's draw."""
    if trial.unit == "firm":
        return np.arange(len(slots)), luck
    if trial.unit == "sentra":
        names = np.unique(sentra)
        return np.searchsorted(names, sentra), luck_of(start, names, OF_PLACES)
    units = np.zeros(len(slots), dtype=np.intp)
    count = 0
    for place in np.unique(sentra):  # groups are formed by chance within a sentra, as near to the size as they can be
        mine = np.flatnonzero(sentra == place)
        groups = np.array_split(mine[np.argsort(luck[mine])], max(1, round(len(mine) / trial.group_size)))
        for group in groups:
            units[group] = count
            count += 1
    return units, luck_of(start, np.arange(count), OF_GROUPS)


def _within_saturation(units: NDArray[np.intp], luck: Reals, saturation: float) -> Flags:
    """Return which firms are among the treated share of their unit."""
    treated = np.zeros(len(units), dtype=bool)
    for unit in np.unique(units):
        mine = np.flatnonzero(units == unit)
        treated[mine[np.argsort(-luck[mine])][: round(saturation * len(mine))]] = True
    return treated


def luck_of_firms(start: MonthZero, slots: NDArray[np.intp], question: int) -> Reals:
    """Return one uniform for each firm."""
    ids = start.world.firms[FIRM.firm_id, slots].astype(int)
    return luck_of(start, ids, question)


def luck_of(start: MonthZero, entities: NDArray[np.int64], question: int) -> Reals:
    """Return one uniform for each of some entities."""
    found = np.empty(len(entities))
    fill_luck(found, start.key, entities, question)
    return found


@door
def fill_luck(out, key, entities, question):  # type: ignore[no-untyped-def]
    """Fill an array with the uniforms by which a trial decides; one by one in Python they took a third of a trial."""
    for place in range(entities.shape[0]):
        out[place] = uniform(key, TRIAL_ASSIGNMENT, entities[place], 0, question)
