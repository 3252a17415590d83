/* fn_arith.c -- + - * / % of integers and floats.
 *
 * Integers never wrap: loops compute modulo 2^n and gather the overflow bits, and only a loop that
 * met one looks again for the row to name. Floats are IEEE, as Java's: x / 0 is an infinity.
 * Decimals are in fn_arith_decimal.c, times in fn_arith_time.c.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/expr.h"

#include <math.h>

/* ---- errors ---- */

static int64_t arith_int(const Column *col, uint32_t row) {
    uint32_t at = col_at(col, row);
    switch (type_phys(col->type)) {
    case PHYS_I8: return col->i8[at];
    case PHYS_I16: return col->i16[at];
    case PHYS_I32: return col->i32[at];
    default: return col->i64[at];
    }
}

static bool arith_fails(char op, int64_t a, int64_t b, int bits) {
    int64_t r = 0, limit = bits == 64 ? INT64_MAX : (INT64_C(1) << (bits - 1)) - 1;
    bool wraps = op == '+'   ? __builtin_add_overflow(a, b, &r)
                 : op == '-' ? __builtin_sub_overflow(a, b, &r)
                 : op == '*' ? __builtin_mul_overflow(a, b, &r)
                             : (b == -1 && a == INT64_MIN);
    if (op == '/' && !wraps) r = a / b;
    return wraps || r > limit || r < -limit - 1;
}

static const char *arith_type_name(const Type *type) {
    switch (type_phys(type)) {
    case PHYS_I8: return "TINYINT";
    case PHYS_I16: return "SMALLINT";
    case PHYS_I32: return "INT";
    default: return "BIGINT";
    }
}

/* Names the first row that overflows. Rows that are NULL hold zeros, or what nobody will see. */
static Status arith_overflow(char op, const Column *args, uint32_t n, const Column *out, Err *err) {
    int bits = 8 * (int)phys_width(type_phys(out->type));
    for (uint32_t i = 0; i < n; i++) {
        int64_t a = arith_int(&args[0], i), b = arith_int(&args[1], i);
        if (col_is_null(out, i) || !arith_fails(op, a, b, bits)) continue;
        FAIL(err, ST_INVALID, "22003", -1, "%lld %c %lld is out of range for %s", (long long)a, op,
             (long long)b, arith_type_name(out->type));
    }
    return ST_OK;
}

/* ---- integers ---- */

/* Runs BODY(a, b) over both columns, one column and a constant, or a constant and one column. Two
 * constants are one row. */
#define ARITH_SHAPES(T, BODY)                                           \
    do {                                                                \
        const T *restrict a = args[0].data, *restrict b = args[1].data; \
        if (args[1].is_const) {                                         \
            T y = b[0];                                                 \
            for (uint32_t i = 0; i < n; i++) BODY(a[i], y);             \
        } else if (args[0].is_const) {                                  \
            T x = a[0];                                                 \
            for (uint32_t i = 0; i < n; i++) BODY(x, b[i]);             \
        } else {                                                        \
            for (uint32_t i = 0; i < n; i++) BODY(a[i], b[i]);          \
        }                                                               \
    } while (0)

/* Narrow integers are computed in W, where they cannot overflow, and must survive the way back. */
#define NARROW_BODY(T, W, OP, x, y) \
    do {                            \
        W r = (W)((W)(x)OP(W)(y));  \
        to[i] = (T)r;               \
        bad |= r ^ (W)(T)r;         \
    } while (0)
#define NARROW_LOOP(name, T, W, OP)                               \
    static bool name(const Column *args, uint32_t n, void *out) { \
        T *restrict to = out;                                     \
        W bad = 0;                                                \
        ARITH_SHAPES(T, name##_BODY);                             \
        return bad != 0;                                          \
    }
#define add_i8_BODY(x, y) NARROW_BODY(int8_t, int32_t, +, x, y)
#define sub_i8_BODY(x, y) NARROW_BODY(int8_t, int32_t, -, x, y)
#define mul_i8_BODY(x, y) NARROW_BODY(int8_t, int32_t, *, x, y)
#define add_i16_BODY(x, y) NARROW_BODY(int16_t, int32_t, +, x, y)
#define sub_i16_BODY(x, y) NARROW_BODY(int16_t, int32_t, -, x, y)
#define mul_i16_BODY(x, y) NARROW_BODY(int16_t, int32_t, *, x, y)
#define add_i32_BODY(x, y) NARROW_BODY(int32_t, int64_t, +, x, y)
#define sub_i32_BODY(x, y) NARROW_BODY(int32_t, int64_t, -, x, y)
#define mul_i32_BODY(x, y) NARROW_BODY(int32_t, int64_t, *, x, y)
NARROW_LOOP(add_i8, int8_t, int32_t, +)
NARROW_LOOP(sub_i8, int8_t, int32_t, -)
NARROW_LOOP(mul_i8, int8_t, int32_t, *)
NARROW_LOOP(add_i16, int16_t, int32_t, +)
NARROW_LOOP(sub_i16, int16_t, int32_t, -)
NARROW_LOOP(mul_i16, int16_t, int32_t, *)
NARROW_LOOP(add_i32, int32_t, int64_t, +)
NARROW_LOOP(sub_i32, int32_t, int64_t, -)
NARROW_LOOP(mul_i32, int32_t, int64_t, *)

/* The sign of a sum differs from both operands' exactly when it wrapped. */
static bool add_i64(const Column *args, uint32_t n, void *out) {
    int64_t *restrict to = out;
    uint64_t bad = 0;
#define ADD_BODY(x, y)                                            \
    do {                                                          \
        uint64_t p = (uint64_t)(x), q = (uint64_t)(y), r = p + q; \
        to[i] = (int64_t)r;                                       \
        bad |= (p ^ r) & (q ^ r);                                 \
    } while (0)
    ARITH_SHAPES(int64_t, ADD_BODY);
    return bad >> 63;
}

static bool sub_i64(const Column *args, uint32_t n, void *out) {
    int64_t *restrict to = out;
    uint64_t bad = 0;
#define SUB_BODY(x, y)                                            \
    do {                                                          \
        uint64_t p = (uint64_t)(x), q = (uint64_t)(y), r = p - q; \
        to[i] = (int64_t)r;                                       \
        bad |= (p ^ q) & (p ^ r);                                 \
    } while (0)
    ARITH_SHAPES(int64_t, SUB_BODY);
    return bad >> 63;
}

static bool mul_i64(const Column *args, uint32_t n, void *out) {
    int64_t *restrict to = out;
    bool bad = false;
#define MUL_BODY(x, y) bad |= __builtin_mul_overflow(x, y, &to[i])
    ARITH_SHAPES(int64_t, MUL_BODY);
    return bad;
}

typedef bool ArithLoop(const Column *args, uint32_t n, void *out);
typedef struct ArithOp {
    char op;
    ArithLoop *i8, *i16, *i32, *i64;
} ArithOp;

static Status arith_integers(const ArithOp *op, const Column *args, uint32_t n, Column *out,
                             Err *err) {
    void *data = (void *)(uintptr_t)out->data;
    bool is_bad;
    switch (type_phys(out->type)) {
    case PHYS_I8: is_bad = op->i8(args, n, data); break;
    case PHYS_I16: is_bad = op->i16(args, n, data); break;
    case PHYS_I32: is_bad = op->i32(args, n, data); break;
    default: is_bad = op->i64(args, n, data);
    }
    return is_bad ? arith_overflow(op->op, args, n, out, err) : ST_OK;
}

static Status arith_add(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                        Err *err) {
    static const ArithOp op = {'+', add_i8, add_i16, add_i32, add_i64};
    (void)ctx;
    (void)n_args;
    return arith_integers(&op, args, n, out, err);
}

static Status arith_sub(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                        Err *err) {
    static const ArithOp op = {'-', sub_i8, sub_i16, sub_i32, sub_i64};
    (void)ctx;
    (void)n_args;
    return arith_integers(&op, args, n, out, err);
}

static Status arith_mul(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                        Err *err) {
    static const ArithOp op = {'*', mul_i8, mul_i16, mul_i32, mul_i64};
    (void)ctx;
    (void)n_args;
    return arith_integers(&op, args, n, out, err);
}

/* ---- division of integers ---- */

static inline int64_t quotient_i64(int64_t a, int64_t b) {
    if ((((uint64_t)a | (uint64_t)b) >> 32) == 0)
        return (uint32_t)a / (uint32_t)b; /* far quicker */
    return a / b;
}

static inline int64_t remainder_i64(int64_t a, int64_t b) {
    if ((((uint64_t)a | (uint64_t)b) >> 32) == 0) return (uint32_t)a % (uint32_t)b;
    return b == -1 ? 0 : a % b;
}

static void arith_store(Column *out, uint32_t row, int64_t v) {
    void *data = (void *)(uintptr_t)out->data;
    switch (type_phys(out->type)) {
    case PHYS_I8: ((int8_t *)data)[row] = (int8_t)v; break;
    case PHYS_I16: ((int16_t *)data)[row] = (int16_t)v; break;
    case PHYS_I32: ((int32_t *)data)[row] = (int32_t)v; break;
    default: ((int64_t *)data)[row] = v;
    }
}

static Status arith_by_zero(const Column *args, uint32_t row, char op, Err *err) {
    FAIL(err, ST_INVALID, "22012", -1, "division by zero: %lld %c 0",
         (long long)arith_int(&args[0], row), op);
}

#define DIVIDE_LOOP(T, f)                                        \
    do {                                                         \
        const T *a = args[0].data;                               \
        T *to = (T *)(uintptr_t)out->data;                       \
        for (uint32_t i = 0; i < n; i++) to[i] = (T)f(a[i], by); \
    } while (0)

/* A constant divisor other than 0 and -1 cannot fail, not even on what lies under a NULL. */
#define DIVIDE_BY_CONST(f)                             \
    do {                                               \
        switch (type_phys(out->type)) {                \
        case PHYS_I8: DIVIDE_LOOP(int8_t, f); break;   \
        case PHYS_I16: DIVIDE_LOOP(int16_t, f); break; \
        case PHYS_I32: DIVIDE_LOOP(int32_t, f); break; \
        default: DIVIDE_LOOP(int64_t, f);              \
        }                                              \
    } while (0)

static Status arith_div(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                        Err *err) {
    int bits = 8 * (int)phys_width(type_phys(out->type));
    int64_t by = args[1].is_const ? arith_int(&args[1], 0) : 0;
    (void)ctx;
    (void)n_args;
    if (by != 0 && by != -1 && !args[0].is_const) {
        DIVIDE_BY_CONST(quotient_i64);
        return ST_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        int64_t a = arith_int(&args[0], i), b = arith_int(&args[1], i);
        if (col_is_null(out, i)) continue;
        if (b == 0) return arith_by_zero(args, i, '/', err);
        if (arith_fails('/', a, b, bits)) return arith_overflow('/', args, n, out, err);
        arith_store(out, i, quotient_i64(a, b));
    }
    return ST_OK;
}

/* BIGINT % constant INT, as in x % 10, where the result is as narrow as the divisor. */
static void arith_mod_narrow(const Column *col, int64_t by, uint32_t n, Column *out) {
    const int64_t *a = col->i64;
    int32_t *to = (int32_t *)(uintptr_t)out->i32;
    for (uint32_t i = 0; i < n; i++) to[i] = (int32_t)remainder_i64(a[i], by);
}

/* The result has the type of the divisor, as in Flink: it is always smaller. */
static Status arith_mod(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                        Err *err) {
    int64_t by = args[1].is_const ? arith_int(&args[1], 0) : 0;
    (void)ctx;
    (void)n_args;
    if (by != 0 && !args[0].is_const) {
        Phys phys = type_phys(args[0].type), narrow = type_phys(out->type);
        if (phys == narrow) {
            DIVIDE_BY_CONST(remainder_i64);
            return ST_OK;
        }
        if (phys == PHYS_I64 && narrow == PHYS_I32) {
            arith_mod_narrow(&args[0], by, n, out);
            return ST_OK;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        int64_t b = arith_int(&args[1], i);
        if (col_is_null(out, i)) continue;
        if (b == 0) return arith_by_zero(args, i, '%', err);
        arith_store(out, i, remainder_i64(arith_int(&args[0], i), b));
    }
    return ST_OK;
}

static Status arith_neg(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                        Err *err) {
    int bits = 8 * (int)phys_width(type_phys(out->type));
    (void)ctx;
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        int64_t v = arith_int(&args[0], i);
        if (arith_fails('-', 0, v, bits) && !col_is_null(out, i)) {
            FAIL(err, ST_INVALID, "22003", -1, "-(%lld) is out of range for %s", (long long)v,
                 arith_type_name(out->type));
        }
        arith_store(out, i, (int64_t)(0 - (uint64_t)v));
    }
    return ST_OK;
}

/* ---- floats ---- */

#define FLOAT_BODY_ADD(x, y) to[i] = (x) + (y)
#define FLOAT_BODY_SUB(x, y) to[i] = (x) - (y)
#define FLOAT_BODY_MUL(x, y) to[i] = (x) * (y)
#define FLOAT_BODY_DIV(x, y) to[i] = (x) / (y)
#define FLOAT_BODY_MOD64(x, y) to[i] = fmod(x, y)
#define FLOAT_BODY_MOD32(x, y) to[i] = fmodf(x, y)
#define FLOAT_KERNEL(name, BODY32, BODY64)                                                       \
    static Status name(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                       Err *err) {                                                               \
        (void)ctx;                                                                               \
        (void)n_args;                                                                            \
        (void)err;                                                                               \
        if (type_phys(out->type) == PHYS_F32) {                                                  \
            float *restrict to = (float *)(uintptr_t)out->f32;                                   \
            ARITH_SHAPES(float, BODY32);                                                         \
        } else {                                                                                 \
            double *restrict to = (double *)(uintptr_t)out->f64;                                 \
            ARITH_SHAPES(double, BODY64);                                                        \
        }                                                                                        \
        return ST_OK;                                                                            \
    }
FLOAT_KERNEL(float_add, FLOAT_BODY_ADD, FLOAT_BODY_ADD)
FLOAT_KERNEL(float_sub, FLOAT_BODY_SUB, FLOAT_BODY_SUB)
FLOAT_KERNEL(float_mul, FLOAT_BODY_MUL, FLOAT_BODY_MUL)
FLOAT_KERNEL(float_div, FLOAT_BODY_DIV, FLOAT_BODY_DIV)
FLOAT_KERNEL(float_mod, FLOAT_BODY_MOD32, FLOAT_BODY_MOD64)

static Status float_neg(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                        Err *err) {
    (void)ctx;
    (void)n_args;
    (void)err;
    if (type_phys(out->type) == PHYS_F32) {
        float *to = (float *)(uintptr_t)out->f32;
        for (uint32_t i = 0; i < n; i++) to[i] = -args[0].f32[i];
    } else {
        double *to = (double *)(uintptr_t)out->f64;
        for (uint32_t i = 0; i < n; i++) to[i] = -args[0].f64[i];
    }
    return ST_OK;
}

/* Unary plus: the value itself, whatever its type. */
static Status arith_same(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                         Err *err) {
    const Type *type = out->type;
    (void)ctx;
    (void)n_args;
    (void)n;
    (void)err;
    *out = args[0];
    out->type = type;
    return ST_OK;
}

enum { INT_OP = FN_STRICT | FN_CAN_FAIL | FN_OPERATOR, FLOAT_OP = FN_STRICT | FN_OPERATOR };

const Fn fns_arith[] = {
    {"+", "arithmetic", "(T:INTEGER, T) -> T", arith_add, INT_OP, NULL, NULL, NULL,
     "Sum; an integer result that does not fit its type is an error.", "1 + 2 => 3"},
    {"+", "arithmetic", "(T:APPROX, T) -> T", float_add, FLOAT_OP, NULL, NULL, NULL,
     "Sum of floating-point numbers.", "1.5E0 + 2 => 3.5"},
    {"-", "arithmetic", "(T:INTEGER, T) -> T", arith_sub, INT_OP, NULL, NULL, NULL, "Difference.",
     "1 - 2 => -1"},
    {"-", "arithmetic", "(T:APPROX, T) -> T", float_sub, FLOAT_OP, NULL, NULL, NULL,
     "Difference of floating-point numbers.", "1.5E0 - 2 => -0.5"},
    {"*", "arithmetic", "(T:INTEGER, T) -> T", arith_mul, INT_OP, NULL, NULL, NULL, "Product.",
     "6 * 7 => 42"},
    {"*", "arithmetic", "(T:APPROX, T) -> T", float_mul, FLOAT_OP, NULL, NULL, NULL,
     "Product of floating-point numbers.", "1.5E0 * 2 => 3.0"},
    {"/", "arithmetic", "(T:INTEGER, T) -> T", arith_div, INT_OP, NULL, NULL, NULL,
     "Quotient; of integers it is cut towards zero, and division by zero is an error.",
     "-7 / 2 => -3"},
    {"/", "arithmetic", "(T:APPROX, T) -> T", float_div, FLOAT_OP, NULL, NULL, NULL,
     "Quotient of floating-point numbers; x / 0 is an infinity.", "3 / 2E0 => 1.5"},
    {"%", "arithmetic", "(INTEGER, INTEGER) -> $2", arith_mod, INT_OP, NULL, NULL, NULL,
     "Remainder, with the sign of the dividend and the type of the divisor; also MOD(a, b).",
     "-7 % 2 => -1"},
    {"%", "arithmetic", "(T:APPROX, T) -> T", float_mod, FLOAT_OP, NULL, NULL, NULL,
     "Remainder of floating-point numbers.", "7.5E0 % 2 => 1.5"},
    {"-", "arithmetic", "(INTEGER) -> $1", arith_neg, INT_OP, NULL, NULL, NULL, "Negation.",
     "-(3) => -3"},
    {"-", "arithmetic", "(APPROX) -> $1", float_neg, FLOAT_OP, NULL, NULL, NULL, "Negation.",
     "-(2.5E0) => -2.5"},
    {"+", "arithmetic", "(NUMERIC) -> $1", arith_same, FLOAT_OP, NULL, NULL, NULL,
     "The number itself.", "+(3) => 3"},
    {.name = NULL},
};
