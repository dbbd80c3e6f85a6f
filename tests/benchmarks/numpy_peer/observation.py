"""Monthly outcomes from arrays over firms."""

from __future__ import annotations

from typing import Any

import numpy as np

from ovopsim.fields import CITY, EXPORT, N_CONSTRAINTS
from ovopsim.outcomes.monthly import OUTCOME
from tests.benchmarks.numpy_peer.forms import constraint_gains
from tests.benchmarks.numpy_peer.views import dot


def observe(peer: Any, out: Any) -> None:
    """Write one month's outcomes to `out`, an array (outcomes,)."""
    firms, city, channels, agency = peer.firms, peer.world.city, peer.channels, peer.agency
    active = firms.active
    out[OUTCOME.firms] = count = active.sum()
    for place, total in (
        (OUTCOME.sales_idr, firms.sales),
        (OUTCOME.exports_idr, firms.export_sales),
        (OUTCOME.value_added_idr, firms.value_added),
        (OUTCOME.profit_idr, firms.profit),
    ):
        out[place] = total.sum()
    pieces = active * firms.output
    jobs = dot(active, firms.workers)
    labour = dot(active, firms.owner_labour) + jobs
    out[OUTCOME.jobs] = jobs
    out[OUTCOME.output_per_worker] = pieces.sum() / labour if labour > 0.0 else 0.0
    out[OUTCOME.materials_idr] = dot(firms.material_cost, pieces)
    out[OUTCOME.output_value_idr] = dot(firms.price, pieces)
    out[OUTCOME.members] = dot(active, firms.member)
    out[OUTCOME.exporters] = dot(active, firms.participates[EXPORT])
    out[OUTCOME.loans] = np.count_nonzero(firms.bank_debt > 0.0)
    moved = dot(active, firms.size_class == 1.0), dot(active, firms.size_class == 2.0)
    out[OUTCOME.micro] = count - moved[0] - moved[1]
    out[OUTCOME.small], out[OUTCOME.medium] = moved
    label_constraints(peer, out)
    for place, value in (
        (OUTCOME.entries, city[CITY.entries]),
        (OUTCOME.exits, city[CITY.exits]),
        (OUTCOME.defaults, city[CITY.defaults]),
        (OUTCOME.reached, city[CITY.reached]),
        (OUTCOME.graduations, city[CITY.graduations]),
        (OUTCOME.interest_subsidy_idr, city[CITY.interest_subsidy]),
        (OUTCOME.guarantee_loss_idr, city[CITY.guarantee_loss]),
        (OUTCOME.spent_idr, agency.spent.sum()),
        (OUTCOME.lapsed_idr, agency.lapsed.sum()),
    ):
        out[place] = value
    shares = np.where(channels.spending > 0.0, channels.cluster_sales / channels.spending, 0.0)
    out[OUTCOME.market_share_local : OUTCOME.market_share_local + shares.size] = shares


def label_constraints(peer: Any, out: Any) -> None:
    """Count firms by the limit that binds each most; of equal ones the last."""
    threshold = peer.parameters["observation"].none_below
    gains = constraint_gains(peer.firms, peer.sentras, peer.world.city, peer.costs, peer.sentra)
    labels = N_CONSTRAINTS - 1 - np.argmax(gains[::-1], axis=0)
    labels[gains.max(axis=0) < threshold] = N_CONSTRAINTS
    counts = np.bincount(labels[peer.firms.active == 1.0], minlength=N_CONSTRAINTS + 1)
    out[OUTCOME.constraint_marketing : OUTCOME.constraint_marketing + counts.size] = counts
