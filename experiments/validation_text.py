"""Part of `validation.py`: the words of its page; figures and tables take the places in braces."""

from __future__ import annotations

# why a trial fails, as far as it was looked into; what is said to have been tried is not run here
WHY = {
    "V2": (
        "Owners here are seldom short of capital. Cash of {cash:.1f} million rupiah stands beside equipment of "
        "{equipment:.1f} million in the middle firm; {gapped:.0f} % of firms have less than {lacking:.0f} % of "
        "the equipment they want, and {gapped_able:.0f} % of the ablest third. A gift is then worth what the "
        "owner asks of equipment, not many times more. Tried by hand: slower investment, a wider and more "
        "ability-bound spread of the return asked, and the rule that a household sets aside some months of its "
        "own need only, not of the firm's cost, which stands now (docs/odd.md): it makes cash matter, but at the "
        "share that fitted trials allow households to take ({leak:g} of cash a month) it brings the ablest third "
        "no nearer to what was found. What is missing is a reason for able owners to stay poor (lumpy equipment, "
        "claims of kin, loans that only collateral opens). Do not use the model to choose between rich and poor, "
        "able and less able recipients of capital; that role 6 alone does little has the same cause."
    ),
    "V12": (
        "A large buyer makes a name from the first delivery on, and opens the national market at once. Without "
        "what deliveries add to access, jobs change by {jobs:+.0f} % instead of {jobs_with:+.0f} %, and other "
        "sales of the first year by {first:+.1f} % instead of {first_with:+.1f} %. In the event study other sales"
        " fall at first, because capacity is taken: here most firms can pay for hands and materials within "
        "months. With households that take {leak_higher:g} of cash a month instead of {leak:g}, firms are poorer:"
        " other sales of the first year change by {poorer_first:+.1f} %, jobs by {poorer_jobs:+.0f} %; but then a"
        " certificate that a buyer asks for (V17, fitted) brings {poorer_asked:+.1f} % of profit, too little. "
        "Effects of business matching are therefore likely too large, and too early."
    ),
    "V16": (
        "Firms that export rise by {fair:.2f} points with the central draw and by {fair_posterior:.2f} over the "
        "posterior, where {fair_least:g} or more are asked. Two targets of one fair pull against each other: the "
        "chance that a fair opens a market abroad decides both (docs/posterior.md). A greater one brings more "
        "exporters after eight years, and a larger value of exports in the first year, which has an upper bound."
    ),
}
TEXT = """# Validation

Written by `python experiments/validation.py`: figures are measured, or read from what ships, when it is written. What
is said of them was written by hand.

The model is held against {patterns} published patterns of the cluster without a programme ({baseline_worlds} worlds
each) and {trials} published field trials (`ovopsim/policy/data/trials.yaml`; {worlds} worlds of {firms:,} firms each).
A trial is an arm of the model; each firm is also run without it. *Inside* means that the mean over worlds lies in the
range that was tolerated before anything was run.

**{inside_patterns} of {patterns} patterns, {inside_trials} of {trials} trials with all their targets,
{inside_held_out} of the {held_out} trials that no fit may use, and {inside_targets} of {targets} targets are inside.**
Of the trials that no fit may use, {seen} were looked at before something was changed (below); of the {unseen} others
{inside_unseen} are inside.

## What was fitted, and how

docs/posterior.md says what was fitted by calibration; this page holds the central draw, which defaults use.

Seven numbers were set by hand to bring fitted trials inside, each within its prior: the return that owners ask of
equipment (`population.hurdle_rate` {hurdle:g} a month, V1), readiness to register when visited ({ready:g}) and the
effect of being paid for it ({paid:g} a month of profit, V13), the chance that a fair opens a market abroad
({fair_chance:g}) with a small rise of access there ({fair_access:g}, V16), the least access of exporters
({least_access:g}, V16), and the share of cash that households take beyond their buffer ({leak:g} a month, V16 and V17).

Readiness to register without a visit, consultants, rules of thumb, the loan offer and the large buyer are levers of
the trials' own. The buyer's lot is that of the shipped lever.

Two trials were changed after a first look at their results, neither by its tolerances. V12 (held out) first gave a
larger lot, a guess of the trial's own; the shipped lever's ({lot:.0f} % of expected orders) stands there now. V17 takes
firms only whose craft is under what the buyer asks, because the others need no certificate. The prior of the chance
that a fair opens a market abroad was widened, to {fair_prior:g}. The grant of V1 and V2 was once worth less of the
median firm's equipment, stock and cash than the design of the trials asks, and was made to be that.

The rules of the household's buffer and of what firms do when cash is short (docs/odd.md) were changed because V2 and
V12 failed and role 6 did nothing; V2, V6 and V12 were looked at while variants of them were tried. The values that ship
were then chosen by patterns and fitted trials alone. V2, V6 and V12 therefore count as seen. The other rows that are
held out were not looked at to set anything.

## What fails

{failures}

## What to be wary of inside

Of {ranged} targets of training, grants and meetings that have two bounds and are inside, {lower} lie in the lower half
of what is tolerated. V19's adoption is the share of firms offered, as in its source: {adopted:.1f} %. Without the
trainer {anyway:.1f} % would have taken a step too, so that the training adds {added:.1f} points, less than the
{adoption_least:g} tolerated for the share. Targets with one bound ({one_bound}) ask for little more than a sign. Profit
of incumbents changes by {incumbents:+.1f} % where entry becomes easier, against {incumbents_published:+g} % published.

## The whole posterior

The same with {draws} draws of the posterior that ships (docs/posterior.md), each in a world of its own
(`ovopsim validate --posterior shipped`): {posterior_patterns} of {patterns} patterns, {posterior_trials} of {trials}
trials, {posterior_held_out} of the {held_out} held out ({posterior_unseen} of the {unseen} unseen) and
{posterior_targets} of {targets} targets are inside. Outside, with the {band:.0f} % band of single draws (chance of
their worlds included):

{posterior_outside}

## Every target

{table}

Noise is the standard error over the width of the range; no fit means anything below it. `–` = a range with one bound,
which has no width. Too few worlds to judge: {noisy}.

## What an evaluator would find

How often the interval of a trial's evaluator holds the exact effect, and how far a naive estimate is off when rivals
lose, stands in [evaluators.md](evaluators.md).

## How large a pilot in Surakarta must be

The course of V4 ({pilot_worlds} worlds of {firms:,} firms), {treated:.0f} % of the firms treated, profit as the mean of
follow-ups at {follow_ups} months, to find a gain of {gain:.0f} %. By formula, and by drawing pilots of each size from
the simulated trials. This plans a pilot: measurement error of a survey comes on top.

{power_table}

## Limits of use

The model ranks programmes of the same budget and shows through what they work; it does not forecast the cluster's
sales. Differences between roles of less than their intervals, what lies outside above, and effects that hang on
assumptions alone (`ovopsim sure`) should decide nothing. It plans a pilot; it does not replace one.
"""
