"""`ovopsim explain`: through what a programme works."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from ovopsim.cli.asking import AsJson, Asked, Jobs, Language, Out, Replications, Seed, show, show_json, speaks
from ovopsim.cli.commands import app

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO.yaml", help="scenario whose effect is split")]
BaselineFile = Annotated[
    Path | None, typer.Option("--baseline", help="scenario file; the same world without programme if left out")
]


@app.command()
def explain(
    context: typer.Context,
    scenario: ScenarioFile,
    baseline: BaselineFile = None,
    out: Out = None,
    replications: Replications = 32,
    seed: Seed = 1,
    as_json: AsJson = False,
    language: Language = None,
    n_jobs: Jobs = None,
) -> None:
    """Split an effect over capital, skill, technology, market access, other channels and market spillovers."""
    spoken = speaks(context, language)
    from ovopsim.explanation import explained
    from ovopsim.policy import file_digest
    from ovopsim.policy.files import load_scenarios
    from ovopsim.report.explaining import explanation_page
    from ovopsim.report.folder import check_explanation, write_explanation
    from ovopsim.study import store
    from ovopsim.study.explaining import plan_explanation
    from ovopsim.study.identity import model_digest
    from ovopsim.study.progress import watched

    asked: Asked = context.obj
    files = [scenario] if baseline is None else [baseline, scenario]
    *others, chosen = load_scenarios(files).values()
    plan = plan_explanation(chosen, others[0] if others else None, replications, seed, n_jobs)
    inputs = {str(path): file_digest(path) for path in files}
    with store.opened(out, model_digest()) if out is not None else contextlib.nullcontext() as workplace:
        if out is not None:
            check_explanation(out, plan.scenario.name, plan.baseline.name)
        with watched(plan.replications, as_json, spoken) as tick:
            found = explained(plan, tick)
        if out is not None and workplace is not None:
            write_explanation(found, workplace, out, spoken, ["ovopsim", *asked.arguments], inputs)
    if as_json:
        show_json(found.to_dict())
    else:
        show(lambda width: explanation_page(found, spoken, width), out, spoken)
