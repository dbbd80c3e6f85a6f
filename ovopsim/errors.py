"""What a user got wrong, said so that it can be put right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """A mistake in what the user gave: a file, a key, a value.

    The message names file, key, value, what would be right, and the nearest valid name. The command line prints it
    and exits with code 2.
    """


def did_you_mean(name: object, valid: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` with the valid name nearest to `name`, or ``"."`` when none is near.

    Examples
    --------
    >>> did_you_mean("bugdet", ["budget", "shares"])
    "; did you mean 'budget'?"
    >>> did_you_mean("colour", ["budget", "shares"])
    '.'
    """
    near = difflib.get_close_matches(str(name).lower(), sorted(valid), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else "."
