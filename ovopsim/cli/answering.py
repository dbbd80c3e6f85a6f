"""From what a user typed to an exit code: commands are run, and every error ends as one line."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence

import typer

from ovopsim.cli import STOPPED
from ovopsim.cli.asking import Asked
from ovopsim.cli.calibrating import calibrate
from ovopsim.cli.certainty import sure
from ovopsim.cli.commands import app
from ovopsim.cli.explaining import explain
from ovopsim.cli.sweeping import sweep
from ovopsim.cli.trialling import trial
from ovopsim.cli.validating import validate
from ovopsim.errors import InputError

__all__ = ["answered", "app", "calibrate", "explain", "sure", "sweep", "trial", "validate"]


def answered(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    asked = Asked(list(arguments))
    try:
        return _command(asked)
    except (KeyboardInterrupt, typer.Abort):
        return _failed(_stopped(asked), STOPPED)
    except InputError as error:
        return _failed(str(error), 2)
    except Exception as error:  # noqa: BLE001 - the last door: a user sees one line, a developer can ask for all
        return _unforeseen(error)


def _command(asked: Asked) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that knows few letters shows ? for the others
            stream.reconfigure(errors="replace")
    result = app(asked.arguments, prog_name="ovopsim", standalone_mode=False, obj=asked)
    sys.stdout.flush()
    if result == STOPPED:  # what newer Typers make of Ctrl-C; older ones raise
        raise KeyboardInterrupt
    return result if isinstance(result, int) else 0


def _stopped(asked: Asked) -> str:
    try:
        from ovopsim.labels import LANGUAGES, label
    except Exception:  # noqa: BLE001 - a library that was stopped while it loaded may raise anything the second time
        return ""
    return label(asked.stopped, asked.language if asked.language in LANGUAGES else "en")


def _unforeseen(error: Exception) -> int:
    # `ovopsim parameters | head`: the reader has seen enough; Windows calls that an invalid argument
    left = os.name == "nt" and isinstance(error, OSError) and error.errno == errno.EINVAL and error.filename is None
    if isinstance(error, BrokenPipeError) or left:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):  # click's: a wrong option or command
        return _failed(f"{error.format_message()} See 'ovopsim --help'.", int(error.exit_code))
    if os.environ.get("OVOPSIM_DEBUG"):
        raise error
    if isinstance(error, OSError) and error.strerror:
        return _failed(f"{error.filename or 'ovopsim'}: {error.strerror}.", 1)
    return _failed(f"{type(error).__name__}: {error} (OVOPSIM_DEBUG=1 shows where)", 1)


def _failed(message: str, code: int) -> int:
    if message:
        sys.stderr.write(message + "\n")
    return code
