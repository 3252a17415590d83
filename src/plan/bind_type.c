/* bind_type.c -- types as written to types as computed with, with Flink's defaults: VARCHAR without
 * a length is STRING, DECIMAL is (10, 0), TIMESTAMP is (6), TIME is (0).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

typedef struct TypeRow {
    const char *name;
    TypeKind kind;
    int32_t min, max, fallback; /* of the parameter; max 0 = takes none */
} TypeRow;

static const TypeRow type_rows[] = {
    {"BOOLEAN", TYPE_BOOLEAN, 0, 0, 0},
    {"TINYINT", TYPE_TINYINT, 0, 0, 0},
    {"SMALLINT", TYPE_SMALLINT, 0, 0, 0},
    {"INT", TYPE_INT, 0, 0, 0},
    {"INTEGER", TYPE_INT, 0, 0, 0},
    {"BIGINT", TYPE_BIGINT, 0, 0, 0},
    {"FLOAT", TYPE_FLOAT, 0, 0, 0},
    {"DOUBLE", TYPE_DOUBLE, 0, 0, 0},
    {"DECIMAL", TYPE_DECIMAL, 1, DECIMAL_PRECISION_MAX, 10},
    {"CHAR", TYPE_CHAR, 1, TYPE_LEN_MAX, 1},
    {"VARCHAR", TYPE_VARCHAR, 1, TYPE_LEN_MAX, TYPE_LEN_MAX},
    {"STRING", TYPE_VARCHAR, 0, 0, TYPE_LEN_MAX},
    {"BINARY", TYPE_BINARY, 1, TYPE_LEN_MAX, 1},
    {"VARBINARY", TYPE_VARBINARY, 1, TYPE_LEN_MAX, TYPE_LEN_MAX},
    {"BYTES", TYPE_VARBINARY, 0, 0, TYPE_LEN_MAX},
    {"DATE", TYPE_DATE, 0, 0, 0},
    {"TIME", TYPE_TIME, 0, 9, 0},
    {"TIMESTAMP", TYPE_TIMESTAMP, 0, 9, 6},
    {"TIMESTAMP_LTZ", TYPE_TIMESTAMP_LTZ, 0, 9, 6},
};

static Status bind_type_plain(const Binder *b, const AstType *ast, const TypeRow *row, Type *type,
                              Err *err) {
    int32_t arg = ast->args[0];
    int32_t pos = bind_pos(b, ast->ast.pos);
    type->kind = (uint8_t)row->kind;
    type->precision = row->fallback;
    if (arg >= 0 && row->max == 0) {
        FAIL(err, ST_INVALID, "42601", pos, "type %s takes no length or precision", row->name);
    }
    if (arg >= 0) type->precision = arg;
    if (row->max && (type->precision < row->min || type->precision > row->max)) {
        err_set(err, ST_INVALID, "22023", pos, __FILE__, __LINE__, "%d is out of range for type %s",
                (int)arg, row->name);
        return err_hint(err, "use a value between %d and %d", (int)row->min, (int)row->max);
    }
    if (row->kind == TYPE_DECIMAL) {
        type->scale = ast->args[1] >= 0 ? ast->args[1] : 0;
        if (type->scale > type->precision) {
            err_set(err, ST_INVALID, "22023", pos, __FILE__, __LINE__,
                    "scale %d of DECIMAL is larger than its precision %d", (int)type->scale,
                    (int)type->precision);
            return err_hint(err, "the scale counts the digits behind the point; precision, all");
        }
    }
    if (row->kind >= TYPE_TIME && row->kind <= TYPE_TIMESTAMP_LTZ &&
        type->precision > TIME_PRECISION_MAX) {
        err_set(err, ST_UNSUPPORTED, "0A000", pos, __FILE__, __LINE__,
                "%s(%d) is not supported: times are kept in microseconds", row->name,
                (int)type->precision);
        return err_hint(err, "declare %s(6) or less", row->name);
    }
    return ST_OK;
}

static Status bind_type_row(const Binder *b, const AstType *ast, Type *type, Err *err) {
    uint32_t n = (uint32_t)ast->fields.n;
    Field *fields = arena_array(b->arena, Field, n);
    for (uint32_t i = 0; i < n; i++) {
        const AstTypeField *field = (const AstTypeField *)ast->fields.items[i];
        fields[i].name = field->name.text.ptr ? span_copy(b->arena, field->name.text)
                                              : span_of(arena_printf(b->arena, "EXPR$%u", i));
        TRY(bind_type(b, field->type, &fields[i].type, err));
        for (uint32_t j = 0; j < i; j++) {
            if (!span_eq(fields[j].name, fields[i].name)) continue;
            FAIL(err, ST_INVALID, "42701", bind_pos(b, field->ast.pos),
                 "field `" SPAN_FMT "` appears twice in a ROW type", SPAN_ARG(fields[i].name));
        }
    }
    type->kind = TYPE_ROW;
    type->row = (Schema){.n_fields = n, .fields = fields};
    return ST_OK;
}

static Status bind_type_nested(const Binder *b, const AstType *ast, Type *type, bool *is_known,
                               Err *err) {
    *is_known = true;
    if (span_is(ast->name, "ROW")) return bind_type_row(b, ast, type, err);
    if (span_is(ast->name, "ARRAY") || span_is(ast->name, "MULTISET")) {
        type->kind = span_is(ast->name, "ARRAY") ? TYPE_ARRAY : TYPE_MULTISET;
        return bind_type(b, (const AstType *)ast->of.items[0], &type->elem, err);
    }
    if (span_is(ast->name, "MAP")) {
        type->kind = TYPE_MAP;
        TRY(bind_type(b, (const AstType *)ast->of.items[0], &type->key, err));
        return bind_type(b, (const AstType *)ast->of.items[1], &type->elem, err);
    }
    if (span_is(ast->name, "INTERVAL")) {
        *type = *bind_interval_type(b, ast->from, ast->to);
        return ST_OK;
    }
    *is_known = false;
    return ST_OK;
}

Status bind_type(const Binder *b, const AstType *ast, const Type **out, Err *err) {
    Type *type = arena_new(b->arena, Type);
    bool is_known = false;
    for (size_t i = 0; i < sizeof type_rows / sizeof *type_rows && !is_known; i++) {
        if (!span_is_nocase(ast->name, type_rows[i].name)) continue;
        TRY(bind_type_plain(b, ast, &type_rows[i], type, err));
        is_known = true;
    }
    if (!is_known) TRY(bind_type_nested(b, ast, type, &is_known, err));
    if (!is_known) {
        Buf text;
        Status status;
        buf_init(&text, NULL);
        sql_deparse(&ast->ast, &text);
        status = bind_unsupported(b, ast->ast.pos, arena_strndup(b->arena, text.ptr, text.len),
                                  ast->user ? "there are no user-defined types"
                                            : "use one of the types of the reference",
                                  err);
        buf_deinit(&text);
        return status;
    }
    type->is_nullable = ast->nullability != NULLABILITY_NOT_NULL;
    *out = type;
    return ST_OK;
}
