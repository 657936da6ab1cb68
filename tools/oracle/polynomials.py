"""The coefficients of packages/kernels/assembly/simd/{math,philox,wide}.ts: minimax fits, rounded to float32 or float64.

    python tools/oracle/polynomials.py        prints every fit with its relative error, seconds

Polynomials: Lawson's iteratively reweighted least squares on Chebyshev nodes, then the coefficients are
rounded one by one from the lowest power up, refitting the rest each time, so that rounding errors cancel
(as in Sollya's fpminimax). The rational function of the normal tail: Sanathanan-Koerner linearisation with
Lawson weights, then descent over neighbouring float32 coefficients. The float64 ones: Remez' exchange in 40 digits.
Needs numpy and mpmath.
"""

import mpmath as mp
import numpy as np

mp.mp.dps = 40
LN2 = float(mp.log(2))
# A reduced argument may overshoot ln(2)/2 by the rounding of the reduction.
HALF = LN2 / 2 * 1.003


def chebyshev(low, high, count):
    """Chebyshev nodes of an interval."""
    angles = np.pi * (np.arange(count) + 0.5) / count
    return 0.5 * (low + high) + 0.5 * (high - low) * np.cos(angles)


def sample(function, nodes):
    return np.array([float(function(mp.mpf(float(x)))) for x in nodes])


def lawson(basis, target, weight, rounds=400):
    """Coefficients c that make max |weight (basis c - target)| smallest."""
    share = np.ones(len(target))
    best = (np.inf, None)
    for _ in range(rounds):
        scale = np.sqrt(share) * weight
        coefficients, *_ = np.linalg.lstsq(basis * scale[:, None], target * scale, rcond=None)
        error = np.abs(weight * (basis @ coefficients - target))
        if error.max() < best[0]:
            best = (error.max(), coefficients)
        share *= error + 1e-3 * error.max()
        share /= share.sum()
    return best[1]


def polynomial(name, function, weight, powers, low, high, fixed=()):
    """function(x) ~ sum of fixed (power, coefficient) pairs and of fitted ones; errors count times weight."""
    x = chebyshev(low, high, 600)
    w = sample(weight, x)
    rest = sample(function, x) - sum(c * x**p for p, c in fixed)
    coefficients = []
    for i in range(len(powers)):
        fitted = lawson(np.stack([x**p for p in powers[i:]], 1), rest, w)
        coefficients.append(float(np.float32(fitted[0])))
        rest = rest - coefficients[-1] * x ** powers[i]
    print(f"{name}: error 2^{np.log2(np.abs(w * rest).max()):.2f}")
    for power, c in zip(powers, coefficients):
        print(f"    x^{power:<3} {c:.9g}")


def mills(a):
    """Phi(-a) / exp(-a^2/2)."""
    return mp.erfc(a / mp.sqrt(2)) * mp.exp(a * a / 2) / 2


def rational(name, function, top, bottom, high, near):
    """function(x) ~ P(x)/Q(x), degrees top and bottom, Q(0) = 1, on [0, high]; `near` ones weigh 2."""
    x = np.concatenate([chebyshev(0, high, 1200), chebyshev(0, near, 600)])
    y = sample(function, x)
    weight = np.where(x < near, 2.0, 1.0)
    powers = [x**k for k in range(max(top, bottom) + 1)]

    def error(c):
        p = sum(c[k] * powers[k] for k in range(top + 1))
        q = 1 + sum(c[top + k] * powers[k] for k in range(1, bottom + 1))
        return weight * np.abs(p / q / y - 1), q

    share, q, best = np.ones(len(x)), np.ones(len(x)), (np.inf, None)
    for _ in range(600):
        scale = np.sqrt(share) / (q * y)
        basis = np.stack(powers[: top + 1] + [-y * p for p in powers[1 : bottom + 1]], 1) * scale[:, None]
        size = np.abs(basis).max(0)
        c = np.linalg.lstsq(basis / size, y * scale, rcond=None)[0] / size
        e, q = error(c)
        if e.max() < best[0]:
            best = (e.max(), c)
        share *= e + 1e-3 * e.max()
        share /= share.sum()
    worst = lambda c: error([float(v) for v in c])[0].max()
    rounded = descend([np.float32(c) for c in best[1]], worst)
    print(f"{name}: error 2^{np.log2(worst(rounded)):.2f}, half of it below {near}")
    print("    P", " ".join(f"{c:.9g}" for c in rounded[: top + 1]))
    print("    Q 1", " ".join(f"{c:.9g}" for c in rounded[top + 1 :]))


def descend(start, error, trials=60):
    """Moves single float32 coefficients by one or three steps while that helps, from several starts."""
    random = np.random.default_rng(0)
    best = (np.inf, None)
    for trial in range(trials):
        c = list(start)
        for k in range(1, len(c)):
            if trial and random.random() < 0.7:
                c[k] = np.nextafter(c[k], np.float32(random.choice([-9, 9])))
        current, moved = error(c), True
        while moved:
            moved = False
            for k in range(1, len(c)):
                for toward, steps in ((-9, 1), (-9, 3), (9, 1), (9, 3)):
                    old = c[k]
                    for _ in range(steps):
                        c[k] = np.nextafter(c[k], np.float32(toward))
                    now = error(c)
                    if now < current:
                        current, moved = now, True
                    else:
                        c[k] = old
        if current < best[0]:
            best = (current, c)
    return best[1]


def remez(name, function, weight, count, low, high, rounds=12):
    """function(x) ~ a polynomial of `count` float64 coefficients, errors count times weight; printed highest first."""
    low, high = mp.mpf(low), mp.mpf(high)
    cosines = lambda n, shift: [mp.cos(mp.pi * (i + shift) / n) for i in range(n + 1)]
    place = lambda c: (low + high) / 2 - (high - low) / 2 * c
    nodes = [place(c) for c in cosines(count + 1, mp.mpf(0.5))[: count + 1]]
    grid = [place(c) for c in cosines(600, 0)]
    for _ in range(rounds):
        rows = [[x**k for k in range(count)] + [(-1) ** i / weight(x)] for i, x in enumerate(nodes)]
        solved = mp.lu_solve(mp.matrix(rows), mp.matrix([function(x) for x in nodes]))
        coefficients = [float(c) for c in list(solved)[:count]]
        value = lambda x, c: sum(mp.mpf(c[k]) * x**k for k in range(count))
        errors = [(function(x) - value(x, list(solved))) * weight(x) for x in grid]
        runs = [[0]]
        for i in range(1, len(grid)):
            if (errors[i] > 0) == (errors[i - 1] > 0):
                runs[-1].append(i)
            else:
                runs.append([i])
        peaks = [max(run, key=lambda i: abs(errors[i])) for run in runs]
        while len(peaks) > count + 1:
            peaks.pop(0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1)
        if len(peaks) <= count:
            break
        nodes = [grid[i] for i in peaks]
    worst = max(abs((function(x) - value(x, coefficients)) * weight(x)) for x in grid)
    print(f"{name}: error 2^{float(mp.log(worst, 2)):.2f}")
    print("   ", " ".join(map(repr, reversed(coefficients))))


def wide():
    """The functions of simd/wide.ts."""
    half = mp.log(2) / 2 * mp.mpf("1.0001")
    near = mp.mpf("1e-12")
    exponential = lambda r: (mp.expm1(r) / r - 1) / r if abs(r) > near else mp.mpf(1) / 2 + r / 6
    remez("(expm1(r)/r - 1)/r", exponential, lambda r: mp.mpf(1), 8, -half, half)
    logarithm = lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z if z > near else mp.mpf(2) / 3
    remez("(2 atanh(s)/s - 2)/s^2 in s^2", logarithm, lambda z: z / 2 + 1e-9, 5, 0, "0.0295")
    arc = lambda z: (mp.atan(mp.sqrt(z)) / mp.sqrt(z) - 1) / z if z > near else -mp.mpf(1) / 3
    remez("(atan(q)/q - 1)/q^2 in q^2", arc, lambda z: z + 1e-9, 7, 0, (mp.sqrt(2) - 1) ** 2 * mp.mpf("1.0001"))
    at = lambda u: 3 * (1 + u) / (1 - u)
    tail = lambda u: mp.erfc(at(u)) * mp.exp(at(u) ** 2) * (1 + 2 * at(u))
    remez("(1 + 2x) exp(x^2) erfc x in (x - 3)/(x + 3)", tail, lambda u: 1 / tail(u), 12, -1, mp.mpf("7.2") / mp.mpf("13.2"))


def ratio(function, limit):
    """function(sqrt(s))/sqrt(s) as a function of s, `limit` at 0."""
    return lambda s: function(mp.sqrt(s)) / mp.sqrt(s) if s > 0 else limit


def main():
    polynomial("exp r", mp.exp, lambda r: 1 / mp.exp(r), [2, 3, 4, 5, 6], -HALF, HALF, [(0, 1.0), (1, 1.0)])
    polynomial("expm1 r", mp.expm1, lambda r: 1 / abs(mp.expm1(r)), [2, 3, 4, 5, 6], -HALF, HALF, [(1, 1.0)])
    low, high = np.sqrt(0.5) - 1, np.sqrt(2) - 1
    relative = lambda f: 1 / abs(mp.log1p(f))
    polynomial("ln(1 + f)", mp.log1p, relative, list(range(3, 11)), low, high, [(1, 1.0), (2, -0.5)])
    slope = ratio(mp.erf, 2 / mp.sqrt(mp.pi))
    above_one = lambda s: slope(s) - 1
    polynomial("erf(x)/x - 1 in x^2", above_one, lambda s: 1 / slope(s), list(range(7)), 0.0, 1.0)
    erfc_log = lambda t: mp.log(mp.erfc(t))
    polynomial("ln erfc t", erfc_log, lambda t: mp.erfc(t) / mp.erf(t), list(range(7)), 1.0, 4.0)
    sine = ratio(lambda t: mp.sin(2 * mp.pi * t), 2 * mp.pi)
    polynomial("sin(2 pi t)/t in t^2", sine, lambda s: 1 / sine(s), list(range(5)), 0.0, 0.0625)
    rational("Phi(-a) exp(a^2/2)", mills, 4, 5, 14.5, 5.2)
    wide()


if __name__ == "__main__":
    main()
