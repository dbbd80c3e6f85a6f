"""The command line: `ovopsim compare`, `run`, `baseline`, `levers`, `parameters`, `schema`.

Exit codes: 0 done, 2 the user's input is wrong, 1 anything else (130 stopped by Ctrl-C). With `--json`, standard output
holds one JSON document and nothing else.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ovopsim.errors import InputError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ovopsim.comparison import Comparison
    from ovopsim.study.plan import Plan

# what a command needs is imported in it: `ovopsim --help` and a misspelt file must not wait for the simulation
app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done, 2 something in the input is wrong, 1 anything else.",
)

STOPPED = 130  # exit code of what Ctrl-C ends


@dataclass
class _Asked:
    """What a user typed, and the language that was read from it so far."""

    arguments: list[str]
    language: str = "en"


Files = Annotated[list[Path] | None, typer.Argument(metavar="[SCENARIO.yaml ...]", help="the first is the baseline")]
Language = Annotated[str | None, typer.Option("--language", help="en or id")]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON document")]
Out = Annotated[Path | None, typer.Option("--out", help="new folder for tables and figures")]
Replications = Annotated[int, typer.Option("--replications", help="number of worlds")]
Seed = Annotated[int, typer.Option("--seed", help="number that the worlds' chance follows from")]
Jobs = Annotated[int | None, typer.Option("--n-jobs", help="threads; all cores if left out")]
Rate = Annotated[float | None, typer.Option("--discount-rate", help="yearly, such as 0.05")]
KeepMonths = Annotated[
    list[int] | None, typer.Option("--keep-month", help="month at whose end firms are stored; may be given again")
]


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="print the version")] = False,
    language: Language = None,
) -> None:
    """What a One Village One Product programme does to Surakarta's batik firms."""
    context.obj.language = language or "en"
    if version:
        from ovopsim.study.identity import package_version

        typer.echo(f"ovopsim {package_version()}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _speaks(context: typer.Context, language: str | None) -> str:
    """Return the language, given after the command or before it, and remember it for whoever stops the command."""
    from ovopsim.labels import check_language

    asked: _Asked = context.obj
    asked.language = language or asked.language
    check_language(asked.language)
    return asked.language


@app.command()
def compare(
    context: typer.Context,
    scenarios: Files = None,
    out: Out = None,
    replications: Replications = 64,
    seed: Seed = 1,
    as_json: AsJson = False,
    language: Language = None,
    n_jobs: Jobs = None,
    keep_month: KeepMonths = None,
    discount_rate: Rate = None,
) -> None:
    """Compare programmes in the same worlds; without files: none, all seven roles, each role alone."""
    spoken = _speaks(context, language)
    from ovopsim.analysis import appraisal
    from ovopsim.policy import presets
    from ovopsim.policy.files import load_scenarios
    from ovopsim.report.comparing import comparison_page
    from ovopsim.study.plan import planned

    chosen = load_scenarios(scenarios) if scenarios else presets()
    plan = planned(chosen, None, replications, seed, n_jobs, keep_month)
    found = _worked(plan, appraisal.discount_rate(discount_rate), out, as_json, context.obj, scenarios or [])
    if as_json:
        _print_json(found.to_dict())
    else:
        _print(lambda width: comparison_page(found, spoken, width), out, spoken)


@app.command()
def run(
    context: typer.Context,
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.yaml", help="scenario file")],
    out: Out = None,
    replications: Replications = 8,
    seed: Seed = 1,
    as_json: AsJson = False,
    language: Language = None,
    n_jobs: Jobs = None,
    keep_month: KeepMonths = None,
) -> None:
    """Run one scenario; show its first and its last year."""
    spoken = _speaks(context, language)
    from ovopsim.analysis import appraisal
    from ovopsim.policy.files import load_scenarios
    from ovopsim.report.levels import run_document, run_page
    from ovopsim.study.plan import planned

    plan = planned(load_scenarios([scenario]), None, replications, seed, n_jobs, keep_month, least=1)
    found = _worked(plan, appraisal.discount_rate(), out, as_json, context.obj, [scenario])
    if as_json:
        _print_json(run_document(found))
    else:
        _print(lambda width: run_page(found, spoken, width), out, spoken)


@app.command()
def baseline(
    context: typer.Context,
    as_json: AsJson = False,
    language: Language = None,
    replications: Replications = 32,
    seed: Seed = 1,
    n_jobs: Jobs = None,
) -> None:
    """Show how the cluster without a programme compares with published figures, row by row."""
    spoken = _speaks(context, language)
    from ovopsim.analysis.baseline import baseline_table
    from ovopsim.report.levels import baseline_page
    from ovopsim.study.plan import check_numbers
    from ovopsim.study.progress import watched

    check_numbers(replications, seed, n_jobs)
    with watched(replications, as_json, spoken) as tick:
        rows = baseline_table(replications, seed, n_jobs, tick)
    if as_json:
        _print_json(rows)
    else:
        _print(lambda width: baseline_page(rows, replications, spoken, width))


@app.command()
def levers(context: typer.Context, as_json: AsJson = False, language: Language = None) -> None:
    """List what the agency can do, with unit cost, and where each number comes from."""
    spoken = _speaks(context, language)
    from ovopsim.policy import builtin_levers
    from ovopsim.report.listing import levers_page

    if as_json:
        _print_json({name: lever.model_dump(mode="json") for name, lever in builtin_levers().items()})
    else:
        _print(lambda _: levers_page(builtin_levers(), spoken))


@app.command()
def parameters(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="dotted path, to see one with its evidence")] = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """List what the model assumes, with range, grade and source."""
    spoken = _speaks(context, language)
    from ovopsim.parameters import all_records, locate
    from ovopsim.report.listing import parameters_page

    records = dict(all_records())
    if name is not None:
        record, _ = locate(name)
        records = {path: each for path, each in records.items() if each is record}
    if as_json:
        _print_json({path: record.model_dump(mode="json") for path, record in records.items()})
    else:
        _print(lambda _: parameters_page(records, spoken, full=name is not None))


@app.command()
def schema() -> None:
    """Print the JSON Schema of a scenario file."""
    from ovopsim.policy import scenario_schema

    _print_json(scenario_schema())


def _worked(
    plan: Plan, rate: float, out: Path | None, as_json: bool, asked: _Asked, files: Sequence[Path]
) -> Comparison:
    """Do the work of `compare` or `run`; a folder that cannot take the results is refused before it begins."""
    from ovopsim.comparison import carried_out
    from ovopsim.policy import file_digest
    from ovopsim.report.folder import write_folder
    from ovopsim.study import store
    from ovopsim.study.identity import model_digest
    from ovopsim.study.progress import watched

    inputs = {str(path): file_digest(path) for path in files}
    with store.opened(out, model_digest()) if out is not None else contextlib.nullcontext() as workplace:
        with watched(plan.replications, as_json, asked.language) as tick:
            found = carried_out(plan, rate, tick)
        if out is not None and workplace is not None:
            write_folder(found, workplace, out, asked.language, ["ovopsim", *asked.arguments], inputs)
    return found


def _print(page: Callable[[int], RenderableType], out: Path | None = None, language: str = "en") -> None:
    from rich.console import Console

    from ovopsim.labels import label

    console = Console(highlight=False)
    console.print(page(console.width))
    if out is not None:
        sys.stdout.write(f"\n{label('text.written', language, place=out)}\n")


def _print_json(document: Any) -> None:
    from ovopsim.study.documents import to_json

    sys.stdout.write(to_json(document) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    asked = _Asked(list(sys.argv[1:] if arguments is None else arguments))
    try:
        return _command(asked)
    except (KeyboardInterrupt, typer.Abort):
        return _failed(_stopped(asked), STOPPED)
    except InputError as error:
        return _failed(str(error), 2)
    except Exception as error:  # noqa: BLE001 - the last door: a user sees one line, a developer can ask for all
        return _unforeseen(error)


def _command(asked: _Asked) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that knows few letters shows ? for the others
            stream.reconfigure(errors="replace")
    result = app(asked.arguments, prog_name="ovopsim", standalone_mode=False, obj=asked)
    sys.stdout.flush()
    if result == STOPPED:  # what newer Typers make of Ctrl-C; older ones raise
        raise KeyboardInterrupt
    return result if isinstance(result, int) else 0


def _stopped(asked: _Asked) -> str:
    from ovopsim.labels import LANGUAGES, label

    return label("text.stopped", asked.language if asked.language in LANGUAGES else "en")


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
    sys.stderr.write(message + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
