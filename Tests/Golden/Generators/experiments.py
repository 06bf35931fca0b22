"""Reference numbers for RiddleEvaluationTests/Experiments: writes ../experiments.json.

Sample sizes by statsmodels and by the formulas in plain Python; read-outs of values from splitmix64 (seed 7) by scipy and
statsmodels; the mixture likelihood ratio of the confidence sequence by numerical integration. Made with numpy 2.4.6, scipy 1.17.1,
statsmodels 0.15.0. Run: python3 experiments.py
"""

import json
import math
import os
from importlib.metadata import version

import numpy as np
import statsmodels.api as sm
from scipy import integrate, stats
from statsmodels.stats.power import NormalIndPower, zt_ind_solve_power
from statsmodels.stats.proportion import (
    confint_proportions_2indep, proportion_effectsize, proportions_ztest, test_proportions_2indep)

MASK = (1 << 64) - 1


def splitmix64(seed, count):
    state, out = seed, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        out.append((z >> 11) / (1 << 53))
    return np.array(out)


def arcsine(p, d, power, alpha, ratio, sides):
    h = proportion_effectsize(p + d, p)
    return NormalIndPower().solve_power(
        effect_size=abs(h), power=power, alpha=alpha, ratio=ratio,
        alternative="two-sided" if sides == 2 else "larger")


def z_sum(power, alpha, sides):
    return stats.norm.ppf(1 - alpha / sides) + stats.norm.ppf(power)


proportions, means = [], []
for p, d, power, alpha, ratio, sides in [
    (0.85, 0.02, 0.8, 0.05, 1, 2), (0.85, -0.02, 0.9, 0.05, 1, 2), (0.5, 0.1, 0.8, 0.01, 2, 2),
    (0.1, 0.05, 0.95, 0.05, 0.5, 1), (0.97, 0.01, 0.8, 0.05, 1, 1),
]:
    q = p + d
    unpooled = z_sum(power, alpha, sides) ** 2 * (p * (1 - p) + q * (1 - q) / ratio) / d**2
    proportions.append(dict(baseline=p, effect=d, power=power, alpha=alpha, ratio=ratio,
                            sides=sides, unpooled=unpooled,
                            arcsine=arcsine(p, d, power, alpha, ratio, sides)))
for sd, d, power, alpha, ratio, sides in [
    (0.3, 0.02, 0.8, 0.05, 1, 2), (1, 0.5, 0.8, 0.05, 1, 2), (2, -0.1, 0.9, 0.01, 3, 2),
    (0.4, 0.05, 0.8, 0.05, 1, 1),
]:
    n = zt_ind_solve_power(effect_size=abs(d) / sd, power=power, alpha=alpha, ratio=ratio,
                           alternative="two-sided" if sides == 2 else "larger")
    means.append(dict(sd=sd, effect=d, power=power, alpha=alpha, ratio=ratio, sides=sides, n=n))

# McNemar, by the formula; the simulation beside it says that the formula is right to a few percent.
mcnemar = []
rng = np.random.default_rng(1)
for share, d, power in [(0.1, 0.02, 0.8), (0.2, 0.05, 0.9), (0.3, 0.1, 0.8)]:
    n = (stats.norm.ppf(0.975) * math.sqrt(share)
         + stats.norm.ppf(power) * math.sqrt(share - d * d)) ** 2 / d**2
    up, down = (share + d) / 2, (share - d) / 2
    draws = rng.multinomial(math.ceil(n), [up, down, 1 - share], size=200_000)
    z = (draws[:, 0] - draws[:, 1]) / np.sqrt(draws[:, 0] + draws[:, 1])
    mcnemar.append(dict(discordant=share, effect=d, power=power, n=n,
                        simulated_power=float((np.abs(z) > 1.959963984540054).mean())))

chi_square = []
for counts, shares in [([5000, 5000], [1, 1]), ([5000, 5200], [1, 1]), ([5000, 5300], [1, 1]),
                       ([9100, 900], [9, 1]), ([100, 130, 90], [1, 1, 1]),
                       ([4000, 3000, 2000, 1500], [4, 3, 2, 1]), ([3, 1], [1, 1])]:
    total, weight = sum(counts), sum(shares)
    s, p = stats.chisquare(counts, [x / weight * total for x in shares])
    chi_square.append(dict(counts=counts, shares=shares, statistic=float(s), p=float(p)))
tails = [dict(x=x, k=k, p=float(stats.chi2.sf(x, k)))
         for x, k in [(0.1, 1), (3.84, 1), (10.83, 1), (200, 1), (0.5, 7), (40, 7), (900, 40)]]
student = [dict(t=t, df=df, p=float(2 * stats.t.sf(t, df)), critical=float(stats.t.ppf(0.975, df)))
           for t, df in [(0.3, 1.5), (2.1, 8.3), (3.5, 120.7), (5, 9000), (1.96, 250000)]]

# Read-outs. 600 values; arm 1 is the first 280.
draws = splitmix64(7, 1800)
u, v, w = draws[:600], draws[600:1200], draws[1200:]
arm = np.arange(600) >= 280
graded = u * np.where(arm, 0.9, 0.8)
binary = (v < np.where(arm, 0.8, 0.7)).astype(float)
rare = (w < np.where(arm, 0.02, 0.005)).astype(float)
welch = stats.ttest_ind(graded[arm], graded[~arm], equal_var=False)
interval = welch.confidence_interval(0.95)
readouts = dict(
    welch=dict(difference=float(graded[arm].mean() - graded[~arm].mean()), p=float(welch.pvalue),
               low=float(interval.low), high=float(interval.high)))
for name, values in [("binary", binary), ("rare", rare)]:
    b, m, a, n = int(values[arm].sum()), int(arm.sum()), int(values[~arm].sum()), int((~arm).sum())
    method = "wald" if name == "binary" else "newcomb"
    low, high = confint_proportions_2indep(b, m, a, n, method=method, compare="diff")
    p = (test_proportions_2indep(b, m, a, n, method="wald", compare="diff", return_results=True,
                                 correction=False).pvalue
         if name == "binary" else proportions_ztest([b, a], [m, n])[1])
    readouts[name] = dict(control=a, treatment=b, difference=b / m - a / n, p=float(p),
                          low=float(low), high=float(high))

# Units of five neighbouring rows, which therefore share no arm: 280 is a multiple of 5.
unit = np.arange(600) // 5
shared = graded + 0.3 * np.repeat(splitmix64(8, 120), 5)
variance, degrees = [], []
for side in (~arm, arm):
    fit = sm.OLS(shared[side], np.ones(side.sum())).fit(
        cov_type="cluster", cov_kwds=dict(groups=unit[side], use_correction=False))
    k = len(set(unit[side]))
    variance.append(float(fit.cov_params()[0, 0]) * k / (k - 1))
    degrees.append(k - 1)
total = sum(variance)
df = total**2 / sum(x * x / k for x, k in zip(variance, degrees))
difference = float(shared[arm].mean() - shared[~arm].mean())
half = float(stats.t.ppf(0.975, df)) * math.sqrt(total)
readouts["clustered"] = dict(difference=difference, p=float(2 * stats.t.sf(abs(difference) / math.sqrt(total), df)),
                             low=difference - half, high=difference + half)
# Units i mod 100 stand in both arms: one regression, clustered.
cross = np.arange(600) % 100
fit = sm.OLS(shared, np.column_stack([np.ones(600), arm.astype(float)])).fit(
    cov_type="cluster", cov_kwds=dict(groups=cross, use_correction=False))
error = math.sqrt(float(fit.cov_params()[1, 1]) * 100 / 99)
half = float(stats.t.ppf(0.975, 99)) * error
readouts["crossed"] = dict(difference=difference, p=float(2 * stats.t.sf(abs(difference) / error, 99)),
                           low=difference - half, high=difference + half)


def anova_icc(values, groups):
    labels = sorted(set(groups))
    parts = [values[groups == g] for g in labels]
    n, k = len(values), len(parts)
    between = sum(len(x) * (x.mean() - values.mean()) ** 2 for x in parts) / (k - 1)
    within = sum(((x - x.mean()) ** 2).sum() for x in parts) / (n - k)
    m0 = (n - sum(len(x) ** 2 for x in parts) / n) / (k - 1)
    return (between - within) / (between + (m0 - 1) * within)


uneven = np.array([int(math.sqrt(i)) for i in range(600)])
icc = dict(even=float(anova_icc(shared, unit)), uneven=float(anova_icc(shared, uneven)))

# Normal mixture: ∫ N(θ; 0, ρ²) exp(θ z √t − θ² t / 2) dθ, values of variance 1; p is its inverse.
sequence = []
for alpha, tuned, t, z in [(0.05, 1000, 100, 2.5), (0.05, 1000, 1000, 3.2), (0.01, 5000, 20000, 4.1),
                           (0.1, 200, 50, 1.0)]:
    level = -2 * math.log(alpha)
    rho2 = (level + math.log(level + 1)) / tuned
    scale = 1 / math.sqrt(t + 1 / rho2)
    centre = z * math.sqrt(t) * scale**2
    ratio = integrate.quad(
        lambda x: stats.norm.pdf(x, 0, math.sqrt(rho2)) * math.exp(x * z * math.sqrt(t) - x * x * t / 2),
        centre - 12 * scale, centre + 12 * scale, epsabs=0, epsrel=1e-12)[0]
    # Theorem 2.2 with σ̂ = 1, in standard errors 1/√t.
    width = math.sqrt(2 * (t * rho2 + 1) / (t * t * rho2) * math.log(math.sqrt(t * rho2 + 1) / alpha))
    sequence.append(dict(alpha=alpha, tuned=tuned, t=t, z=z, p=min(1, 1 / ratio),
                         critical=width * math.sqrt(t)))

out = dict(
    versions={p: version(p) for p in ("numpy", "scipy", "statsmodels")}, proportions=proportions,
    means=means, mcnemar=mcnemar, chi_square=chi_square, tails=tails, student=student,
    readouts=readouts, icc=icc, sequence=sequence)
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "experiments.json")
with open(path, "w") as file:
    json.dump(out, file, indent=1)
    file.write("\n")
