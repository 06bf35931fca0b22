"""Reference decimal texts of doubles, for DecimalTextTests.

Rounds the exact binary value half away from zero with Python's decimal module; writes
Tests/Golden/Report/decimals.json. Run from the repository root: python3 Tests/Golden/Generators/report_decimals.py
"""

import json
import platform
import random
import struct
from decimal import ROUND_HALF_UP, Decimal, getcontext

SEED = 20240817
getcontext().prec = 3000
MINUS = "\u2212"


def bits(value):
    return str(struct.unpack("<Q", struct.pack("<d", value))[0])


def fixed(value, decimals, scale):
    exact = Decimal(value).scaleb(scale)
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,f}"
    return MINUS + text if rounded < 0 else text


def scientific(value, scale):
    if value == 0:
        return "0"
    exact = abs(Decimal(value).scaleb(scale))
    exponent = exact.adjusted()
    mantissa = exact.scaleb(-exponent).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    if mantissa == 10:
        mantissa, exponent = Decimal("1.00"), exponent + 1
    power = f"{MINUS}{-exponent}" if exponent < 0 else str(exponent)
    return f"{MINUS if value < 0 else ''}{mantissa}e{power}"


def main():
    rng = random.Random(SEED)
    values = [
        0.0, -0.0, 0.5, -0.5, 0.25, 0.125, 0.375, 1.5, 2.5, 2.675, 1.005, 0.005, 0.015, 0.025, 0.045,
        0.575, 0.285, 1.115, 9.995, 99.995, 999.995, 0.9995, 0.99949999, 999.5, 999999.5, 1e15, 1e16,
        123456789.125, 1e22, 1e23, 2.0**52, 2.0**53 - 1, 2.0**53, 5e-324, 2.2250738585072014e-308,
        1.7976931348623157e308, -1e-9, 0.1, 0.2, 0.3, 1 / 3, 2 / 3, 1e-5, 4.35, 0.00421, 0.000412,
    ]
    values += [rng.uniform(-1, 1) for _ in range(150)]
    values += [rng.randrange(1, 4096) / 2 ** rng.randrange(1, 12) for _ in range(150)]
    values += [rng.choice([-1, 1]) * 10 ** rng.uniform(-12, 12) for _ in range(150)]
    values += [float(f"{rng.randrange(100000) / 1000:.3f}5") for _ in range(60)]
    values += [
        struct.unpack("<d", struct.pack("<Q", (rng.randrange(1, 2047) << 52) | rng.getrandbits(52)))[0]
        for _ in range(40)
    ]
    cases = []
    for value in values:
        decimals, scale = rng.randrange(0, 7), rng.choice([0, 2, 3])
        cases.append([bits(value), decimals, scale, fixed(value, decimals, scale), scientific(value, scale)])
    golden = {
        "generator": "report_decimals.py", "python": platform.python_version(), "seed": SEED,
        "columns": ["bits", "decimals", "scale", "fixed", "scientific"], "cases": cases,
    }
    with open("Tests/Golden/Report/decimals.json", "w", encoding="utf-8") as file:
        json.dump(golden, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
