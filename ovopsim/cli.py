"""The command line: `ovopsim compare`, `run`, `baseline`, `levers`, `parameters`, `schema`.

Exit codes: 0 done, 2 the user's input is wrong, 1 anything else. With `--json`, standard output holds one JSON
document and nothing else.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ovopsim.errors import InputError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

Language = Annotated[str, typer.Option("--language", help="en or id")]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON document")]
Out = Annotated[Path | None, typer.Option("--out", help="folder for tables and pictures")]
Replications = Annotated[int, typer.Option("--replications", help="number of worlds")]
Seed = Annotated[int, typer.Option("--seed", help="number of the random worlds")]


def _print_json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and value != value else value


def _announce_compilation(language: str) -> None:
    from ovopsim.compiling import CACHE_FOLDER
    from ovopsim.labels import label

    if not any(CACHE_FOLDER.rglob("*.nbi")):
        sys.stderr.write(label("compiling", language) + "\n")


def _scenarios(files: list[Path] | None) -> dict[str, Any]:
    from ovopsim.policy import load_scenario, presets

    if not files:
        return presets()
    found: dict[str, Any] = {}
    for path in files:
        scenario = load_scenario(path)
        if scenario.name in found:
            raise InputError(f"{path}: name: another file has the name '{scenario.name}' too; names must differ.")
        found[scenario.name] = scenario
    return found


@app.callback(invoke_without_command=True)
def start(version: Annotated[bool, typer.Option("--version", help="print the version")] = False) -> None:
    """What a One Village One Product programme does to Surakarta's batik firms."""
    if version:
        from ovopsim import __version__

        typer.echo(f"ovopsim {__version__}")
        raise typer.Exit


@app.command()
def compare(
    scenarios: Annotated[list[Path] | None, typer.Argument(help="scenario files; the first is the baseline")] = None,
    out: Out = None,
    replications: Replications = 64,
    seed: Seed = 1,
    as_json: AsJson = False,
    language: Language = "en",
    n_jobs: Annotated[int | None, typer.Option("--n-jobs", help="threads; all cores if left out")] = None,
) -> None:
    """Compare programmes in the same worlds (without files: none, all seven roles, each role alone)."""
    from rich.console import Console

    from ovopsim.comparison import compare as run_comparison
    from ovopsim.comparison import model_digest
    from ovopsim.labels import label
    from ovopsim.report.tables import comparison_table
    from ovopsim.study import store

    label("arm", language)  # an unknown language is found before the work, not after it
    chosen = _scenarios(scenarios)
    digest = model_digest()
    if out is not None:
        store.prepare(out, digest)
    _announce_compilation(language)
    result = run_comparison(
        chosen, replications=replications, seed=seed, n_jobs=n_jobs, progress=not as_json, keep_runs=out is not None
    )
    if out is not None:
        record = result.run | {"model_digest": digest, "command": sys.argv[1:]}
        store.write_store(out, result.runs.to_dict("records"), result.monthly, result.firms, record)
        for name in ("effects", "summary", "gainers"):
            getattr(result, name).to_csv(out / f"{name}.csv", index=False, encoding="utf-8")
        from ovopsim.plots.pictures import save_all

        save_all(result.effects, result.paths, result.gainers, out, language)
    if as_json:
        _print_json(_without_nan(result.to_dict()))
        return
    console = Console()
    console.print(comparison_table(result.effects, result.summary, result.run["baseline"], language))
    if out is not None:
        console.print(label("written", language).format(place=out))


@app.command()
def run(
    scenario: Annotated[Path, typer.Argument(help="scenario file")],
    out: Out = None,
    replications: Replications = 8,
    seed: Seed = 1,
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """Run one scenario and show its last year."""
    from rich.console import Console
    from rich.table import Table

    from ovopsim.comparison import HEADLINES, model_digest, tables_of
    from ovopsim.labels import label
    from ovopsim.policy import load_scenario
    from ovopsim.simulation import simulate
    from ovopsim.study import store

    label("arm", language)
    chosen = load_scenario(scenario)
    digest = model_digest()
    if out is not None:
        store.prepare(out, digest)
    _announce_compilation(language)
    result = simulate(chosen, replications=replications, seed=seed, keep_months=[chosen.months - 1])
    if out is not None:
        runs, monthly, firms = tables_of(chosen, result.monthly, result.firms, seed, digest)
        record = {"model_digest": digest, "seed": seed, "replications": replications, "command": sys.argv[1:]}
        store.write_store(out, runs, monthly, firms, record)
    last = result.monthly[result.monthly["step"] >= chosen.months - 12].mean(numeric_only=True)
    if as_json:
        numbers = {name: float(value) for name, value in last.items() if name not in ("step", "replication")}
        _print_json({"name": chosen.name, "seed": seed, "replications": replications, "last_year": numbers})
        return
    table = Table(title=chosen.name)
    table.add_column(label("pattern", language))
    table.add_column(label("a_month", language), justify="right")
    from ovopsim.parameters.money import format_idr

    for name in HEADLINES:
        value = float(last[name])
        table.add_row(label(name, language), format_idr(value, language) if name.endswith("_idr") else f"{value:,.1f}")
    Console().print(table)


@app.command()
def baseline(
    as_json: AsJson = False, language: Language = "en", seeds: Annotated[int, typer.Option("--seeds")] = 32
) -> None:
    """Show published patterns of the cluster beside what the simulation gives."""
    from rich.console import Console

    from ovopsim.analysis.baseline import baseline_table
    from ovopsim.report.tables import baseline_rich

    _announce_compilation(language)
    rows = baseline_table(seeds)
    if as_json:
        _print_json(rows)
    else:
        Console().print(baseline_rich(rows, language))


@app.command()
def levers(as_json: AsJson = False, language: Language = "en") -> None:
    """List what the agency can do."""
    from rich.console import Console
    from rich.table import Table

    from ovopsim.labels import label
    from ovopsim.parameters.money import format_idr
    from ovopsim.policy import builtin_levers, value_of

    if as_json:
        _print_json({name: lever.model_dump(mode="json") for name, lever in builtin_levers().items()})
        return
    table = Table("role", "lever", label("arm", language), "unit cost", "about")
    for name, lever in builtin_levers().items():
        cost = format_idr(value_of(lever.unit_cost), language)
        table.add_row(str(lever.role or "–"), name, label(name, language), cost, lever.about)
    Console().print(table)


@app.command()
def parameters(
    name: Annotated[str | None, typer.Argument(help="dotted path, to see one")] = None, as_json: AsJson = False
) -> None:
    """List what the model assumes, with source and range."""
    from rich.console import Console
    from rich.table import Table

    from ovopsim.parameters import all_records, locate

    records = dict(all_records())
    if name is not None:
        record, _ = locate(name)
        records = {path: each for path, each in records.items() if each is record}
    if as_json:
        _print_json({path: record.model_dump(mode="json") for path, record in records.items()})
        return
    table = Table("parameter", "value", "unit", "grade", "about")
    for path, record in records.items():
        value = record.value
        shown = ", ".join(f"{key} {each:g}" for key, each in value.items()) if isinstance(value, dict) else f"{value:g}"
        table.add_row(path, shown, record.unit, record.grade, record.about)
    Console().print(table)


@app.command()
def schema() -> None:
    """Print the JSON Schema of a scenario file."""
    from ovopsim.policy import scenario_schema

    _print_json(scenario_schema())


def main() -> None:
    """Run the command line and end with its exit code."""
    try:
        app(standalone_mode=False)
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("stopped\n")
        sys.exit(130)
    except Exception as error:  # the last door: a user sees one line, a developer can ask for all
        if os.environ.get("OVOPSIM_DEBUG"):
            raise
        code = getattr(error, "exit_code", 1)
        text = error.format_message() if hasattr(error, "format_message") else f"{type(error).__name__}: {error}"
        sys.stderr.write(f"{text}\n")
        sys.exit(code)


if __name__ == "__main__":
    main()
