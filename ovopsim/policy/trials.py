"""Field trials as records: who is randomised into which arms, what they are given, when they are asked, what was found.

A file says all of it, so that a trial nobody has thought of runs without new code. The classes have its keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from ovopsim.parameters.checking import Checked, Number, Whole, checked
from ovopsim.parameters.loading import change_problems
from ovopsim.parameters.yaml_files import read_yaml
from ovopsim.policy.levers import Lever, full_record, merged, unknown_levers
from ovopsim.policy.scenario import Population, Sentra

Outcome = Literal[
    "profit",
    "sales",
    "value_added",
    "workers",
    "other_sales",
    "export_sales",
    "exports",
    "licensed",
    "certified",
    "practices",
    "craft",
    "bookkeeping",
    "technology",
    "adoptions",
    "loans",
]
Group = Literal["all", "ablest", "subsistence", "least_skilled", "without_workers"]
CONTROL: Final = "control"
MOST_MONTHS: Final = 240


class Eligible(Checked):
    """Which firms take part; nothing said = all that are in business at the start.

    Attributes
    ----------
    sentra : str or None
    sells_in : str or None
        Channel in which the firm sells.
    fewest_workers, most_workers : float or None
        Hired full-time equivalents.
    most_craft : float or None
    licensed, certified, member, has_contract, borrows : bool or None
        None = either.
    """

    sentra: Sentra | None = None
    sells_in: Literal["local", "tourist", "national", "export"] | None = None
    fewest_workers: Annotated[Number, Field(ge=0)] | None = None
    most_workers: Annotated[Number, Field(ge=0)] | None = None
    most_craft: Annotated[Number, Field(ge=0, le=1)] | None = None
    licensed: bool | None = None
    certified: bool | None = None
    member: bool | None = None
    has_contract: bool | None = None
    borrows: bool | None = None


class Delivery(Checked):
    """A lever given to an arm.

    Attributes
    ----------
    lever : str
        Shipped, or defined in the file.
    months : tuple of int
        Counted from the trial's first delivery, month 0.
    dose : float
        Size over a plain unit.
    """

    lever: str
    months: Annotated[tuple[Annotated[Whole, Field(ge=0, lt=MOST_MONTHS)], ...], Field(min_length=1)] = (0,)
    dose: Annotated[Number, Field(gt=0)] = 1.0


class Arm(Checked):
    """One arm; firms that are in none are the controls.

    Attributes
    ----------
    share : float
        Of the eligible firms, or of groups or sentras.
    saturation : float
        Share of the firms of a chosen group or sentra that are treated; the others there are its untreated neighbours.
    deliveries : tuple of Delivery
    whole : dict of str to float
        Factors on what the whole cluster faces, from the trial's first month on: `local`, `tourist`, `national`,
        `export` spending, or `entry` of new firms. An arm with such factors has a world of its own.
    """

    share: Annotated[Number, Field(gt=0, le=1)] = 0.5
    saturation: Annotated[Number, Field(gt=0, le=1)] = 1.0
    deliveries: tuple[Delivery, ...] = ()
    whole: dict[Literal["local", "tourist", "national", "export", "entry"], Annotated[Number, Field(gt=0)]] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.deliveries and not self.whole:
            raise ValueError("an arm has deliveries, or factors on the whole cluster.")
        if self.deliveries and self.whole:
            raise ValueError("an arm has deliveries or factors on the whole cluster, not both.")
        return self


class Target(Checked):
    """A published finding and the range in which the simulated one must lie.

    Attributes
    ----------
    name : str
    arm : str or None
        None = the only arm.
    outcome : str
        Of firms; `take_up` = share of the arm that accepted; `adopted` = share of the arm that has taken a step in
        technology since the baseline; for `who: cluster` also `jobs`.
    who : str
        `assigned` = the arm against the controls, both against the same firms without the trial; `accepted` = those
        who accepted, likewise; `rivals` = firms in no arm, against the same firms without the trial; `cluster` = all.
    group : str
        `ablest` third, `subsistence` (no workers, profit below the median), `least_skilled` third in management,
        `without_workers`.
    months : tuple of int
        After the first delivery; the mean over them is taken.
    statistic : str
        `mean` or `median` over firms.
    unit : str
        `percent` of the untreated mean, `points` (of a share or index), `of_grant` (rupiah a month in percent of what
        a delivery hands over), `kept` (over the same effect in `kept_from`).
    kept_from : tuple of int
    over : str or None
        An arm whose effect is taken off: what one adds to another.
    low, high : float or None
        Tolerated range; None = open.
    published : float or None
    evidence : tuple of str
    """

    name: Annotated[str, Field(min_length=1)]
    about: Annotated[str, Field(min_length=1)]
    arm: str | None = None
    outcome: Outcome | Literal["take_up", "adopted", "jobs"] = "profit"
    who: Literal["assigned", "accepted", "rivals", "cluster"] = "assigned"
    group: Group = "all"
    months: tuple[Annotated[Whole, Field(ge=0, lt=MOST_MONTHS)], ...] = (12,)
    statistic: Literal["mean", "median"] = "mean"
    unit: Literal["percent", "points", "of_grant", "kept"] = "percent"
    kept_from: tuple[Annotated[Whole, Field(ge=0, lt=MOST_MONTHS)], ...] = ()
    over: str | None = None
    low: Number | None = None
    high: Number | None = None
    published: Number | None = None
    evidence: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _ranges(self) -> Self:
        if self.low is None and self.high is None:
            raise ValueError(f"{self.name}: give low, high or both.")
        if (self.unit == "kept") != bool(self.kept_from):
            raise ValueError(f"{self.name}: 'unit: kept' needs 'kept_from', and nothing else does.")
        return self


class Trial(Checked):
    """One field trial.

    Attributes
    ----------
    name, about : str
    population : Population
    firms : int
        Firms of the cluster, markets scaled with them.
    month : int
        Month of the simulation in which the first delivery is made; the month before is the baseline survey.
    unit : str
        Of randomisation: `firm`, `group` (of `group_size` firms of one sentra) or `sentra`.
    eligible : Eligible
    arms : dict of str to Arm
    levers : dict of str to Lever
        Defined here, or shipped ones changed key by key.
    parameters : dict of str to float
    follow_up : tuple of int
        Months after the first delivery in which firms are asked.
    outcomes : tuple of str
    estimator : str
        `ancova` (with the baseline value) or `difference`.
    attrition : float
        Share of firms that a follow-up does not find.
    held_out : bool
        Whether its targets are kept out of every fit.
    targets : tuple of Target
    """

    name: Annotated[str, Field(min_length=1)]
    about: str = ""
    population: Population = Population(synthetic="surakarta")
    firms: Annotated[Whole, Field(ge=20, le=100_000)] = 2_000
    month: Annotated[Whole, Field(ge=1, lt=MOST_MONTHS)] = 12
    unit: Literal["firm", "group", "sentra"] = "firm"
    group_size: Annotated[Whole, Field(ge=2, le=1_000)] = 10
    eligible: Eligible = Eligible()
    arms: Annotated[dict[str, Arm], Field(min_length=1)]
    levers: dict[str, Lever] = Field(default_factory=dict)
    parameters: dict[str, Number] = Field(default_factory=dict)
    follow_up: Annotated[tuple[Annotated[Whole, Field(ge=0, lt=MOST_MONTHS)], ...], Field(min_length=1)] = (12, 24)
    outcomes: Annotated[tuple[Outcome, ...], Field(min_length=1)] = ("profit", "sales", "workers")
    estimator: Literal["ancova", "difference"] = "ancova"
    attrition: Annotated[Number, Field(ge=0, lt=1)] = 0.0
    held_out: bool = False
    targets: tuple[Target, ...] = ()

    @field_validator("levers", mode="before")
    @classmethod
    def _complete(cls, levers: Any) -> Any:
        if not isinstance(levers, Mapping):
            return levers
        return {name: full_record(str(name), record) for name, record in levers.items()}

    @field_validator("parameters")
    @classmethod
    def _known_parameters(cls, parameters: dict[str, float]) -> dict[str, float]:
        problems = change_problems(parameters)
        if problems:
            raise ValueError(" ".join(problems))
        return parameters

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        used = [delivery.lever for arm in self.arms.values() for delivery in arm.deliveries]
        problems = unknown_levers(used, merged(self.levers))
        total = sum(arm.share for arm in self.arms.values() if not arm.whole)
        if total > 1.0 + 1e-9:
            problems.append(f"arms: their shares add up to {total:.2f}, more than 1.")
        if CONTROL in self.arms:
            problems.append(f"arms: '{CONTROL}' is what firms in no arm are; call the arm something else.")
        for target in self.targets:
            if target.arm is None and len(self.arms) > 1:
                problems.append(f"targets: {target.name}: name the arm, one of {', '.join(self.arms)}.")
            problems += [
                f"targets: {target.name}: there is no arm '{arm}'; the arms are {', '.join(self.arms)}."
                for arm in (target.arm, target.over)
                if arm is not None and arm not in self.arms
            ]
        if problems:
            raise ValueError(" ".join(problems))
        return self

    @property
    def asked(self) -> tuple[int, ...]:
        """Months after the first delivery in which anything is asked."""
        of_targets = [month for target in self.targets for month in (*target.months, *target.kept_from)]
        return tuple(sorted({*self.follow_up, *of_targets}))

    def arm_of(self, target: Target) -> str:
        """Return the name of a target's arm."""
        return target.arm or next(iter(self.arms))


@cache
def builtin_trials() -> Mapping[str, Trial]:
    """Return the published trials that the model is held against, by number: V1, V2, …."""
    data = read_yaml(files("ovopsim.policy") / "data" / "trials.yaml")
    return MappingProxyType(
        {name: checked(Trial, {"name": name} | record, f"trials.yaml: {name}") for name, record in data.items()}
    )


def load_trial(path: str | Path) -> Trial:
    """Return the trial of a YAML file; one without `name` is named after the file.

    Raises
    ------
    InputError
        When the file or something in it is wrong; it names file and key.
    """
    file = Path(path)
    given = {key: value for key, value in read_yaml(file).items() if value is not None}
    return checked(Trial, {"name": file.stem} | given, str(path))
