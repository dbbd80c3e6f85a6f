"""Parameters of the market."""

from __future__ import annotations

from typing import NamedTuple

from ovopsim.fields import Reals


class Market(NamedTuple):
    """Parameters of the market (`market.yaml`)."""

    quality_value: Reals
    appeal_persistence: float
    certificate_effect: Reals
    second_offer: float
    minimum_order: Reals
    orders_memory: float
    contract_diversion: float
    contract_memory: float
    contract_end: float
    contract_end_short: float
