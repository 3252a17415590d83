/* ddl_table.c -- CREATE TABLE, with LIKE and AS SELECT.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/ddl.h"

static Status create_refused(const Binder *b, const AstCreateTable *create, Err *err) {
    if (create->is_materialized) {
        return bind_unsupported(b, create->ast.pos, "CREATE MATERIALIZED TABLE",
                                "create a table and INSERT INTO it", err);
    }
    if (create->freshness || create->refresh_mode != REFRESH_DEFAULT) {
        return bind_unsupported(b, create->ast.pos, "FRESHNESS and REFRESH_MODE",
                                "a query keeps its sink fresh at all times", err);
    }
    return ST_OK;
}

/* ---- LIKE ---- */

/* How one feature of the other table is taken over; the later of ALL and its own name wins. */
static AstLikeMode like_mode(const AstTableLike *like, AstLikeFeature feature) {
    /* Flink's defaults. */
    AstLikeMode mode = feature == FEATURE_OPTIONS || feature == FEATURE_METADATA ||
                               feature == FEATURE_GENERATED || feature == FEATURE_WATERMARKS
                           ? (feature == FEATURE_OPTIONS ? LIKE_OVERWRITING : LIKE_INCLUDING)
                           : LIKE_INCLUDING;
    for (int32_t i = 0; i < like->options.n; i++) {
        const AstLikeOption *option = (const AstLikeOption *)like->options.items[i];
        if (option->feature == FEATURE_ALL) mode = option->mode;
    }
    for (int32_t i = 0; i < like->options.n; i++) {
        const AstLikeOption *option = (const AstLikeOption *)like->options.items[i];
        if (option->feature == feature) mode = option->mode;
    }
    return mode;
}

static void like_drop_columns(TableDraft *draft, TabColKind kind) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < draft->n_columns; i++) {
        if (draft->columns[i].kind != kind) draft->columns[n++] = draft->columns[i];
    }
    draft->n_columns = n;
}

static Status like_base(TableDraft *draft, const AstTableLike *like, Err *err) {
    const Table *other;
    TRY(bind_find_table(draft->b, like->table, &other, err));
    if (other->is_view) {
        FAIL(err, ST_INVALID, "42809", bind_pos(draft->b, like->table->ast.pos),
             "LIKE needs a table; `" SPAN_FMT "` is a view", SPAN_ARG(other->name));
    }
    draft_from_table(draft, other);
    if (like_mode(like, FEATURE_OPTIONS) == LIKE_EXCLUDING) draft->n_options = 0;
    if (like_mode(like, FEATURE_CONSTRAINTS) == LIKE_EXCLUDING) draft->n_keys = 0;
    if (like_mode(like, FEATURE_PARTITIONS) == LIKE_EXCLUDING) draft->n_partitions = 0;
    if (like_mode(like, FEATURE_WATERMARKS) == LIKE_EXCLUDING) {
        draft->watermark_col = (DraftKey){0};
        draft->watermark = NULL;
    }
    if (like_mode(like, FEATURE_GENERATED) == LIKE_EXCLUDING) {
        like_drop_columns(draft, TABCOL_COMPUTED);
    }
    if (like_mode(like, FEATURE_METADATA) == LIKE_EXCLUDING) {
        like_drop_columns(draft, TABCOL_METADATA);
    }
    /* Time attributes are given anew when the watermark is. */
    for (uint32_t i = 0; i < draft->n_columns; i++) {
        const Type *type = draft->columns[i].type;
        if (type_is_rowtime(type)) {
            draft->columns[i].type = type_with_attr(draft->b->arena, type, TIME_ATTR_NONE);
        }
    }
    draft->comment = (Span){0};
    return ST_OK;
}

/* A column of the statement over the other table's: new, or in the place of one of the same name.
 */
static Status like_column(TableDraft *draft, const AstTableLike *like, const AstColumnDef *def,
                          Err *err) {
    Span name = ast_name_last(def->name);
    TableColumn *old = draft_find_column(draft, name), column;
    AstLikeFeature feature = def->column == COLUMN_METADATA ? FEATURE_METADATA : FEATURE_GENERATED;
    if (!old) return draft_add_item(draft, &def->ast, err);
    if (old->kind == TABCOL_PHYSICAL || def->column == COLUMN_PHYSICAL ||
        like_mode(like, feature) != LIKE_OVERWRITING) {
        err_set(err, ST_INVALID, "42701", bind_pos(draft->b, def->ast.pos), __FILE__, __LINE__,
                "column `" SPAN_FMT "` exists in the table that LIKE names", SPAN_ARG(name));
        return err_hint(err, "computed and metadata columns can be replaced with OVERWRITING "
                             "GENERATED or OVERWRITING METADATA");
    }
    TRY(draft_column(draft, def, &column, err));
    *old = column;
    return ST_OK;
}

static Status like_item(TableDraft *draft, const AstTableLike *like, const Ast *item, Err *err) {
    if (item->kind == AST_COLUMN_DEF) {
        return like_column(draft, like, (const AstColumnDef *)item, err);
    }
    if (item->kind == AST_WATERMARK && draft->watermark) {
        if (like_mode(like, FEATURE_WATERMARKS) != LIKE_OVERWRITING) {
            err_set(err, ST_INVALID, "42P16", bind_pos(draft->b, item->pos), __FILE__, __LINE__,
                    "the table that LIKE names has a WATERMARK already");
            return err_hint(err, "write LIKE t (OVERWRITING WATERMARKS)");
        }
        draft->watermark_col = (DraftKey){0};
    }
    return draft_add_item(draft, item, err);
}

static Status like_options(TableDraft *draft, const AstCreateTable *create, Err *err) {
    AstLikeMode mode = like_mode(create->like, FEATURE_OPTIONS);
    uint32_t n_old = draft->n_options;
    for (int32_t i = 0; i < create->options.n && mode == LIKE_INCLUDING; i++) {
        const AstOption *option = (const AstOption *)create->options.items[i];
        for (uint32_t j = 0; j < n_old; j++) {
            if (!span_eq(draft->options[j].key, option->key)) continue;
            err_set(err, ST_INVALID, "42710", bind_pos(draft->b, option->ast.pos), __FILE__,
                    __LINE__, "option '" SPAN_FMT "' is set in the table that LIKE names",
                    SPAN_ARG(option->key));
            return err_hint(err, "write LIKE t (OVERWRITING OPTIONS)");
        }
    }
    draft_set_options(draft, &create->options);
    return ST_OK;
}

/* ---- AS SELECT ---- */

/* Columns of the query that the list does not declare come behind, under their names. */
static Status create_from_query(TableDraft *draft, const AstCreateTable *create,
                                const Schema *schema, Err *err) {
    Arena *arena = draft->b->arena;
    bool only_names = create->columns.n > 0;
    for (int32_t i = 0; i < create->columns.n; i++) {
        const AstColumnDef *def = (const AstColumnDef *)create->columns.items[i];
        only_names &= def->ast.kind == AST_COLUMN_DEF && def->column == COLUMN_BARE;
    }
    if (only_names && (uint32_t)create->columns.n != schema->n_fields) {
        FAIL(err, ST_INVALID, "42601", bind_pos(draft->b, create->name->ast.pos),
             "the list names %d columns, the query has %u", (int)create->columns.n,
             schema->n_fields);
    }
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        Span name = schema->fields[i].name;
        TableColumn *column;
        if (only_names) {
            /* The list only orders the query's columns. */
            name = ast_name_last(((const AstColumnDef *)create->columns.items[i])->name);
        }
        int32_t at = schema_find(schema, name);
        if (at < 0) {
            FAIL(err, ST_INVALID, "42703", bind_pos(draft->b, create->columns.items[i]->pos),
                 "the query has no column `" SPAN_FMT "`", SPAN_ARG(name));
        }
        if (draft_find_column(draft, name)) continue;
        column = draft_add_column(draft);
        *column = (TableColumn){
            .name = span_copy(arena, name),
            .type =
                type_copy(arena, type_with_attr(arena, schema->fields[at].type, TIME_ATTR_NONE)),
            .pos = -1};
        if (column->type->kind == TYPE_NULL) {
            err_set(err, ST_INVALID, "42804", bind_pos(draft->b, create->query->pos), __FILE__,
                    __LINE__, "column `" SPAN_FMT "` of the query has no type", SPAN_ARG(name));
            return err_hint(err, "write CAST(NULL AS ...)");
        }
    }
    return ST_OK;
}

static Status create_query_schema(Binder *b, const AstCreateTable *create, Schema *out, Err *err) {
    Arena *catalog = b->arena;
    Node *node;
    b->arena = b->env->arena;
    TRY(bind_query(b, (const AstQuery *)create->query, NULL, &node, err));
    b->arena = catalog;
    *out = node->schema;
    return ST_OK;
}

/* ---- CREATE TABLE ---- */

static Status create_items(TableDraft *draft, const AstCreateTable *create, Err *err) {
    for (int32_t i = 0; i < create->columns.n; i++) {
        const Ast *item = create->columns.items[i];
        bool is_bare =
            item->kind == AST_COLUMN_DEF && ((const AstColumnDef *)item)->column == COLUMN_BARE;
        if (is_bare && create->query) continue;
        if (create->like) {
            TRY(like_item(draft, create->like, item, err));
        } else {
            TRY(draft_add_item(draft, item, err));
        }
    }
    return ST_OK;
}

static void create_partitions(TableDraft *draft, const AstIdents *idents) {
    if (!idents->n) return;
    draft->partitions = arena_array(draft->b->arena, DraftKey, (uint32_t)idents->n);
    draft->n_partitions = (uint32_t)idents->n;
    for (int32_t i = 0; i < idents->n; i++) {
        draft->partitions[i] = (DraftKey){idents->items[i].text, idents->items[i].pos};
    }
}

static Status create_draft(TableDraft *draft, const AstCreateTable *create, Err *err) {
    Schema schema;
    if (create->like) TRY(like_base(draft, create->like, err));
    TRY(create_items(draft, create, err));
    if (create->query) {
        TRY(create_query_schema(draft->b, create, &schema, err));
        TRY(create_from_query(draft, create, &schema, err));
    }
    create_partitions(draft, &create->partitioned_by);
    if (create->like) return like_options(draft, create, err);
    draft_set_options(draft, &create->options);
    return ST_OK;
}

Status ddl_create_table(Binder *b, const Ast *statement, Err *err) {
    TableDraft draft = {.b = b};
    const AstCreateTable *create;
    const Ast *copy;
    const Table *table;
    Status status;
    Span text;
    TRY(ddl_copy(b, statement, &text, &copy, err));
    create = (const AstCreateTable *)copy;
    TRY(create_refused(b, create, err));
    TRY(catalog_qualify_ast(b->env->catalog, create->name, &draft.name, err));
    if (create->if_not_exists &&
        catalog_find(b->env->catalog, draft.name, create->is_temporary, !create->is_temporary)) {
        return ST_OK;
    }
    draft.pos = create->name->ast.pos;
    draft.is_temporary = create->is_temporary;
    draft.sql = text;
    draft.comment = create->comment ? ((const AstLiteral *)create->comment)->text : (Span){0};
    TRY(create_draft(&draft, create, err));
    TRY(draft_seal(&draft, &table, err));
    status = catalog_add_table(b->env->catalog, table, create->if_not_exists,
                               create->replace != REPLACE_NONE, err);
    if (status != ST_OK && err && err->pos < 0) err->pos = bind_pos(b, draft.pos);
    return status;
}
