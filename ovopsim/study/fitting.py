"""A field trial under other values of what nobody knows."""

from __future__ import annotations

from collections.abc import Mapping

from ovopsim.policy.levers import Lever, builtin_levers
from ovopsim.policy.quantities import LEVERS, quantities, with_quantity
from ovopsim.policy.trials import Trial
from ovopsim.study.drawn import leaves_in


def levers_of(trial: Trial) -> tuple[str, ...]:
    """Return the shipped levers that a trial delivers as they are; what it defines itself is in no doubt."""
    used = {delivery.lever for arm in trial.arms.values() for delivery in arm.deliveries}
    return tuple(name for name in builtin_levers() if name in used and name not in trial.levers)


def trial_with(trial: Trial, values: Mapping[str, float]) -> Trial:
    """Return a trial in a world with other parameters, and with other numbers in the shipped levers that it delivers.

    Parameters
    ----------
    values : mapping of str to float
        By path. What the trial sets itself stands; numbers of levers that it does not deliver are left aside.

    Raises
    ------
    InputError
        When a value cannot be.

    Examples
    --------
    >>> from ovopsim.policy.trials import builtin_trials
    >>> values = {"planning.cover": 2.0, "levers.management_training.unit_cost": 1e6}
    >>> course = trial_with(builtin_trials()["V4"], values)
    >>> course.parameters, course.levers["management_training"].unit_cost
    ({'planning.cover': 2.0}, 1000000.0)
    """
    own = leaves_in(trial.parameters)
    parameters = {path: value for path, value in values.items() if not path.startswith(LEVERS) and path not in own}
    levers: dict[str, Lever] = {}
    for name in levers_of(trial):
        lever = builtin_levers()[name]
        for path in quantities(name, lever).keys() & values.keys():
            lever = levers[name] = with_quantity(lever, path, values[path])
    return trial.model_copy(update={"parameters": trial.parameters | parameters, "levers": dict(trial.levers) | levers})
