/* build_type.c -- types as written: synonyms are folded into one spelling, nothing else is known of
 * them here. SPDX-License-Identifier: Apache-2.0
 */
#include "sql/build.h"

typedef struct TypeWord {
    const char *word, *name;
    int8_t n_args; /* allowed in parentheses */
} TypeWord;

/* Words that are types by themselves; any other name is a user's type. */
static const TypeWord build_type_table[] = {
    {"BOOLEAN", "BOOLEAN", 0},
    {"TINYINT", "TINYINT", 0},
    {"SMALLINT", "SMALLINT", 0},
    {"INT", "INT", 0},
    {"INTEGER", "INT", 0},
    {"BIGINT", "BIGINT", 0},
    {"FLOAT", "FLOAT", 0},
    {"REAL", "FLOAT", 0},
    {"DOUBLE", "DOUBLE", 0},
    {"DECIMAL", "DECIMAL", 2},
    {"DEC", "DECIMAL", 2},
    {"NUMERIC", "DECIMAL", 2},
    {"CHAR", "CHAR", 1},
    {"CHARACTER", "CHAR", 1},
    {"VARCHAR", "VARCHAR", 1},
    {"STRING", "STRING", 0},
    {"BINARY", "BINARY", 1},
    {"VARBINARY", "VARBINARY", 1},
    {"BYTES", "BYTES", 0},
    {"DATE", "DATE", 0},
    {"TIME", "TIME", 1},
    {"TIMESTAMP", "TIMESTAMP", 1},
    {"TIMESTAMP_LTZ", "TIMESTAMP_LTZ", 1},
    {"VARIANT", "VARIANT", 0},
    {"NULL", "NULL", 0},
    {"ANY", "ANY", 0},
};

static const TypeWord *build_type_find(const AstName *name) {
    const AstIdent *part = &name->parts.items[0];
    if (name->parts.n != 1 || part->is_quoted) return NULL;
    for (size_t i = 0; i < sizeof build_type_table / sizeof *build_type_table; i++) {
        if (span_is_nocase(part->text, build_type_table[i].word)) return &build_type_table[i];
    }
    return NULL;
}

static AstType *build_type_new(SqlParse *p, const char *name, int32_t pos) {
    AstType *type = NEW(AstType, AST_TYPE, pos);
    type->name = span_of(name);
    type->args[0] = type->args[1] = -1;
    return type;
}

Ast *build_type(SqlParse *p, AstName *name, Tok arg0, Tok arg1) {
    const TypeWord *word = build_type_find(name);
    AstType *type = build_type_new(p, word ? word->name : "", name->ast.pos);
    int n_args = arg1 ? 2 : arg0 ? 1 : 0;
    if (!word) type->user = name;
    if (arg0) type->args[0] = build_int(p, arg0);
    if (arg1) type->args[1] = build_int(p, arg1);
    if (n_args > (word ? word->n_args : 0)) {
        build_fail(p, arg0->pos, "type " SPAN_FMT " takes %s argument%s",
                   SPAN_ARG(ast_name_last(name)), !word || !word->n_args ? "no" : "one",
                   !word || !word->n_args ? "s" : "");
    }
    return DONE(type);
}

/* CHAR VARYING(n), BINARY VARYING(n), DOUBLE PRECISION. */
Ast *build_type_words(SqlParse *p, AstName *name, Tok word, Tok arg) {
    const TypeWord *first = build_type_find(name);
    bool is_varying = span_is_nocase(word->text, "VARYING");
    const char *whole = NULL;
    AstType *type;
    if (first && is_varying && strcmp(first->name, "CHAR") == 0) whole = "VARCHAR";
    if (first && is_varying && strcmp(first->name, "BINARY") == 0) whole = "VARBINARY";
    if (first && !is_varying && strcmp(first->name, "DOUBLE") == 0) whole = "DOUBLE";
    if (!whole) build_fail(p, word->pos, "there is no such type");
    type = build_type_new(p, whole ? whole : "", name->ast.pos);
    if (arg) type->args[0] = build_int(p, arg);
    return DONE(type);
}

/* TIMESTAMP(p) WITH [LOCAL] TIME ZONE, TIME(p) WITHOUT TIME ZONE. */
Ast *build_type_zone(SqlParse *p, Ast *node, int zone) {
    AstType *type = (AstType *)node;
    bool is_timestamp = span_is(type->name, "TIMESTAMP");
    if (!is_timestamp && !(zone == 0 && span_is(type->name, "TIME"))) {
        build_fail(p, node->pos, "only TIMESTAMP has a time zone");
    } else if (zone) {
        type->name = zone == 1 ? SPAN("TIMESTAMP_LTZ") : SPAN("TIMESTAMP_TZ");
    }
    return DONE(type);
}

Ast *build_type_of(SqlParse *p, const char *name, int32_t pos, Ast *of, Ast *value) {
    AstType *type = build_type_new(p, name, pos);
    type->of = vec_list(vec_add(p, vec_add(p, NULL, of), value));
    return DONE(type);
}

Ast *build_type_row(SqlParse *p, const char *name, Tok at, Ast *text, const AstVec *fields) {
    AstType *type = build_type_new(p, name, at->pos);
    if (text) type->strings = vec_list(vec_add(p, NULL, text));
    type->fields = vec_list(fields);
    return DONE(type);
}

Ast *build_type_raw(SqlParse *p, AstName *name, Ast *class_name, Ast *snapshot) {
    AstType *type = build_type_new(p, "RAW", name->ast.pos);
    if (!span_is_nocase(ast_name_last(name), "RAW") || name->parts.n != 1) {
        build_fail(p, class_name->pos, "only RAW takes strings as arguments");
    }
    type->strings = vec_list(vec_add(p, vec_add(p, NULL, class_name), snapshot));
    return DONE(type);
}

Ast *build_type_interval(SqlParse *p, Tok at, Ast *qualifier) {
    const AstInterval *interval = (const AstInterval *)qualifier;
    AstType *type = build_type_new(p, "INTERVAL", at->pos);
    type->from = interval->from;
    type->to = interval->to;
    type->args[0] = interval->precision;
    type->args[1] = interval->fraction;
    return DONE(type);
}

Ast *build_difference(SqlParse *p, Tok first, Ast *difference, Ast *qualifier) {
    static const SqlTok interval;
    AstCast *cast = NEW(AstCast, AST_CAST, first->pos);
    SqlTok at = interval;
    at.pos = qualifier->pos;
    if (difference->kind != AST_BINARY || ((AstBinary *)difference)->op != BINARY_SUB) {
        build_fail(p, qualifier->pos, "only a difference of two times has a unit behind it");
        build_hint(p, "write (a - b) DAY, or CAST(x AS INTERVAL DAY)");
    }
    cast->form = CAST_DIFFERENCE;
    cast->arg = difference;
    cast->type = (AstType *)build_type_interval(p, &at, qualifier);
    return DONE(cast);
}

Ast *build_type_null(SqlParse *p, Ast *node, AstNullability nullability) {
    AstType *type = (AstType *)node;
    type->nullability = nullability;
    return DONE(type);
}
