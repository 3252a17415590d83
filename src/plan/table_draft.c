/* table_draft.c -- from the parts of a table's definition to a Table. Computed columns see physical
 * and metadata columns, the watermark sees all columns, as in Flink.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/table_draft.h"

/* ---- parts ---- */

TableColumn *draft_add_column(TableDraft *draft) {
    if (draft->n_columns == draft->cap_columns) {
        uint32_t cap = draft->cap_columns ? draft->cap_columns * 2 : 16;
        TableColumn *columns = arena_array(draft->b->arena, TableColumn, cap);
        if (draft->n_columns) {
            memcpy(columns, draft->columns, draft->n_columns * sizeof *columns);
        }
        draft->columns = columns;
        draft->cap_columns = cap;
    }
    return &draft->columns[draft->n_columns++];
}

TableColumn *draft_find_column(const TableDraft *draft, Span name) {
    for (uint32_t i = 0; i < draft->n_columns; i++) {
        if (span_eq(draft->columns[i].name, name)) return &draft->columns[i];
    }
    return NULL;
}

static Span draft_literal(const Ast *ast) {
    return ast ? ((const AstLiteral *)ast)->text : (Span){0};
}

static DraftKey *draft_keys(TableDraft *draft, const AstIdents *idents) {
    DraftKey *keys = arena_array(draft->b->arena, DraftKey, (uint32_t)idents->n);
    for (int32_t i = 0; i < idents->n; i++) {
        keys[i] = (DraftKey){idents->items[i].text, idents->items[i].pos};
    }
    return keys;
}

static Status draft_constraint(TableDraft *draft, const AstConstraint *constraint,
                               const AstColumnDef *column, Err *err) {
    const Binder *b = draft->b;
    if (constraint->is_unique) {
        return bind_unsupported(b, constraint->ast.pos, "UNIQUE",
                                "declare PRIMARY KEY (...) NOT ENFORCED", err);
    }
    if (constraint->enforced != ENFORCED_NO) {
        err_set(err, ST_UNSUPPORTED, "0A000", bind_pos(b, constraint->ast.pos), __FILE__, __LINE__,
                "a PRIMARY KEY that is enforced is not supported");
        return err_hint(err, "add NOT ENFORCED: the data belongs to the outside system");
    }
    if (draft->n_keys) {
        FAIL(err, ST_INVALID, "42P16", bind_pos(b, constraint->ast.pos),
             "a table has one PRIMARY KEY; this is the second");
    }
    if (column) {
        draft->keys = arena_new(b->arena, DraftKey);
        draft->keys[0] = (DraftKey){ast_name_last(column->name), column->ast.pos};
        draft->n_keys = 1;
        return ST_OK;
    }
    draft->keys = draft_keys(draft, &constraint->columns);
    draft->n_keys = (uint32_t)constraint->columns.n;
    return ST_OK;
}

Status draft_column(TableDraft *draft, const AstColumnDef *def, TableColumn *out, Err *err) {
    const Binder *b = draft->b;
    *out = (TableColumn){.name = ast_name_last(def->name),
                         .comment = draft_literal(def->comment),
                         .pos = def->ast.pos};
    if (def->name->parts.n != 1) {
        return bind_unsupported(b, def->ast.pos, "a nested column in a definition",
                                "declare the whole ROW column", err);
    }
    switch (def->column) {
    case COLUMN_PHYSICAL: out->kind = TABCOL_PHYSICAL; break;
    case COLUMN_COMPUTED:
        out->kind = TABCOL_COMPUTED;
        out->computed = def->expr;
        break;
    case COLUMN_METADATA:
        out->kind = TABCOL_METADATA;
        out->is_virtual = def->is_virtual;
        out->metadata_key = def->metadata_key ? draft_literal(def->metadata_key) : out->name;
        break;
    case COLUMN_BARE:
        FAIL(err, ST_INVALID, "42601", bind_pos(b, def->ast.pos),
             "column `" SPAN_FMT "` has no type", SPAN_ARG(out->name));
    }
    if (def->type) TRY(bind_type(b, def->type, &out->type, err));
    if (def->constraint) TRY(draft_constraint(draft, def->constraint, def, err));
    return ST_OK;
}

Status draft_add_item(TableDraft *draft, const Ast *item, Err *err) {
    const Binder *b = draft->b;
    if (item->kind == AST_CONSTRAINT) {
        return draft_constraint(draft, (const AstConstraint *)item, NULL, err);
    }
    if (item->kind == AST_WATERMARK) {
        const AstWatermark *mark = (const AstWatermark *)item;
        if (draft->watermark_col.name.ptr) {
            FAIL(err, ST_INVALID, "42P16", bind_pos(b, item->pos),
                 "a table has one WATERMARK; this is the second");
        }
        if (mark->column->parts.n != 1) {
            return bind_unsupported(b, mark->column->ast.pos, "a watermark on a nested field",
                                    "add a computed column `ts AS a.b` and use that", err);
        }
        draft->watermark_col = (DraftKey){ast_name_last(mark->column), mark->column->ast.pos};
        draft->watermark = mark->expr;
        return ST_OK;
    }
    TableColumn column;
    const AstColumnDef *def = (const AstColumnDef *)item;
    TRY(draft_column(draft, def, &column, err));
    if (draft_find_column(draft, column.name)) {
        FAIL(err, ST_INVALID, "42701", bind_pos(b, item->pos),
             "column `" SPAN_FMT "` is defined twice", SPAN_ARG(column.name));
    }
    if (draft->n_columns >= TABLE_COLUMNS_MAX) {
        FAIL(err, ST_LIMIT, "54011", bind_pos(b, item->pos), "a table has at most %d columns",
             TABLE_COLUMNS_MAX);
    }
    *draft_add_column(draft) = column;
    return ST_OK;
}

void draft_set_option(TableDraft *draft, Span key, Span value, int32_t pos) {
    for (uint32_t i = 0; i < draft->n_options; i++) {
        if (!span_eq(draft->options[i].key, key)) continue;
        draft->options[i].value = value;
        draft->options[i].pos = pos;
        return;
    }
    if (draft->n_options == draft->cap_options) {
        uint32_t cap = draft->cap_options ? draft->cap_options * 2 : 16;
        OptionPair *options = arena_array(draft->b->arena, OptionPair, cap);
        if (draft->n_options) {
            memcpy(options, draft->options, draft->n_options * sizeof *options);
        }
        draft->options = options;
        draft->cap_options = cap;
    }
    draft->options[draft->n_options++] = (OptionPair){key, value, pos};
}

void draft_set_options(TableDraft *draft, const AstList *options) {
    for (int32_t i = 0; i < options->n; i++) {
        const AstOption *option = (const AstOption *)options->items[i];
        draft_set_option(draft, span_copy(draft->b->arena, option->key),
                         span_copy(draft->b->arena, option->value), option->value_pos);
    }
}

void draft_from_table(TableDraft *draft, const Table *table) {
    Arena *arena = draft->b->arena;
    for (uint32_t i = 0; i < table->n_columns; i++) *draft_add_column(draft) = table->columns[i];
    draft->keys = arena_array(arena, DraftKey, table->n_key_cols);
    for (uint32_t i = 0; i < table->n_key_cols; i++) {
        draft->keys[i] = (DraftKey){table->columns[table->key_cols[i]].name, -1};
    }
    draft->n_keys = table->n_key_cols;
    draft->partitions = arena_array(arena, DraftKey, table->n_partition_cols);
    for (uint32_t i = 0; i < table->n_partition_cols; i++) {
        draft->partitions[i] = (DraftKey){table->columns[table->partition_cols[i]].name, -1};
    }
    draft->n_partitions = table->n_partition_cols;
    if (table->rowtime_col >= 0) {
        draft->watermark_col = (DraftKey){table->columns[table->rowtime_col].name, -1};
        draft->watermark = table->watermark;
    }
    for (uint32_t i = 0; i < table->n_options; i++) {
        draft_set_option(draft, table->options[i].key, table->options[i].value, -1);
    }
    draft->comment = table->comment;
}

/* ---- sealing ---- */

/* The scope of some of the columns, each known by its place in the table. */
static void draft_scope(const TableDraft *draft, bool with_computed, Scope *scope) {
    Arena *arena = draft->b->arena;
    *scope = (Scope){.n_rels = 1};
    scope->rels = arena_new(arena, ScopeRel);
    scope->rels[0] = (ScopeRel){draft->name.name, draft->name.database, draft->name.catalog};
    scope->cols = arena_array(arena, ScopeCol, draft->n_columns);
    for (uint32_t i = 0; i < draft->n_columns; i++) {
        const TableColumn *column = &draft->columns[i];
        if (column->kind == TABCOL_COMPUTED && !with_computed) continue;
        scope->cols[scope->n_cols++] =
            (ScopeCol){.name = column->name, .index = i, .type = column->type};
    }
}

static Status draft_seal_computed(TableDraft *draft, Err *err) {
    Rel rel = {0};
    ExprCtx ctx = {.b = draft->b, .rel = &rel, .clause = "a computed column"};
    draft_scope(draft, false, &rel.scope);
    for (uint32_t i = 0; i < draft->n_columns; i++) {
        Expr *expr;
        if (draft->columns[i].kind != TABCOL_COMPUTED) continue;
        TRY(bind_expr(&ctx, draft->columns[i].computed, &expr, err));
        if (expr->type->kind == TYPE_NULL) {
            err_set(err, ST_INVALID, "42804", expr->pos, __FILE__, __LINE__,
                    "the computed column `" SPAN_FMT "` has no type",
                    SPAN_ARG(draft->columns[i].name));
            return err_hint(err, "write CAST(NULL AS ...)");
        }
        draft->columns[i].type = expr->type;
    }
    return ST_OK;
}

/* The declared type of a metadata column may be any that the connector's own can be cast to. */
static Status draft_check_metadata(const TableDraft *draft, const ConnType *conn,
                                   const FormatType *format, Err *err) {
    for (uint32_t i = 0; i < draft->n_columns; i++) {
        const TableColumn *column = &draft->columns[i];
        const ConnMeta *meta = conn->metadata;
        const FormatMeta *other = format_meta_find(format, column->metadata_key);
        if (column->kind != TABCOL_METADATA) continue;
        while (meta && meta->key && !span_is(column->metadata_key, meta->key)) meta++;
        if ((meta && meta->key) || other) {
            const Type *type = meta && meta->key ? meta->type : other->type;
            Expr *probe = expr_null(draft->b->arena, type, -1), *cast;
            TRY(expr_cast(draft->b->arena, probe, column->type, false,
                          bind_pos(draft->b, column->pos), &cast, err));
            continue;
        }
        err_set(err, ST_INVALID, "42703", bind_pos(draft->b, column->pos), __FILE__, __LINE__,
                "connector '%s' has no metadata '" SPAN_FMT "'", conn->name,
                SPAN_ARG(column->metadata_key));
        if (!conn->metadata || !conn->metadata->key) {
            return err_hint(err, "this connector offers no metadata columns");
        }
        return err_hint(err, "it has '%s' and others: see `weir doc connectors`",
                        conn->metadata->key);
    }
    return ST_OK;
}

static Status draft_key_cols(const TableDraft *draft, const DraftKey *keys, uint32_t n,
                             const char *what, const uint32_t **out, Err *err) {
    const Binder *b = draft->b;
    uint32_t *cols = arena_array(b->arena, uint32_t, n);
    for (uint32_t i = 0; i < n; i++) {
        TableColumn *column = draft_find_column(draft, keys[i].name);
        if (!column) {
            Span best, *names = arena_array(b->arena, Span, draft->n_columns);
            for (uint32_t j = 0; j < draft->n_columns; j++) names[j] = draft->columns[j].name;
            best = span_nearest(keys[i].name, names, draft->n_columns);
            err_set(err, ST_INVALID, "42703", bind_pos(b, keys[i].pos), __FILE__, __LINE__,
                    "column `" SPAN_FMT "` of %s does not exist", SPAN_ARG(keys[i].name), what);
            return best.len ? err_hint(err, "did you mean `" SPAN_FMT "`?", SPAN_ARG(best))
                            : ST_INVALID;
        }
        if (column->kind == TABCOL_COMPUTED) {
            FAIL(err, ST_INVALID, "42P16", bind_pos(b, keys[i].pos),
                 "%s cannot have the computed column `" SPAN_FMT "`", what, SPAN_ARG(keys[i].name));
        }
        cols[i] = (uint32_t)(column - draft->columns);
        for (uint32_t j = 0; j < i; j++) {
            if (cols[j] != cols[i]) continue;
            FAIL(err, ST_INVALID, "42701", bind_pos(b, keys[i].pos),
                 "column `" SPAN_FMT "` appears twice in %s", SPAN_ARG(keys[i].name), what);
        }
    }
    *out = cols;
    return ST_OK;
}

static Status draft_seal_watermark(TableDraft *draft, Table *table, Err *err) {
    const Binder *b = draft->b;
    TableColumn *column = draft_find_column(draft, draft->watermark_col.name);
    int32_t pos = bind_pos(b, draft->watermark_col.pos);
    Rel rel = {0};
    ExprCtx ctx = {.b = draft->b, .rel = &rel, .clause = "WATERMARK"};
    Expr *expr;
    if (!column) {
        const uint32_t *cols;
        return draft_key_cols(draft, &draft->watermark_col, 1, "WATERMARK", &cols, err);
    }
    if ((column->type->kind != TYPE_TIMESTAMP && column->type->kind != TYPE_TIMESTAMP_LTZ) ||
        column->type->precision > 3) {
        err_set(err, ST_INVALID, "42804", pos, __FILE__, __LINE__,
                "WATERMARK needs a column of type TIMESTAMP(3) or TIMESTAMP_LTZ(3); `" SPAN_FMT
                "` is %s",
                SPAN_ARG(column->name), type_text(b->arena, column->type));
        return err_hint(err, column->type->kind == TYPE_BIGINT
                                 ? "add a computed column `ts AS TO_TIMESTAMP_LTZ(c, 3)`"
                                 : "add a computed column `ts AS CAST(c AS TIMESTAMP(3))`");
    }
    draft_scope(draft, true, &rel.scope);
    TRY(bind_expr(&ctx, draft->watermark, &expr, err));
    if (expr->type->kind != column->type->kind) {
        err_set(err, ST_INVALID, "42804", expr->pos, __FILE__, __LINE__,
                "the watermark of `" SPAN_FMT "` is %s, not %s as the column",
                SPAN_ARG(column->name), type_text(b->arena, expr->type),
                type_text(b->arena, column->type));
        return err_hint(err, "write `" SPAN_FMT "` - INTERVAL '5' SECOND", SPAN_ARG(column->name));
    }
    column->type = type_with_attr(b->arena, column->type, TIME_ATTR_ROWTIME);
    table->rowtime_col = (int32_t)(column - draft->columns);
    table->watermark = draft->watermark;
    return ST_OK;
}

/* Can the format hold the columns? Those of PARTITIONED BY are in paths, not in records. */
static Status draft_check_format(TableDraft *draft, const Table *table, Err *err) {
    Arena *arena = draft->b->arena;
    Field *fields = arena_array(arena, Field, draft->n_columns);
    Schema schema = {0, fields};
    Options options = {.n = table->n_options,
                       .pairs = table->options,
                       .prefix = table_format_prefix(table, arena),
                       .specs = table->format->options};
    for (uint32_t i = 0; i < draft->n_columns; i++) {
        const TableColumn *column = &draft->columns[i];
        bool is_partition = false;
        for (uint32_t p = 0; p < draft->n_partitions; p++) {
            is_partition |= span_eq(draft->partitions[p].name, column->name);
        }
        if (column->kind != TABCOL_PHYSICAL || is_partition) continue;
        fields[schema.n_fields++] = (Field){column->name, column->type};
    }
    return format_check(table->format, &schema, &options, err);
}

static Status draft_seal_options(TableDraft *draft, Table *table, Err *err) {
    OptionPair *pairs = arena_array(draft->b->arena, OptionPair, draft->n_options);
    for (uint32_t i = 0; i < draft->n_options; i++) {
        pairs[i] = draft->options[i];
        pairs[i].pos = bind_pos(draft->b, pairs[i].pos);
    }
    draft->n_options = options_modernize(draft->b->arena, pairs, draft->n_options);
    table->n_options = draft->n_options;
    table->options = pairs;
    TRY(table_check_options(pairs, draft->n_options, bind_pos(draft->b, draft->pos), &table->conn,
                            &table->format, err));
    if (table->format) TRY(draft_check_format(draft, table, err));
    /* The text is not at hand when the table is used: no positions are better than wrong ones. */
    for (uint32_t i = 0; i < draft->n_options; i++) pairs[i].pos = -1;
    return table->conn ? draft_check_metadata(draft, table->conn, table->format, err) : ST_OK;
}

/* A PRIMARY KEY makes its columns NOT NULL. */
static Status draft_seal_key(TableDraft *draft, Table *table, Err *err) {
    TRY(draft_key_cols(draft, draft->keys, draft->n_keys, "PRIMARY KEY", &table->key_cols, err));
    table->n_key_cols = draft->n_keys;
    for (uint32_t i = 0; i < draft->n_keys; i++) {
        TableColumn *column = &draft->columns[table->key_cols[i]];
        column->type = type_with_null(draft->b->arena, column->type, false);
    }
    return ST_OK;
}

Status draft_seal(TableDraft *draft, const Table **out, Err *err) {
    Arena *arena = draft->b->arena;
    Table *table = arena_new(arena, Table);
    Field *fields = arena_array(arena, Field, draft->n_columns);
    *table = (Table){.catalog = span_copy(arena, draft->name.catalog),
                     .database = span_copy(arena, draft->name.database),
                     .name = span_copy(arena, draft->name.name),
                     .is_temporary = draft->is_temporary,
                     .rowtime_col = COLUMN_NONE,
                     .sql = draft->sql,
                     .comment = draft->comment};
    if (!draft->n_columns) {
        FAIL(err, ST_INVALID, "42P16", bind_pos(draft->b, draft->pos), "a table needs a column");
    }
    TRY(draft_seal_options(draft, table, err));
    TRY(draft_seal_key(draft, table, err));
    TRY(draft_seal_computed(draft, err));
    if (draft->watermark) TRY(draft_seal_watermark(draft, table, err));
    TRY(draft_key_cols(draft, draft->partitions, draft->n_partitions, "PARTITIONED BY",
                       &table->partition_cols, err));
    table->n_partition_cols = draft->n_partitions;
    for (uint32_t i = 0; i < draft->n_columns; i++) {
        fields[i] = (Field){draft->columns[i].name, draft->columns[i].type};
    }
    table->n_columns = draft->n_columns;
    table->columns = draft->columns;
    table->schema = (Schema){.n_fields = draft->n_columns, .fields = fields};
    *out = table;
    return ST_OK;
}
