/* bind_scan.c -- a table's source as a node: what the decoder makes, the computed columns over it,
 * the watermark, and the options with those of an OPTIONS hint.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/table_draft.h"

struct ScanUse {
    const Table *table;
    Node *node;
    ScanUse *next;
};

/* Hints that change how Flink runs a query but not what it answers. */
static bool scan_hint_is_harmless(Span name) {
    static const char *const names[] = {
        "BROADCAST", "SHUFFLE_HASH", "SHUFFLE_MERGE", "NEST_LOOP",
        "LOOKUP",    "STATE_TTL",    "MULTI_JOIN",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (span_is_nocase(name, names[i])) return true;
    }
    return false;
}

Status bind_hints_check(const Binder *b, const AstList *hints, Err *err) {
    for (int32_t i = 0; hints && i < hints->n; i++) {
        const AstHint *hint = (const AstHint *)hints->items[i];
        if (span_is_nocase(hint->name.text, "OPTIONS") || scan_hint_is_harmless(hint->name.text)) {
            continue;
        }
        err_set(err, ST_UNSUPPORTED, "0A000", bind_pos(b, hint->ast.pos), __FILE__, __LINE__,
                "hint `" SPAN_FMT "` is not supported", SPAN_ARG(hint->name.text));
        return err_hint(err, "known are OPTIONS, STATE_TTL, LOOKUP and the join hints of Flink");
    }
    return ST_OK;
}

/* The table's options, with those of OPTIONS(...) in their place. */
Status bind_table_options(Binder *b, const Table *table, const AstList *hints, int32_t pos,
                          const Options **out, Err *err) {
    TableDraft draft = {.b = b};
    Options *options = arena_new(b->arena, Options);
    bool has_hint = false;
    TRY(bind_hints_check(b, hints, err));
    for (uint32_t i = 0; i < table->n_options; i++) {
        draft_set_option(&draft, table->options[i].key, table->options[i].value, -1);
    }
    for (int32_t i = 0; hints && i < hints->n; i++) {
        const AstHint *hint = (const AstHint *)hints->items[i];
        if (!span_is_nocase(hint->name.text, "OPTIONS")) continue;
        for (int32_t j = 0; j < hint->args.n; j++) {
            const AstOption *option = (const AstOption *)hint->args.items[j];
            if (option->ast.kind != AST_OPTION) {
                FAIL(err, ST_INVALID, "42601", bind_pos(b, option->ast.pos),
                     "OPTIONS takes 'key' = 'value' pairs");
            }
            draft_set_option(&draft, option->key, option->value, bind_pos(b, option->value_pos));
            has_hint = true;
        }
    }
    *options = (Options){.n = draft.n_options,
                         .pairs = draft.options,
                         .prefix = "",
                         .specs = table->conn ? table->conn->options : NULL};
    *out = options;
    if (!has_hint) return ST_OK;
    const ConnType *conn;
    const FormatType *format;
    TRY(table_check_options(draft.options, draft.n_options, pos, &conn, &format, err));
    if (conn == table->conn && format == table->format) return ST_OK;
    FAIL(err, ST_INVALID, "22023", pos,
         "a hint cannot change the 'connector' or the 'format' of a table");
}

static bool scan_has_option_hint(const AstList *hints) {
    for (int32_t i = 0; hints && i < hints->n; i++) {
        if (span_is_nocase(((const AstHint *)hints->items[i])->name.text, "OPTIONS")) return true;
    }
    return false;
}

/* Metadata comes in the connector's or format's own type, whatever the column was declared with. */
static const Type *scan_decoded_type(const Table *table, const TableColumn *column) {
    const ConnMeta *meta = table->conn->metadata;
    const FormatMeta *other;
    while (column->kind == TABCOL_METADATA && meta && meta->key) {
        if (span_is(column->metadata_key, meta->key)) return meta->type;
        meta++;
    }
    other = column->kind == TABCOL_METADATA ? format_meta_find(table->format, column->metadata_key)
                                            : NULL;
    if (other) return other->type;
    return column->type;
}

/* The decoded columns: all that are not computed. */
static void scan_decoded(Binder *b, const Table *table, ScanSpec *scan, Rel *rel) {
    uint32_t n = table->n_columns;
    Field *fields = arena_array(b->arena, Field, n);
    int32_t *cols = arena_array(b->arena, int32_t, n);
    rel->scope = (Scope){.n_rels = 1};
    rel->scope.rels = arena_new(b->arena, ScopeRel);
    rel->scope.rels[0] = (ScopeRel){table->name, table->database, table->catalog};
    rel->scope.cols = arena_array(b->arena, ScopeCol, n);
    for (uint32_t i = 0; i < n; i++) {
        const TableColumn *column = &table->columns[i];
        uint32_t at = scan->decoded.n_fields;
        const Type *type =
            type_with_attr(b->arena, scan_decoded_type(table, column), TIME_ATTR_NONE);
        if (column->kind == TABCOL_COMPUTED) continue;
        fields[at] = (Field){column->name, type};
        cols[at] = (int32_t)i;
        rel->scope.cols[at] = (ScopeCol){.name = column->name, .index = at, .type = type};
        scan->decoded.n_fields++;
    }
    rel->scope.n_cols = scan->decoded.n_fields;
    scan->decoded.fields = fields;
    scan->decoded_cols = cols;
}

/* A computed column that reads a metadata column reads it as declared: with its cast. */
static Expr *scan_inline_casts(Arena *arena, Expr *expr, const Node *node) {
    Expr *copy;
    if (expr->kind == EXPR_COLUMN) {
        return node->exprs[node->scan.decoded_cols[expr->column]];
    }
    if (!expr->n_args) return expr;
    copy = arena_new(arena, Expr);
    *copy = *expr;
    copy->args = arena_array(arena, Expr *, expr->n_args);
    for (uint32_t i = 0; i < expr->n_args; i++) {
        copy->args[i] = scan_inline_casts(arena, expr->args[i], node);
    }
    return copy;
}

static Status scan_outputs(Binder *b, const Table *table, Node *node, Rel *rel, Err *err) {
    ExprCtx ctx = {.b = b, .rel = rel, .clause = "a computed column"};
    uint32_t decoded = 0;
    node->exprs = arena_array(b->arena, Expr *, table->n_columns);
    node->n_exprs = table->n_columns;
    for (uint32_t i = 0; i < table->n_columns; i++) {
        const TableColumn *column = &table->columns[i];
        const Type *type;
        Expr *expr;
        if (column->kind == TABCOL_COMPUTED) continue;
        type = node->scan.decoded.fields[decoded].type;
        expr = expr_column(b->arena, decoded, type, b->pos_override);
        rel->scope.cols[decoded].type = column->type;
        if (!type_eq(type, column->type)) {
            TRY(expr_cast(b->arena, expr, column->type, false, b->pos_override, &expr, err));
        }
        node->exprs[i] = expr;
        decoded++;
    }
    for (uint32_t i = 0; i < table->n_columns; i++) {
        const TableColumn *column = &table->columns[i];
        Expr *expr;
        if (column->kind != TABCOL_COMPUTED) continue;
        TRY(bind_expr(&ctx, column->computed, &expr, err));
        node->exprs[i] = scan_inline_casts(b->arena, expr, node);
    }
    return ST_OK;
}

static Status scan_watermark(Binder *b, const Table *table, Node *node, Err *err) {
    Rel rel = {.node = node};
    ExprCtx ctx = {.b = b, .rel = &rel, .clause = "WATERMARK"};
    const char *timeout = "scan.watermark.idle-timeout";
    const OptionPair *idle = pairs_find(node->scan.options->pairs, node->scan.options->n, timeout);
    node->scan.rowtime = table->rowtime_col;
    if (table->rowtime_col < 0) return ST_OK;
    TRY(scope_of_node(b, node, table->name, NULL, &rel.scope, err));
    TRY(bind_expr(&ctx, table->watermark, &node->scan.watermark, err));
    node->scan.idle_timeout_us = bind_setting_us(b, "table.exec.source.idle-timeout");
    if (idle && duration_parse(idle->value, &node->scan.idle_timeout_us) != ST_OK) {
        FAIL(err, ST_INVALID, "22023", idle->pos, "'%s' is not a duration", timeout);
    }
    return ST_OK;
}

static Status scan_readable(const Binder *b, const Table *table, int32_t pos, Err *err) {
    (void)b;
    if (!table->conn) {
        err_set(err, ST_INVALID, "42809", pos, __FILE__, __LINE__,
                "table `" SPAN_FMT "` has no 'connector', so it has no rows to read",
                SPAN_ARG(table->name));
        return err_hint(err, "add 'connector' = '...' to its WITH options");
    }
    if (!(table->conn->traits & CONN_SOURCE)) {
        err_set(err, ST_INVALID, "42809", pos, __FILE__, __LINE__,
                "connector '%s' of table `" SPAN_FMT "` can be written to but not read",
                table->conn->name, SPAN_ARG(table->name));
        return err_hint(err, "`weir doc connectors` tells which connectors are sources");
    }
    if (table->format && !(table->format->traits & FORMAT_SOURCE)) {
        FAIL(err, ST_INVALID, "42809", pos, "format '%s' can be written but not read",
             table->format->name);
    }
    return ST_OK;
}

/* Upserts by key, and changes that may come twice, become changes that say what they take back. */
static Status scan_normalize(Binder *b, const Table *table, Node **node, Err *err) {
    Node *scan = *node;
    bool is_upsert = (table->conn->traits & CONN_UPSERT) != 0;
    if (is_upsert && !table->n_key_cols) {
        err_set(err, ST_INVALID, "42P16", scan->pos, __FILE__, __LINE__,
                "connector '%s' needs a PRIMARY KEY, which table `" SPAN_FMT "` lacks",
                table->conn->name, SPAN_ARG(table->name));
        return err_hint(err,
                        "add PRIMARY KEY (column) NOT ENFORCED: it stands in the record's key");
    }
    if (scan->is_append || !scan->key) return ST_OK;
    if (!is_upsert && !bind_setting_is(b, "table.exec.source.cdc-events-duplicate", "true"))
        return ST_OK;
    *node = node_new(b->arena, NODE_NORMALIZE, &scan, 1);
    (*node)->pos = scan->pos;
    (*node)->schema = scan->schema;
    node_properties(b->arena, *node);
    return ST_OK;
}

Status bind_scan(Binder *b, const Table *table, const AstList *hints, int32_t pos, Node **out,
                 Err *err) {
    bool is_plain = !scan_has_option_hint(hints);
    Node *node;
    Rel rel = {0};
    Binder inner = *b;
    ScanUse *use;
    for (use = b->scans; use && is_plain; use = use->next) {
        if (use->table != table) continue;
        *out = use->node;
        return bind_hints_check(b, hints, err);
    }
    TRY(scan_readable(b, table, pos, err));
    node = node_new(b->arena, NODE_SCAN, NULL, 0);
    node->pos = pos;
    node->scan.table = table;
    TRY(bind_table_options(b, table, hints, pos, &node->scan.options, err));
    inner.pos_override = pos; /* the definition's text is not at hand */
    inner.pos_base = 0;
    scan_decoded(&inner, table, &node->scan, &rel);
    rel.node = node;
    TRY(scan_outputs(&inner, table, node, &rel, err));
    node->schema = table->schema;
    TRY(scan_watermark(&inner, table, node, err));
    node_properties(b->arena, node);
    TRY(scan_normalize(b, table, &node, err));
    if (is_plain) {
        use = arena_new(b->arena, ScanUse);
        *use = (ScanUse){table, node, b->scans};
        b->scans = use;
    }
    *out = node;
    return ST_OK;
}
