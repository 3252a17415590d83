/* fn_arith_decimal.c -- + - * / % of decimals, and of decimals with integers.
 *
 * Results have Flink's precision and scale. Where the result type has room for every result (at
 * most 38 digits were needed), the loops add and multiply 128-bit integers without a check; only
 * types that were cut to 38 digits ask row by row. Rounding is HALF_UP. Overflow is an error.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/typing.h"

/* ---- result types ---- */

typedef DecimalType DecimalRule(DecimalType a, DecimalType b);

static Status decimal_derive(DecimalRule *rule, Arena *arena, Expr *const *args, const Type **out) {
    DecimalType t = rule(typing_as_decimal(args[0]->type), typing_as_decimal(args[1]->type));
    *out = type_with_null(arena, type_decimal(arena, t.precision, t.scale), false);
    return ST_OK;
}

#define DERIVE(name, rule)                                                                 \
    static Status name(Arena *arena, Expr *const *args, uint32_t n_args, const Type **out, \
                       Err *err) {                                                         \
        (void)n_args;                                                                      \
        (void)err;                                                                         \
        return decimal_derive(rule, arena, args, out);                                     \
    }
DERIVE(derive_add, typing_decimal_add)
DERIVE(derive_mul, typing_decimal_mul)
DERIVE(derive_div, typing_decimal_div)
DERIVE(derive_mod, typing_decimal_mod)

/* ---- operands ---- */

enum { DIGITS_OF_64_BITS = 18 };

/* A column of integers or decimals as 64-bit or 128-bit integers with a scale. Decimals of up to 18
 * digits are read by their low halves, so that most products are one 64-bit multiplication. */
typedef struct Operand {
    const int64_t *i64; /* one of these two */
    const Int128 *i128;
    uint32_t step; /* distance of two rows in units of the array: 0 for a constant */
    int precision, scale;
} Operand;

static inline Int128 operand_at(const Operand *o, uint32_t i) {
    return o->i64 ? o->i64[(size_t)i * o->step] : o->i128[(size_t)i * o->step];
}

static Operand operand_of(FnCtx *ctx, const Column *col, uint32_t n) {
    DecimalType t = typing_as_decimal(col->type);
    Operand o = {.step = !col->is_const, .precision = t.precision, .scale = t.scale};
    Phys phys = type_phys(col->type);
    int64_t *wide;
    uint32_t n_values = col->is_const ? 1 : n;
    o.i64 = col->i64;
    if (phys == PHYS_I64) return o;
    if (phys == PHYS_I128) {
        bool is_low = t.precision <= DIGITS_OF_64_BITS ||
                      (col->is_const && n_values && col->i128[0] == (int64_t)col->i128[0]);
        if (!is_low) o = (Operand){NULL, col->i128, o.step, t.precision, t.scale};
        if (is_low) o.step *= 2;
        return o;
    }
    o.i64 = wide = arena_alloc(ctx->scratch, sizeof *wide * n_values);
    for (uint32_t i = 0; i < n_values; i++) {
        wide[i] = phys == PHYS_I8 ? col->i8[i] : phys == PHYS_I16 ? col->i16[i] : col->i32[i];
    }
    return o;
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the low half of an Int128 comes first");

static Status decimal_overflow(char op, Decimal a, Decimal b, const Type *type, Err *err) {
    char x[DECIMAL_TEXT_MAX], y[DECIMAL_TEXT_MAX];
    int n_x = (int)decimal_print(x, a.value, a.scale),
        n_y = (int)decimal_print(y, b.value, b.scale);
    FAIL(err, ST_INVALID, "22003", -1, "%.*s %c %.*s is out of range for DECIMAL(%d, %d)", n_x, x,
         op, n_y, y, type->precision, type->scale);
}

/* ---- rows one by one, with every check ---- */

static bool decimal_step(char op, Decimal a, Decimal b, const Type *type, Int128 *to) {
    bool fits = false;
    switch (op) {
    case '+': fits = decimal_add(a, b, type->scale, to); break;
    case '-': fits = decimal_sub(a, b, type->scale, to); break;
    case '*': fits = decimal_mul(a, b, type->scale, to); break;
    case '/': fits = decimal_div(a, b, type->scale, to); break;
    default: {
        int scale = a.scale > b.scale ? a.scale : b.scale;
        fits = decimal_mod(a, b, to) && decimal_rescale(*to, scale, type->scale, to);
    }
    }
    return fits && decimal_fits(*to, type->precision);
}

static Status decimal_checked_row(char op, Decimal a, Decimal b, uint32_t row, Column *out,
                                  Err *err) {
    Int128 *to = (Int128 *)(uintptr_t)out->i128;
    if (col_is_null(out, row)) return ST_OK;
    if (b.value == 0 && (op == '/' || op == '%')) {
        char text[DECIMAL_TEXT_MAX];
        int n = (int)decimal_print(text, a.value, a.scale);
        FAIL(err, ST_INVALID, "22012", -1, "division by zero: %.*s %c 0", n, text, op);
    }
    if (decimal_step(op, a, b, out->type, &to[row])) return ST_OK;
    return decimal_overflow(op, a, b, out->type, err);
}

static Status decimal_checked(char op, const Operand *a, const Operand *b, uint32_t n, Column *out,
                              Err *err) {
    for (uint32_t i = 0; i < n; i++) {
        Decimal x = {operand_at(a, i), a->scale}, y = {operand_at(b, i), b->scale};
        TRY(decimal_checked_row(op, x, y, i, out, err));
    }
    return ST_OK;
}

/* ---- loops that cannot overflow ---- */

static void decimal_mul_loop(const Operand *a, const Operand *b, uint32_t n, Int128 *restrict to) {
    if (a->i64 && b->i64) {
        const int64_t *p = a->i64, *q = b->i64;
        size_t step_p = a->step, step_q = b->step;
        for (uint32_t i = 0; i < n; i++) to[i] = (Int128)p[i * step_p] * q[i * step_q];
        return;
    }
    for (uint32_t i = 0; i < n; i++) to[i] = operand_at(a, i) * operand_at(b, i);
}

/* a * up_a + b * up_b */
static void decimal_add_loop(const Operand *a, const Operand *b, Int128 up_a, Int128 up_b,
                             uint32_t n, Int128 *restrict to) {
    bool is_short = up_a == (int64_t)up_a && up_b == (int64_t)up_b;
    if (a->i64 && b->i64 && is_short) {
        const int64_t *p = a->i64, *q = b->i64;
        size_t step_p = a->step, step_q = b->step;
        int64_t up_p = (int64_t)up_a, up_q = (int64_t)up_b;
        for (uint32_t i = 0; i < n; i++) {
            to[i] = (Int128)p[i * step_p] * up_p + (Int128)q[i * step_q] * up_q;
        }
        return;
    }
    for (uint32_t i = 0; i < n; i++) to[i] = operand_at(a, i) * up_a + operand_at(b, i) * up_b;
}

/* ---- kernels ---- */

/* Without the cut at 38 digits, every sum and product fits its type. Zeros lie under NULLs. */
static bool decimal_is_exact(const Operand *a, const Operand *b, bool is_product) {
    int scale = a->scale > b->scale ? a->scale : b->scale;
    int whole_a = a->precision - a->scale, whole_b = b->precision - b->scale;
    if (is_product) return a->precision + b->precision + 1 <= DECIMAL_PRECISION_MAX;
    return (whole_a > whole_b ? whole_a : whole_b) + scale + 1 <= DECIMAL_PRECISION_MAX;
}

static Status decimal_sum(FnCtx *ctx, char op, const Column *args, uint32_t n, Column *out,
                          Err *err) {
    Operand a = operand_of(ctx, &args[0], n), b = operand_of(ctx, &args[1], n);
    int scale = out->type->scale;
    Int128 *to = (Int128 *)(uintptr_t)out->i128;
    if (!decimal_is_exact(&a, &b, false)) return decimal_checked(op, &a, &b, n, out, err);
    decimal_add_loop(&a, &b, decimal_pow10(scale - a.scale),
                     (op == '+' ? 1 : -1) * decimal_pow10(scale - b.scale), n, to);
    return ST_OK;
}

static Status decimal_plus(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                           Err *err) {
    (void)n_args;
    return decimal_sum(ctx, '+', args, n, out, err);
}

static Status decimal_minus(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n,
                            Column *out, Err *err) {
    (void)n_args;
    return decimal_sum(ctx, '-', args, n, out, err);
}

static Status decimal_times(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n,
                            Column *out, Err *err) {
    Operand a = operand_of(ctx, &args[0], n), b = operand_of(ctx, &args[1], n);
    (void)n_args;
    if (!decimal_is_exact(&a, &b, true)) return decimal_checked('*', &a, &b, n, out, err);
    decimal_mul_loop(&a, &b, n, (Int128 *)(uintptr_t)out->i128);
    return ST_OK;
}

/* Dividend (scaled up) and divisor in 64 bits, which is most rows: one machine division. */
static inline bool decimal_div_short(Int128 a, Int128 b, int64_t up, Int128 *to) {
    int64_t x, y = (int64_t)b, q, r;
    if (a != (int64_t)a || b != y || __builtin_mul_overflow((int64_t)a, up, &x)) return false;
    if (y == 0 || y == INT64_MIN || x == INT64_MIN) return false;
    q = x / y;
    r = x % y;
    r = r < 0 ? -r : r;
    y = y < 0 ? -y : y;
    if (r >= y - r) q += (x < 0) == (b < 0) ? 1 : -1; /* half away from zero */
    *to = q;
    return true;
}

static Status decimal_over(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                           Err *err) {
    Operand a = operand_of(ctx, &args[0], n), b = operand_of(ctx, &args[1], n);
    Int128 *to = (Int128 *)(uintptr_t)out->i128;
    int up_digits = out->type->scale + b.scale - a.scale;
    bool can_be_short = up_digits >= 0 && up_digits <= DIGITS_OF_64_BITS;
    int64_t up = can_be_short ? (int64_t)decimal_pow10(up_digits) : 0;
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        Decimal x = {operand_at(&a, i), a.scale}, y = {operand_at(&b, i), b.scale};
        if (can_be_short && decimal_div_short(x.value, y.value, up, &to[i]) &&
            decimal_fits(to[i], out->type->precision)) {
            continue;
        }
        TRY(decimal_checked_row('/', x, y, i, out, err));
    }
    return ST_OK;
}

static Status decimal_rest(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                           Err *err) {
    Operand a = operand_of(ctx, &args[0], n), b = operand_of(ctx, &args[1], n);
    (void)n_args;
    return decimal_checked('%', &a, &b, n, out, err);
}

static Status decimal_negate(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n,
                             Column *out, Err *err) {
    Int128 *to = (Int128 *)(uintptr_t)out->i128;
    (void)ctx;
    (void)n_args;
    (void)err;
    for (uint32_t i = 0; i < n; i++) to[i] = -args[0].i128[i];
    return ST_OK;
}

enum { DECIMAL_OP = FN_STRICT | FN_CAN_FAIL | FN_OPERATOR };

const Fn fns_arith_decimal[] = {
    {"+", "arithmetic", "(EXACT, EXACT) -> *", decimal_plus, DECIMAL_OP, derive_add, NULL, NULL,
     "Sum of exact numbers: as many fractional digits as the longer of both.",
     "1.5 + 2.25 => 3.75"},
    {"-", "arithmetic", "(EXACT, EXACT) -> *", decimal_minus, DECIMAL_OP, derive_add, NULL, NULL,
     "Difference of exact numbers.", "1.5 - 2.25 => -0.75"},
    {"*", "arithmetic", "(EXACT, EXACT) -> *", decimal_times, DECIMAL_OP, derive_mul, NULL, NULL,
     "Product of exact numbers: the fractional digits of both together.", "1.5 * 2.25 => 3.375"},
    {"/", "arithmetic", "(EXACT, EXACT) -> *", decimal_over, DECIMAL_OP, derive_div, NULL, NULL,
     "Quotient of exact numbers, rounded half up to at least 6 fractional digits.",
     "1.0 / 8 => 0.125000000000"},
    {"%", "arithmetic", "(EXACT, EXACT) -> *", decimal_rest, DECIMAL_OP, derive_mod, NULL, NULL,
     "Remainder of exact numbers, with the sign of the dividend.", "7.5 % 2 => 1.5"},
    {"-", "arithmetic", "(DECIMAL) -> $1", decimal_negate, FN_STRICT | FN_OPERATOR, NULL, NULL,
     NULL, "Negation.", "-(2.50) => -2.50"},
    {.name = NULL},
};
