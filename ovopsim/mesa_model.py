"""The Mesa door: the same cluster as a `mesa.Model`, one month a step, for those who know Mesa's shapes.

The constructor returns the month-0 state and collects nothing. The first `step()` runs step 0, and n steps leave n
rows, steps 0 … n − 1, equal bit for bit to those of `simulate` for the same scenario and seed. After the last month
of the scenario `running` is False, and a further `step()` is an `InputError`.

Agents are the firms in business, as views: `firm.cash` reads the present state and cannot be written. A firm that
closes is removed, an entrant is a new agent; `firm_id` is the identity that `simulate` gives a firm, the number
(`unique_id`, Mesa's AgentID) counts agents from 1 within a model. Mesa's own `random` and `rng` move nothing here.

Mesa's `batch_run` takes scenarios and seeds as parameters, in lists even when there is one (a bare scenario would be
taken apart key by key), and its rows name scenario and seed. Stop a run by the scenario's months, not by `max_steps`,
which means one month more before Mesa 3.5. Call the seeds ``rng``: without seeds each iteration draws its own, and
from Mesa 3.4 on `batch_run` overwrites a parameter called ``seed``. `ovopsim.batch_run` gives the same rows and has
none of these traps. ::

    rows = mesa.batch_run(OvopModel, {"scenario": [nothing, fairs], "rng": [1, 2, 3]}, data_collection_period=1)

Examples
--------
>>> from ovopsim import OvopModel, Scenario
>>> model = OvopModel(Scenario(months=3), seed=1)
>>> while model.running:
...     model.step()
>>> model.datacollector.get_model_vars_dataframe()["step"].tolist()
[0, 1, 2]
>>> len(model.agents) == model.outcomes["firms"]
True
>>> exporters = model.agents.select(lambda firm: firm.participates_export == 1.0)
>>> len(exporters) == model.outcomes["exporters"]
True
>>> exporters.agg("market_access_export", max) <= 1.0
True
>>> len(model.datacollector.get_agent_vars_dataframe().loc[2]) == len(model.agents)
True
"""

from __future__ import annotations

from contextlib import suppress
from numbers import Number
from operator import attrgetter
from typing import Any, Final

import mesa
import numpy as np
import pandas as pd

from ovopsim.errors import InputError
from ovopsim.fields import FIRM, Field, FirmRows, fields_of
from ovopsim.policy.scenario import Scenario
from ovopsim.simulation import (
    RECORDED,
    check_room,
    check_scenario,
    dates_of,
    firm_columns,
    month_zero,
    monthly_columns,
    prepare,
    units_delivered,
    whole_number,
)
from ovopsim.state import World

IN_A_LIST: Final = " In batch_run put scenarios in a list, one too: {'scenario': [scenario]}."


class BatikFirm(mesa.Agent):
    """A firm in business: a view on its column of the firm table, with every column as an attribute.

    A field by channel has an attribute for each, such as ``market_access_export``. Values are floats, codes and flags
    too, in the units of the firm table.

    Attributes
    ----------
    firm_id : int
        Identity, the same in every run of the seed.
    slot : int
        Column of the firm table; -1 once the firm has closed.

    Raises
    ------
    AttributeError
        When an attribute is written, or read after the firm has closed: its column may be another firm's by then.
    """

    def __init__(self, model: OvopModel, slot: int, firm_id: int) -> None:
        super().__init__(model)
        self.slot = slot
        self.firm_id = firm_id

    def remove(self) -> None:
        """Leave the model; the view is closed."""
        super().remove()
        self.slot = -1


def _view(row: int, field: Field) -> property:
    def read(firm: BatikFirm) -> float:
        if firm.slot < 0:
            raise AttributeError(f"firm {firm.firm_id} has closed; what it was is in the records of the DataCollector.")
        return float(firm.model.world.firms[row, firm.slot])

    return property(read, doc=f"{field.about} ({field.unit}).")


def _open_views() -> None:
    abouts = {row + place: field for field, row in fields_of(FirmRows).values() for place in range(field.rows)}
    for name, row in firm_columns().items():
        if row != FIRM.firm_id:
            setattr(BatikFirm, name, _view(row, abouts[row]))


_open_views()


class StepsFromZero(mesa.DataCollector):
    """A DataCollector that calls the first month step 0, in all its records (Mesa says 1, or 1.0 from version 3.4 on).

    `batch_run` looks firms up by the step of the model's row: with Mesa's own labels, version 3.3 would join the
    cluster of one month to the firms of the month before.
    """

    def collect(self, model: OvopModel) -> None:
        """Record the month just run, under its step."""
        super().collect(model)
        label, step = getattr(model, "time", model.steps), model.months_run - 1
        self._agent_records[step] = _relabelled(self._agent_records.pop(label, []), step)
        if label in self._agenttype_records:
            records = self._agenttype_records.pop(label)
            self._agenttype_records[step] = {kind: _relabelled(rows, step) for kind, rows in records.items()}
        if hasattr(self, "_collection_steps"):  # where batch_run of Mesa 3.4 and later looks
            self._collection_steps[-1] = step

    def get_agent_vars_dataframe(self) -> pd.DataFrame:
        """Return what is recorded of firms: a row for each month and firm, none before the first step."""
        if any(self._agent_records.values()) or not self.agent_reporters:
            frame: pd.DataFrame = super().get_agent_vars_dataframe()
            return frame
        index = pd.MultiIndex.from_arrays([[], []], names=["Step", "AgentID"])  # Mesa makes two rows of no records
        return pd.DataFrame(columns=list(self.agent_reporters), index=index)


def _relabelled(records: list[tuple[Any, ...]], step: int) -> list[tuple[Any, ...]]:
    return [(step, *record[1:]) for record in records]


class OvopModel(mesa.Model):
    """A scenario as a Mesa model.

    Parameters
    ----------
    scenario : Scenario, optional
        None = the shipped cluster without a programme, for 60 months.
    rng, seed : int, optional
        The seed, under Mesa's newer or older name, as in `simulate` (of which this is replication 0). Whatever else
        `numpy.random.default_rng` takes is good for drawing one, None from the operating system.

    Attributes
    ----------
    seed : int
        The seed in use, so that any run can be repeated.
    inputs : Scenario
        The scenario (Mesa 3.5 has an attribute `scenario` of its own).
    outcomes : dict
        What the DataCollector records of the last month run: scenario and seed, step, month, the monthly outcomes and
        the units delivered by each lever. Empty before the first step.
    world : World
        The present state; to be read, not written.
    months_run : int
    datacollector : DataCollector
        Records by step: outcomes of the cluster, and `RECORDED` of each firm in business at the month's end.
    running : bool
        False once all months of the scenario have been run.

    Raises
    ------
    InputError
        When scenario or seed is something else, both `rng` and `seed` are given, or a step is asked for after the
        last month; the model stays as it was.
    """

    def __init__(self, scenario: Scenario | None = None, *, rng: Any = None, seed: Any = None) -> None:
        chosen = _seed(rng, seed)
        inputs = Scenario() if scenario is None else check_scenario(scenario, hint=IN_A_LIST)
        super().__init__(rng=chosen)
        self.seed = chosen
        self.inputs = inputs
        self.outcomes: dict[str, Any] = {}
        self.agents_numbered = 0
        self.months_run = 0
        self._run = prepare(inputs, month_zero(inputs, chosen, 0))
        self._dates = dates_of(inputs.start, inputs.months)
        self._in_slot: dict[int, BatikFirm] = {}
        self._renew_agents()
        outcomes = monthly_columns(inputs, self._run.results.monthly, units_delivered(self._run.results.levers))
        columns = ("scenario", "seed", "step", "month", *outcomes)
        self.datacollector = StepsFromZero(  # forms that every Mesa from 3.3 to 3.5 takes and that can be pickled
            model_reporters={name: [_outcome, [self, name]] for name in columns},
            agent_reporters={name: attrgetter(name) for name in RECORDED},
        )

    @property
    def world(self) -> World:
        """The present state."""
        return self._run.work

    def step(self) -> None:
        """Run one month, renew the agents and collect."""
        self._refuse_when_over()
        step, run = self.months_run, self._run
        run.go(run.work, step, 1)  # on from where it is; results of the month come first in the arrays
        check_room(self.inputs, run.work)
        self.months_run += 1
        found = monthly_columns(self.inputs, run.results.monthly[:, :1], units_delivered(run.results.levers[:, :1]))
        self.outcomes = {
            "scenario": self.inputs.name,
            "seed": self.seed,
            "step": step,
            "month": self._dates[step],
            **{name: values.item() for name, values in found.items()},
        }
        self._renew_agents()
        self.datacollector.collect(self)
        if self.months_run == self.inputs.months:
            self.running = False

    def register_agent(self, agent: mesa.Agent) -> None:
        """Take an agent in and number it.

        Mesa 3.3 numbers agents in a table of its own, which keeps every model alive and forgets the count in a copy.
        """
        super().register_agent(agent)
        self.agents_numbered += 1
        agent.unique_id = self.agents_numbered
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    def _wrapped_step(self) -> None:
        # What `model.step` is to the outside: Mesa counts, then calls `step` above. It must not count a step that is
        # refused; its clock would stop for good in 3.5, and the next step would silently do nothing.
        self._refuse_when_over()
        super()._wrapped_step()

    def _refuse_when_over(self) -> None:
        months = self.inputs.months
        if self.months_run >= months:
            raise InputError(
                f"{self.inputs.name}: all {months} months have been run. Stop when model.running is False, or give "
                "the scenario more months."
            )

    def _renew_agents(self) -> None:
        firms = self.world.firms
        active, ids = firms[FIRM.active] == 1.0, firms[FIRM.firm_id]
        for slot, firm in list(self._in_slot.items()):
            if not active[slot] or ids[slot] != firm.firm_id:  # a freed slot may have been taken in the same month
                self._in_slot.pop(slot).remove()
        for slot in np.flatnonzero(active).tolist():
            if slot not in self._in_slot:
                self._in_slot[slot] = BatikFirm(self, slot, int(ids[slot]))


def _outcome(model: OvopModel, name: str) -> Any:
    return model.outcomes[name]


def _seed(rng: Any, seed: Any) -> int:
    """Return the seed that a user means by `rng` or `seed`; see `OvopModel`."""
    if rng is not None and seed is not None:
        raise InputError(f"rng is {rng!r} and seed is {seed!r}; give one of them, they are two names of the seed.")
    name, given = ("rng", rng) if seed is None else ("seed", seed)
    if given is None or not isinstance(given, Number):  # whatever else NumPy draws from
        with suppress(TypeError, ValueError):
            return int(np.random.default_rng(given).integers(2**31))
    return whole_number(name, given, 0, "give 0 or more, or None to draw one")


__all__ = ["RECORDED", "BatikFirm", "OvopModel", "StepsFromZero"]
