/* compare.c -- comparison loops, written out for each type and operator so that they vectorise.
 *
 * Floats compare as PostgreSQL orders them: NaN equals NaN and is above everything else. That costs
 * two more vector instructions and keeps one order in filters, sorts and keys.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/compare.h"

CmpOp compare_op(const char *name) {
    static const char *const names[] = {
        [CMP_EQ] = "=",  [CMP_NE] = "<>", [CMP_LT] = "<",
        [CMP_LE] = "<=", [CMP_GT] = ">",  [CMP_GE] = ">=",
    };
    for (int op = CMP_EQ; op <= CMP_GE; op++) {
        if (strcmp(name, names[op]) == 0) return (CmpOp)op;
    }
    return CMP_NONE;
}

CmpOp compare_mirrored(CmpOp op) {
    switch (op) {
    case CMP_LT: return CMP_GT;
    case CMP_LE: return CMP_GE;
    case CMP_GT: return CMP_LT;
    case CMP_GE: return CMP_LE;
    default: return op;
    }
}

#define INT_EQ(x, y) ((x) == (y))
#define INT_LT(x, y) ((x) < (y))
#define FLOAT_EQ(x, y) (((x) == (y)) | (((x) != (x)) & ((y) != (y))))
#define FLOAT_LT(x, y) (((x) < (y)) | (((y) != (y)) & ((x) == (x))))
#define STR_EQ(x, y) str_eq(&(x), &(y))
#define STR_LT(x, y) (str_cmp(&(x), &(y)) < 0)

/* DO(condition) is done for every row; X and Y are the two values. */
#define COMPARE_LOOPS(EQ, LT, X, Y, DO)                 \
    switch (op) {                                       \
    case CMP_EQ:                                        \
        for (uint32_t i = 0; i < n; i++) DO(EQ(X, Y));  \
        break;                                          \
    case CMP_NE:                                        \
        for (uint32_t i = 0; i < n; i++) DO(!EQ(X, Y)); \
        break;                                          \
    case CMP_LT:                                        \
        for (uint32_t i = 0; i < n; i++) DO(LT(X, Y));  \
        break;                                          \
    case CMP_LE:                                        \
        for (uint32_t i = 0; i < n; i++) DO(!LT(Y, X)); \
        break;                                          \
    case CMP_GT:                                        \
        for (uint32_t i = 0; i < n; i++) DO(LT(Y, X));  \
        break;                                          \
    default:                                            \
        for (uint32_t i = 0; i < n; i++) DO(!LT(X, Y)); \
        break;                                          \
    }

#define COMPARE_STORE(cond) out[i] = (int8_t)(cond)
#define COMPARE_KEEP(cond)     \
    do {                       \
        out[k] = i;            \
        k += (uint32_t)(cond); \
    } while (0)

#define COMPARE_TYPE(T, suffix, EQ, LT)                                                            \
    static void compare_##suffix(CmpOp op, const T *restrict a, const T *restrict b, bool b_const, \
                                 uint32_t n, int8_t *restrict out) {                               \
        if (b_const) {                                                                             \
            T v = b[0];                                                                            \
            COMPARE_LOOPS(EQ, LT, a[i], v, COMPARE_STORE)                                          \
        } else {                                                                                   \
            COMPARE_LOOPS(EQ, LT, a[i], b[i], COMPARE_STORE)                                       \
        }                                                                                          \
    }                                                                                              \
    static uint32_t select_##suffix(CmpOp op, const T *a, const T *b, const uint32_t *rows,        \
                                    uint32_t n, uint32_t *out) {                                   \
        uint32_t k = 0;                                                                            \
        T v = b[0];                                                                                \
        if (rows) {                                                                                \
            COMPARE_LOOPS(EQ, LT, a[rows[i]], v, COMPARE_KEEP)                                     \
        } else {                                                                                   \
            COMPARE_LOOPS(EQ, LT, a[i], v, COMPARE_KEEP)                                           \
        }                                                                                          \
        return k;                                                                                  \
    }

COMPARE_TYPE(int8_t, i8, INT_EQ, INT_LT)
COMPARE_TYPE(int16_t, i16, INT_EQ, INT_LT)
COMPARE_TYPE(int32_t, i32, INT_EQ, INT_LT)
COMPARE_TYPE(int64_t, i64, INT_EQ, INT_LT)
COMPARE_TYPE(float, f32, FLOAT_EQ, FLOAT_LT)
COMPARE_TYPE(double, f64, FLOAT_EQ, FLOAT_LT)
COMPARE_TYPE(Int128, i128, INT_EQ, INT_LT)
COMPARE_TYPE(Str, str, STR_EQ, STR_LT)

/* ---- values without loops of their own ---- */

static bool compare_holds(CmpOp op, int order) {
    switch (op) {
    case CMP_EQ: return order == 0;
    case CMP_NE: return order != 0;
    case CMP_LT: return order < 0;
    case CMP_LE: return order <= 0;
    case CMP_GT: return order > 0;
    default: return order >= 0;
    }
}

/* b, a constant decimal, in the scale of a, when that changes nothing. */
static bool compare_align(const Column *a, const Column *b, Column *aligned, Int128 *value) {
    int up = a->type->scale - b->type->scale;
    *aligned = *b;
    if (up == 0) return true;
    if (up < 0 || !b->is_const || b->type->precision + up > DECIMAL_DIGITS_MAX) return false;
    *value = col_is_null(b, 0) ? 0 : b->i128[0] * decimal_pow10(up);
    aligned->i128 = value;
    aligned->type = a->type;
    return true;
}

/* Decimals of different scales: multiplied up where both have room, else compared step by step. */
static void compare_scaled(CmpOp op, const Column *a, const Column *b, uint32_t n, int8_t *out) {
    int sa = a->type->scale, sb = b->type->scale, scale = sa > sb ? sa : sb;
    bool has_room = a->type->precision + scale - sa <= DECIMAL_DIGITS_MAX &&
                    b->type->precision + scale - sb <= DECIMAL_DIGITS_MAX;
    Int128 up_a = has_room ? decimal_pow10(scale - sa) : 0;
    Int128 up_b = has_room ? decimal_pow10(scale - sb) : 0;
    for (uint32_t i = 0; i < n; i++) {
        Int128 x = a->i128[col_at(a, i)], y = b->i128[col_at(b, i)];
        int order;
        if (has_room) {
            x *= up_a;
            y *= up_b;
            order = (x > y) - (x < y);
        } else {
            order = decimal_cmp((Decimal){x, sa}, (Decimal){y, sb});
        }
        out[i] = compare_holds(op, order);
    }
}

static void compare_nested(CmpOp op, const Column *a, const Column *b, uint32_t n, int8_t *out) {
    for (uint32_t i = 0; i < n; i++) {
        bool is_null = col_is_null(a, i) || col_is_null(b, i);
        out[i] = !is_null && compare_holds(op, col_value_cmp(a, i, b, i));
    }
}

void compare_rows(CmpOp op, const Column *a, const Column *b, uint32_t n, int8_t *out) {
    Phys phys = type_phys(a->type);
    Column aligned;
    Int128 value;
    bool is_one;
    if (a->is_const && !b->is_const) {
        const Column *swap = a;
        a = b;
        b = swap;
        op = compare_mirrored(op);
    }
    is_one = b->is_const;
    if (a->is_const) n = n ? 1 : 0; /* both are: the caller asks for one row */
    if (phys == PHYS_I128) {
        if (!compare_align(a, b, &aligned, &value)) {
            compare_scaled(op, a, b, n, out);
            return;
        }
        b = &aligned;
    }
    switch (phys) {
    case PHYS_NULL: break;
    case PHYS_I8: compare_i8(op, a->i8, b->i8, is_one, n, out); break;
    case PHYS_I16: compare_i16(op, a->i16, b->i16, is_one, n, out); break;
    case PHYS_I32: compare_i32(op, a->i32, b->i32, is_one, n, out); break;
    case PHYS_I64: compare_i64(op, a->i64, b->i64, is_one, n, out); break;
    case PHYS_F32: compare_f32(op, a->f32, b->f32, is_one, n, out); break;
    case PHYS_F64: compare_f64(op, a->f64, b->f64, is_one, n, out); break;
    case PHYS_I128: compare_i128(op, a->i128, b->i128, is_one, n, out); break;
    case PHYS_STR: compare_str(op, a->str, b->str, is_one, n, out); break;
    case PHYS_LIST:
    case PHYS_ROW: compare_nested(op, a, b, n, out); break;
    }
}

bool compare_can_select(const Column *a, const Column *b) {
    Phys phys = type_phys(a->type);
    Column aligned;
    Int128 value;
    if (a->is_const || !b->is_const || phys_width(phys) == 0) return false;
    return phys != PHYS_I128 || compare_align(a, b, &aligned, &value);
}

uint32_t compare_select(CmpOp op, const Column *a, const Column *b, const uint32_t *rows,
                        uint32_t n, uint32_t *out) {
    uint32_t k = 0, kept = 0;
    Column aligned;
    Int128 value;
    if (type_phys(a->type) == PHYS_I128 && compare_align(a, b, &aligned, &value)) b = &aligned;
    switch (type_phys(a->type)) {
    case PHYS_I8: k = select_i8(op, a->i8, b->i8, rows, n, out); break;
    case PHYS_I16: k = select_i16(op, a->i16, b->i16, rows, n, out); break;
    case PHYS_I32: k = select_i32(op, a->i32, b->i32, rows, n, out); break;
    case PHYS_I64: k = select_i64(op, a->i64, b->i64, rows, n, out); break;
    case PHYS_F32: k = select_f32(op, a->f32, b->f32, rows, n, out); break;
    case PHYS_F64: k = select_f64(op, a->f64, b->f64, rows, n, out); break;
    case PHYS_I128: k = select_i128(op, a->i128, b->i128, rows, n, out); break;
    case PHYS_STR: k = select_str(op, a->str, b->str, rows, n, out); break;
    default: assert(!"compare_can_select has said no");
    }
    if (!a->valid) return k;
    for (uint32_t i = 0; i < k; i++) {
        out[kept] = out[i];
        kept += bit_get(a->valid, rows ? rows[out[i]] : out[i]);
    }
    return kept;
}
