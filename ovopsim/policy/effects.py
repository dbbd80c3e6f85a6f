"""What a lever does to those it reaches: one verb, one target, a size and a chance.

In YAML an effect is one line such as `{raise: access.national, by: 0.3}` or `{start: export, probability: 0.1}`.
A verb with one target only may have its size in the target's place: `{fund: 10_000_000}`.

| verb | does |
|---|---|
| raise | adds `by` of what is missing to a learned attribute, or `by` to the logit of access to a channel |
| start | the firm begins to sell in a channel |
| set | gives the firm a licence, certificate, membership or business account |
| grant | hands `by` rupiah to the firm, in cash or as equipment |
| fund | adds `by` rupiah to what the cooperative can lend |
| meet | brings the firms of one batch together `by` times, in groups |
| coach | lets the firm practise under guidance for a month, which turns skill into habit |
| contract | a large buyer offers a lot of `by` times the firm's expected orders |
| amenity | adds `by` for each rupiah and firm to what draws visitors to the place |
| shift | adds `by` to a logit: keeping household and firm apart, asking for credit, approval, adoption; it fades |
| boost | cuts interest on the next loan by `by` a year, or has the state guarantee a share `by` of it; it fades |
| lend | lends `by` rupiah to the firm |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Discriminator, Tag, model_validator

from ovopsim.errors import did_you_mean
from ovopsim.fields import CHANNELS
from ovopsim.parameters.checking import Checked, Number
from ovopsim.parameters.records import ATTRIBUTES, Record

Whom = Literal["firms", "sentra", "cooperative"]

ACCESS: Final = tuple(f"access.{channel}" for channel in CHANNELS)
# verb -> target -> whom the lever must be for; targets are named as the states of `ovopsim.state`
TARGETS: Final[dict[str, dict[str, Whom]]] = {
    "raise": {**dict.fromkeys((*ATTRIBUTES, *ACCESS), "firms"), "governance": "cooperative"},
    "start": dict.fromkeys(CHANNELS, "firms"),
    "set": dict.fromkeys(("licensed", "certified", "member", "business_account"), "firms"),
    "grant": dict.fromkeys(("cash", "equipment"), "firms"),
    "fund": {"fund": "cooperative"},
    "meet": {"meets": "firms"},
    "coach": {"coached": "firms"},
    "contract": {"contract_lot": "firms"},
    "amenity": {"amenity": "sentra"},
    "shift": dict.fromkeys(("separation_shift", "application_shift", "approval_shift", "adoption_shift"), "firms"),
    "boost": dict.fromkeys(("rate_cut", "guarantee_offer"), "firms"),
    "lend": {"cash": "firms"},
}
WITHOUT_SIZE: Final = ("start", "set", "coach")

# A bare number, or the full record of one.
Quantity = Annotated[
    Annotated[Number, Tag("<number>")] | Annotated[Record, Tag("<record>")],
    Discriminator(lambda given: "<record>" if isinstance(given, Mapping | Record) else "<number>"),
]


def value_of(quantity: float | Record) -> float:
    """Return the number of a quantity, whether it stands bare or in a record."""
    return quantity.value_of() if isinstance(quantity, Record) else quantity


def _schema(schema: dict[str, Any]) -> None:
    size, chance = schema["properties"]["by"], schema["properties"]["probability"]
    forms = []
    for verb, targets in TARGETS.items():
        named = {"enum": list(targets)}
        inside = {verb: named if len(targets) > 1 else {"anyOf": [named, size]}, "probability": chance}
        if verb not in WITHOUT_SIZE:
            inside["by"] = size
        forms.append({"type": "object", "properties": inside, "required": [verb], "additionalProperties": False})
    schema.clear()
    schema |= {"oneOf": forms}


class Effect(Checked):
    """One effect of a lever.

    Attributes
    ----------
    verb, target : str
        See the table of this module.
    by : float or Record or None
        Size.
    probability : float or Record
        Chance that a delivery has this effect.
    """

    model_config = ConfigDict(json_schema_extra=_schema)

    verb: str
    target: str
    by: Quantity | None = None
    probability: Quantity = 1.0

    @property
    def size(self) -> float:
        """Size of the effect; 1 where a verb has none."""
        return 1.0 if self.by is None else value_of(self.by)

    @property
    def whom(self) -> Whom:
        """Whom a lever with this effect must be for."""
        return TARGETS[self.verb][self.target]

    @model_validator(mode="before")
    @classmethod
    def _from_line(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or "verb" in given:
            return given
        verbs = [key for key in given if key in TARGETS]
        if len(verbs) != 1:
            odd = [key for key in given if key not in (*TARGETS, "by", "probability")]
            near = f" '{odd[0]}' is none{did_you_mean(odd[0], TARGETS)}" if odd else ""
            raise ValueError(f"an effect has exactly one verb of {', '.join(TARGETS)}.{near}")
        (verb,) = verbs
        rest = {key: value for key, value in given.items() if key != verb}
        target = given[verb]
        if isinstance(target, str) and target in TARGETS[verb]:
            return rest | {"verb": verb, "target": target}
        if len(TARGETS[verb]) == 1 and "by" not in rest:
            return rest | {"verb": verb, "target": next(iter(TARGETS[verb])), "by": target}
        near = did_you_mean(target, TARGETS[verb])
        raise ValueError(f"'{target}' is nothing to {verb} (that is {', '.join(TARGETS[verb])}){near}")

    @model_validator(mode="after")
    def _has_size(self) -> Self:
        if self.verb not in TARGETS or self.target not in TARGETS[self.verb]:
            raise ValueError(f"'{self.verb}: {self.target}' is no effect.")
        if self.by is None and self.verb not in WITHOUT_SIZE:
            raise ValueError(f"{self.verb} needs a size: 'by: NUMBER'.")
        if isinstance(self.by, Record) and self.by.members:
            raise ValueError("by must be one number.")
        if self.verb == "grant" and value_of(self.probability) != 1.0:
            raise ValueError("a grant is certain: leave probability out.")
        if not 0.0 <= value_of(self.probability) <= 1.0:
            raise ValueError(f"probability is {value_of(self.probability):g}; it must lie in 0 to 1.")
        return self
