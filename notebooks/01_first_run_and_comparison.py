# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A first run, and a comparison
#
# The program has made-up batik firms in three parts of Surakarta: Kauman, Laweyan, and elsewhere in the city. Each
# month, every firm does these things:
#
# 1. it **plans** how much to make, from the orders it expects;
# 2. it **borrows** when its cash does not pay for cloth, wax and wages, if a bank or a cooperative lends;
# 3. it **makes** batik, and **sells** it to local buyers, visitors, other cities or abroad. Buyers look at price and
#    quality, and only at sellers they know;
# 4. it **learns**, from its own work and from its neighbours;
# 5. it may **close**, and new firms may **open**.
#
# The agency (Dinas Koperasi dan UMKM) has a yearly budget. It offers help in seven roles, such as exhibitions, training
# or capital. Help costs money and days of the owner, and not every owner takes it.
#
# To see what a programme does, we run the same world twice: once without it, once with it. Luck is the same in both.
# So the difference is what the programme did.
#
# To run a cell, click on it and press Shift and Enter.

# %%
import os

import ovopsim as ov

# show figures below their cells
# %matplotlib inline

quick = os.environ.get("OVOPSIM_QUICK") == "1"  # for tests: a small world, over in seconds
firms = {"synthetic": "surakarta", "firms": 40 if quick else None}  # None: as many as the city has
months = 24 if quick else 60
worlds = 4 if quick else 32

# %% [markdown]
# ## One run
#
# A *scenario* says what happens. This one has no programme: the cluster is left alone.

# %%
nothing = ov.Scenario(name="No programme", months=months, population=firms)
run = ov.simulate(nothing)

# %% [markdown]
# The table `monthly` has a row for each month. `firms` counts firms in business, `sales_idr` is what they sold in the
# month (rupiah of 2016), `jobs` counts people who work in them, owners too.

# %%
run.monthly[["month", "firms", "sales_idr", "jobs"]].tail(12).round({"sales_idr": 0})

# %% [markdown]
# Sales go up before Lebaran and down after it. So never compare one month with another: compare whole years.
#
# ## A programme
#
# A *programme* has a budget (rupiah a year) and says how it is shared over *levers*, the things that the agency can do.
# This table lists the levers: the role that each belongs to, and what one unit of it costs.

# %%
ov.lever_table()[["lever", "role", "about", "unit_cost_idr"]]

# %% [markdown]
# We make two programmes with the same money: one for exhibitions and certificates, one for training.

# %%
budget = 500_000_000
fairs = nothing.changed(
    name="Fairs and certificates",
    programme=ov.Programme(budget=budget, shares={"exhibition": 0.5, "certification": 0.5}, months=months),
)
training = nothing.changed(
    name="Training",
    programme=ov.Programme(
        budget=budget, shares={"production_training": 0.5, "management_training": 0.5}, months=months
    ),
)

# %% [markdown]
# ## The comparison
#
# Chance plays a part in every world, so we use many worlds. The table shows the mean change in the last year, and in
# brackets the interval that holds the true mean with 95 % confidence. Where the interval includes zero, we cannot say
# whether the programme helps, and no price is shown.

# %%
result = ov.compare({arm.name: arm for arm in (nothing, fairs, training)}, replications=worlds, progress=False)
result

# %% [markdown]
# The figure shows the same. A hollow dot means: no clear change.

# %%
result.plot("effects")

# %% [markdown]
# ## Was the money spent?
#
# A programme can fail because the idea is weak, or because the money is not used: too few owners accept, or the agency
# cannot do more in a month. `spent_share` is the part of the budget that was spent, `take_up` the part of offers that
# owners accepted.

# %%
result.summary[["arm", "budget_idr", "spent_idr", "spent_share", "take_up", "reached"]].round(2)

# %% [markdown]
# ## Who gains?
#
# A firm that sells more may take buyers from its neighbour. This table adds up sales of firms that the programme
# reached (`served`) and of all others (`not_served`). A change below zero for the others means that they lost sales.

# %%
groups = result.groups
reach = groups[(groups["group"] == "reach") & (groups["outcome"] == "sales_idr")]
reach[["arm", "member", "firms", "relative", "relative_low", "relative_high"]].round(3)

# %% [markdown]
# ## To remember
#
# - Compare programmes with each other in the same worlds. The levels are no forecast.
# - Look at the interval before you look at the number.
# - The interval is about chance in the model. Whether the model is right is another question: `ov.parameter_table()`
#   shows what it assumes, and how well each number is known.
#
# **Try it:** change the budget or the shares above and run the cells again.
