"""EMA Workbench's shape: uncertainties, levers and outcomes apart, for its evaluators and optimisers (2.5 and 3.0)."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ovopsim.adapters.bounds import Ends, Paths, check_ends, ends_of
from ovopsim.adapters.experiment import BUDGET, TARGETING, Experiment, outcome_names
from ovopsim.errors import InputError, did_you_mean
from ovopsim.policy.presets import programme_records
from ovopsim.policy.scenario import Programme, Scenario
from ovopsim.policy.settings import ROLE_NUMBERS, full_path
from ovopsim.simulation import check_scenario
from ovopsim.simulation.checks import check_numbers

WEIGHTS: Final = ("roles.", "programme.shares.")
DEFAULT_LEVERS: Final = ("budget", "targeting", *(f"roles.{role}" for role in ROLE_NUMBERS))

KINDS: Final = ("maximize", "minimize", "info")
DEFAULT_OUTCOMES: Final = {
    "change_sales_idr": "maximize",
    "change_value_added_idr": "maximize",
    "change_jobs": "maximize",
    "public_cost_idr": "minimize",
    "change_jobs_standard_error": "info",
    "spent_idr": "info",
}


def to_ema(
    base: Scenario | None = None,
    *,
    levers: Iterable[str] | Mapping[str, Any] | None = None,
    uncertainties: Paths | None = None,
    outcomes: Iterable[str] | Mapping[str, str] | None = None,
    replications: int = 8,
    seed: int = 1,
) -> Any:
    """Return a model for the EMA Workbench: policies against no programme, under uncertain parameters.

    Names are paths with two underscores for each dot (``market__outside_share__export``, ``roles__5``), because EMA
    needs identifiers; ``model.function.paths`` leads back. ``model.function.scenarios(**experiment)`` gives the pair of
    scenarios of an experiment, for `simulate`, `compare` and files.

    Weights, from 0 to 1, are divided by their sum: they are shares of the budget, and every policy is feasible. When
    all are zero there is no programme.

    EMA runs policy after policy, each in all its scenarios. A process keeps the worlds that it used last (half a
    gigabyte: some 700 of the shipped cluster), which are most of the work: with no more scenarios × replications than
    that, policies after the first run about ten times as fast. An experiment whose run fails has no numbers (NaN) for
    outcomes, and a warning says why. The optimiser of EMA 3.0.0 cannot mix choices with numbers: name levers without
    ``targeting`` there.

    Parameters
    ----------
    base : Scenario, optional
        What policies and uncertainties change, and what a programme starts from; None = the shipped cluster.
    levers : iterable of str, or mapping of str to bounds, optional
        Of ``budget``, ``targeting``, ``roles.N`` (weight of a role, spread evenly over its levers) and ``shares.LEVER``
        (weight of a lever); None = budget, targeting and the seven roles. What is left out is that of the base's
        programme. As mapping: ``{"budget": (1e8, 1e9), "targeting": ["random", "smallest_first"], "roles.1": None}``.
    uncertainties : iterable of str, or mapping of str to pair of float, optional
        Parameters by dotted path, between the ends of their priors, or parameters and shocks with their bounds; None =
        all uncertain parameters.
    outcomes : iterable of str, or mapping of str to str, optional
        ``change_<monthly outcome>``: mean change of a month against no programme in the same worlds, over the last
        twelve months; ``public_cost_idr``: that of `compare`; ``spent_idr``: money spent by the agency over the run;
        each with ``_standard_error`` for its Monte Carlo error over replications. As mapping: with ``maximize``,
        ``minimize`` or ``info``. None = sales, value added, jobs (more is better), public cost (less is better), the
        error of jobs and what was spent (for information). There is no cost per job: a ratio has no mean.
    replications : int
        Worlds of each experiment.
    seed : int
        0 or more.

    Returns
    -------
    ema_workbench.Model
        Named ``ovopsim``; replications and seed are its constants.

    Raises
    ------
    InputError
        When the EMA Workbench is not installed, or something cannot be varied.
    """
    workbench = _workbench()
    start = Scenario() if base is None else check_scenario(base)
    check_numbers(replications, seed)
    bounds = _uncertain(uncertainties, start)
    chosen = _levers(levers, start)
    kinds = _kinds(outcomes)
    names = {path: _identifier(path) for path in (*bounds, *chosen)}
    _check_programme(start, [full_path(path, start) for path in chosen])
    function = Experiment(start, {names[path]: full_path(path, start) for path in names}, tuple(kinds))
    model = workbench.Model("ovopsim", function=function)
    model.uncertainties = [workbench.RealParameter(names[path], *ends) for path, ends in bounds.items()]
    model.levers = [_lever(workbench, names[path], given) for path, given in chosen.items()]
    model.constants = [workbench.Constant("replications", int(replications)), workbench.Constant("seed", int(seed))]
    numbers = {kind: getattr(workbench.ScalarOutcome, kind.upper()) for kind in KINDS}
    model.outcomes = [workbench.ScalarOutcome(name, kind=numbers[kind]) for name, kind in kinds.items()]
    return model


def _workbench() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "ipyparallel not installed", UserWarning)  # one of its evaluators
            import ema_workbench
    except ImportError as error:
        raise InputError(
            f"to_ema: the EMA Workbench cannot be imported ({error}); install it: pip install 'ovopsim[analysis]'."
        ) from None
    return ema_workbench


def _identifier(path: str) -> str:
    return path.replace(".", "__")


def _uncertain(paths: Paths | None, base: Scenario) -> dict[str, Ends]:
    ends = ends_of(paths, base, "uncertainties")
    for path in ends:
        full = full_path(path, base)
        if not full.startswith(("parameters.", "shocks.", "levers.")) or full.endswith(".start"):
            raise InputError(
                f"uncertainties: '{path}' is none; give parameters, numbers of levers and strengths of shocks. What "
                "the agency decides is a lever, all else belongs into the base."
            )
    check_ends(ends, base)
    return ends


def _levers(given: Iterable[str] | Mapping[str, Any] | None, base: Scenario) -> dict[str, Any]:
    """Return the bounds, or the names to choose from, of each lever."""
    if isinstance(given, str):
        raise InputError(f"levers: is {given!r}; give a list: ['{given}'].")
    chosen = DEFAULT_LEVERS if given is None else given
    found: dict[str, Any] = {}
    taken: set[str] = set()
    for path in chosen:
        full = full_path(path, base)
        if full in taken:
            raise InputError(f"levers: '{path}' is varied twice; give each path once.")
        taken.add(full)
        bounds = chosen[path] if isinstance(chosen, Mapping) else None
        found[path] = _choice(path, full, bounds, base)
    if not found:
        raise InputError("levers: nothing is varied; give at least one path.")
    return found


def _choice(path: str, full: str, bounds: Any, base: Scenario) -> Any:
    if full == TARGETING:
        rules = Programme.model_fields["targeting"].annotation
        known = tuple(rules.__args__)  # type: ignore[union-attr]
        return _categories(known if bounds is None else bounds, known)
    if full == BUDGET:
        low, high = programme_records()["budget"].range
        return (low, high) if bounds is None else ends_of({path: bounds}, base, "levers")[path]
    if full.startswith(WEIGHTS):
        ends = (0.0, 1.0) if bounds is None else ends_of({path: bounds}, base, "levers")[path]
        if ends[0] < 0.0:
            raise InputError(f"levers: '{path}' goes from {ends[0]:g}; a weight must not be below 0.")
        return ends
    raise InputError(f"levers: '{path}' is none; give budget, targeting, roles.N or shares.LEVER.")


def _categories(given: Iterable[str], known: tuple[str, ...]) -> list[str]:
    names = [given] if isinstance(given, str) else list(given)
    for name in names:
        if name not in known:
            raise InputError(f"levers: targeting: '{name}' is none of {', '.join(known)}{did_you_mean(name, known)}")
    if len(set(names)) < 2:
        raise InputError("levers: targeting: give at least two to choose from, or put the one into the base.")
    return names


def _check_programme(base: Scenario, levers: Iterable[str]) -> None:
    if base.programme is None and not any(path.startswith(WEIGHTS) for path in levers):
        raise InputError("levers: the base has no programme to change; give roles.N or shares.LEVER, or a programme.")


def _lever(workbench: Any, name: str, choice: Any) -> Any:
    if isinstance(choice, list):
        return workbench.CategoricalParameter(name, choice)
    return workbench.RealParameter(name, *choice)


def _kinds(given: Iterable[str] | Mapping[str, str] | None) -> dict[str, str]:
    """Return what is to be done with each outcome."""
    if isinstance(given, str):
        raise InputError(f"outcomes: is {given!r}; give a list: ['{given}'].")
    chosen = DEFAULT_OUTCOMES if given is None else given
    known = outcome_names()
    kinds = {}
    for name in chosen:
        if name not in known:
            raise InputError(f"outcomes: '{name}' is none{did_you_mean(name, known)}")
        kind = chosen[name] if isinstance(chosen, Mapping) else DEFAULT_OUTCOMES.get(name, "info")
        if kind not in KINDS:
            raise InputError(f"outcomes: {name}: is {kind!r}; give one of {', '.join(KINDS)}.")
        kinds[name] = kind
    if not kinds:
        raise InputError("outcomes: nothing is asked for; give at least one.")
    return kinds
