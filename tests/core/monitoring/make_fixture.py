#!/usr/bin/env python3
"""The expected values of statistics_test.cpp, by other ways than core/monitoring takes; python3's standard library only.

chi-square tail: Simpson's rule over the density, and the closed form exp(-x/2) sum (x/2)^k / k! for even degrees.
Kolmogorov tail: 1 - sqrt(2 pi)/x sum exp(-(2k-1)^2 pi^2 / (8 x^2)), the other form of Jacobi's theta function.
Normal tail: statistics.NormalDist. Sums: math.fsum over fractions.
"""
import math
from fractions import Fraction
from statistics import NormalDist


def density(t, k):
    return math.exp((k / 2 - 1) * math.log(t) - t / 2 - (k / 2) * math.log(2) - math.lgamma(k / 2))


def chi_square_tail(x, k, steps=400_000, far=400.0):
    h = (far - x) / steps
    inner = math.fsum((4 if i % 2 else 2) * density(x + i * h, k) for i in range(1, steps))
    return h / 3 * (density(x, k) + inner + density(far, k))


def chi_square_tail_even(x, k):
    return math.exp(-x / 2) * math.fsum((x / 2) ** i / math.factorial(i) for i in range(k // 2))


def kolmogorov_tail(x):
    return 1 - math.sqrt(2 * math.pi) / x * math.fsum(
        math.exp(-((2 * k - 1) ** 2) * math.pi**2 / (8 * x * x)) for k in range(1, 60))


def shares(counts):
    return [Fraction(c, sum(counts)) for c in counts]


def psi(a, b):
    p = [x or Fraction(1, 10_000) for x in shares(a)]
    q = [x or Fraction(1, 10_000) for x in shares(b)]
    return math.fsum(float(y - x) * math.log(y / x) for x, y in zip(p, q))


def jensen_shannon(a, b):
    total = []
    for x, y in zip(shares(a), shares(b)):
        m = (x + y) / 2
        total += [float(v) * math.log(v / m) / 2 for v in (x, y) if v]
    return math.sqrt(math.fsum(total))


def wasserstein(a, b):
    p, q = shares(a), shares(b)
    apart = sum(abs(sum(p[: i + 1]) - sum(q[: i + 1])) for i in range(len(p)))
    mean = sum(i * x for i, x in enumerate(p))
    return float(apart) / math.sqrt(sum((i - mean) ** 2 * x for i, x in enumerate(p)))


def chi_square(a, b):
    n, m = sum(a), sum(b)
    total = Fraction(0)
    for x, y in zip(a, b):
        for seen, size in ((x, n), (y, m)):
            expected = Fraction((x + y) * size, n + m)
            total += (seen - expected) ** 2 / expected
    return float(total)


def ks(a, b):
    p, q = shares(a), shares(b)
    d = float(max(abs(sum(p[: i + 1]) - sum(q[: i + 1])) for i in range(len(p))))
    root = math.sqrt(sum(a) * sum(b) / (sum(a) + sum(b)))
    return d, kolmogorov_tail((root + 0.12 + 0.11 / root) * d)


def dispersion(parts):
    whole = [sum(column) for column in zip(*parts)]
    n, total = sum(whole), Fraction(0)
    for part in parts:
        for seen, count in zip(part, whole):
            expected = Fraction(sum(part) * count, n)
            total += (seen - expected) ** 2 / expected
    return float(total / ((len(parts) - 1) * (len(whole) - 1)))


if __name__ == "__main__":
    a, b = [120, 340, 290, 150, 100], [60, 210, 260, 180, 140]
    for z in (0.5, 1.959963984540054, 4.5):
        print("normal", z, repr(2 * (1 - NormalDist().cdf(z))))
    for x, k in ((0.5, 1), (3.841458820694124, 1), (11.0, 5), (2.0, 9), (40.0, 7), (120.0, 19)):
        print("chi square", x, k, repr(chi_square_tail(x, k)))
    for x, k in ((1.0, 2), (9.487729036781154, 4), (60.0, 20), (300.0, 40)):
        print("chi square, even", x, k, repr(chi_square_tail_even(x, k)))
    for x in (0.3, 0.5, 0.8275, 1.3581, 2.0):
        print("kolmogorov", x, repr(kolmogorov_tail(x)))
    print("psi", repr(psi(a, b)), repr(psi([0, 50, 50], [10, 40, 50])))
    print("jensen-shannon", repr(jensen_shannon(a, b)), repr(jensen_shannon([1, 0], [0, 1])))
    print("wasserstein", repr(wasserstein(a, b)))
    print("chi-square test", repr(chi_square(a, b)), repr(chi_square_tail_even(chi_square(a, b), 4)))
    print("ks test", *map(repr, ks(a, b)))
    print("dispersion", repr(dispersion([[30, 10], [10, 30], [25, 15], [15, 25], [40, 0]])))
