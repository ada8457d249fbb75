"""Reference values of the Weibull fits in test/golden/trends.test.ts: `python3 test/golden/trends/weibull.py > test/golden/trends/weibull.json`.

mpmath 1.3.0 at 40 digits: the log-likelihood written out, its maximum by findroot on numerical derivatives, and the intervals from its numerical
second derivatives in (ln shape, ln scale). Cases: records with censored parts only, and with parts that came under observation at an age.
"""
import json
from mpmath import mp, mpf, log, exp, findroot, diff, sqrt, matrix, erfinv

mp.dps = 40
CENSORED = [(0, 3.1, 1), (0, 7.4, 1), (0, 9.0, 0), (0, 5.5, 1), (0, 12.0, 0), (0, 8.2, 1), (0, 1.9, 1), (0, 12.0, 0), (0, 10.7, 1), (0, 6.6, 0)]
TRUNCATED = [(2, 4.5, 1), (5, 9.5, 1), (11, 13.2, 1), (8, 11, 0), (0, 3, 0), (14, 15.1, 1), (6, 9, 0), (9.5, 12.5, 0), (3, 5.9, 1), (10, 12.8, 1), (1, 4, 0), (12, 13.1, 1)]


def likelihood(parts):
    def at(a, b):
        shape, scale = exp(a), exp(b)
        total = mpf(0)
        for entry, leave, failed in parts:
            t, e = mpf(str(leave)), mpf(str(entry))
            if failed:
                total += log(shape / scale) + (shape - 1) * log(t / scale)
            total -= (t / scale) ** shape - ((e / scale) ** shape if e > 0 else 0)
        return total
    return at


def fit(parts, start):
    l = likelihood(parts)
    a, b = findroot(lambda a, b: [diff(l, (a, b), (1, 0)), diff(l, (a, b), (0, 1))], start)
    information = -matrix([[diff(l, (a, b), (2, 0)), diff(l, (a, b), (1, 1))], [diff(l, (a, b), (1, 1)), diff(l, (a, b), (0, 2))]])
    covariance = information ** -1
    z = sqrt(2) * erfinv(mpf("0.95"))
    around = lambda value, variance: [float(exp(value)), float(exp(value - z * sqrt(variance))), float(exp(value + z * sqrt(variance)))]
    return {"parts": parts, "shape": around(a, covariance[0, 0]), "scale": around(b, covariance[1, 1]),
            "b10": float(exp(b) * (-log(mpf("0.9"))) ** (1 / exp(a))), "logLikelihood": float(l(a, b))}


print(json.dumps([fit(CENSORED, (0.5, 2.2)), fit(TRUNCATED, (1, 2.5))]))
