/* bind_insert.c -- INSERT INTO: the query's columns go by position to the columns that the sink
 * stores, converted where Flink converts by itself.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/table_draft.h"

/* The columns that an INSERT can write: physical ones, and metadata that is not VIRTUAL. */
static bool insert_is_stored(const TableColumn *column) {
    return column->kind == TABCOL_PHYSICAL ||
           (column->kind == TABCOL_METADATA && !column->is_virtual);
}

typedef struct InsertPlan {
    const Table *table;
    uint32_t *cols; /* table column of each column of the sink */
    uint32_t n_cols;
    int32_t *from;     /* query column that goes there; -1: the constant, or NULL */
    Expr **constants;  /* PARTITION (c = value) */
    uint32_t n_wanted; /* query columns needed */
} InsertPlan;

static int32_t insert_find(const InsertPlan *plan, Span name) {
    for (uint32_t i = 0; i < plan->n_cols; i++) {
        if (span_eq(plan->table->columns[plan->cols[i]].name, name)) return (int32_t)i;
    }
    return -1;
}

static Status insert_no_column(const Binder *b, const InsertPlan *plan, Span name, int32_t pos,
                               Err *err) {
    Span best, *names = arena_array(b->arena, Span, plan->n_cols);
    for (uint32_t i = 0; i < plan->n_cols; i++) names[i] = plan->table->columns[plan->cols[i]].name;
    best = span_nearest(name, names, plan->n_cols);
    err_set(err, ST_INVALID, "42703", bind_pos(b, pos), __FILE__, __LINE__,
            "table `" SPAN_FMT "` has no column `" SPAN_FMT "` to write",
            SPAN_ARG(plan->table->name), SPAN_ARG(name));
    return best.len ? err_hint(err, "did you mean `" SPAN_FMT "`?", SPAN_ARG(best)) : ST_INVALID;
}

static Status insert_partition(Binder *b, const AstInsert *insert, InsertPlan *plan, Err *err) {
    for (int32_t i = 0; i < insert->partition.n; i++) {
        const AstPartitionItem *item = (const AstPartitionItem *)insert->partition.items[i];
        int32_t at = insert_find(plan, item->column.text);
        bool is_partition = false;
        if (at < 0) return insert_no_column(b, plan, item->column.text, item->column.pos, err);
        for (uint32_t j = 0; j < plan->table->n_partition_cols; j++) {
            is_partition |= plan->table->partition_cols[j] == plan->cols[at];
        }
        if (!is_partition) {
            err_set(err, ST_INVALID, "42P16", bind_pos(b, item->column.pos), __FILE__, __LINE__,
                    "`" SPAN_FMT "` is not a partition column", SPAN_ARG(item->column.text));
            return err_hint(err, "PARTITION names columns of PARTITIONED BY");
        }
        if (!item->value) continue; /* PARTITION (dt): dynamic, from the query */
        TRY(bind_constant(b, item->value, "PARTITION", &plan->constants[at], err));
    }
    return ST_OK;
}

/* Which query column goes where. */
static Status insert_columns(Binder *b, const AstInsert *insert, InsertPlan *plan, Err *err) {
    for (uint32_t i = 0; i < plan->n_cols; i++) plan->from[i] = -1;
    for (int32_t i = 0; i < insert->columns.n; i++) {
        const AstName *name = (const AstName *)insert->columns.items[i];
        int32_t at = insert_find(plan, ast_name_last(name));
        if (name->parts.n != 1) {
            return bind_unsupported(b, name->ast.pos, "a nested column in an INSERT list",
                                    "insert the whole ROW", err);
        }
        if (at < 0) return insert_no_column(b, plan, ast_name_last(name), name->ast.pos, err);
        if (plan->from[at] >= 0 || plan->constants[at]) {
            FAIL(err, ST_INVALID, "42701", bind_pos(b, name->ast.pos),
                 "column `" SPAN_FMT "` is written twice", SPAN_ARG(ast_name_last(name)));
        }
        plan->from[at] = (int32_t)plan->n_wanted++;
    }
    for (uint32_t i = 0; i < plan->n_cols && !insert->columns.n; i++) {
        if (!plan->constants[i]) plan->from[i] = (int32_t)plan->n_wanted++;
    }
    return ST_OK;
}

/* "[id BIGINT, name STRING]". */
static void insert_print_schema(const Schema *schema, Buf *out) {
    buf_putc(out, '[');
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        buf_printf(out, "%s" SPAN_FMT ": ", i ? ", " : "", SPAN_ARG(schema->fields[i].name));
        type_print(schema->fields[i].type, true, out);
    }
    buf_putc(out, ']');
}

static Schema insert_sink_schema(Binder *b, const InsertPlan *plan) {
    Field *fields = arena_array(b->arena, Field, plan->n_cols);
    for (uint32_t i = 0; i < plan->n_cols; i++) {
        const TableColumn *column = &plan->table->columns[plan->cols[i]];
        fields[i] = (Field){column->name, type_with_attr(b->arena, column->type, TIME_ATTR_NONE)};
    }
    return (Schema){.n_fields = plan->n_cols, .fields = fields};
}

static Status insert_mismatch(Binder *b, const InsertPlan *plan, const Node *query, int32_t pos,
                              const char *sqlstate, const char *cause, Err *err) {
    Schema sink = insert_sink_schema(b, plan);
    Buf detail;
    err_set(err, ST_INVALID, sqlstate, pos, __FILE__, __LINE__,
            "the query's columns do not fit table `" SPAN_FMT "`: %s", SPAN_ARG(plan->table->name),
            cause);
    buf_init(&detail, NULL);
    buf_puts(&detail, "query schema: ");
    insert_print_schema(&query->schema, &detail);
    buf_puts(&detail, ", sink schema: ");
    insert_print_schema(&sink, &detail);
    err_detail(err, "%s", buf_cstr(&detail));
    buf_deinit(&detail);
    return err_hint(err, "columns go by position; add a CAST, reorder them, or name the columns: "
                         "INSERT INTO t (a, b) SELECT ...");
}

/* Flink's implicit casts, and any value to a character string. */
static Status insert_coerce(Binder *b, const InsertPlan *plan, const Node *query, uint32_t at,
                            Expr *value, Expr **out, Err *err) {
    const TableColumn *column = &plan->table->columns[plan->cols[at]];
    const Type *to = type_with_attr(b->arena, column->type, TIME_ATTR_NONE);
    Status status;
    value = bind_strip_attr(b->arena, value);
    /* NULLs into NOT NULL are found when they come. */
    to = type_with_null(b->arena, to, to->is_nullable || value->type->is_nullable);
    status = expr_coerce(b->arena, value, to, value->pos, out, err);
    if (status == ST_OK) return ST_OK;
    if (type_is_string(to) && value->type->kind < TYPE_ARRAY) {
        return expr_cast(b->arena, value, to, false, value->pos, out, err);
    }
    return insert_mismatch(b, plan, query, value->pos, "42804",
                           arena_printf(b->arena,
                                        "column `" SPAN_FMT "` is %s, but the query gives %s",
                                        SPAN_ARG(column->name), type_text(b->arena, to),
                                        type_text(b->arena, value->type)),
                           err);
}

/* Where the query's column was written. */
static int32_t insert_value_pos(const Node *query, uint32_t col, int32_t fallback) {
    if (query->kind == NODE_PROJECT && query->exprs[col]->pos >= 0) return query->exprs[col]->pos;
    return fallback;
}

static Status insert_project(Binder *b, const AstInsert *insert, const InsertPlan *plan,
                             Node *query, Node **out, Err *err) {
    Expr **exprs = arena_array(b->arena, Expr *, plan->n_cols);
    Span *names = arena_array(b->arena, Span, plan->n_cols);
    int32_t pos = bind_pos(b, insert->query->pos);
    if (query->schema.n_fields != plan->n_wanted) {
        return insert_mismatch(b, plan, query, pos, "42601",
                               arena_printf(b->arena, "it needs %u columns, the query has %u",
                                            plan->n_wanted, query->schema.n_fields),
                               err);
    }
    for (uint32_t i = 0; i < plan->n_cols; i++) {
        const TableColumn *column = &plan->table->columns[plan->cols[i]];
        Expr *value;
        names[i] = column->name;
        if (plan->from[i] >= 0) {
            uint32_t col = (uint32_t)plan->from[i];
            value = node_column(b->arena, query, col, insert_value_pos(query, col, pos));
        } else if (plan->constants[i]) {
            value = plan->constants[i];
        } else {
            if (!column->type->is_nullable) {
                err_set(err, ST_INVALID, "23502", bind_pos(b, insert->table->ast.pos), __FILE__,
                        __LINE__, "column `" SPAN_FMT "` is NOT NULL and gets no value",
                        SPAN_ARG(column->name));
                return err_hint(err, "add it to the column list and to the query");
            }
            value = expr_null(b->arena, column->type, pos);
        }
        TRY(insert_coerce(b, plan, query, i, value, &exprs[i], err));
    }
    *out = node_project(b->arena, query, exprs, names, plan->n_cols);
    return ST_OK;
}

/* ---- the sink ---- */

static Status sink_writable(const Table *table, int32_t pos, Err *err) {
    if (table->is_view) {
        FAIL(err, ST_INVALID, "42809", pos, "`" SPAN_FMT "` is a view: it cannot be written",
             SPAN_ARG(table->name));
    }
    if (!table->conn) {
        err_set(err, ST_INVALID, "42809", pos, __FILE__, __LINE__,
                "table `" SPAN_FMT "` has no 'connector', so its rows have nowhere to go",
                SPAN_ARG(table->name));
        return err_hint(err, "add 'connector' = '...' to its WITH options");
    }
    if (!(table->conn->traits & CONN_SINK)) {
        err_set(err, ST_INVALID, "42809", pos, __FILE__, __LINE__,
                "connector '%s' of table `" SPAN_FMT "` can be read but not written to",
                table->conn->name, SPAN_ARG(table->name));
        return err_hint(err, "`weir doc connectors` tells which connectors are sinks");
    }
    if (table->format && !(table->format->traits & FORMAT_SINK)) {
        FAIL(err, ST_INVALID, "42809", pos, "format '%s' can be read but not written",
             table->format->name);
    }
    return ST_OK;
}

static void sink_keys(Binder *b, Node *sink, const InsertPlan *plan) {
    const Table *table = plan->table;
    const Node *in = sink->inputs[0];
    uint32_t *key = arena_array(b->arena, uint32_t, table->n_key_cols);
    uint32_t *partition = arena_array(b->arena, uint32_t, table->n_partition_cols);
    for (uint32_t i = 0; i < plan->n_cols; i++) {
        for (uint32_t j = 0; j < table->n_key_cols; j++) {
            if (table->key_cols[j] == plan->cols[i]) key[j] = i;
        }
        for (uint32_t j = 0; j < table->n_partition_cols; j++) {
            if (table->partition_cols[j] == plan->cols[i]) partition[j] = i;
        }
    }
    sink->sink.partition_cols = partition;
    sink->sink.key = table->n_key_cols ? key : in->key;
    sink->sink.n_key = table->n_key_cols ? table->n_key_cols : in->n_key;
}

static Node *insert_sink(Binder *b, const InsertPlan *plan, Node *in, const Options *options,
                         int32_t pos) {
    Node *sink = node_new(b->arena, NODE_SINK, &in, 1);
    sink->schema = insert_sink_schema(b, plan);
    sink->sink.table = plan->table;
    sink->sink.options = options;
    sink->sink.is_final = b->env->is_batch;
    sink->pos = pos;
    sink_keys(b, sink, plan);
    node_properties(b->arena, sink);
    return sink;
}

Status bind_insert(Binder *b, const AstInsert *insert, Node **out, Err *err) {
    InsertPlan plan = {0};
    const Options *options;
    int32_t pos = bind_pos(b, insert->table->ast.pos);
    Node *query, *rows = NULL;
    TRY(bind_find_table(b, insert->table, &plan.table, err));
    TRY(sink_writable(plan.table, pos, err));
    if (insert->is_overwrite) {
        return bind_unsupported(b, insert->ast.pos, "INSERT OVERWRITE", "write INSERT INTO", err);
    }
    TRY(bind_table_options(b, plan.table, &insert->hints, pos, &options, err));
    plan.cols = arena_array(b->arena, uint32_t, plan.table->n_columns);
    plan.from = arena_array(b->arena, int32_t, plan.table->n_columns);
    plan.constants = arena_array(b->arena, Expr *, plan.table->n_columns);
    for (uint32_t i = 0; i < plan.table->n_columns; i++) {
        if (insert_is_stored(&plan.table->columns[i])) plan.cols[plan.n_cols++] = i;
    }
    TRY(insert_partition(b, insert, &plan, err));
    TRY(insert_columns(b, insert, &plan, err));
    TRY(bind_query(b, (const AstQuery *)insert->query, NULL, &query, err));
    TRY(insert_project(b, insert, &plan, query, &rows, err));
    *out = insert_sink(b, &plan, rows, options, pos);
    (*out)->sink.on_conflict = insert->on_conflict;
    return ST_OK;
}
