/* rowin.c -- rows that the host program feeds into a table of the 'test' connector.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"

struct weir_feed {
    Engine *engine;
    const Table *table;
    RowFeed *feed;
    const Schema *schema; /* physical columns */
    Arena arena;          /* of the row under way */
    Column *values;       /* one row each; type NULL: not set */
    Err err;              /* the first wrong value of the row */
    int32_t split;
    bool takes_deletes;
    char **names;
};

weir_status weir_feed_open(weir_engine *engine, const char *table_name, weir_feed **out,
                           weir_error *error) {
    Err err = ERR_INIT;
    Arena arena;
    Ast *parsed = NULL;
    const Table *table = NULL;
    weir_feed *feed;
    Span name = span_of(table_name);
    arena_init(&arena, NULL);
    if (sql_parse_expr(&arena, name, &parsed, &err) == ST_OK && parsed->kind == AST_NAME)
        err.status = catalog_table_get(engine->catalog, (const AstName *)parsed, -1, &table, &err);
    else
        err_set(&err, ST_NOT_FOUND, "42P01", -1, __FILE__, __LINE__, "table \"%s\" does not exist",
                table_name);
    arena_deinit(&arena);
    if (table && !table->feed) {
        err_set(&err, ST_INVALID, "42809", -1, __FILE__, __LINE__,
                "table \"%s\" cannot be fed: its connector is not 'test'", table_name);
    }
    if (!table || !table->feed) return engine_report(error, &err, NULL, NULL);
    feed = mem_zalloc(NULL, sizeof *feed);
    feed->engine = engine;
    feed->table = table;
    feed->feed = table->feed;
    feed->schema = rowfeed_schema(table->feed);
    arena_init(&feed->arena, &engine->mem);
    feed->values = mem_zalloc(NULL, sizeof *feed->values * (feed->schema->n_fields + 1));
    feed->names = mem_zalloc(NULL, sizeof *feed->names * (feed->schema->n_fields + 1));
    *out = feed;
    return WEIR_OK;
}

void weir_feed_close(weir_feed *feed) {
    if (!feed) return;
    for (uint32_t i = 0; i < feed->schema->n_fields; i++)
        if (feed->names[i]) mem_free(NULL, feed->names[i], feed->schema->fields[i].name.len + 1);
    mem_free(NULL, feed->names, sizeof *feed->names * (feed->schema->n_fields + 1));
    mem_free(NULL, feed->values, sizeof *feed->values * (feed->schema->n_fields + 1));
    arena_deinit(&feed->arena);
    mem_free(NULL, feed, sizeof *feed);
}

size_t weir_feed_columns(const weir_feed *feed) {
    return feed->schema->n_fields;
}

const char *weir_feed_column_name(const weir_feed *feed, size_t column) {
    Span name;
    if (column >= feed->schema->n_fields) return "";
    name = feed->schema->fields[column].name;
    if (!feed->names[column]) {
        feed->names[column] = mem_alloc(NULL, name.len + 1);
        memcpy(feed->names[column], name.ptr, name.len);
        feed->names[column][name.len] = '\0';
    }
    return feed->names[column];
}

/* A builder for one value of the column, or NULL when there is no such column or the row is bad. */
static ColBuilder *feed_builder(weir_feed *feed, size_t column) {
    ColBuilder *value;
    if (feed->err.status != ST_OK) return NULL;
    if (column >= feed->schema->n_fields) {
        err_set(&feed->err, ST_INVALID, "42703", -1, __FILE__, __LINE__,
                "table \"" SPAN_FMT "\" has %u columns, there is none with number %zu",
                SPAN_ARG(feed->table->name), feed->schema->n_fields, column);
        return NULL;
    }
    value = arena_new(&feed->arena, ColBuilder);
    colb_init(value, &feed->arena, feed->schema->fields[column].type, 1);
    return value;
}

static void feed_value_set(weir_feed *feed, size_t column, ColBuilder *value) {
    colb_finish(value, &feed->values[column]);
}

static void feed_wrong_type(weir_feed *feed, size_t column, const char *given) {
    Arena arena;
    arena_init(&arena, NULL);
    err_set(&feed->err, ST_INVALID, "42804", -1, __FILE__, __LINE__,
            "column \"" SPAN_FMT "\" is %s and does not take %s",
            SPAN_ARG(feed->schema->fields[column].name),
            type_text(&arena, feed->schema->fields[column].type), given);
    arena_deinit(&arena);
}

void weir_feed_null(weir_feed *feed, size_t column) {
    ColBuilder *value = feed_builder(feed, column);
    if (!value) return;
    colb_null(value);
    feed_value_set(feed, column, value);
}

void weir_feed_int64(weir_feed *feed, size_t column, int64_t number) {
    ColBuilder *value = feed_builder(feed, column);
    int64_t low = INT64_MIN, high = INT64_MAX;
    if (!value) return;
    switch (type_phys(value->type)) {
    case PHYS_I8:
        low = value->type->kind == TYPE_BOOLEAN ? 0 : INT8_MIN;
        high = value->type->kind == TYPE_BOOLEAN ? 1 : INT8_MAX;
        colb_i8(value, (int8_t)number);
        break;
    case PHYS_I16: low = INT16_MIN, high = INT16_MAX, colb_i16(value, (int16_t)number); break;
    case PHYS_I32: low = INT32_MIN, high = INT32_MAX, colb_i32(value, (int32_t)number); break;
    case PHYS_I64: colb_i64(value, number); break;
    case PHYS_F64: colb_f64(value, (double)number); break;
    default: feed_wrong_type(feed, column, "an integer"); return;
    }
    if (number < low || number > high) {
        err_set(&feed->err, ST_INVALID, "22003", -1, __FILE__, __LINE__,
                "%lld is out of range for column \"" SPAN_FMT "\"", (long long)number,
                SPAN_ARG(feed->schema->fields[column].name));
        return;
    }
    feed_value_set(feed, column, value);
}

void weir_feed_double(weir_feed *feed, size_t column, double number) {
    ColBuilder *value = feed_builder(feed, column);
    if (!value) return;
    if (type_phys(value->type) == PHYS_F64)
        colb_f64(value, number);
    else if (type_phys(value->type) == PHYS_F32)
        colb_f32(value, (float)number);
    else {
        feed_wrong_type(feed, column, "a floating-point number");
        return;
    }
    feed_value_set(feed, column, value);
}

void weir_feed_text(weir_feed *feed, size_t column, const char *text, size_t len) {
    ColBuilder *value = feed_builder(feed, column);
    Phys phys;
    if (!value) return;
    phys = type_phys(value->type);
    if (phys == PHYS_LIST || phys == PHYS_ROW) {
        weir_feed_sql(feed, column, text, len);
        return;
    }
    text = arena_strndup(&feed->arena, text, len);
    if (value_parse((Span){text, len}, value->type, TEXT_CAST, feed->engine->zone, value,
                    &feed->err) == ST_OK)
        feed_value_set(feed, column, value);
    else
        err_wrap(&feed->err, "column \"" SPAN_FMT "\"",
                 SPAN_ARG(feed->schema->fields[column].name));
}

void weir_feed_sql(weir_feed *feed, size_t column, const char *sql, size_t len) {
    ColBuilder *value = feed_builder(feed, column);
    ExprEnv expr_env;
    Span text;
    Ast *ast;
    Expr *expr, *folded;
    if (!value) return;
    text = (Span){arena_strndup(&feed->arena, sql, len), len};
    PlanEnv env = engine_plan_env(feed->engine, text, &feed->arena, &expr_env);
    if (sql_parse_expr(&feed->arena, text, &ast, &feed->err) != ST_OK ||
        plan_constant(&env, ast, &expr, &feed->err) != ST_OK ||
        expr_coerce(&feed->arena, expr, value->type, -1, &expr, &feed->err) != ST_OK)
        return;
    folded = expr_fold(&feed->arena, expr, &expr_env);
    if (folded->kind != EXPR_CONST) {
        err_set(&feed->err, ST_INVALID, "42804", -1, __FILE__, __LINE__,
                "\"" SPAN_FMT "\" is not a constant", SPAN_ARG(text));
        return;
    }
    colb_append(value, folded->value, 0, true);
    feed_value_set(feed, column, value);
}

static Status feed_check_row(weir_feed *feed, int32_t weight, Err *err) {
    Options options = {feed->table->n_options, feed->table->options, "",
                       feed->table->conn->options};
    if (feed->err.status != ST_OK) {
        *err = feed->err;
        return err->status;
    }
    if (!weight) FAIL(err, ST_INVALID, "22023", -1, "a row cannot have the weight 0");
    if (weight < 0 && !opt_bool(&options, "changelog"))
        FAIL(err, ST_INVALID, "22023", -1, "table \"" SPAN_FMT "\" takes inserts only: %s",
             SPAN_ARG(feed->table->name), "'changelog' = 'true' allows deletions");
    for (uint32_t i = 0; i < feed->schema->n_fields; i++) {
        const Type *type = feed->schema->fields[i].type;
        if (!feed->values[i].type) feed->values[i] = col_null(&feed->arena, type, 1);
        if (!type->is_nullable && col_is_null(&feed->values[i], 0))
            FAIL(err, ST_INVALID, "23502", -1, "column \"" SPAN_FMT "\" must not be NULL",
                 SPAN_ARG(feed->schema->fields[i].name));
    }
    return ST_OK;
}

weir_status weir_feed_row(weir_feed *feed, int32_t weight, weir_error *error) {
    Err err = ERR_INIT;
    Status status = feed_check_row(feed, weight, &err);
    Batch batch = {.schema = feed->schema,
                   .n_rows = 1,
                   .n_phys = 1,
                   .n_cols = feed->schema->n_fields,
                   .split = feed->split,
                   .cols = feed->values,
                   .weights = &weight};
    if (status == ST_OK) rowfeed_push(feed->feed, &batch);
    memset(feed->values, 0, sizeof *feed->values * feed->schema->n_fields);
    feed->err = (Err)ERR_INIT;
    arena_reset(&feed->arena);
    return status == ST_OK ? WEIR_OK : engine_report(error, &err, NULL, NULL);
}

void weir_feed_split(weir_feed *feed, int32_t split) {
    feed->split = split;
}

weir_status weir_feed_watermark(weir_feed *feed, int64_t watermark_us, weir_error *error) {
    (void)error;
    rowfeed_watermark(feed->feed, watermark_us);
    return WEIR_OK;
}

weir_status weir_feed_end(weir_feed *feed, weir_error *error) {
    (void)error;
    rowfeed_end(feed->feed);
    return WEIR_OK;
}
