"""What is asked for, checked before anything runs: scenarios, numbers of runs, seeds, threads, months to keep."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import Any

from ovopsim.errors import InputError
from ovopsim.policy.scenario import Scenario


def check_scenario(given: Any, name: str = "scenario", hint: str = "") -> Scenario:
    """Return a scenario that is one.

    Parameters
    ----------
    name : str
        What it is called where it was given.
    hint : str
        What else may be meant, after the remedy.

    Raises
    ------
    InputError
        When it is something else, such as the path of a file.
    """
    if isinstance(given, Scenario):
        return given
    raise InputError(
        f"{name}: is a {type(given).__name__}, not a Scenario; read a file with load_scenario(path), or make one with "
        f"Scenario(...).{hint}"
    )


def whole_number(name: str, given: Any, least: int, remedy: str = "") -> int:
    """Return a whole number that is one, Python's or NumPy's, and no less than `least`.

    Parameters
    ----------
    remedy : str, optional
        What would be right; "give `least` or more" when it is left out.

    Raises
    ------
    InputError
        It names the number and what would be right.
    """
    if isinstance(given, bool) or not isinstance(given, Integral):
        raise InputError(f"{name}: is {given!r}, not a whole number; {remedy or f'give {least} or more'}.")
    if given < least:
        raise InputError(f"{name}: is {given}; {remedy or f'give {least} or more'}.")
    return int(given)


def check_numbers(replications: Any, seed: Any, n_jobs: Any = None, least: int = 1) -> None:
    """Refuse numbers of runs, seeds and threads that cannot be.

    Parameters
    ----------
    least : int
        Fewest replications that will do.

    Raises
    ------
    InputError
        It names the number and what would be right.
    """
    why = "an interval needs at least 2" if least == 2 else f"give at least {least}"
    whole_number("replications", replications, least, why)
    whole_number("seed", seed, 0)
    if n_jobs is not None:
        whole_number("n_jobs", n_jobs, 1, "give 1 or more, or leave it out for all cores")


def kept_months(given: Iterable[Any], months: int) -> tuple[int, ...]:
    """Return the months at whose end firm tables are kept, in order, each once.

    Raises
    ------
    InputError
        When it is no list of months, or one of them is no month of the run.
    """
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(f"keep_months: is {given!r}; give a list of months, each from 0 to {months - 1}.")
    chosen = set()
    for month in given:
        wrong = isinstance(month, bool) or not isinstance(month, Integral)
        if wrong or not 0 <= month < months:
            shown = repr(month) if wrong else month
            raise InputError(f"keep_months: {shown} is no month of a run; they go from 0 to {months - 1}.")
        chosen.add(int(month))
    return tuple(sorted(chosen))
