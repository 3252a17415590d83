/* cast_rules.c -- which casts exist, which of them the binder inserts by itself, and which can
 * fail.
 *
 * One table, source by target, says it for plain types; nested types follow from their parts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/cast.h"

#include "expr/typing.h"

/* Groups of kinds that the rules do not tell apart. */
typedef enum CastGroup {
    CG_BOOLEAN,
    CG_INTEGER,
    CG_DECIMAL,
    CG_FLOAT,
    CG_STRING,
    CG_BINARY,
    CG_DATE,
    CG_TIME,
    CG_TIMESTAMP,
    CG_LTZ,
    CG_YM,
    CG_DS,
    CG_NESTED,
    CG_COUNT
} CastGroup;

static CastGroup cast_group(const Type *t) {
    switch (t->kind) {
    case TYPE_BOOLEAN: return CG_BOOLEAN;
    case TYPE_TINYINT:
    case TYPE_SMALLINT:
    case TYPE_INT:
    case TYPE_BIGINT: return CG_INTEGER;
    case TYPE_DECIMAL: return CG_DECIMAL;
    case TYPE_FLOAT:
    case TYPE_DOUBLE: return CG_FLOAT;
    case TYPE_CHAR:
    case TYPE_VARCHAR: return CG_STRING;
    case TYPE_BINARY:
    case TYPE_VARBINARY: return CG_BINARY;
    case TYPE_DATE: return CG_DATE;
    case TYPE_TIME: return CG_TIME;
    case TYPE_TIMESTAMP: return CG_TIMESTAMP;
    case TYPE_TIMESTAMP_LTZ: return CG_LTZ;
    case TYPE_INTERVAL_YM: return CG_YM;
    case TYPE_INTERVAL_DS: return CG_DS;
    default: return CG_NESTED;
    }
}

/* Rows: from; columns: to, in the order of CastGroup without CG_NESTED. x explicit, i implicit,
 * . none. Numbers and times are converted by functions (TO_TIMESTAMP_LTZ, UNIX_TIMESTAMP), as in
 * Flink; an integer is a number of the interval's smallest field. */
/* clang-format off */
static const char *const cast_table[CG_NESTED] = {
    /*             to: bool int dec float | str bin | date time ts ltz | ym ds */
    [CG_BOOLEAN]   = "ixxx" "x." "...." "..",
    [CG_INTEGER]   = "xiii" "x." "...." "xx",
    [CG_DECIMAL]   = "xxii" "x." "...." "..",
    [CG_FLOAT]     = "xxii" "x." "...." "..",
    [CG_STRING]    = "xxxx" "ix" "xxxx" "..",
    [CG_BINARY]    = "...." "xi" "...." "..",
    [CG_DATE]      = "...." "x." "i.ii" "..",
    [CG_TIME]      = "...." "x." ".ixx" "..",
    [CG_TIMESTAMP] = "...." "x." "iiii" "..",
    [CG_LTZ]       = "...." "x." "xxii" "..",
    [CG_YM]        = ".x.." "x." "...." "i.",
    [CG_DS]        = ".x.." "x." "...." ".i",
};
/* clang-format on */

/* Within one group: whether every value of `from` fits `to` as it is stored. */
static CastKind cast_same_group(const Type *from, const Type *to) {
    if (from->kind == to->kind && from->precision == to->precision && from->scale == to->scale) {
        return CAST_NOOP;
    }
    switch (cast_group(from)) {
    case CG_INTEGER: return to->kind > from->kind ? CAST_IMPLICIT : CAST_EXPLICIT;
    case CG_FLOAT: return to->kind == TYPE_DOUBLE ? CAST_IMPLICIT : CAST_EXPLICIT;
    case CG_DECIMAL:
        if (to->scale == from->scale && to->precision >= from->precision) return CAST_NOOP;
        return CAST_IMPLICIT;
    case CG_STRING:
    case CG_BINARY:
        if ((to->kind == TYPE_VARCHAR || to->kind == TYPE_VARBINARY) &&
            to->precision >= from->precision) {
            return CAST_NOOP;
        }
        return CAST_IMPLICIT; /* cut or padded by the implicit cast of a sink */
    case CG_TIME:
    case CG_TIMESTAMP:
    case CG_LTZ: return to->precision >= from->precision ? CAST_NOOP : CAST_IMPLICIT;
    default: return CAST_NOOP;
    }
}

static CastKind cast_nested(const Type *from, const Type *to) {
    uint32_t n = type_n_children(from);
    CastKind least = CAST_NOOP;
    if (type_is_string(to)) return CAST_EXPLICIT;
    if (from->kind != to->kind || type_n_children(to) != n) return CAST_NONE;
    for (uint32_t i = 0; i < n; i++) {
        CastKind kind = cast_kind(type_child(from, i), type_child(to, i));
        if (kind < least) least = kind;
    }
    return least;
}

CastKind cast_kind(const Type *from, const Type *to) {
    CastGroup f = cast_group(from), t = cast_group(to);
    if (from->kind == TYPE_NULL) return to->kind == TYPE_NULL ? CAST_NOOP : CAST_IMPLICIT;
    if (to->kind == TYPE_NULL) return CAST_NONE;
    if (f == CG_NESTED) return cast_nested(from, to);
    if (t == CG_NESTED) return CAST_NONE;
    if (f == t) return cast_same_group(from, to);
    switch (cast_table[f][t]) {
    case 'i': return CAST_IMPLICIT;
    case 'x': return CAST_EXPLICIT;
    default: return CAST_NONE;
    }
}

/* The widest value has to fit, and stay within the digits when it is rounded up. */
static bool cast_number_can_fail(const Type *from, const Type *to) {
    DecimalType f = typing_as_decimal(from), t = typing_as_decimal(to);
    if (from->kind == TYPE_FLOAT || from->kind == TYPE_DOUBLE) return type_is_numeric(to);
    if (type_is_integer(from) && type_is_integer(to)) return to->kind < from->kind;
    if (type_is_integer(to)) return f.precision - f.scale >= t.precision;
    return f.precision - f.scale > t.precision - t.scale ||
           (f.scale > t.scale && f.precision - f.scale == t.precision - t.scale);
}

bool cast_can_fail(const Type *from, const Type *to) {
    uint32_t n = type_n_children(from);
    if (from->kind == TYPE_NULL || type_is_string(to)) return false;
    if (type_is_string(from)) return !type_is_binary(to);
    if (n) {
        for (uint32_t i = 0; i < n; i++) {
            if (cast_can_fail(type_child(from, i), type_child(to, i))) return true;
        }
        return false;
    }
    if (to->kind == TYPE_BOOLEAN) return false;
    if (to->kind == TYPE_FLOAT || to->kind == TYPE_DOUBLE) return false;
    if (type_is_numeric(from) && type_is_numeric(to)) return cast_number_can_fail(from, to);
    if (from->kind == TYPE_DATE) return to->kind >= TYPE_TIMESTAMP; /* years beyond 292,000 */
    return cast_group(from) != cast_group(to) && !type_is_datetime(from);
}
