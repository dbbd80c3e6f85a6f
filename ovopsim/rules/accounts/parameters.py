"""Parameters of accounts."""

from __future__ import annotations

from typing import NamedTuple


class Accounts(NamedTuple):
    """Parameters of accounts (`accounts.yaml`)."""

    collection_months: float
    tax_rate: float
    coop_rate: float
    dues: float
    coop_patience: float
    default_months: float
    seized_share: float
    exclusion_months: float
    household_need: float
    need_sd: float
    draw_limit: float
    leak: float
    buffer_months: float
    separation_intercept: float
    separation_bookkeeping: float
    separation_account: float
    resale_limit: float
    profit_memory: float
    spoilage: float
    dividend_speed: float
    small_from: float
    medium_from: float
