"""The commands: compare, run, baseline, levers, parameters, schema."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ovopsim.cli.asking import (
    AsJson,
    Asked,
    Files,
    Jobs,
    KeepMonths,
    Language,
    Out,
    Posterior,
    Rate,
    Replications,
    Seed,
    show,
    show_json,
    speaks,
)

if TYPE_CHECKING:
    from ovopsim.comparison import Comparison
    from ovopsim.study.plan import Plan

# what a command needs is imported in it: `ovopsim --help` and a misspelt file must not wait for the simulation
app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done, 2 something in the input is wrong, 1 anything else.",
)


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
    posterior: Posterior = None,
) -> None:
    """Compare programmes in the same worlds; without files: none, all seven roles, each role alone."""
    spoken = speaks(context, language)
    from ovopsim.analysis import appraisal
    from ovopsim.policy import presets
    from ovopsim.policy.files import load_scenarios
    from ovopsim.report.comparing import comparison_page
    from ovopsim.study.drawn import draws_file
    from ovopsim.study.plan import planned

    chosen = load_scenarios(scenarios) if scenarios else presets()
    plan = planned(chosen, None, replications, seed, n_jobs, keep_month, posterior=posterior)
    files = [*(scenarios or []), *([] if posterior is None else [draws_file(posterior)])]
    found = worked(plan, appraisal.discount_rate(discount_rate), out, as_json, context.obj, files)
    if as_json:
        show_json(found.to_dict())
    else:
        alone = str(scenarios[0]) if scenarios and len(scenarios) == 1 else None
        show(lambda width: comparison_page(found, spoken, width, alone), out, spoken)


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
    spoken = speaks(context, language)
    from ovopsim.analysis import appraisal
    from ovopsim.policy.files import load_scenarios
    from ovopsim.report.levels import run_document, run_page
    from ovopsim.study.plan import planned

    plan = planned(load_scenarios([scenario]), None, replications, seed, n_jobs, keep_month, least=1)
    found = worked(plan, appraisal.discount_rate(), out, as_json, context.obj, [scenario])
    if as_json:
        show_json(run_document(found))
    else:
        show(lambda width: run_page(found, spoken, width), out, spoken)


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
    spoken = speaks(context, language)
    from ovopsim.analysis.baseline import baseline_table
    from ovopsim.report.levels import baseline_page
    from ovopsim.study.plan import check_numbers
    from ovopsim.study.progress import watched

    check_numbers(replications, seed, n_jobs)
    with watched(replications, as_json, spoken) as tick:
        rows = baseline_table(replications, seed, n_jobs, tick)
    if as_json:
        show_json(rows)
    else:
        show(lambda width: baseline_page(rows, replications, spoken, width))


@app.command()
def levers(context: typer.Context, as_json: AsJson = False, language: Language = None) -> None:
    """List what the agency can do, with unit cost, and where each number comes from."""
    spoken = speaks(context, language)
    from ovopsim.policy import builtin_levers
    from ovopsim.report.listing import levers_page

    if as_json:
        show_json({name: lever.model_dump(mode="json") for name, lever in builtin_levers().items()})
    else:
        show(lambda _: levers_page(builtin_levers(), spoken))


@app.command()
def parameters(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="dotted path, to see one with its evidence")] = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """List what the model assumes, with range, grade and source."""
    spoken = speaks(context, language)
    from ovopsim.parameters import all_records, locate
    from ovopsim.report.listing import parameters_page

    records = dict(all_records())
    if name is not None:
        record, _ = locate(name)
        records = {path: each for path, each in records.items() if each is record}
    if as_json:
        show_json({path: record.model_dump(mode="json") for path, record in records.items()})
    else:
        show(lambda _: parameters_page(records, spoken, full=name is not None))


@app.command()
def schema() -> None:
    """Print the JSON Schema of a scenario file."""
    from ovopsim.policy import scenario_schema

    show_json(scenario_schema())


def worked(plan: Plan, rate: float, out: Path | None, as_json: bool, asked: Asked, files: Sequence[Path]) -> Comparison:
    """Do the work of `compare` or `run`; a folder that cannot take the results is refused before it begins."""
    from ovopsim.comparison import carried_out
    from ovopsim.policy import file_digest
    from ovopsim.report.folder import check_findings, write_folder
    from ovopsim.study import store
    from ovopsim.study.progress import watched

    inputs = {str(path): file_digest(path) for path in files}
    with store.opened(out, plan.digest) if out is not None else contextlib.nullcontext() as workplace:
        if out is not None:
            check_findings(out, plan.scenarios, plan.baseline)
        with watched(plan.replications, as_json, asked.language) as tick:
            found = carried_out(plan, rate, tick)
        if out is not None and workplace is not None:
            write_folder(found, workplace, out, asked.language, ["ovopsim", *asked.arguments], inputs)
    return found
