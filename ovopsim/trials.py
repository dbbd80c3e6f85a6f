"""`trial`: a field trial in the simulated cluster, as its evaluator would see it and as it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ovopsim.analysis.attrition import attrition_table
from ovopsim.analysis.estimators import evaluate
from ovopsim.analysis.exact_effects import coverage, over_replications
from ovopsim.analysis.pilot_designs import PilotDesign
from ovopsim.analysis.power import power_table
from ovopsim.analysis.trial_samples import EvaluationPlan
from ovopsim.analysis.validation import target_row, trial_worlds
from ovopsim.errors import InputError, did_you_mean
from ovopsim.policy.trials import CONTROL, Trial, builtin_trials, load_trial
from ovopsim.report.printed import PAGE, Printed
from ovopsim.report.trialling import trial_page, trial_title
from ovopsim.report.validating import validation_page
from ovopsim.study.documents import rows
from ovopsim.study.plan import check_numbers
from ovopsim.study.progress import watched
from ovopsim.study.trial_runs import TrialWorld

if TYPE_CHECKING:
    from rich.console import RenderableType

REPLICATIONS: Final = 8


@dataclass(frozen=True)
class TrialResult(Printed):
    """What a trial finds.

    Attributes
    ----------
    trial : Trial
    worlds : list of TrialWorld
        One for each replication.
    """

    trial: Trial
    worlds: list[TrialWorld]

    @cached_property
    def firms(self) -> pd.DataFrame:
        """One row for each eligible firm and replication: arm, baseline, outcomes with the trial and without."""
        return pd.concat([world.frame() for world in self.worlds], ignore_index=True)

    @property
    def _compared(self) -> bool:
        """Whether firms are drawn into arms and leave controls, so that there is something to estimate."""
        drawn = [arm for arm in self.trial.arms.values() if not arm.whole]
        return bool(drawn and (self.firms["arm"] == CONTROL).any())

    @cached_property
    def _drawn(self) -> dict[str, float]:
        """Arms that firms are drawn into, with the share of arm and controls together that each has."""
        shares = {name: arm.share for name, arm in self.trial.arms.items() if not arm.whole}
        if not shares:
            raise InputError(
                f"{self.trial.name}: its arms change what the whole cluster faces, so that there are no controls to "
                "compare with; see 'targets'."
            )
        controls = max(1.0 - sum(shares.values()), 0.0)
        return {name: share / (share + controls) for name, share in shares.items()}

    @cached_property
    def _plan(self) -> EvaluationPlan:
        """What an evaluator estimates: one plan, so that all tables know what was randomised."""
        name, outcomes, months = self.trial.name, self.trial.outcomes, self.trial.follow_up
        if not self._drawn or not (self.firms["arm"] == CONTROL).any():
            raise InputError(f"{name}: arms: every firm is in one, so that there are no controls; lower a share.")
        return EvaluationPlan(name, outcomes, months, clustered=self.trial.unit != "firm")

    @cached_property
    def _every(self) -> pd.DataFrame:
        return evaluate(self.firms, self._plan)

    @cached_property
    def effects(self) -> pd.DataFrame:
        """Estimated and exact effects by arm, outcome, month, estimator and group: means over replications."""
        return over_replications(self._every)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """How often the evaluator's interval holds the exact effect, and by how much the estimate is off."""
        return coverage(self._every)

    @cached_property
    def attrition(self) -> pd.DataFrame:
        """Firms lost to the survey and closed, by arm."""
        return attrition_table(self.firms, self._plan)

    @property
    def targets(self) -> pd.DataFrame:
        """Targets of the trial, simulated beside published; without rows when the file has none."""
        found = [target_row(self.trial.name, self.trial, target, self.worlds) for target in self.trial.targets]
        return pd.DataFrame(found)

    def power(
        self,
        outcome: str | None = None,
        effect: float = 0.10,
        sizes: tuple[int, ...] = (200, 400, 800, 1_600),
        arm: str | None = None,
    ) -> pd.DataFrame:
        """Return how large a real trial must be to find an effect, by formula and by pilots drawn from this one.

        It plans a pilot of one arm and its controls, in the shares and with the estimator of this trial: what a survey
        measures wrongly comes on top.

        Parameters
        ----------
        outcome : str, optional
            None = the first of the trial.
        effect : float
            Gain of those who take part, over the mean without the trial.
        sizes : tuple of int
            Firms enrolled.
        arm : str, optional
            None = a pilot of each arm in turn.

        Returns
        -------
        DataFrame
            ``arm``, and the columns of `ovopsim.analysis.power.power_table`.

        Raises
        ------
        InputError
            When the trial has no controls or no such arm.
        """
        plan, shares = self._plan, self._drawn
        if arm is not None and arm not in shares:
            raise InputError(f"arm: '{arm}' is none of {', '.join(shares)}{did_you_mean(arm, shares)}")
        asked, months = outcome or self.trial.outcomes[0], self.trial.follow_up
        found = []
        for name in shares if arm is None else [arm]:
            design = PilotDesign(
                arm=name,
                clustered=plan.clustered,
                share_treated=shares[name],
                saturation=self.trial.arms[name].saturation,
                adjusted=self.trial.estimator == "ancova",
            )
            table = power_table(self.firms, design, asked, months, effect, sizes=sizes)
            table.insert(0, "arm", name)
            found.append(table)
        return pd.concat(found, ignore_index=True)

    def to_dict(self) -> dict[str, Any]:
        """Return effects, coverage and targets as plain values, and which estimator the trial is to be judged by."""
        return {
            "trial": self.trial.name,
            "estimator": self.trial.estimator,
            "replications": len(self.worlds),
            "firms": len(self.firms) // len(self.worlds),
            "effects": rows(self.effects),
            "coverage": rows(self.coverage),
            "targets": rows(self.targets),
        }

    def page(self, language: str = "en", width: int = PAGE) -> RenderableType:
        """Return the page that the command line prints: what is estimated beside what is so."""
        title = trial_title(self.trial.name, len(self.firms) // len(self.worlds), len(self.worlds), language)
        return trial_page(self.effects, self.trial.estimator, title, language, width)

    def _page(self) -> RenderableType:
        if not self._compared:  # its targets are all that can be said
            return validation_page(self.targets.to_dict("records"), width=PAGE)  # type: ignore[arg-type]
        return self.page()


def trial(
    given: Trial | str | Path,
    replications: int = REPLICATIONS,
    seed: int = 1,
    n_jobs: int | None = None,
    progress: bool = True,
    language: str = "en",
) -> TrialResult:
    """Run a field trial, and every firm of it without the trial.

    Parameters
    ----------
    given : Trial, str or Path
        A trial, its file, or the number of a published one (``"V4"``).
    replications : int
        Worlds.
    seed : int
    n_jobs : int, optional
        Threads; None = all cores.
    progress : bool
        Whether a bar is shown.

    Raises
    ------
    InputError
        When the file or a number cannot be; it names what and what would be right.
    """
    found = asked_trial(given)
    check_numbers(replications, seed, n_jobs)
    with watched(replications, not progress, language) as tick:
        worlds = trial_worlds({found.name: found}, replications, seed, n_jobs, tick)[found.name]
    return TrialResult(found, worlds)


def asked_trial(given: Trial | str | Path) -> Trial:
    """Return the trial that is meant: itself, a published one by its number, or that of a file."""
    if isinstance(given, Trial):
        return given
    known = builtin_trials()
    if str(given) in known:
        return known[str(given)]
    if not Path(given).is_file() and Path(given).suffix == "":
        raise InputError(f"'{given}' is no published trial; they are {', '.join(known)}. A file ends in .yaml.")
    return load_trial(given)
