"""`ovopsim trial`: a field trial in the simulated cluster."""

from __future__ import annotations

from typing import Annotated

import typer

from ovopsim.cli.asking import AsJson, Jobs, Language, Replications, Seed, show, show_json, speaks
from ovopsim.cli.commands import app

TrialFile = Annotated[str, typer.Argument(metavar="TRIAL.yaml", help="trial file, or a published one such as V4")]
Power = Annotated[bool, typer.Option("--power", help="how large a real trial must be to find ten per cent")]


@app.command()
def trial(
    context: typer.Context,
    trial: TrialFile,
    power: Power = False,
    replications: Replications = 8,
    seed: Seed = 1,
    as_json: AsJson = False,
    language: Language = None,
    n_jobs: Jobs = None,
) -> None:
    """Run a field trial: what its evaluator would find, what is so, and how large a pilot must be."""
    spoken = speaks(context, language)
    from ovopsim.report.trialling import power_page
    from ovopsim.study.documents import rows
    from ovopsim.trials import trial as run_one

    found = run_one(trial, replications, seed, n_jobs, progress=not as_json, language=spoken)
    sizes = found.power() if power else None
    if as_json:
        show_json(found.to_dict() | ({} if sizes is None else {"power": rows(sizes)}))
        return
    show(lambda width: found.page(spoken, width))
    if sizes is not None:
        show(lambda width: power_page(sizes, spoken, width))
