/* show.c -- SHOW and DESCRIBE: answers about the session, with Flink's column names.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"

/* ---- answers of text ---- */

void texttable_begin(TextTable *table, weir_script *script, const char *const *names, uint32_t n) {
    Field *fields = arena_array(&script->arena, Field, n);
    for (uint32_t i = 0; i < n; i++) fields[i] = (Field){span_of(names[i]), &type_string};
    table->script = script;
    table->schema = arena_new(&script->arena, Schema);
    *table->schema = (Schema){n, fields};
    rows_begin(&script->rows, table->schema, script->engine->zone);
    batchb_init(&table->rows, &script->rows.arena, table->schema, 16);
}

void texttable_row(TextTable *table, const char *const *values) {
    for (uint32_t i = 0; i < table->schema->n_fields; i++) {
        if (values[i])
            colb_str(&table->rows.cols[i], values[i], strlen(values[i]));
        else
            colb_null(&table->rows.cols[i]);
    }
    batchb_row_end(&table->rows, 1);
}

void texttable_end(TextTable *table) {
    table->script->rows.batch = *batchb_finish(&table->rows);
}

/* ---- names that match [NOT] LIKE 'pattern' ---- */

/* SQL LIKE over bytes: '%' any run, '_' one byte. */
static bool show_like(Span text, Span pattern, bool is_nocase) {
    while (pattern.len) {
        char p = pattern.ptr[0];
        if (p == '%') {
            Span rest = {pattern.ptr + 1, pattern.len - 1};
            for (size_t skip = 0; skip <= text.len; skip++)
                if (show_like((Span){text.ptr + skip, text.len - skip}, rest, is_nocase))
                    return true;
            return false;
        }
        if (!text.len) return false;
        if (p != '_' && !(is_nocase ? span_eq_nocase((Span){text.ptr, 1}, (Span){pattern.ptr, 1})
                                    : text.ptr[0] == p))
            return false;
        text = (Span){text.ptr + 1, text.len - 1};
        pattern = (Span){pattern.ptr + 1, pattern.len - 1};
    }
    return text.len == 0;
}

typedef struct ShowNames {
    TextTable table;
    const AstShow *show;
    int only; /* 0: every table, 1: views, 2: base tables */
} ShowNames;

static bool show_wants(const AstShow *show, Span name) {
    if (!show->like) return true;
    return show_like(name, ((const AstLiteral *)show->like)->text, show->is_ilike) != show->is_not;
}

static void show_name(void *ctx, Span name, const Table *table) {
    ShowNames *names = ctx;
    const char *row[1];
    if (!show_wants(names->show, name)) return;
    if (names->only == 1 && table && !table->is_view) return;
    row[0] = arena_strndup(&names->table.script->arena, name.ptr, name.len);
    texttable_row(&names->table, row);
}

static Status show_names_of(ShowNames *names, Err *err) {
    const Catalog *catalog = names->table.script->engine->catalog;
    const AstShow *show = names->show;
    Span in_catalog = {0}, in_database = {0};
    int32_t n = show->name ? show->name->parts.n : 0;
    bool found = true;
    if (show->show == SHOW_CATALOGS) {
        catalog_each_catalog(catalog, show_name, names);
        return ST_OK;
    }
    if (show->show == SHOW_DATABASES) {
        if (n) in_catalog = ast_name_last(show->name);
        found = catalog_each_database(catalog, in_catalog, show_name, names);
    } else {
        if (n) in_database = ast_name_last(show->name);
        if (n > 1) in_catalog = show->name->parts.items[0].text;
        found = catalog_each_table(catalog, in_catalog, in_database, show_name, names);
    }
    if (found) return ST_OK;
    FAIL(err, ST_NOT_FOUND, show->show == SHOW_DATABASES ? "42704" : "3D000", show->name->ast.pos,
         "%s \"" SPAN_FMT "\" does not exist",
         show->show == SHOW_DATABASES ? "catalog" : "database",
         SPAN_ARG(ast_name_last(show->name)));
}

static Status show_list(weir_script *script, const AstShow *show, const char *column, Err *err) {
    ShowNames names = {.show = show, .only = show->show == SHOW_VIEWS};
    texttable_begin(&names.table, script, &column, 1);
    TRY(show_names_of(&names, err));
    texttable_end(&names.table);
    return ST_OK;
}

/* ---- functions ---- */

static void show_user_function(void *ctx, const UserFn *fn) {
    show_name(ctx, fn->name, NULL);
}

static int show_compare(const void *a, const void *b) {
    return span_cmp(*(const Span *)a, *(const Span *)b);
}

static void show_functions(weir_script *script, const AstShow *show) {
    static const char *const column[] = {"function name"};
    ShowNames names = {.show = show};
    uint32_t n_fns, n_aggs, n = 0;
    const Fn *const *fns = fn_all(&n_fns);
    const Agg *const *aggs = agg_all(&n_aggs);
    Span *all = arena_array(&script->arena, Span, n_fns + n_aggs);
    texttable_begin(&names.table, script, column, 1);
    if (show->show == SHOW_FUNCTIONS) {
        for (uint32_t i = 0; i < n_fns; i++)
            if (!(fns[i]->traits & FN_OPERATOR)) all[n++] = span_of(fns[i]->name);
        for (uint32_t i = 0; i < n_aggs; i++) all[n++] = span_of(aggs[i]->name);
    }
    qsort(all, n, sizeof *all, show_compare);
    for (uint32_t i = 0; i < n; i++)
        if (!i || !span_eq(all[i], all[i - 1])) show_name(&names, all[i], NULL);
    catalog_each_function(script->engine->catalog, show_user_function, &names);
    texttable_end(&names.table);
}

/* ---- tables ---- */

static const char *const describe_names[] = {"name",   "type",      "null",   "key",
                                             "extras", "watermark", "comment"};

static void describe_column(TextTable *out, const Table *table, uint32_t index) {
    Arena *arena = &out->script->arena;
    const TableColumn *column = &table->columns[index];
    const Type *type = column->type;
    const char *row[7] = {arena_strndup(arena, column->name.ptr, column->name.len)};
    Buf text;
    buf_init(&text, NULL);
    type_print(type, false, &text);
    row[1] = arena_strndup(arena, text.ptr, text.len);
    row[2] = type->is_nullable ? "TRUE" : "FALSE";
    buf_reset(&text);
    for (uint32_t k = 0; k < table->n_key_cols; k++) {
        if (table->key_cols[k] != index) continue;
        buf_puts(&text, "PRI(");
        for (uint32_t j = 0; j < table->n_key_cols; j++)
            buf_printf(&text, "%s" SPAN_FMT, j ? ", " : "",
                       SPAN_ARG(table->columns[table->key_cols[j]].name));
        row[3] = arena_printf(arena, SPAN_FMT ")", SPAN_ARG(buf_as_span(&text)));
    }
    buf_reset(&text);
    if (column->kind == TABCOL_COMPUTED) {
        buf_puts(&text, "AS ");
        table_print_expr(column->computed, &text);
    } else if (column->kind == TABCOL_METADATA) {
        buf_puts(&text, "METADATA");
        if (!span_eq(column->metadata_key, column->name))
            buf_printf(&text, " FROM '" SPAN_FMT "'", SPAN_ARG(column->metadata_key));
        if (column->is_virtual) buf_puts(&text, " VIRTUAL");
    }
    if (text.len) row[4] = arena_strndup(arena, text.ptr, text.len);
    buf_reset(&text);
    if (table->watermark && table->rowtime_col == (int32_t)index) {
        table_print_expr(table->watermark, &text);
        row[5] = arena_strndup(arena, text.ptr, text.len);
    }
    if (column->comment.len)
        row[6] = arena_strndup(arena, column->comment.ptr, column->comment.len);
    texttable_row(out, row);
    buf_deinit(&text);
}

static Status show_columns(weir_script *script, const AstName *name, const AstShow *show,
                           Err *err) {
    const Table *table;
    TextTable out;
    uint32_t n_columns = 6;
    TRY(catalog_table_get(script->engine->catalog, name, name->ast.pos, &table, err));
    for (uint32_t i = 0; i < table->n_columns; i++)
        if (table->columns[i].comment.len) n_columns = 7;
    texttable_begin(&out, script, describe_names, n_columns);
    for (uint32_t i = 0; i < table->n_columns; i++)
        if (!show || show_wants(show, table->columns[i].name)) describe_column(&out, table, i);
    texttable_end(&out);
    return ST_OK;
}

static Status show_create(weir_script *script, const AstShow *show, Err *err) {
    static const char *const column[] = {"result"};
    bool wants_view = show->show == SHOW_CREATE_VIEW;
    const Table *table;
    TextTable out;
    const char *row[1];
    TRY(catalog_table_get(script->engine->catalog, show->name, show->name->ast.pos, &table, err));
    if (table->is_view != wants_view) {
        FAIL(err, ST_INVALID, "42809", show->name->ast.pos,
             "\"" SPAN_FMT "\" is a %s: use SHOW CREATE %s", SPAN_ARG(table->name),
             table->is_view ? "view" : "table", table->is_view ? "VIEW" : "TABLE");
    }
    buf_reset(&script->message);
    table_print_create(table, &script->message);
    texttable_begin(&out, script, column, 1);
    row[0] = buf_cstr(&script->message);
    texttable_row(&out, row);
    texttable_end(&out);
    return ST_OK;
}

static void show_text(weir_script *script, Buf *text) {
    static const char *const column[] = {"result"};
    const char *row[1] = {buf_cstr(text)};
    TextTable out;
    texttable_begin(&out, script, column, 1);
    texttable_row(&out, row);
    texttable_end(&out);
}

/* All catalogs are in memory. */
static Status show_create_catalog(weir_script *script, const AstName *name, Err *err) {
    Buf *text = &script->message;
    Span comment, last = ast_name_last(name);
    TRY(catalog_get(script->engine->catalog, last, name->ast.pos, &comment, err));
    buf_reset(text);
    buf_printf(text, "CREATE CATALOG `" SPAN_FMT "`", SPAN_ARG(last));
    if (comment.len) {
        buf_puts(text, "\nCOMMENT ");
        sql_deparse_string(comment, text);
    }
    buf_puts(text, "\nWITH (\n  'type' = 'generic_in_memory'\n)");
    show_text(script, text);
    return ST_OK;
}

static Status describe_catalog(weir_script *script, const AstDescribe *describe, Err *err) {
    static const char *const names[] = {"info name", "info value"};
    TextTable out;
    Span comment, name = ast_name_last(describe->name);
    TRY(catalog_get(script->engine->catalog, name, describe->name->ast.pos, &comment, err));
    const char *rows[][2] = {
        {"name", arena_strndup(&script->arena, name.ptr, name.len)},
        {"type", "generic_in_memory"},
        {"comment", arena_strndup(&script->arena, comment.ptr ? comment.ptr : "", comment.len)},
        {"option:type", "generic_in_memory"},
    };
    texttable_begin(&out, script, names, 2);
    for (size_t i = 0; i < (describe->is_extended ? 4u : 3u); i++) texttable_row(&out, rows[i]);
    texttable_end(&out);
    return ST_OK;
}

static void show_full_modules(weir_script *script) {
    static const char *const names[] = {"module name", "used"};
    static const char *const row[] = {"core", "TRUE"};
    TextTable out;
    texttable_begin(&out, script, names, 2);
    texttable_row(&out, row);
    texttable_end(&out);
}

static void show_one(weir_script *script, const char *column, Span value) {
    TextTable out;
    const char *row[1] = {arena_strndup(&script->arena, value.ptr, value.len)};
    texttable_begin(&out, script, &column, 1);
    if (value.len) texttable_row(&out, row);
    texttable_end(&out);
}

static void show_jobs(weir_script *script) {
    static const char *const names[] = {"job id", "job name", "status"};
    static const char *const states[] = {"RUNNING", "FINISHED", "FAILED", "CANCELED"};
    const Engine *engine = script->engine;
    TextTable out;
    texttable_begin(&out, script, names, 3);
    for (uint32_t i = 0; i < engine->n_queries; i++) {
        const Query *query = engine->queries[i];
        const char *row[3] = {arena_printf(&script->arena, "%llu", (unsigned long long)query->id),
                              query->name, states[query->state]};
        texttable_row(&out, row);
    }
    texttable_end(&out);
}

/* Refused by the words that it begins with. */
static Status show_refuse(weir_script *script, const Ast *statement, Err *err) {
    Buf *text = &script->message;
    size_t n = 0;
    buf_reset(text);
    sql_deparse(statement, text);
    for (Span all = buf_as_span(text); n < all.len; n++) /* SHOW CREATE MODEL m: without the name */
        if (all.ptr[n] != ' ' && (all.ptr[n] < 'A' || all.ptr[n] > 'Z')) break;
    while (n && text->ptr[n - 1] == ' ') n--;
    FAIL(err, ST_UNSUPPORTED, "0A000", statement->pos, "%.*s is not supported", (int)n, text->ptr);
}

Status statement_show(weir_script *script, const AstShow *show, Err *err) {
    const Catalog *catalog = script->engine->catalog;
    switch (show->show) {
    case SHOW_CATALOGS: return show_list(script, show, "catalog name", err);
    case SHOW_DATABASES: return show_list(script, show, "database name", err);
    case SHOW_TABLES: return show_list(script, show, "table name", err);
    case SHOW_VIEWS: return show_list(script, show, "view name", err);
    case SHOW_CURRENT_CATALOG:
        show_one(script, "current catalog name", catalog_current(catalog));
        return ST_OK;
    case SHOW_CURRENT_DATABASE:
        show_one(script, "current database name", catalog_current_database(catalog));
        return ST_OK;
    case SHOW_COLUMNS: return show_columns(script, show->name, show, err);
    case SHOW_CREATE_TABLE:
    case SHOW_CREATE_VIEW: return show_create(script, show, err);
    case SHOW_FUNCTIONS:
    case SHOW_USER_FUNCTIONS: show_functions(script, show); return ST_OK;
    case SHOW_CREATE_CATALOG: return show_create_catalog(script, show->name, err);
    case SHOW_FULL_MODULES: show_full_modules(script); return ST_OK;
    case SHOW_PROCEDURES: show_one(script, "procedure name", (Span){0}); return ST_OK;
    case SHOW_MODELS: show_one(script, "model name", (Span){0}); return ST_OK;
    case SHOW_MATERIALIZED_TABLES:
    case SHOW_MATERIALIZED_VIEWS: show_one(script, "table name", (Span){0}); return ST_OK;
    case SHOW_MODULES: show_one(script, "module name", SPAN("core")); return ST_OK;
    case SHOW_JARS: show_one(script, "jars", (Span){0}); return ST_OK;
    case SHOW_JOBS: show_jobs(script); return ST_OK;
    default: return show_refuse(script, &show->ast, err);
    }
}

Status statement_describe(weir_script *script, const AstDescribe *describe, Err *err) {
    if (describe->describe == DESCRIBE_TABLE)
        return show_columns(script, describe->name, NULL, err);
    if (describe->describe == DESCRIBE_CATALOG) return describe_catalog(script, describe, err);
    return show_refuse(script, &describe->ast, err);
}
