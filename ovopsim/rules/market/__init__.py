"""Rule 6: contracts are delivered, buyers choose in each channel, stock is rationed, sales are booked."""

from __future__ import annotations

from ovopsim.compiling import merged
from ovopsim.fields import CITY, FIRM
from ovopsim.rules.market.contracts import deliver_contracts
from ovopsim.rules.market.demand import attract, next_appeal


@merged
def draw_buyers(firms, channels, sentras, city, ledger, parameters, costs, attractions, shocks, key):
    """Serve contracts, then find how strongly each firm pulls on the buyers of each channel.

    `attractions` is an array (4, slots) that receives a_ij; `shocks` an array (slots,) of standard normals that move
    appeal. Held market sums may replace the channels' totals before `sell`.
    """
    used = int(city[CITY.used_slots])
    deliver_contracts(firms, channels, ledger, parameters, used, int(city[CITY.month]), key)
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            firms[FIRM.appeal_state, slot] = next_appeal(
                firms[FIRM.appeal_state, slot], parameters.appeal_persistence, costs.appeal_sd, shocks[slot]
            )
    attract(firms, channels, sentras, parameters, costs, attractions, used)
