#!/usr/bin/env python3
"""vectors.py TOPIC SEED COUNT -- writes test vectors, one a line, fields separated by tabs.

Python's float repr, decimal and datetime are the reference that weir's numbers, decimals and dates
are compared with.
SPDX-License-Identifier: Apache-2.0
"""
import datetime
import decimal
import hashlib
import base64
import math
import random
import struct
import sys

D = decimal.Decimal
decimal.getcontext().prec = 400
decimal.getcontext().Emin = -10**9
decimal.getcontext().Emax = 10**9


def java_layout(digits, exp):
    """Java's text of 0.digits * 10^exp, given the shortest digits."""
    digits = digits.rstrip("0") or "0"
    point = exp  # digits before the point
    if -3 <= point - 1 < 7:
        if point <= 0:
            return "0." + "0" * -point + digits
        whole = digits[:point].ljust(point, "0")
        return whole + "." + (digits[point:] or "0")
    return digits[0] + "." + (digits[1:] or "0") + "E" + str(point - 1)


def shortest(text):
    sign, digits, exp = D(text).as_tuple()
    digits = "".join(map(str, digits))
    return ("-" if sign else ""), digits, len(digits) + exp


def random_double(r):
    kind = r.randrange(6)
    if kind == 0:
        return struct.unpack("<d", struct.pack("<Q", r.getrandbits(64)))[0]
    if kind == 1:
        return round(r.uniform(-1e6, 1e6), r.randrange(0, 6))
    if kind == 2:
        return float(r.randrange(-2**55, 2**55))
    if kind == 3:
        return math.ldexp(1.0 + r.choice([0, 2**-52, -2**-53]), r.randrange(-1070, 1023))
    if kind == 4:
        return float("%de%d" % (r.randrange(1, 10**r.randrange(1, 18)), r.randrange(-330, 300)))
    return struct.unpack("<d", struct.pack("<Q", r.getrandbits(52 - r.randrange(52))))[0]


def f64(r):
    v = random_double(r)
    while not math.isfinite(v) or v == 0 or abs(v) < 1e-320:  # Java prefers two digits there
        v = random_double(r)
    sign, digits, exp = shortest(repr(v))
    print(struct.pack(">d", v).hex(), sign + java_layout(digits, exp), sep="\t")


def f32_shortest(v):
    """The shortest decimal that reads back as the same float, by trying all lengths."""
    exact = D(v)
    for n in range(1, 12):
        near = D("%.*e" % (n - 1, v))
        step = D(10) ** (near.adjusted() - n + 1)
        best = None
        for c in (near - step, near, near + step):
            try:
                back = struct.unpack("<f", struct.pack("<f", float(c)))[0]
            except OverflowError:
                continue
            # float(c) rounds twice; only exact or far-from-tie cases are offered
            if back != v:
                continue
            odd = int(c.scaleb(-step.adjusted())) & 1
            if best is None or (abs(c - exact), odd) < best[:2]:
                best = (abs(c - exact), odd, c)
        if best is not None:
            return best[2]
    raise AssertionError(v)


def f32(r):
    v = 0.0
    while not math.isfinite(v) or v == 0 or abs(v) < 1e-43:
        if r.random() < 0.5:
            v = struct.unpack("<f", struct.pack("<I", r.getrandbits(32)))[0]
        else:
            v = struct.unpack("<f", struct.pack("<f", round(r.uniform(-1e5, 1e5), 3)))[0]
    sign, digits, exp = shortest(str(f32_shortest(v)))
    print(struct.pack(">f", v).hex(), sign + java_layout(digits, exp), sep="\t")


def parse64(r):
    n = r.choice([1, 5, 15, 17, 18, 19, 20, 25, 40, 200, 800])
    digits = "".join(r.choice("0123456789") for _ in range(n))
    if r.random() < 0.3:  # exactly between two doubles, and just beside
        low = abs(random_double(r))
        while not math.isfinite(low) or low > 1e300 or low < 1e-300:
            low = abs(random_double(r))
        half = (D(low) + D(math.nextafter(low, math.inf))) / 2
        text = format(half, "e") if r.random() < 0.5 else format(half + half * D("1e-60"), ".120e")
    else:
        cut = r.randrange(0, n + 1)
        text = digits[:cut] + r.choice([".", ""]) + digits[cut:]
        if r.random() < 0.6:
            text += "e%d" % r.randrange(-340, 310)
    if text in ("", "."):
        text = "0"
    v = float(text)
    print(text, "inf" if math.isinf(v) else struct.pack(">d", v).hex(), sep="\t")


def random_decimal(r):
    n = r.choice([1, 2, 5, 9, 15, 18, 19, 20, 30, 37, 38])
    v = r.choice([0, 1, 10**n - 1, 10**(n - 1), 5 * 10**(n - 1)]
                 + [r.randrange(10**n) for _ in range(3)])
    return r.choice([v, -v])


def half_up(value, scale):
    """An exact fraction (numerator, denominator > 0) as unscaled integer at the scale."""
    num, den = value
    num *= 10**scale
    q, rest = divmod(abs(num), den)
    q += 2 * rest >= den
    return q if num >= 0 else -q


def fit(v):
    return str(v) if v is not None and abs(v) < 10**38 else "over"


def dec(r):
    a, b = random_decimal(r), random_decimal(r)
    sa, sb, s = r.randrange(39), r.randrange(39), r.randrange(39)
    if r.random() < 0.5:
        sa, sb, s = sa % 7, sb % 7, s % 10
    common = max(sa, sb)
    x, y = a * 10**(common - sa), b * 10**(common - sb)
    div = mod = trunc = None
    if b:
        sign = -1 if (a < 0) != (b < 0) else 1
        div = half_up((sign * abs(a) * 10**sb, abs(b) * 10**sa), s)
        whole = sign * (abs(x) // abs(y))
        trunc = whole * 10**s if abs(whole) < 10**38 else 10**38
        mod = x - y * whole
    out = [half_up((x + y, 10**common), s), half_up((x - y, 10**common), s),
           half_up((a * b, 10**(sa + sb)), s), div, trunc, mod]
    fits = " ".join("none" if v is None else fit(v) for v in out)
    print(a, sa, b, sb, s, (x > y) - (x < y), fits,
          fit(half_up((a, 10**sa), s)), sep="\t")


def dectext(r):
    v, scale = random_decimal(r), r.randrange(39)
    value = D(v).scaleb(-scale)
    plain = format(value, "f")
    nearest = float(value)
    # BigDecimal.toString is Decimal's own text form, with "E-18" for "E-18" and no "E+".
    print(v, scale, plain, str(value).replace("E+", "E"), struct.pack(">d", nearest).hex(),
          sep="\t")


def decparse(r):
    n = r.choice([1, 3, 8, 17, 18, 19, 30, 38, 39, 45, 60])
    digits = "".join(r.choice("0123456789") for _ in range(n))
    if r.random() < 0.3:
        digits = digits[:n // 2] + r.choice("59") * (n - n // 2)
    cut = r.randrange(0, n + 1)
    text = r.choice(["", "-", "+"]) + digits[:cut] + r.choice([".", ""]) + digits[cut:]
    if r.random() < 0.3:
        text += r.choice("eE") + r.choice(["", "+", "-"]) + str(r.randrange(0, 45))
    precision = r.randrange(1, 39)
    scale = r.randrange(0, precision + 1)
    value = D(text).scaleb(scale).quantize(D(1), rounding=decimal.ROUND_HALF_UP)
    print(text, precision, scale, str(int(value)) if abs(value) < 10**precision else "over",
          sep="\t")


def civil(r):
    kind = r.randrange(3)
    day = datetime.date.fromordinal(r.randrange(1, datetime.date.max.toordinal() + 1))
    us = r.randrange(86400 * 10**6)
    if kind == 0:
        us -= us % 10**6
    if kind == 1:
        us -= us % 1000
    t = datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(microseconds=us)
    days = (day - datetime.date(1970, 1, 1)).days
    week = day.isocalendar()
    java = t.strftime("T%H:%M")
    if t.second or t.microsecond:
        java += ":%02d" % t.second
    if t.microsecond:
        is_milli = t.microsecond % 1000 == 0
        java += ".%03d" % (t.microsecond // 1000) if is_milli else ".%06d" % t.microsecond
    print(days * 86400 * 10**6 + us, "%04d-%02d-%02d" % (day.year, day.month, day.day),
          "%02d:%02d:%02d.%06d" % (t.hour, t.minute, t.second, t.microsecond), java,
          "%d %d %d %d" % (week[0], week[1], week[2], day.timetuple().tm_yday), sep="\t")


def random_text(r):
    alphabets = ["abcXYZ 019", "äöüßÄÖÜéñ", "αβγΣσςΩ", "Жжя", "日本語", "ﬀﬁŉǰΐ", "😀𐐨𐐀", "İıŠš"]
    return "".join(r.choice(r.choice(alphabets)) for _ in range(r.randrange(1, 30)))


def utf8(r):
    t = random_text(r)
    cut = r.randrange(0, len(t) + 1)
    print(t, t.upper(), t.lower(), len(t), len(t[:cut].encode()), cut, sep="\t")


def utf8bytes(r):
    b = bytearray(random_text(r).encode())
    for _ in range(r.randrange(0, 3)):
        b[r.randrange(len(b))] = r.randrange(256)
    try:
        b.decode()
        valid = len(b)
    except UnicodeDecodeError as e:
        valid = e.start
    print(b.hex(), valid, sep="\t")


def digest(r):
    n = r.choice([0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, r.randrange(500)])
    b = bytes(r.getrandbits(8) for _ in range(n))
    kinds = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
    print(b.hex(), " ".join(getattr(hashlib, k)(b).hexdigest() for k in kinds),
          base64.b64encode(b).decode(), sep="\t")


ZONES = []


def zone(r):
    import zoneinfo
    if not ZONES:
        ZONES.extend(sorted(z for z in zoneinfo.available_timezones() if z != "localtime"))
    name = r.choice(ZONES)
    z = zoneinfo.ZoneInfo(name)
    epoch = datetime.datetime(1970, 1, 1)
    kind = r.randrange(3)
    year = r.randrange(1800, 2500) if kind == 0 else r.randrange(1970, 2040)
    local = datetime.datetime(year, r.randrange(1, 13), r.randrange(1, 29), r.randrange(24),
                              r.randrange(60), r.randrange(60))
    if kind == 2:  # near a change: look for one in this year
        t = datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc)
        offset = t.astimezone(z).utcoffset()
        for hour in range(0, 366 * 24, 6):
            u = t + datetime.timedelta(hours=hour)
            if u.astimezone(z).utcoffset() != offset:
                near = u + datetime.timedelta(minutes=r.randrange(-720, 400))
                local = near.astimezone(z).replace(tzinfo=None, fold=0)
                break
    if not 1 < local.year < 9998:
        return zone(r)
    second = datetime.timedelta(seconds=1)
    utc = local.replace(tzinfo=z).astimezone(datetime.timezone.utc)
    back = utc.astimezone(z)
    print(name, (local - epoch) // second, (utc.replace(tzinfo=None) - epoch) // second,
          (back.replace(tzinfo=None) - epoch) // second, back.tzname(), sep="\t")


def main():
    topic, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    r = random.Random(seed)
    for _ in range(count):
        globals()[topic](r)


main()
