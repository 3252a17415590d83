/* typing.c -- common types and the precision of decimal results, as Flink derives them.
 *
 * The common type of several types is the narrowest to which all widen without loss: the result of
 * CASE and UNION, the type two sides are compared in.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/typing.h"

#include "expr/cast.h"

enum { SCALE_KEPT_MIN = 6 };

static int typing_max(int a, int b) {
    return a > b ? a : b;
}
static int typing_min(int a, int b) {
    return a < b ? a : b;
}

DecimalType typing_as_decimal(const Type *type) {
    switch (type->kind) {
    case TYPE_TINYINT: return (DecimalType){3, 0};
    case TYPE_SMALLINT: return (DecimalType){5, 0};
    case TYPE_BIGINT: return (DecimalType){19, 0};
    case TYPE_DECIMAL: return (DecimalType){type->precision, type->scale};
    default: return (DecimalType){10, 0};
    }
}

/* Integer digits are kept before fractional ones when 38 are not enough for both. */
static DecimalType typing_cap(int precision, int scale) {
    int kept;
    if (precision <= DECIMAL_PRECISION_MAX) return (DecimalType){precision, scale};
    kept =
        typing_max(DECIMAL_PRECISION_MAX - (precision - scale), typing_min(scale, SCALE_KEPT_MIN));
    return (DecimalType){DECIMAL_PRECISION_MAX, kept};
}

DecimalType typing_decimal_add(DecimalType a, DecimalType b) {
    int scale = typing_max(a.scale, b.scale);
    return typing_cap(typing_max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale);
}

DecimalType typing_decimal_mul(DecimalType a, DecimalType b) {
    return typing_cap(a.precision + b.precision + 1, a.scale + b.scale);
}

DecimalType typing_decimal_div(DecimalType a, DecimalType b) {
    int scale = typing_max(SCALE_KEPT_MIN, a.scale + b.precision + 1);
    return typing_cap(a.precision - a.scale + b.scale + scale, scale);
}

DecimalType typing_decimal_mod(DecimalType a, DecimalType b) {
    int scale = typing_max(a.scale, b.scale);
    return typing_cap(typing_min(a.precision - a.scale, b.precision - b.scale) + scale, scale);
}

DecimalType typing_decimal_round(DecimalType a, int digits) {
    if (digits >= a.scale) return a;
    if (digits < 0) {
        return (DecimalType){typing_min(DECIMAL_PRECISION_MAX, 1 + a.precision - a.scale), 0};
    }
    return (DecimalType){1 + a.precision - a.scale + digits, digits};
}

DecimalType typing_decimal_sum(DecimalType a) {
    return (DecimalType){DECIMAL_PRECISION_MAX, a.scale};
}

DecimalType typing_decimal_avg(DecimalType a) {
    return typing_decimal_div((DecimalType){DECIMAL_PRECISION_MAX, a.scale}, (DecimalType){20, 0});
}

int32_t typing_concat_len(const Type *a, const Type *b) {
    int64_t len = (int64_t)a->precision + b->precision;
    return len >= TYPE_LEN_MAX ? TYPE_LEN_MAX : (int32_t)len;
}

bool typing_any_nullable(Expr *const *args, uint32_t n_args) {
    for (uint32_t i = 0; i < n_args; i++) {
        if (args[i]->type->is_nullable || args[i]->type->kind == TYPE_NULL) return true;
    }
    return false;
}

/* ---- common types ---- */

static const Type *common_exact(Arena *arena, const Type *a, const Type *b) {
    DecimalType x, y;
    int digits, scale;
    if (a->kind != TYPE_DECIMAL && b->kind != TYPE_DECIMAL) return a->kind >= b->kind ? a : b;
    x = typing_as_decimal(a);
    y = typing_as_decimal(b);
    digits =
        typing_min(typing_max(x.precision - x.scale, y.precision - y.scale), DECIMAL_PRECISION_MAX);
    scale = typing_min(typing_max(x.scale, y.scale), DECIMAL_PRECISION_MAX - digits);
    return type_decimal(arena, typing_max(digits + scale, 1), scale);
}

static const Type *common_numeric(Arena *arena, const Type *a, const Type *b) {
    bool a_approx = a->kind == TYPE_FLOAT || a->kind == TYPE_DOUBLE;
    bool b_approx = b->kind == TYPE_FLOAT || b->kind == TYPE_DOUBLE;
    if (!a_approx && !b_approx) return common_exact(arena, a, b);
    if (a->kind == TYPE_DECIMAL || b->kind == TYPE_DECIMAL) return &type_double;
    if (a_approx && b_approx) return a->kind == TYPE_DOUBLE ? a : b;
    return a_approx ? a : b;
}

/* Strings of different fixed lengths become variable: nothing is padded. */
static const Type *common_text(Arena *arena, const Type *a, const Type *b) {
    TypeKind variable = type_is_string(a) ? TYPE_VARCHAR : TYPE_VARBINARY;
    int32_t len = typing_max(a->precision, b->precision);
    if (a->kind == b->kind && a->precision == b->precision) return a;
    return type_with_len(arena, variable, len);
}

static const Type *common_nested(Arena *arena, const Type *a, const Type *b) {
    uint32_t n = type_n_children(a);
    Field *fields;
    if (a->kind != b->kind || type_n_children(b) != n) return NULL;
    if (a->kind == TYPE_ARRAY || a->kind == TYPE_MULTISET) {
        const Type *elem = typing_common(arena, a->elem, b->elem);
        if (!elem) return NULL;
        return a->kind == TYPE_ARRAY ? type_array(arena, elem) : type_multiset(arena, elem);
    }
    if (a->kind == TYPE_MAP) {
        const Type *key = typing_common(arena, a->key, b->key);
        const Type *value = typing_common(arena, a->elem, b->elem);
        return key && value ? type_map(arena, key, value) : NULL;
    }
    fields = arena_array(arena, Field, n);
    for (uint32_t i = 0; i < n; i++) {
        fields[i].name = a->row.fields[i].name;
        fields[i].type = typing_common(arena, type_child(a, i), type_child(b, i));
        if (!fields[i].type) return NULL;
    }
    return type_row(arena, (Schema){n, fields});
}

static const Type *common_datetime(Arena *arena, const Type *a, const Type *b) {
    TypeKind kind = (TypeKind)(a->kind > b->kind ? a->kind : b->kind);
    if (a->kind == TYPE_DATE && b->kind == TYPE_DATE) return a;
    if ((a->kind == TYPE_TIME) != (b->kind == TYPE_TIME)) return NULL;
    return type_with_len(arena, kind, typing_max(a->precision, b->precision));
}

const Type *typing_common(Arena *arena, const Type *a, const Type *b) {
    const Type *type = NULL;
    bool is_nullable = a->is_nullable || b->is_nullable;
    if (a->kind == TYPE_NULL) return type_with_null(arena, b, true);
    if (b->kind == TYPE_NULL) return type_with_null(arena, a, true);
    if (type_is_numeric(a) && type_is_numeric(b)) {
        type = common_numeric(arena, a, b);
    } else if ((type_is_string(a) && type_is_string(b)) ||
               (type_is_binary(a) && type_is_binary(b))) {
        type = common_text(arena, a, b);
    } else if (type_is_datetime(a) && type_is_datetime(b)) {
        type = common_datetime(arena, a, b);
    } else if (a->kind >= TYPE_ARRAY) {
        type = common_nested(arena, a, b);
    } else if (a->kind == b->kind) {
        type = a;
    }
    if (!type) return NULL;
    if (a->attr != b->attr) type = type_with_attr(arena, type, TIME_ATTR_NONE);
    return type_with_null(arena, type, is_nullable);
}

const Type *type_common(Arena *arena, const Type *const *types, uint32_t n) {
    const Type *common = n ? types[0] : NULL;
    for (uint32_t i = 1; i < n && common; i++) common = typing_common(arena, common, types[i]);
    return common;
}
