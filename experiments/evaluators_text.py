"""Part of `evaluators.py`: the words of its page; figures and tables take the places in braces."""

TEXT = """# What an evaluator would find

Written by `python experiments/evaluators.py`; every figure is measured, none is typed. In a simulated trial the exact
effect is known, because every firm is also run without the trial, with the same chance events. Here estimate and
exact effect are held against each other, trial after trial. [trials.md](trials.md) says what the estimators do.

- **Where rivals lose nothing, intervals keep their word.** Those of ANCOVA hold the exact effect in {ancova_span} of
  100 trials, by design and outcome, where 95 are promised. With {few_groups_treated:.0f} of some
  {few_groups:.0f} groups treated the usual errors of cluster trials held it in {groups_usual_ancova:.0f}: that is
  mended.
- **Rivals lose little here.** With equipment for half of the firms the others lose {rivals_here:.1f} % of sales, and
  a naive estimate is {much_here:.0f} % too large. Were buyers to buy hardly anything outside the cluster, the others
  would lose {rivals_there:.1f} %, and the estimate would be {much_there:.0f} % too large.
- **A naive estimate does not see that difference.** It finds {found_here:.1f} % in the one market and
  {found_there:.1f} % in the other. Were all firms treated, sales would rise by {whole_here:.1f} % in the one and
  {whole_there:.1f} % in the other.
- **Comparing markets is right in both**, and asks for many markets.

![Effect on sales by share of firms treated]({picture}.png)

## Where hardly any rival loses: does the interval hold the exact effect?

{trials} independent trials of each design, each in a world of its own; outcomes of the month a year after the first
delivery. The first design has 2,000 firms; the others are as small as real pilots, which also costs less. The levers
act inside the firm: the course of V4, and the consultants of V5, whose effect is large enough to tell an interval
that is right from one that only holds zero. Coverage is in per cent of trials, with its 95 % interval (Clopper and
Pearson); **bold** where that does not hold the nominal 95. *Off by*: mean of ANCOVA less the exact effect, in per
cent of that.

{coverage_table}

Of {cells} cells {below} lie clearly below 95 and {above} clearly above. What rivals lose is at most
{loss_in_errors:.2f} of a standard error in any of them, which no interval would show. Firms that the survey misses by
chance cost width, not truth. Where it finds no closed firm either ({closed_treated:.1f} % of the treated closed
within the year, {closed_controls:.1f} % of the controls), ANCOVA is off by {off_closed:+.0f} % of the effect on sales
instead of {off_chance:+.0f} % in the very same trials: it then speaks of survivors, whose effect is {survivors:.0f} %
larger than that on all firms. Look for the closed, and count their zero.

### Why coverage is off where it is

Sales, per cent of trials. *Usual errors*: HC1, or CR1 with clusters − 1 degrees of freedom. *ovopsim*: HC2 and CR2,
with the degrees of freedom of Bell and McCaffrey. *Alike*: these, had all firms of an arm gained the same amount.

{reasons_table}

- **Few of few groups treated.** The usual errors take residuals for errors; but the few treated groups move the line
  towards themselves, and their residuals are too small. The intervals held the exact effect in
  {groups_usual_difference:.0f} (difference) and {groups_usual_ancova:.0f} (ANCOVA) of 100 trials. That was the
  estimator's fault, and is mended: the errors that `ovopsim` reports now have no such bias, and as many degrees of
  freedom as so few groups give. They hold it in {groups_own_difference:.0f} and {groups_own_ancova:.0f}, and are wide.
- **Few firms treated, and sales with a long tail** (skewness {skewness:.1f}, spread {spread:.1f} times the mean).
  With some {few_firms_treated:.0f} firms treated the difference of means holds the exact effect in
  {firms_own_difference:.0f} of 100:
  most draws miss the few large firms, and then estimate and error are both too small (correlation
  {upwards_difference:.2f}). Better errors do not repair that. A baseline does, because it knows who is large: it
  explains {explained:.0f} % of the variance of sales, and ANCOVA holds the exact effect in {firms_own_ancova:.0f}.
- **Above 95.** Two things make intervals somewhat wide. Robust errors count the spread of gains over firms, which is
  chance for one who speaks of all firms, but not for the firms treated, whose mean gain the exact effect is. Had all
  gained *alike*, coverage would be {alike_difference:.1f} points lower for the difference and {alike_ancova:.1f} for
  ANCOVA, mean over designs. And a large firm that pushes an estimate away widens its interval too (correlation of
  distance and error {together_difference:.2f} and {together_ancova:.2f}). In all, estimates stray by
  {strays_difference:.2f} and {strays_ancova:.2f} of the error reported, where 1 would be right.

## Where rivals lose: how far is a naive estimate off?

Half of the firms are offered one lever, in {scan_worlds} worlds of {firms} firms; exact change in sales a year later,
in per cent. *Too much* is what the others lose over what the treated gain: by so many per cent a comparison of the
two overstates the effect. Levers that do less than {least} % are left out.

{lever_table}

The others lose most from `{worst_lever}`: firms that can make more sell it for less. It is looked at further, at
several shares of firms treated, in three markets: as shipped; one in which half of every channel's spending goes to
sellers elsewhere; and one in which a twentieth does. The last describes no place: it is a bound, buyers who have
hardly anywhere else to go. Fairs and introductions to large buyers cost the others less, because they open markets in
the nation and abroad, of which the cluster has a small part.

{worlds} worlds of {firms} firms, per cent of mean sales without the trial. *Found*: treated less untreated firms of
the same market, without the luck of the draw (which the same firms without the trial show). *ANCOVA*: the mean of the
estimates, luck included. *Plain*: the dose as shipped; *five-fold*: an exaggerated one. *By equation*: what the
market's equations alone say of *too much*.

{saturation_table}

### Why the others lose so little

A buyer's money is shared by the pull of all sellers of a channel, here and elsewhere ([odd.md](odd.md), market). A
firm that pulls more takes from every other in proportion to what that has: the cluster gives as much of it as it has
of the channel, sellers elsewhere give the rest. Averaged over the cluster's sales its part is {cluster_part:.0f} %:

{outside_table}

With a share s of firms treated, and D for that part, the others lose D·s of what a firm treated alone would gain, the
treated gain 1 − D·s of it, and a naive estimate is D·s/(1 − D·s) too large: the column *by equation*. The simulation
finds {ratio_here} times that in the market as shipped. Where hardly anyone buys elsewhere it finds {early_there}
times that after three months and {ratio_there} times after a year: firms whose orders fall come down with their
prices, and win a part back, which the equation leaves out. The dose hardly matters: a loss five times as large stands
beside a gain as many times larger. `outside_share` is an assumption: at the least that its prior allows, the equation
says {equation_half_least:.0f} % too much instead of {equation_half:.0f} %, with half of the firms treated.

Published work points the same way. Crowding out was almost complete for goods that are little traded and small for
those that are (Rotemberg 2019, eff-189); vendors beside trained ones lost nothing clear (McKenzie and Puerto 2021,
eff-091).

### Groups of one market do not help

Ten firms of a sentra together, half of the groups treated: the naive estimate is {groups_here:.0f} % too large in the
market as shipped (firms drawn: {much_here:.0f} %) and {groups_there:.0f} % where hardly anyone buys elsewhere
({much_there:.0f} %). Groups share their buyers with the controls. Drawing them guards against neighbours who learn
from each other, not against rivals.

{groups_table}

## What does better: comparing markets

{experiments} trials over {towns} towns of {town_firms} firms, each town a market (a world) of its own. By lot none, a
quarter, half or three quarters of its firms are treated, {towns_each} towns each. *Between towns*: firms treated, and
firms not treated, against firms of towns where none is. *Within towns*: the naive comparison, in the same towns and
survey. ANCOVA, per cent of mean sales of the same firms without the trial.

{towns_table}

Between towns the estimate is clearly off in {towns_clear} of {towns_rows} rows (one in twenty is so by chance, and
the markets share their towns), and its interval holds the exact effect in {towns_span} of 100 trials; what the others
lose is estimated as well. Within towns the estimate is off by what they lose. In the market as shipped, with half of
the firms treated, that is {mild_bias:.1f} points, which an interval of ± {mild_width:.1f} points hides (it holds the
exact effect in {mild_held:.0f} of 100). Where hardly anyone buys elsewhere and three quarters are treated it is
{plain_bias:.1f} points, and the interval holds the exact effect in {plain_held:.0f} of 100; at the exaggerated dose
it is {worst_bias:.1f} points, and {worst_held:.0f} of 100. No larger sample repairs that. Between towns the interval
is ± {towns_width:.1f} points: what is dear is to find so many separate markets, not to compare them.

## What a real evaluator should conclude

1. **Ask first where else the buyers buy.** The cluster's part of its buyers' money, times the share of firms treated,
   is about the part of the effect that is taken from rivals. Where buyers are mostly elsewhere, as for batik sold to
   the nation and abroad, a naive trial is good enough: its interval is far wider than its fault.
2. **Treat few.** In the market as shipped a naive estimate is {quarter_here:.0f} % too large with a quarter of the
   firms treated, and {most_here:.0f} % with three quarters. The controls of a small pilot are nearly untouched. What
   it measures is a small programme, though.
3. **Do not multiply a naive effect by all firms.** Read the row of 100 % treated, or run the programme here (`ovopsim
   compare`), which counts what rivals lose.
4. **Where buyers are local, draw markets, not firms or groups**, with different shares treated, and report the
   untreated firms of treated markets as a result of their own.
5. **Report errors that fit few units** (CR2 with its degrees of freedom), use the baseline, and look for firms that
   have closed.
6. **Measure `outside_share`.** All of this rests on it, and nobody has for Surakarta: asking buyers where else they
   buy may be worth more than another hundred firms.
"""
