/* num_float.c -- doubles and floats as text, exact in both directions without big numbers.
 *
 * Reading is the Eisel-Lemire method: the decimal digits times a 128-bit power of ten give the
 * binary digits, and the rare ambiguous product is left to strtod. Writing is Giulietti's
 * Schubfach: three products decide which shortest decimals lie in the rounding interval. Both use
 * one table of powers of ten, which is computed exactly on first use (about 0.1 ms) rather than
 * stored. SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>

enum { POW10_MIN = -342, POW10_MAX = 342, POW10_LIMBS = 40 };

typedef unsigned __int128 Uint128;
typedef struct Pow10 {
    uint64_t hi, lo;
} Pow10;

/* num_pow10[k - POW10_MIN]: the top 128 bits of 10^k, the top bit set; cut for k >= 0, rounded up
 * for k < 0 (so that an exact tie is not seen as lying below itself). */
static Pow10 num_pow10[POW10_MAX - POW10_MIN + 1];
static locale_t num_locale_c;
static pthread_once_t num_once = PTHREAD_ONCE_INIT;

/* Top 128 bits of a big number of 32-bit limbs, least significant first. */
static Pow10 pow10_top(const uint32_t *limbs) {
    int top = POW10_LIMBS - 1;
    while (limbs[top] == 0) top--;
    uint32_t word[5] = {0};
    for (int i = 0; i < 5 && top - i >= 0; i++) word[i] = limbs[top - i];
    int shift = __builtin_clz(word[0]);
    uint32_t out[4];
    for (int i = 0; i < 4; i++)
        out[i] = shift ? word[i] << shift | word[i + 1] >> (32 - shift) : word[i];
    return (Pow10){(uint64_t)out[0] << 32 | out[1], (uint64_t)out[2] << 32 | out[3]};
}

static Pow10 pow10_next(Pow10 p) {
    p.lo++;
    p.hi += p.lo == 0;
    return p;
}

static void num_init(void) {
    uint32_t limbs[POW10_LIMBS] = {1};
    num_pow10[0 - POW10_MIN] = pow10_top(limbs);
    for (int k = 1; k <= POW10_MAX; k++) {
        uint64_t carry = 0;
        for (int i = 0; i < POW10_LIMBS; i++) {
            carry += (uint64_t)limbs[i] * 10;
            limbs[i] = (uint32_t)carry;
            carry >>= 32;
        }
        num_pow10[k - POW10_MIN] = pow10_top(limbs);
    }
    /* floor(2^1279 / 10^k) by dividing again and again: the floors compose. 10^342 needs 1137 bits,
     * so 142 bits are left at the end. */
    memset(limbs, 0, sizeof limbs);
    limbs[POW10_LIMBS - 1] = UINT32_C(1) << 31;
    for (int k = -1; k >= POW10_MIN; k--) {
        uint64_t rest = 0;
        for (int i = POW10_LIMBS - 1; i >= 0; i--) {
            rest = rest << 32 | limbs[i];
            limbs[i] = (uint32_t)(rest / 10);
            rest %= 10;
        }
        num_pow10[k - POW10_MIN] = pow10_next(pow10_top(limbs));
    }
    num_locale_c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!num_locale_c) mem_on_oom(0);
}

static const Pow10 *pow10_get(int k) {
    pthread_once(&num_once, num_init);
    assert(k >= POW10_MIN && k <= POW10_MAX);
    return &num_pow10[k - POW10_MIN];
}

/* ---- reading ---- */

/* How a binary format is laid out. */
typedef struct FloatFormat {
    int mantissa_bits;      /* explicit ones */
    int exp_min;            /* -bias */
    int exp_infinite;       /* the exponent field of infinities */
    int even_min, even_max; /* powers of ten for which a product can be an exact tie */
    int pow10_min, pow10_max;
} FloatFormat;

static const FloatFormat format_f64 = {52, -1023, 0x7ff, -4, 23, -342, 308};
static const FloatFormat format_f32 = {23, -127, 0xff, -17, 10, -65, 38};

/* The bits of the number nearest to digits * 10^exp10; false when 128 bits do not decide. */
static bool float_from_digits(const FloatFormat *f, uint64_t digits, int exp10, uint64_t *bits) {
    if (digits == 0 || exp10 < f->pow10_min) return *bits = 0, true;
    uint64_t infinity = (uint64_t)f->exp_infinite << f->mantissa_bits;
    if (exp10 > f->pow10_max) return *bits = infinity, true;
    const Pow10 *power = pow10_get(exp10);
    int lead = __builtin_clzll(digits);
    uint64_t w = digits << lead;
    uint64_t mask = UINT64_MAX >> (f->mantissa_bits + 3);
    Uint128 product = (Uint128)w * power->hi;
    uint64_t hi = (uint64_t)(product >> 64);
    uint64_t lo = (uint64_t)product;
    if ((hi & mask) == mask) {
        uint64_t more = (uint64_t)((Uint128)w * power->lo >> 64);
        lo += more;
        if (lo < more) hi++;
    }
    if (lo == UINT64_MAX && (exp10 < -27 || exp10 > 55)) return false;
    int upper = (int)(hi >> 63);
    int drop = upper + 64 - f->mantissa_bits - 3;
    uint64_t mantissa = hi >> drop;
    int exp2 = ((217706 * exp10) >> 16) + 63 + upper - lead - f->exp_min;
    if (exp2 <= 0) { /* subnormal */
        if (1 - exp2 >= 64) return *bits = 0, true;
        mantissa >>= 1 - exp2;
        mantissa = (mantissa + (mantissa & 1)) >> 1;
        *bits = mantissa; /* a carry into the exponent makes the smallest normal number */
        return true;
    }
    bool may_tie = lo <= 1 && exp10 >= f->even_min && exp10 <= f->even_max;
    if (may_tie && (mantissa & 3) == 1 && mantissa << drop == hi) mantissa &= ~UINT64_C(1);
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa >= UINT64_C(2) << f->mantissa_bits) {
        mantissa = UINT64_C(1) << f->mantissa_bits;
        exp2++;
    }
    if (exp2 >= f->exp_infinite) return *bits = infinity, true;
    mantissa &= ~(UINT64_C(1) << f->mantissa_bits);
    *bits = mantissa | (uint64_t)exp2 << f->mantissa_bits;
    return true;
}

bool num_f64_from_digits(uint64_t digits, int exp10, double *out) {
    static const double exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    /* Both operands are exact, so the one rounding is right (Clinger). */
    if (digits <= UINT64_C(1) << 53 && exp10 >= -22 && exp10 <= 22) {
        double value = (double)digits;
        *out = exp10 < 0 ? value / exact[-exp10] : value * exact[exp10];
        return true;
    }
    uint64_t bits;
    if (!float_from_digits(&format_f64, digits, exp10, &bits)) return false;
    memcpy(out, &bits, 8);
    return true;
}

/* What the text of a number says, before it is made binary. */
typedef struct FloatText {
    bool is_negative, is_cut; /* is_cut: digits behind the 19th are not in `digits` */
    bool is_nan, is_infinite;
    uint64_t digits;
    int exp10;
    Span magnitude; /* the text behind the sign */
} FloatText;

static bool float_scan_word(FloatText *out, Span rest) {
    if (span_is_nocase(rest, "nan")) {
        out->is_nan = true;
    } else if (span_is_nocase(rest, "infinity") || span_is_nocase(rest, "inf")) {
        out->is_infinite = true;
    } else {
        return false;
    }
    return true;
}

static bool float_scan_exp(const char *p, const char *end, int *exp10) {
    bool is_negative = false;
    if (p < end && (*p == '-' || *p == '+')) is_negative = *p++ == '-';
    if (p == end) return false;
    int value = 0;
    for (; p < end; p++) {
        unsigned digit = (unsigned)(unsigned char)*p - '0';
        if (digit > 9) return false;
        if (value < 100000) value = value * 10 + (int)digit;
    }
    *exp10 += is_negative ? -value : value;
    return true;
}

static bool float_scan(Span text, FloatText *out) {
    enum { DIGITS_MAX = 19 };
    *out = (FloatText){0};
    const char *p = text.ptr;
    const char *end = p + text.len;
    if (p < end && (*p == '-' || *p == '+')) out->is_negative = *p++ == '-';
    out->magnitude = (Span){p, (size_t)(end - p)};
    int n_seen = 0, n_kept = 0;
    bool has_point = false;
    for (; p < end; p++) {
        unsigned digit = (unsigned)(unsigned char)*p - '0';
        if (digit > 9) {
            if (*p != '.' || has_point) break;
            has_point = true;
            continue;
        }
        n_seen++;
        if (n_kept < DIGITS_MAX) {
            out->digits = out->digits * 10 + digit;
            n_kept += out->digits != 0;
            out->exp10 -= has_point && out->exp10 > -1000000;
        } else {
            out->is_cut |= digit != 0;
            out->exp10 += !has_point && out->exp10 < 1000000;
        }
    }
    if (n_seen == 0) return float_scan_word(out, out->magnitude);
    if (p == end) return true;
    if (*p != 'e' && *p != 'E') return false;
    return float_scan_exp(p + 1, end, &out->exp10);
}

double num_f64_slow(Span text) {
    char small[128];
    pow10_get(0); /* makes the locale */
    char *copy = text.len < sizeof small ? small : mem_alloc(NULL, text.len + 1);
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    double value = strtod_l(copy, NULL, num_locale_c);
    if (copy != small) mem_free(NULL, copy, text.len + 1);
    return value;
}

static float num_f32_slow(Span text) {
    char small[128];
    pow10_get(0);
    char *copy = text.len < sizeof small ? small : mem_alloc(NULL, text.len + 1);
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    float value = strtof_l(copy, NULL, num_locale_c);
    if (copy != small) mem_free(NULL, copy, text.len + 1);
    return value;
}

NumResult num_parse_f64(Span text, double *out) {
    FloatText t;
    if (!float_scan(text, &t)) return NUM_BAD;
    double value, next;
    if (t.is_nan || t.is_infinite) {
        value = t.is_nan ? (double)NAN : (double)INFINITY;
    } else {
        bool is_sure = num_f64_from_digits(t.digits, t.exp10, &value);
        if (is_sure && t.is_cut) /* sure when the cut digits do not matter */
            is_sure = num_f64_from_digits(t.digits + 1, t.exp10, &next) && value == next;
        if (!is_sure) value = num_f64_slow(t.magnitude);
    }
    *out = t.is_negative ? -value : value;
    return isinf(value) && !t.is_infinite ? NUM_RANGE : NUM_OK;
}

static bool num_f32_from_digits(uint64_t digits, int exp10, float *out) {
    uint64_t bits;
    if (!float_from_digits(&format_f32, digits, exp10, &bits)) return false;
    uint32_t narrow = (uint32_t)bits;
    memcpy(out, &narrow, 4);
    return true;
}

NumResult num_parse_f32(Span text, float *out) {
    FloatText t;
    if (!float_scan(text, &t)) return NUM_BAD;
    float value, next;
    if (t.is_nan || t.is_infinite) {
        value = t.is_nan ? NAN : INFINITY;
    } else {
        bool is_sure = num_f32_from_digits(t.digits, t.exp10, &value);
        if (is_sure && t.is_cut)
            is_sure = num_f32_from_digits(t.digits + 1, t.exp10, &next) && value == next;
        if (!is_sure) value = num_f32_slow(t.magnitude);
    }
    *out = t.is_negative ? -value : value;
    return isinf(value) && !t.is_infinite ? NUM_RANGE : NUM_OK;
}

/* ---- writing ---- */

/* floor(log2(10^e)) and floor(log10(2^e)) (of 3/4 2^e when the lower neighbour is nearer). */
static int log2_pow10(int e) {
    return (e * 1741647) >> 19;
}
static int log10_pow2(int e, bool is_lower_nearer) {
    return (e * 1262611 - (is_lower_nearer ? 524031 : 0)) >> 22;
}

/* The product's top bits; the last bit tells whether anything below was not zero. */
static uint64_t round_to_odd(const Pow10 *g, uint64_t x) {
    Uint128 low = (Uint128)g->lo * x;
    Uint128 high = (Uint128)g->hi * x + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* The shortest decimal in the rounding interval of c * 2^q. Of decimals with one digit and with
 * two, the nearest is taken, as Java does. */
static NumDigits num_shortest(uint64_t c, int q, bool is_lower_nearer, int dk) {
    uint64_t is_odd = c & 1;
    int k = log10_pow2(q, is_lower_nearer);
    int h = q + log2_pow10(-k) + 1;
    Pow10 g = *pow10_get(-k);
    if (-k > 55) g = pow10_next(g); /* this method wants all inexact powers rounded up */
    uint64_t low = round_to_odd(&g, (4 * c - 2 + is_lower_nearer) << h) + is_odd;
    uint64_t mid = round_to_odd(&g, 4 * c << h);
    uint64_t high = round_to_odd(&g, (4 * c + 2) << h) - is_odd;
    uint64_t s = mid / 4;
    if (s >= 100) {
        uint64_t tens = s / 10 * 10;
        bool is_down_in = low <= 4 * tens;
        bool is_up_in = 4 * (tens + 10) <= high;
        if (is_down_in != is_up_in) return (NumDigits){tens + (is_up_in ? 10 : 0), k + dk};
    }
    bool is_down_in = low <= 4 * s;
    bool is_up_in = 4 * (s + 1) <= high;
    if (is_down_in != is_up_in) return (NumDigits){s + is_up_in, k + dk};
    uint64_t half = 4 * s + 2;
    return (NumDigits){s + (mid > half || (mid == half && (s & 1))), k + dk};
}

static NumDigits num_shortest_bits(const FloatFormat *f, uint64_t bits) {
    uint64_t fraction = bits & ((UINT64_C(1) << f->mantissa_bits) - 1);
    int field = (int)(bits >> f->mantissa_bits) & f->exp_infinite;
    NumDigits d = {0, 0};
    if (field == 0 && fraction == 0) return d;
    int q_min = f->exp_min + 1 - f->mantissa_bits;
    if (field == 0) {
        /* The tiniest numbers have fewer than two digits: compute with ten times the value. */
        uint64_t tiny = f->mantissa_bits == 52 ? 3 : 8;
        d = fraction < tiny ? num_shortest(10 * fraction, q_min, false, -1)
                            : num_shortest(fraction, q_min, false, 0);
    } else {
        uint64_t c = fraction | UINT64_C(1) << f->mantissa_bits;
        int q = q_min + field - 1;
        if (q <= 0 && -q <= f->mantissa_bits && (c & ((UINT64_C(1) << -q) - 1)) == 0)
            d = (NumDigits){c >> -q, 0}; /* a small whole number */
        else
            d = num_shortest(c, q, fraction == 0 && field > 1, 0);
    }
    while (d.digits % 10 == 0) {
        d.digits /= 10;
        d.exp10++;
    }
    return d;
}

NumDigits num_shortest_f64(double value) {
    uint64_t bits;
    memcpy(&bits, &value, 8);
    return num_shortest_bits(&format_f64, bits & INT64_MAX);
}

NumDigits num_shortest_f32(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return num_shortest_bits(&format_f32, bits & INT32_MAX);
}

/* Java's layout: plain for 1e-3 <= |v| < 1e7, else one digit, a point, and an exponent. */
static size_t num_print_java(char *to, NumDigits d) {
    char digits[NUM_I64_MAX_LEN];
    int n = (int)num_print_u64(digits, d.digits);
    int exp = n - 1 + d.exp10; /* of the first digit */
    char *at = to;
    if (exp >= -3 && exp < 7) {
        if (exp < 0) {
            memcpy(at, "0.", 2);
            at += 2;
            for (int i = exp + 1; i < 0; i++) *at++ = '0';
            memcpy(at, digits, (size_t)n);
            return (size_t)(at + n - to);
        }
        for (int i = 0; i <= exp; i++) *at++ = i < n ? digits[i] : '0';
        *at++ = '.';
        if (n <= exp + 1) *at++ = '0';
        for (int i = exp + 1; i < n; i++) *at++ = digits[i];
        return (size_t)(at - to);
    }
    *at++ = digits[0];
    *at++ = '.';
    if (n == 1) *at++ = '0';
    memcpy(at, digits + 1, (size_t)(n - 1));
    at += n - 1;
    *at++ = 'E';
    return (size_t)(at - to) + num_print_i64(at, exp);
}

/* NaN, infinities and zero; 0 when it is none of them. The sign is written by the caller. */
static size_t num_print_special(char *to, double magnitude) {
    const char *text;
    if (isinf(magnitude)) {
        text = "Infinity";
    } else if (magnitude == 0) {
        text = "0.0";
    } else {
        return 0;
    }
    memcpy(to, text, strlen(text));
    return strlen(text);
}

size_t num_print_f64(char *to, double value) {
    if (isnan(value)) return memcpy(to, "NaN", 3), 3;
    size_t sign = signbit(value) ? 1 : 0;
    if (sign) *to = '-';
    size_t len = num_print_special(to + sign, fabs(value));
    if (len == 0) len = num_print_java(to + sign, num_shortest_f64(value));
    return sign + len;
}

size_t num_print_f32(char *to, float value) {
    if (isnan(value)) return memcpy(to, "NaN", 3), 3;
    size_t sign = signbit(value) ? 1 : 0;
    if (sign) *to = '-';
    size_t len = num_print_special(to + sign, fabs((double)value));
    if (len == 0) len = num_print_java(to + sign, num_shortest_f32(value));
    return sign + len;
}
