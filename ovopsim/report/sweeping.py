"""What `ovopsim sweep` says at its end: how many runs, how long, where they are and how to go on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from ovopsim.labels import label, number
from ovopsim.study.sweep_plan import SweepPlan
from ovopsim.study.sweeping import Progress


def sweep_document(plan: SweepPlan, state: Progress, store: Path) -> dict[str, Any]:
    """Return the end of a sweep as plain values."""
    return {
        "store": str(store),
        "points": len(plan.points),
        "replications": plan.replications,
        "seed": plan.seed,
        "runs": state.wanted,
        "stored_before": state.stored,
        "done": state.done,
        "failed": state.failed,
        "failed_before": state.stored_failed,
        "seconds": round(time.monotonic() - state.began, 3),
        "model_digest": plan.digest,
    }


def sweep_page(plan: SweepPlan, state: Progress, store: Path, language: str) -> RenderableType:
    """Return the same in a few lines."""
    words = {
        name: number(value, language, 1 if name == "seconds" else 0)
        for name, value in sweep_document(plan, state, store).items()
        if isinstance(value, int | float)
    }
    lines = [label("sweep.ended", language, **words)]
    if state.failed:
        lines.append(label("sweep.failed", language, failed=number(state.failed, language, 0)))
    if state.stored_failed:
        lines.append(label("sweep.failed_before", language, failed=number(state.stored_failed, language, 0)))
    lines.append(label("sweep.where", language, store=store, text=repr(store.as_posix())))
    return Text("\n".join(lines))
