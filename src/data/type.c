/* type.c -- the types without parameters, the constructors of the others, equality and text.
 *
 * Types are shared by pointer and never change; a derived type (other nullability, other time
 * attribute) is a new struct that shares the nested parts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "data/data.h"

#define PLAIN(k) \
    { .kind = (k), .is_nullable = true }
#define WITH_PRECISION(k, p) \
    { .kind = (k), .is_nullable = true, .precision = (p) }

const Type type_null = PLAIN(TYPE_NULL), type_boolean = PLAIN(TYPE_BOOLEAN),
           type_tinyint = PLAIN(TYPE_TINYINT), type_smallint = PLAIN(TYPE_SMALLINT),
           type_int = PLAIN(TYPE_INT), type_bigint = PLAIN(TYPE_BIGINT),
           type_float = PLAIN(TYPE_FLOAT), type_double = PLAIN(TYPE_DOUBLE),
           type_string = WITH_PRECISION(TYPE_VARCHAR, TYPE_LEN_MAX),
           type_bytes = WITH_PRECISION(TYPE_VARBINARY, TYPE_LEN_MAX), type_date = PLAIN(TYPE_DATE),
           type_time = WITH_PRECISION(TYPE_TIME, 0),
           type_timestamp3 = WITH_PRECISION(TYPE_TIMESTAMP, 3),
           type_timestamp6 = WITH_PRECISION(TYPE_TIMESTAMP, 6),
           type_timestamp_ltz3 = WITH_PRECISION(TYPE_TIMESTAMP_LTZ, 3),
           type_timestamp_ltz6 = WITH_PRECISION(TYPE_TIMESTAMP_LTZ, 6),
           type_interval_ym = PLAIN(TYPE_INTERVAL_YM), type_interval_ds = PLAIN(TYPE_INTERVAL_DS);

static const Type type_multiset_count = {.kind = TYPE_INT};

const Type *type_child(const Type *type, uint32_t i) {
    assert(i < type_n_children(type));
    switch (type->kind) {
    case TYPE_ARRAY: return type->elem;
    case TYPE_MAP: return i == 0 ? type->key : type->elem;
    case TYPE_MULTISET: return i == 0 ? type->elem : &type_multiset_count;
    default: return type->row.fields[i].type;
    }
}

static Type *type_new(Arena *arena, TypeKind kind) {
    Type *type = arena_new(arena, Type);
    type->kind = (uint8_t)kind;
    type->is_nullable = true;
    return type;
}

const Type *type_decimal(Arena *arena, int precision, int scale) {
    Type *type = type_new(arena, TYPE_DECIMAL);
    assert(precision >= 1 && precision <= DECIMAL_PRECISION_MAX);
    assert(scale >= 0 && scale <= precision);
    type->precision = precision;
    type->scale = scale;
    return type;
}

const Type *type_with_len(Arena *arena, TypeKind kind, int32_t len_or_precision) {
    Type *type = type_new(arena, kind);
    assert(kind != TYPE_DECIMAL && len_or_precision >= 0);
    type->precision = len_or_precision;
    return type;
}

const Type *type_interval(Arena *arena, IntervalField field) {
    bool is_months = field >= INTERVAL_YEAR && field <= INTERVAL_MONTH;
    Type *type = type_new(arena, is_months ? TYPE_INTERVAL_YM : TYPE_INTERVAL_DS);
    type->precision = (int32_t)field;
    return type;
}

int64_t type_interval_unit(const Type *type) {
    assert(type_is_interval(type));
    switch ((IntervalField)type->precision) {
    case INTERVAL_YEAR: return 12;
    case INTERVAL_QUARTER: return 3;
    case INTERVAL_MONTH: return 1;
    case INTERVAL_WEEK: return 7 * US_PER_DAY;
    case INTERVAL_DAY: return US_PER_DAY;
    case INTERVAL_HOUR: return 3600 * US_PER_SECOND;
    case INTERVAL_MINUTE: return 60 * US_PER_SECOND;
    case INTERVAL_SECOND: return US_PER_SECOND;
    case INTERVAL_ANY: break;
    }
    return type->kind == TYPE_INTERVAL_YM ? 1 : US_PER_MS;
}

const Type *type_array(Arena *arena, const Type *elem) {
    Type *type = type_new(arena, TYPE_ARRAY);
    type->elem = elem;
    return type;
}

const Type *type_multiset(Arena *arena, const Type *elem) {
    Type *type = type_new(arena, TYPE_MULTISET);
    type->elem = elem;
    return type;
}

const Type *type_map(Arena *arena, const Type *key, const Type *value) {
    Type *type = type_new(arena, TYPE_MAP);
    type->key = key;
    type->elem = value;
    return type;
}

const Type *type_row(Arena *arena, Schema fields) {
    Type *type = type_new(arena, TYPE_ROW);
    type->row = fields;
    return type;
}

const Type *type_with_null(Arena *arena, const Type *type, bool is_nullable) {
    Type *copy;
    if (type->is_nullable == is_nullable || type->kind == TYPE_NULL) return type;
    copy = arena_new(arena, Type);
    *copy = *type;
    copy->is_nullable = is_nullable;
    return copy;
}

const Type *type_with_attr(Arena *arena, const Type *type, TimeAttr attr) {
    Type *copy;
    if (type->attr == attr) return type;
    copy = arena_new(arena, Type);
    *copy = *type;
    copy->attr = (uint8_t)attr;
    return copy;
}

Schema schema_copy(Arena *arena, Schema schema) {
    Field *fields = arena_array(arena, Field, schema.n_fields);
    for (uint32_t i = 0; i < schema.n_fields; i++) {
        fields[i].name = span_copy(arena, schema.fields[i].name);
        fields[i].type = type_copy(arena, schema.fields[i].type);
    }
    return (Schema){schema.n_fields, fields};
}

const Type *type_copy(Arena *arena, const Type *type) {
    Type *copy = arena_new(arena, Type);
    *copy = *type;
    if (type->key) copy->key = type_copy(arena, type->key);
    if (type->elem) copy->elem = type_copy(arena, type->elem);
    if (type->kind == TYPE_ROW) copy->row = schema_copy(arena, type->row);
    return copy;
}

static bool type_eq_as(const Type *a, const Type *b, bool is_exact) {
    if (a == b) return true;
    if (a->kind != b->kind) return false;
    if (!type_is_interval(a) && (a->precision != b->precision || a->scale != b->scale))
        return false;
    if (is_exact && (a->is_nullable != b->is_nullable || a->attr != b->attr)) return false;
    if (!a->key != !b->key || !a->elem != !b->elem) return false;
    if (a->key && !type_eq_as(a->key, b->key, is_exact)) return false;
    if (a->elem && !type_eq_as(a->elem, b->elem, is_exact)) return false;
    if (a->row.n_fields != b->row.n_fields) return false;
    for (uint32_t i = 0; i < a->row.n_fields; i++) {
        const Field *fa = &a->row.fields[i], *fb = &b->row.fields[i];
        if (is_exact && !span_eq(fa->name, fb->name)) return false;
        if (!type_eq_as(fa->type, fb->type, is_exact)) return false;
    }
    return true;
}

bool type_eq(const Type *a, const Type *b) {
    return type_eq_as(a, b, false);
}

bool type_eq_exact(const Type *a, const Type *b) {
    return type_eq_as(a, b, true);
}

static const char *const type_names[TYPE_KIND_COUNT] = {
    [TYPE_NULL] = "NULL",
    [TYPE_BOOLEAN] = "BOOLEAN",
    [TYPE_TINYINT] = "TINYINT",
    [TYPE_SMALLINT] = "SMALLINT",
    [TYPE_INT] = "INT",
    [TYPE_BIGINT] = "BIGINT",
    [TYPE_FLOAT] = "FLOAT",
    [TYPE_DOUBLE] = "DOUBLE",
    [TYPE_DECIMAL] = "DECIMAL",
    [TYPE_CHAR] = "CHAR",
    [TYPE_VARCHAR] = "VARCHAR",
    [TYPE_BINARY] = "BINARY",
    [TYPE_VARBINARY] = "VARBINARY",
    [TYPE_DATE] = "DATE",
    [TYPE_TIME] = "TIME",
    [TYPE_TIMESTAMP] = "TIMESTAMP",
    [TYPE_TIMESTAMP_LTZ] = "TIMESTAMP_LTZ",
    [TYPE_INTERVAL_YM] = "INTERVAL YEAR TO MONTH",
    [TYPE_INTERVAL_DS] = "INTERVAL DAY TO SECOND",
    [TYPE_ARRAY] = "ARRAY",
    [TYPE_MAP] = "MAP",
    [TYPE_MULTISET] = "MULTISET",
    [TYPE_ROW] = "ROW",
};

static void type_print_fields(Schema row, bool with_null, Buf *out) {
    for (uint32_t i = 0; i < row.n_fields; i++) {
        Span name = row.fields[i].name;
        buf_puts(out, i ? ", `" : "`");
        for (size_t k = 0; k < name.len; k++) {
            if (name.ptr[k] == '`') buf_putc(out, '`');
            buf_putc(out, name.ptr[k]);
        }
        buf_puts(out, "` ");
        type_print(row.fields[i].type, with_null, out);
    }
}

void type_print(const Type *type, bool with_null, Buf *out) {
    bool is_long = type->precision == TYPE_LEN_MAX;
    if (type->kind == TYPE_VARCHAR && is_long) {
        buf_puts(out, "STRING");
    } else if (type->kind == TYPE_VARBINARY && is_long) {
        buf_puts(out, "BYTES");
    } else {
        buf_puts(out, type_names[type->kind]);
        if (type->kind == TYPE_DECIMAL) {
            buf_printf(out, "(%d, %d)", type->precision, type->scale);
        } else if ((type->kind >= TYPE_CHAR && type->kind <= TYPE_VARBINARY) ||
                   (type->kind >= TYPE_TIME && type->kind <= TYPE_TIMESTAMP_LTZ)) {
            buf_printf(out, "(%d)", type->precision);
        }
    }
    if (type->kind >= TYPE_ARRAY) {
        buf_putc(out, '<');
        if (type->kind == TYPE_ROW) type_print_fields(type->row, with_null, out);
        if (type->key) {
            type_print(type->key, with_null, out);
            buf_puts(out, ", ");
        }
        if (type->elem) type_print(type->elem, with_null, out);
        buf_putc(out, '>');
    }
    if (with_null && !type->is_nullable) buf_puts(out, " NOT NULL");
    if (type->attr == TIME_ATTR_ROWTIME) buf_puts(out, " *ROWTIME*");
    if (type->attr == TIME_ATTR_PROCTIME) buf_puts(out, " *PROCTIME*");
}

const char *type_text(Arena *arena, const Type *type) {
    Buf buf;
    const char *text;
    buf_init(&buf, NULL);
    type_print(type, false, &buf);
    text = arena_strndup(arena, buf.ptr, buf.len);
    buf_deinit(&buf);
    return text;
}

int32_t schema_find(const Schema *schema, Span name) {
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (span_eq(schema->fields[i].name, name)) return (int32_t)i;
    }
    return -1;
}
