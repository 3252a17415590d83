/* bind_changelog.c -- the table functions TO_CHANGELOG and FROM_CHANGELOG: changes as rows with a
 * column that says what each one is, and back.
 *
 *     TO_CHANGELOG(input => TABLE t [PARTITION BY k], op => DESCRIPTOR(c), op_mapping => MAP[...])
 *     FROM_CHANGELOG(input => TABLE t, op => DESCRIPTOR(c), op_mapping => MAP[...],
 *                    invalid_op_handling => 'FAIL')
 *
 * op_mapping has the names of changes (FROM_CHANGELOG: the codes) as keys, several divided by
 * commas, and what they become as values.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

enum { CHANGELOG_ARGS = 4, CHANGELOG_CODES_MAX = 256 };
enum { ARG_INPUT, ARG_OP, ARG_MAPPING, ARG_MORE };

typedef struct ChangelogFn {
    const char *name;
    bool is_to;
    const char *args[CHANGELOG_ARGS];
    const char *usage;
} ChangelogFn;

static const ChangelogFn changelog_fns[] = {
    {"TO_CHANGELOG",
     true,
     {"input", "op", "op_mapping", "produces_full_deletes"},
     "TO_CHANGELOG(input => TABLE t, op => DESCRIPTOR(op), op_mapping => MAP['INSERT', 'I'])"},
    {"FROM_CHANGELOG",
     false,
     {"input", "op", "op_mapping", "invalid_op_handling"},
     "FROM_CHANGELOG(input => TABLE t, op => DESCRIPTOR(op), op_mapping => MAP['c', 'INSERT'])"},
};

/* By RowKind. */
static const char *const changelog_kinds[] = {"INSERT", "UPDATE_BEFORE", "UPDATE_AFTER", "DELETE"};

static const ChangelogFn *changelog_fn_find(Span name) {
    for (size_t i = 0; i < sizeof changelog_fns / sizeof *changelog_fns; i++)
        if (span_is_nocase(name, changelog_fns[i].name)) return &changelog_fns[i];
    return NULL;
}

bool bind_is_changelog_fn(Span name) {
    return changelog_fn_find(name) != NULL;
}

/* ---- arguments ---- */

static Status changelog_args(const Binder *b, const AstCall *call, const ChangelogFn *fn,
                             const Ast **args, Err *err) {
    int32_t n_positional = 0;
    for (int32_t i = 0; i < call->args.n; i++) {
        const Ast *arg = call->args.items[i];
        int32_t at = CHANGELOG_ARGS;
        if (arg->kind == AST_NAMED_ARG) {
            const AstNamedArg *named = (const AstNamedArg *)arg;
            for (at = 0; at < CHANGELOG_ARGS; at++)
                if (span_is_nocase(named->name.text, fn->args[at])) break;
            if (at == CHANGELOG_ARGS) {
                err_set(err, ST_INVALID, "42883", bind_pos(b, arg->pos), __FILE__, __LINE__,
                        "%s has no argument `" SPAN_FMT "`", fn->name, SPAN_ARG(named->name.text));
                return err_hint(err, "write %s", fn->usage);
            }
            arg = named->value;
        } else if (n_positional < CHANGELOG_ARGS) {
            at = n_positional++;
        }
        if (at == CHANGELOG_ARGS || args[at]) {
            err_set(err, ST_INVALID, "42883", bind_pos(b, arg->pos), __FILE__, __LINE__,
                    "%s has one argument too many", fn->name);
            return err_hint(err, "write %s", fn->usage);
        }
        args[at] = arg;
    }
    if (args[ARG_INPUT]) return ST_OK;
    err_set(err, ST_INVALID, "42883", bind_pos(b, call->ast.pos), __FILE__, __LINE__,
            "%s needs its argument input", fn->name);
    return err_hint(err, "write %s", fn->usage);
}

static Status changelog_input(Binder *b, const Ast *arg, Node **out, Err *err) {
    const AstTableArg *table = (const AstTableArg *)arg;
    const Table *found;
    if (arg->kind == AST_SUBQUERY)
        return bind_query(b, (const AstQuery *)((const AstSubquery *)arg)->query, NULL, out, err);
    if (arg->kind == AST_QUERY) return bind_query(b, (const AstQuery *)arg, NULL, out, err);
    if (arg->kind != AST_TABLE_ARG) {
        err_set(err, ST_INVALID, "42601", bind_pos(b, arg->pos), __FILE__, __LINE__,
                "the argument 'input' is a table");
        return err_hint(err, "write input => TABLE t, or a query in parentheses");
    }
    if (table->order_by.n)
        return bind_unsupported(b, arg->pos, "ORDER BY in a changelog function", NULL, err);
    if (table->query) return bind_query(b, (const AstQuery *)table->query, NULL, out, err);
    return bind_table(b, table->table, NULL, out, &found, err);
}

/* PARTITION BY: those columns come first in the result. */
static Status changelog_partition(Binder *b, const Ast *arg, Node *in, bool *is_key,
                                  uint32_t *order, uint32_t *n, Err *err) {
    const AstTableArg *table = (const AstTableArg *)arg;
    Rel rel = {.node = in};
    ExprCtx ctx = {.b = b, .rel = &rel, .clause = "PARTITION BY"};
    *n = 0;
    if (arg->kind != AST_TABLE_ARG || !table->partition_by.n) return ST_OK;
    TRY(scope_of_node(b, in, table->table ? ast_name_last(table->table) : (Span){0}, NULL,
                      &rel.scope, err));
    for (int32_t i = 0; i < table->partition_by.n; i++) {
        Expr *expr;
        TRY(bind_expr(&ctx, table->partition_by.items[i], &expr, err));
        if (expr->kind != EXPR_COLUMN)
            return bind_unsupported(b, table->partition_by.items[i]->pos,
                                    "an expression in PARTITION BY of a changelog function",
                                    "compute the column in a subquery", err);
        if (is_key[expr->column]) continue;
        is_key[expr->column] = true;
        order[(*n)++] = expr->column;
    }
    return ST_OK;
}

static Status changelog_op_name(const Binder *b, const Ast *arg, Span *name, int32_t *pos,
                                Err *err) {
    const AstDescriptor *descriptor = (const AstDescriptor *)arg;
    *name = SPAN("op");
    if (!arg) return ST_OK;
    *pos = bind_pos(b, arg->pos);
    if (arg->kind != AST_DESCRIPTOR || descriptor->columns.n != 1 ||
        descriptor->columns.items[0]->kind != AST_NAME) {
        err_set(err, ST_INVALID, "42601", *pos, __FILE__, __LINE__,
                "The descriptor for argument 'op' must contain exactly one column name.");
        return err_hint(err, "write op => DESCRIPTOR(op)");
    }
    *name = ast_name_last((const AstName *)descriptor->columns.items[0]);
    return ST_OK;
}

/* ---- op_mapping ---- */

static Status changelog_kind(Span name, int32_t pos, uint8_t *kind, Err *err) {
    for (uint8_t i = 0; i < 4; i++) {
        *kind = i;
        if (span_is(name, changelog_kinds[i])) return ST_OK;
    }
    err_set(err, ST_INVALID, "22023", pos, __FILE__, __LINE__,
            "Invalid mapping for argument 'op_mapping'. Unknown change operation: '" SPAN_FMT "'",
            SPAN_ARG(name));
    return err_hint(err, "known are INSERT, UPDATE_BEFORE, UPDATE_AFTER and DELETE");
}

/* One name of an entry's key, with the entry's value. */
static Status changelog_entry(const ChangelogFn *fn, Span key, Span value, int32_t pos,
                              ChangelogSpec *spec, ChangelogCode *codes, Err *err) {
    ChangelogCode entry = {.code = fn->is_to ? value : key};
    TRY(changelog_kind(fn->is_to ? key : value, pos, &entry.kind, err));
    for (uint32_t i = 0; i < spec->n_codes; i++) {
        if (fn->is_to ? codes[i].kind != entry.kind : !span_eq(codes[i].code, entry.code)) continue;
        FAIL(err, ST_INVALID, "22023", pos,
             fn->is_to ? "Invalid mapping for argument 'op_mapping'. Duplicate change operation: "
                         "'" SPAN_FMT "'"
                       : "Invalid mapping for argument 'op_mapping'. Duplicate code: '" SPAN_FMT
                         "'",
             SPAN_ARG(key));
    }
    if (spec->n_codes == CHANGELOG_CODES_MAX)
        FAIL(err, ST_LIMIT, "54000", pos, "op_mapping has more than %d codes", CHANGELOG_CODES_MAX);
    codes[spec->n_codes++] = entry;
    return ST_OK;
}

static Status changelog_mapping(Binder *b, const ChangelogFn *fn, const Ast *arg,
                                ChangelogSpec *spec, Err *err) {
    ChangelogCode *codes = arena_array(b->arena, ChangelogCode, CHANGELOG_CODES_MAX);
    const Column *keys, *values;
    int32_t pos;
    Expr *map;
    spec->codes = codes;
    if (!arg) {
        for (uint8_t i = 0; i < 4; i++)
            codes[spec->n_codes++] = (ChangelogCode){span_of(changelog_kinds[i]), i};
        return ST_OK;
    }
    pos = bind_pos(b, arg->pos);
    TRY(bind_constant(b, arg, "op_mapping", &map, err));
    if (map->type->kind != TYPE_MAP || map->kind != EXPR_CONST || col_is_null(map->value, 0) ||
        type_phys(map->value->children[0].type) != PHYS_STR ||
        type_phys(map->value->children[1].type) != PHYS_STR) {
        err_set(err, ST_INVALID, "42804", pos, __FILE__, __LINE__,
                "the argument 'op_mapping' is a map of character strings");
        return err_hint(err, "write op_mapping => MAP['INSERT', 'I', 'DELETE', 'D']");
    }
    keys = &map->value->children[0];
    values = &map->value->children[1];
    for (uint32_t i = map->value->offsets[0]; i < map->value->offsets[1]; i++) {
        Span names, value;
        if (col_is_null(keys, i) || col_is_null(values, i))
            FAIL(err, ST_INVALID, "22004", pos, "op_mapping has a NULL");
        names = span_copy(b->arena, str_span(&keys->str[col_at(keys, i)]));
        value = span_copy(b->arena, str_span(&values->str[col_at(values, i)]));
        for (;;) {
            const char *comma = names.len ? memchr(names.ptr, ',', names.len) : NULL;
            size_t len = comma ? (size_t)(comma - names.ptr) : names.len;
            TRY(changelog_entry(fn, span_trim((Span){names.ptr, len}),
                                fn->is_to ? value : span_trim(value), pos, spec, codes, err));
            if (!comma) break;
            names = (Span){comma + 1, names.len - len - 1};
        }
    }
    return ST_OK;
}

/* The last argument: what TO_CHANGELOG says of deletions, what FROM_CHANGELOG does to codes that
 * are not mapped. */
static Status changelog_more(Binder *b, const ChangelogFn *fn, const Ast *arg, ChangelogSpec *spec,
                             Err *err) {
    Expr *expr;
    Span text;
    int32_t pos;
    if (!arg) return ST_OK;
    pos = bind_pos(b, arg->pos);
    TRY(bind_constant(b, arg, fn->args[ARG_MORE], &expr, err));
    if (fn->is_to) {
        if (expr->kind == EXPR_CONST && expr->type->kind == TYPE_BOOLEAN &&
            !col_is_null(expr->value, 0) && expr->value->i8[0])
            return ST_OK;
        return bind_unsupported(b, arg->pos, "produces_full_deletes => FALSE",
                                "deletions have all their columns; project those you want", err);
    }
    if (expr->kind == EXPR_CONST && type_phys(expr->type) == PHYS_STR &&
        !col_is_null(expr->value, 0)) {
        text = str_span(&expr->value->str[0]);
        spec->skips_unknown = span_is_nocase(text, "SKIP") || span_is_nocase(text, "LOG");
        if (spec->skips_unknown || span_is_nocase(text, "FAIL")) return ST_OK;
    }
    FAIL(err, ST_INVALID, "22023", pos, "invalid_op_handling is 'FAIL', 'LOG' or 'SKIP'");
}

/* ---- the node ---- */

static Status changelog_find_op(const Binder *b, const Node *in, Span name, int32_t pos,
                                uint32_t *col, Err *err) {
    int32_t at = schema_find(&in->schema, name);
    (void)b;
    if (at < 0) {
        err_set(err, ST_INVALID, "42703", pos, __FILE__, __LINE__,
                "the input has no column `" SPAN_FMT "` with the operation", SPAN_ARG(name));
        return err_hint(err, "name it: op => DESCRIPTOR(column)");
    }
    *col = (uint32_t)at;
    if (!type_is_string(in->schema.fields[at].type))
        FAIL(err, ST_INVALID, "42804", pos, "the operation column `" SPAN_FMT "` is no STRING",
             SPAN_ARG(name));
    return ST_OK;
}

static Status changelog_node(Binder *b, const ChangelogFn *fn, const Ast *const *args, Node *in,
                             int32_t pos, Node **out, Err *err) {
    uint32_t n_in = in->schema.n_fields, n = 0, n_keys, op = 0;
    bool *is_key = arena_array(b->arena, bool, n_in + 1);
    uint32_t *order = arena_array(b->arena, uint32_t, n_in + 1);
    Field *fields = arena_array(b->arena, Field, n_in + 1);
    Node *node = node_new(b->arena, fn->is_to ? NODE_TO_CHANGELOG : NODE_FROM_CHANGELOG, &in, 1);
    ChangelogSpec *spec = &node->changelog;
    int32_t op_pos = pos;
    Span name;
    *spec = (ChangelogSpec){0};
    node->pos = pos;
    TRY(changelog_op_name(b, args[ARG_OP], &name, &op_pos, err));
    if (!fn->is_to) TRY(changelog_find_op(b, in, name, op_pos, &op, err));
    TRY(changelog_mapping(b, fn, args[ARG_MAPPING], spec, err));
    TRY(changelog_more(b, fn, args[ARG_MORE], spec, err));
    TRY(changelog_partition(b, args[ARG_INPUT], in, is_key, order, &n_keys, err));
    n = n_keys;
    for (uint32_t i = 0; i < n_in; i++)
        if (!is_key[i] && (fn->is_to || i != op)) order[n++] = i;
    spec->op_col = fn->is_to ? n_keys : op;
    spec->cols = order;
    spec->n_cols = n;
    for (uint32_t i = 0, k = 0; i < n; i++) {
        if (fn->is_to && i == n_keys)
            fields[k++] =
                (Field){span_copy(b->arena, name), type_with_null(b->arena, &type_string, false)};
        fields[k++] = in->schema.fields[order[i]];
    }
    if (fn->is_to && n == n_keys)
        fields[n] =
            (Field){span_copy(b->arena, name), type_with_null(b->arena, &type_string, false)};
    node_set_schema(b->arena, node, fields, n + fn->is_to);
    if (!fn->is_to && !in->is_append) {
        err_set(err, ST_INVALID, "42809", pos, __FILE__, __LINE__,
                "FROM_CHANGELOG reads rows that only come; those of its input change");
        return err_hint(err, "its input is an append-only table with a column for the operation");
    }
    node_properties(b->arena, node);
    *out = node;
    return ST_OK;
}

Status bind_changelog_fn(Binder *b, const AstTableFn *fn, Rel *out, Err *err) {
    const ChangelogFn *function = changelog_fn_find(ast_name_last(fn->call->name));
    const Ast *args[CHANGELOG_ARGS] = {0};
    Node *in, *node = NULL;
    TRY(changelog_args(b, fn->call, function, args, err));
    TRY(changelog_input(b, args[ARG_INPUT], &in, err));
    TRY(changelog_node(b, function, args, in, bind_pos(b, fn->call->ast.pos), &node, err));
    return bind_aliased(b, node, fn->alias, (Span){0}, out, err);
}
