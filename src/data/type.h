/* type.h -- SQL types and schemas. Immutable once built; nested parts live in the arena that the
 * type was built in.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TYPE_H
#define WEIR_TYPE_H

#include "base/base.h"

typedef enum TypeKind {
    TYPE_NULL, /* of the literal NULL before coercion */
    TYPE_BOOLEAN,
    TYPE_TINYINT,
    TYPE_SMALLINT,
    TYPE_INT,
    TYPE_BIGINT,
    TYPE_FLOAT,
    TYPE_DOUBLE,
    TYPE_DECIMAL, /* precision 1..38, scale 0..precision */
    TYPE_CHAR,    /* length in precision */
    TYPE_VARCHAR, /* length in precision; TYPE_LEN_MAX = STRING */
    TYPE_BINARY,
    TYPE_VARBINARY, /* TYPE_LEN_MAX = BYTES */
    TYPE_DATE,
    TYPE_TIME,          /* precision 0..6 */
    TYPE_TIMESTAMP,     /* precision 0..6 */
    TYPE_TIMESTAMP_LTZ, /* precision 0..6 */
    TYPE_INTERVAL_YM,   /* INTERVAL YEAR TO MONTH family */
    TYPE_INTERVAL_DS,   /* INTERVAL DAY TO SECOND family */
    TYPE_ARRAY,
    TYPE_MAP,
    TYPE_MULTISET, /* stored as MAP<elem, INT> */
    TYPE_ROW,
    TYPE_KIND_COUNT
} TypeKind;

/* How the values of a type are stored in a column (column.h). */
typedef enum Phys {
    PHYS_NULL, /* no data: every row is NULL */
    PHYS_I8,   /* BOOLEAN (0, 1), TINYINT */
    PHYS_I16,  /* SMALLINT */
    PHYS_I32,  /* INT; DATE: days since 1970-01-01; INTERVAL_YM: months */
    PHYS_I64,  /* BIGINT; TIME: microseconds of the day; TIMESTAMP and TIMESTAMP_LTZ: microseconds
                  since 1970-01-01 00:00:00 (LTZ: in UTC); INTERVAL_DS: microseconds */
    PHYS_F32,
    PHYS_F64,
    PHYS_I128, /* DECIMAL: the unscaled value */
    PHYS_STR,  /* CHAR, VARCHAR (UTF-8), BINARY, VARBINARY: 16-byte views */
    PHYS_LIST, /* ARRAY: offsets + one child; MAP: offsets + keys + values; MULTISET: offsets +
                  elements + counts */
    PHYS_ROW   /* ROW: one child a field */
} Phys;

/* A time column that carries a watermark (or the clock) keeps that fact in its type, as in Flink.
 */
typedef enum TimeAttr { TIME_ATTR_NONE, TIME_ATTR_ROWTIME, TIME_ATTR_PROCTIME } TimeAttr;

/* The smallest field of an INTERVAL, kept in its `precision`: DATE + INTERVAL '1' HOUR is no DATE,
 * and CAST(5 AS INTERVAL HOUR) is 5 hours. Intervals that differ only here have equal types. */
typedef enum IntervalField {
    INTERVAL_ANY, /* of a difference of two times */
    INTERVAL_YEAR,
    INTERVAL_QUARTER,
    INTERVAL_MONTH,
    INTERVAL_WEEK,
    INTERVAL_DAY,
    INTERVAL_HOUR,
    INTERVAL_MINUTE,
    INTERVAL_SECOND
} IntervalField;

enum { TYPE_LEN_MAX = INT32_MAX, DECIMAL_PRECISION_MAX = 38, TIME_PRECISION_MAX = 6 };

typedef struct Type Type;
typedef struct Field {
    Span name;
    const Type *type;
} Field;

/* The columns of a table or batch, in order. Names need not be unique inside a query. */
typedef struct Schema {
    uint32_t n_fields;
    const Field *fields;
} Schema;

struct Type {
    uint8_t kind; /* TypeKind */
    uint8_t attr; /* TimeAttr */
    bool is_nullable;
    int32_t precision; /* digits, length or fractional-second digits; see TypeKind */
    int32_t scale;
    const Type *key;  /* MAP: keys */
    const Type *elem; /* ARRAY, MULTISET: elements; MAP: values */
    Schema row;       /* ROW: fields */
};

/* Static nullable types without parameters (STRING, BYTES, TIMESTAMP(3) ... included under these
 * names). */
extern const Type type_null, type_boolean, type_tinyint, type_smallint, type_int, type_bigint,
    type_float, type_double, type_string, type_bytes, type_date, type_time, type_timestamp3,
    type_timestamp6, type_timestamp_ltz3, type_timestamp_ltz6, type_interval_ym, type_interval_ds;

static inline Phys type_phys(const Type *type) {
    static const uint8_t phys_of[TYPE_KIND_COUNT] = {
        [TYPE_NULL] = PHYS_NULL,         [TYPE_BOOLEAN] = PHYS_I8,
        [TYPE_TINYINT] = PHYS_I8,        [TYPE_SMALLINT] = PHYS_I16,
        [TYPE_INT] = PHYS_I32,           [TYPE_BIGINT] = PHYS_I64,
        [TYPE_FLOAT] = PHYS_F32,         [TYPE_DOUBLE] = PHYS_F64,
        [TYPE_DECIMAL] = PHYS_I128,      [TYPE_CHAR] = PHYS_STR,
        [TYPE_VARCHAR] = PHYS_STR,       [TYPE_BINARY] = PHYS_STR,
        [TYPE_VARBINARY] = PHYS_STR,     [TYPE_DATE] = PHYS_I32,
        [TYPE_TIME] = PHYS_I64,          [TYPE_TIMESTAMP] = PHYS_I64,
        [TYPE_TIMESTAMP_LTZ] = PHYS_I64, [TYPE_INTERVAL_YM] = PHYS_I32,
        [TYPE_INTERVAL_DS] = PHYS_I64,   [TYPE_ARRAY] = PHYS_LIST,
        [TYPE_MAP] = PHYS_LIST,          [TYPE_MULTISET] = PHYS_LIST,
        [TYPE_ROW] = PHYS_ROW,
    };
    return (Phys)phys_of[type->kind];
}

/* Bytes of one value in a column's data array: 0 for NULL, LIST and ROW. */
static inline uint32_t phys_width(Phys phys) {
    static const uint8_t width_of[] = {0, 1, 2, 4, 8, 4, 8, 16, 16, 0, 0};
    return width_of[phys];
}

/* The parts of nested types as columns have them: ARRAY 1, MAP and MULTISET 2 (a MULTISET's second
 * is the INT count), ROW one a field; 0 for all others. */
static inline uint32_t type_n_children(const Type *t) {
    if (t->kind < TYPE_ARRAY) return 0;
    return t->kind == TYPE_ROW ? t->row.n_fields : t->kind == TYPE_ARRAY ? 1 : 2;
}
const Type *type_child(const Type *type, uint32_t i);

const Type *type_decimal(Arena *arena, int precision, int scale);
const Type *type_with_len(Arena *arena, TypeKind kind, int32_t len_or_precision);
/* Months or microseconds by the field; nullable. */
const Type *type_interval(Arena *arena, IntervalField field);
/* One of the type's smallest field, in months or microseconds; a millisecond when unknown. */
int64_t type_interval_unit(const Type *type);
const Type *type_array(Arena *arena, const Type *elem);
const Type *type_multiset(Arena *arena, const Type *elem);
const Type *type_map(Arena *arena, const Type *key, const Type *value);
const Type *type_row(Arena *arena, Schema fields);
const Type *type_with_null(Arena *arena, const Type *type,
                           bool is_nullable); /* itself when already so */
const Type *type_with_attr(Arena *arena, const Type *type, TimeAttr attr);
const Type *type_copy(Arena *arena, const Type *type); /* deep */
Schema schema_copy(Arena *arena, Schema schema);       /* deep */

/* Same kind, parameters and nested types: values can be copied as they are. The exact one also
 * compares nullability, time attributes and the names of ROW fields, at every depth. */
bool type_eq(const Type *a, const Type *b);
bool type_eq_exact(const Type *a, const Type *b);

static inline bool type_is_integer(const Type *t) {
    return t->kind >= TYPE_TINYINT && t->kind <= TYPE_BIGINT;
}
static inline bool type_is_numeric(const Type *t) {
    return t->kind >= TYPE_TINYINT && t->kind <= TYPE_DECIMAL;
}
static inline bool type_is_string(const Type *t) {
    return t->kind == TYPE_CHAR || t->kind == TYPE_VARCHAR;
}
static inline bool type_is_binary(const Type *t) {
    return t->kind == TYPE_BINARY || t->kind == TYPE_VARBINARY;
}
static inline bool type_is_datetime(const Type *t) {
    return t->kind >= TYPE_DATE && t->kind <= TYPE_TIMESTAMP_LTZ;
}
static inline bool type_is_interval(const Type *t) {
    return t->kind == TYPE_INTERVAL_YM || t->kind == TYPE_INTERVAL_DS;
}
static inline bool type_is_rowtime(const Type *t) {
    return t->attr == TIME_ATTR_ROWTIME;
}

/* As Flink's DESCRIBE prints it: "ROW<`a` INT NOT NULL, `b` STRING>"; NOT NULL only when with_null.
 */
void type_print(const Type *type, bool with_null, Buf *out);
const char *type_text(Arena *arena, const Type *type);

/* The index of a field by exact name, or -1. */
int32_t schema_find(const Schema *schema, Span name);

#endif
