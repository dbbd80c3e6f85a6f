"""The command line: `ovopsim compare`, `explain`, `sure`, `sweep`, `calibrate`, `validate`, `run`, and lists.

Exit codes: 0 done, 2 the user's input is wrong, 1 anything else (130 stopped by Ctrl-C). With `--json`, standard output
holds one JSON document and nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

STOPPED = 130  # exit code of what Ctrl-C ends


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        # the libraries take a second to load: whoever stops the command in it is answered too
        from ovopsim.cli.answering import answered

        return answered(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:  # before there were words for it, or once more while they were looked for
        return STOPPED
