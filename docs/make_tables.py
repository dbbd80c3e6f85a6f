"""Writes the tables of `odd.md` from the records and field tables of the package.

python -m docs.make_tables            rewrites the tables
python -m docs.make_tables --check    only says whether they are stale (exit code 1)

A table stands between `<!-- table: NAME -->` and `<!-- end of table -->`; what stands there by hand is lost.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docs.table_text import GRADES, RECORD_HEAD, grid, number, record_row, value_text
from ovopsim.analysis.baseline import baseline_targets
from ovopsim.draws import LANES, PROCESSES
from ovopsim.fields import AgencyRows, ChannelRows, CityRows, FirmRows, SentraRows, fields_of
from ovopsim.ledger import FLOWS, NON_CASH
from ovopsim.outcomes.monthly import OutcomeRows
from ovopsim.parameters import Record, all_records
from ovopsim.parameters.loading import SUBMODELS
from ovopsim.policy import ROLES, builtin_levers, value_of
from ovopsim.policy.effects import Effect
from ovopsim.policy.levers import Lever
from ovopsim.policy.presets import programme_records
from ovopsim.policy.shocks import builtin_shocks

ODD = Path(__file__).parent / "odd.md"
TABLE = re.compile(r"<!-- table: (?P<name>[^\n]+?) -->\n.*?<!-- end of table -->", re.DOTALL)
ENTITIES = {"firm": FirmRows, "channel": ChannelRows, "sentra": SentraRows, "city": CityRows, "agency": AgencyRows}

# what the three numbers of a draw are, by process
KEYS = {
    "channel_spending": ("channel", "month", "–", "normal that moves the channel's spending"),
    "outside_price": ("–", "month", "–", "normal that moves prices of sellers elsewhere"),
    "candidate_entry": ("candidate k", "birth month", "0, 1", "whether the candidate starts a firm, and where"),
    "candidate_state": ("candidate k", "birth month", "trait // 4", "four uniforms: traits of an entrant"),
    "firm_shocks": ("firm id", "month", "–", "two normals and two uniforms"),
    "acquaintance": ("firm id", "month", "–", "four uniforms"),
    "institutions": ("–", "–", "–", "nothing any more: its two decisions are lanes of 5 and 9"),
    "participation": ("firm id", "month", "–", "a uniform for beginning in each channel"),
    "closing_and_credit": ("firm id", "month", "–", "four uniforms"),
    "contract_end": ("firm id", "month", "–", "whether a large buyer leaves"),
    "new_neighbour": ("firm id", "month", "0, 1 + place", "point on the ring of acquaintances; points of searches"),
    "agency_view": (
        "firm id",
        "budget year",
        "lever // 4",
        "four normals: error in the agency's view of a firm, for four levers",
    ),
    "acceptance_taste": ("firm id", "–", "lever", "lasting taste for a lever"),
    "acceptance": ("firm id", "offer number", "lever", "whether this offer is taken"),
    "response": ("firm id", "delivery number", "lever", "how much the firm makes of this delivery"),
    "matching": ("firm id", "delivery number", "lever and effect", "whether an uncertain effect happens"),
    "group": ("firm id", "month", "lever", "its place in the circle of those it meets"),
    "trial_assignment": ("firm id; −1", "–", "assignment", "which firms a trial chooses, and which sentra"),
    "initial_population": ("first firm", "–", "trait", "all that the first firms are"),
}


def parameters(submodel: str) -> str:
    """Return the parameters of one submodel."""
    mine = {path.partition(".")[2]: record for path, record in all_records().items() if path.startswith(f"{submodel}.")}
    return grid(RECORD_HEAD, (record_row(name, record) for name, record in mine.items()))


def states(entity: str) -> str:
    """Return the state of one entity."""
    rows = []
    for name, (field, _) in fields_of(ENTITIES[entity]).items():
        size = f" × {field.rows}" if field.rows > 1 else ""
        group = field.group if field.group != "other" else ""
        rows.append([f"`{name}`{size}", field.about, field.unit, *([group] if entity == "firm" else [])])
    return grid(("state", "meaning", "unit", *(["attribute"] if entity == "firm" else [])), rows)


def outcomes() -> str:
    """Return the monthly outcomes."""
    found = [[f"`{name}`", field.about, field.unit] for name, (field, _) in fields_of(OutcomeRows).items()]
    return grid(
        ("outcome", "meaning", "unit"), [*found, ["`delivered_<lever>`", "units of a lever delivered", "units"]]
    )


def draws() -> str:
    """Return the processes of randomness."""
    rows = []
    for name, code in PROCESSES.items():
        entity, time, index, what = KEYS[name]
        lanes = f": {', '.join(LANES[name])}" if name in LANES else ""
        rows.append([str(code), f"`{name}`", entity, time, index, what + lanes])
    return grid(("number", "process", "entity", "time", "index", "what it decides"), rows)


def effect_text(effect: Effect) -> str:
    """Return one effect as it stands in YAML."""
    size = "" if effect.by is None else f" by {number(effect.size)}"
    chance = value_of(effect.probability)
    return f"{effect.verb} {effect.target}{size}" + (f" with probability {number(chance)}" if chance < 1.0 else "")


def condition_text(lever: Lever) -> str:
    """Return what a firm must be to be offered a lever."""
    needs = lever.requires
    flags = [
        ("" if wanted else "not ") + name.replace("_", " ")
        for name in ("licensed", "member", "certified", "business_account")
        if (wanted := getattr(needs, name)) is not None
    ]
    age, rest = value_of(needs.minimum_age), value_of(needs.not_served_within)
    months = [f"in business {number(age)} months"] if age else []
    months += [f"not served for {number(rest)} months"] if rest else []
    return ", ".join(flags + months) or "–"


def levers() -> str:
    """Return the levers with what each costs, does and aims at."""
    rows = [
        [
            f"`{name}`",
            f"{lever.role} {ROLES[lever.role]}" if lever.role else "benchmark",
            lever.about,
            lever.to,
            number(value_of(lever.unit_cost)),
            "; ".join(map(effect_text, lever.effects)),
            condition_text(lever),
            f"{lever.first_link.state} {'up' if lever.first_link.direction > 0 else 'down'}",
            f"{lever.aims_at.outcome} {'up' if lever.aims_at.direction > 0 else 'down'}",
        ]
        for name, lever in builtin_levers().items()
    ]
    head = ("lever", "role", "what", "to", "unit cost, IDR", "effects", "offered to", "first link", "aims at")
    return grid(head, rows)


def records_in(content: Any, path: str = "") -> list[tuple[str, Record]]:
    """Return the records inside a lever or shock, with short paths."""
    if isinstance(content, Record):
        return [(path, content)]
    if isinstance(content, tuple):
        return [found for each in content for found in records_in(each, f"{path}{each.verb} {each.target} ")]
    fields = type(content).model_fields if hasattr(type(content), "model_fields") else ()
    return [found for name in fields for found in records_in(getattr(content, name), f"{path}{name} ")]


def lever_numbers() -> str:
    """Return every number of the levers; one that several levers share stands at the first."""
    rows, seen = [], set()
    for name, lever in builtin_levers().items():
        for path, record in records_in(lever):
            key = (path, record.model_dump_json())
            if key not in seen:
                seen.add(key)
                rows.append([f"`{name}`", *record_row(path.strip(), record)])
    return grid(("lever", *RECORD_HEAD), rows)


def shocks() -> str:
    """Return every number of the shocks and of the default programme."""
    rows = [
        [f"`{name}`", *record_row(path.strip(), record)]
        for name, shock in builtin_shocks().items()
        for path, record in records_in(shock)
    ]
    rows += [["programme", *record_row(name, record)] for name, record in programme_records().items()]
    return grid(("shock", *RECORD_HEAD), rows)


def patterns() -> str:
    """Return the patterns that the cluster without programme is compared with."""
    rows = []
    for name, target in baseline_targets().items():
        low, high = target["low"], target["high"]
        span = f"above {number(low)}" if high is None else f"{number(low)} to {number(high)}"
        published = "–" if target["published"] is None else number(target["published"])
        kind = "emergent" if target["emergent"] else "input"
        rows.append([f"`{name}`", target["about"], published, span, kind, ", ".join(target["evidence"]) or "–"])
    return grid(("pattern", "what", "published", "tolerated", "kind", "evidence"), rows)


def flows() -> str:
    """Return the flows of money and what is booked without cash."""
    cash = [[f"`{name}`", payer, payee, "cash"] for name, (payer, payee) in FLOWS.items()]
    return grid(
        ("flow", "from", "to", "kind"), [*cash, *([f"`{n}`", a, b, "not cash"] for n, (a, b) in NON_CASH.items())]
    )


def every_record() -> dict[str, Record]:
    """Return all shipped records by path."""
    found = dict(all_records())
    for kind, shipped in (("levers", builtin_levers()), ("shocks", builtin_shocks())):
        for name, entry in shipped.items():
            found |= {f"{kind}.{name}: {path.strip()}": record for path, record in records_in(entry)}
    return found | {f"programme: {name}": record for name, record in programme_records().items()}


def grades() -> str:
    """Return how many numbers have which grade, by file."""
    groups = [*SUBMODELS, "levers", "shocks", "programme"]
    rows = []
    for group in groups:
        mine = [record for path, record in every_record().items() if re.split(r"[.:]", path)[0] == group]
        bare = sum(record.grade == "assumption" and not record.evidence for record in mine)
        counts = [sum(record.grade == grade for record in mine) for grade in GRADES]
        rows.append([group, str(len(mine)), *map(str, counts), str(bare), str(sum(r.uncertain for r in mine))])
    total = [str(sum(int(row[column]) for row in rows)) for column in range(1, 7)]
    head = ("file", "records", "measured here", "elsewhere", "assumed", "of these without evidence", "uncertain")
    return grid(head, [*rows, ["all", *total]])


def unsupported() -> str:
    """Return the assumptions that no row of evidence supports."""
    seen: dict[str, str] = {}
    for path, record in every_record().items():
        if record.grade == "assumption" and not record.evidence:
            seen.setdefault(f"{record.about} ({value_text(record)} {record.unit})", path)
    return grid(("record", "assumption"), ([f"`{path}`", text] for text, path in seen.items()))


MAKERS: dict[str, Callable[[], str]] = {
    "outcomes": outcomes,
    "draws": draws,
    "levers": levers,
    "numbers of the levers": lever_numbers,
    "shocks": shocks,
    "patterns": patterns,
    "flows": flows,
    "grades": grades,
    "assumptions without evidence": unsupported,
}


def made(name: str) -> str:
    """Return the table of a name such as `outcomes`, `state of firm` or `parameters of market`.

    Raises
    ------
    KeyError
        When no table has that name.
    """
    kind, _, of = name.partition(" of ")
    if kind == "parameters" and of in SUBMODELS:
        return parameters(of)
    if kind == "state" and of in ENTITIES:
        return states(of)
    return MAKERS[name]()


def names() -> list[str]:
    """Return the names of all tables there are."""
    return [*(f"state of {each}" for each in ENTITIES), *(f"parameters of {each}" for each in SUBMODELS), *MAKERS]


def renewed(text: str) -> str:
    """Return a text with every table made anew."""

    def table(found: re.Match[str]) -> str:
        name = found["name"]
        return f"<!-- table: {name} -->\n\n{made(name)}\n\n<!-- end of table -->"

    return TABLE.sub(table, text)


def main(arguments: list[str]) -> int:
    """Rewrite the tables, or say whether they are stale."""
    text = ODD.read_text(encoding="utf-8")
    new = renewed(text)
    if arguments == ["--check"]:
        return int(new != text)
    ODD.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
