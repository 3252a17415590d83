/* query.c -- a started SELECT or INSERT: its plan and flow, its results, its end.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"

#include <stdatomic.h>

enum { WAIT_FDS = 256 };

/* ---- results ---- */

static void query_begin_changes(Query *query) {
    batchb_init(&query->changes, &query->changes_arena, &query->plan->roots[0]->schema, 64);
    buf_reset(&query->kinds);
    query->has_changes = true;
}

/* The caller's sink: gathers the rows until they are fetched. */
static Status query_rows(void *ctx, const Batch *batch, const uint8_t *kinds, Err *err) {
    Query *query = ctx;
    (void)err;
    if (query->kept) {
        rowtable_apply(query->kept, batch, kinds);
        return ST_OK;
    }
    if (!query->has_changes) query_begin_changes(query);
    for (uint32_t row = 0; row < batch->n_rows; row++) {
        uint8_t kind = kinds ? kinds[row] : ROW_INSERT;
        bool is_minus = kind == ROW_UPDATE_BEFORE || kind == ROW_DELETE;
        for (uint32_t col = 0; col < batch->n_cols; col++)
            colb_append(&query->changes.cols[col], &batch->cols[col], row, true);
        batchb_row_end(&query->changes, is_minus ? -1 : 1);
        buf_putc(&query->kinds, (char)kind);
    }
    return ST_OK;
}

/* The order of a Top-N's answer, so far as its columns come out: what a live table shows. */
static void query_find_order(Query *query) {
    const Node *node = query->plan->roots[0]->inputs[0];
    uint32_t n = node->schema.n_fields;
    int32_t *from = arena_array(&query->arena, int32_t, n); /* column of node, -1 = computed */
    for (uint32_t i = 0; i < n; i++) from[i] = (int32_t)i;
    for (; node->kind == NODE_PROJECT; node = node->inputs[0]) {
        for (uint32_t i = 0; i < n; i++) {
            const Expr *expr = from[i] < 0 ? NULL : node->exprs[from[i]];
            from[i] = expr && expr->kind == EXPR_COLUMN ? (int32_t)expr->column : -1;
        }
    }
    if (node->kind != NODE_TOPN || node->topn.n_partition) return;
    query->order = arena_array(&query->arena, SortKey, node->topn.n_order);
    for (uint32_t k = 0; k < node->topn.n_order; k++) {
        uint32_t i = 0;
        while (i < n && from[i] != (int32_t)node->topn.order[k].col) i++;
        if (i == n) return;
        query->order[query->n_order++] = (SortKey){i, node->topn.order[k].order};
    }
}

void weir_query_keep(weir_query *query) {
    const Node *root = query->plan->roots[0];
    if (query->kept || !query->is_select) return;
    query_find_order(query);
    query->kept = rowtable_new(&query->mem, &root->schema, root->sink.key, root->sink.n_key);
}

static const Schema query_no_columns = {0, NULL};

/* The rows gathered so far become the caller's; their memory and the caller's old ones change
 * places. */
static void query_give(Query *query, weir_fetch_mode mode) {
    Arena arena = query->given_arena;
    Buf kinds = query->given_kinds;
    weir_rows *rows = &query->rows;
    const Batch *batch;
    arena_reset(&arena);
    batch = batchb_finish(&query->changes);
    query->given_arena = query->changes_arena;
    query->given_kinds = query->kinds;
    query->changes_arena = arena;
    query->kinds = kinds;
    query->has_changes = false;
    if (mode == WEIR_FETCH_NET)
        batch = batch_consolidate(&query->given_arena, batch);
    else
        rows->kinds = (const uint8_t *)query->given_kinds.ptr;
    rows->batch = *batch;
}

weir_status weir_query_fetch(weir_query *query, weir_fetch_mode mode, weir_rows **out,
                             weir_error *error) {
    Err err = ERR_INIT;
    weir_rows *rows = &query->rows;
    rows_begin(rows, query->is_select ? &query->plan->roots[0]->schema : &query_no_columns,
               query->env.zone);
    if (query->is_select) {
        rows->key = query->plan->roots[0]->sink.key;
        rows->n_key = query->plan->roots[0]->sink.n_key;
    }
    if (mode == WEIR_FETCH_TABLE && !query->kept) {
        err_set(&err, ST_INVALID, "55000", -1, __FILE__, __LINE__,
                "the query does not keep its answer");
        err_hint(&err, "call weir_query_keep before the first step");
        return engine_report(error, &err, NULL, NULL);
    }
    if (mode == WEIR_FETCH_TABLE) {
        rows->table = query->kept;
        rows_sort(rows, query->order, query->n_order);
    } else if (query->has_changes)
        query_give(query, mode);
    *out = rows;
    return WEIR_OK;
}

/* ---- start ---- */

/* "insert-into_" and the tables that are written, or "select"; pipeline.name goes before it. */
static void query_set_name(Query *query, const Ast *statement) {
    const char *given = engine_setting(query->engine, "pipeline.name");
    AstList inserts = statement_inserts(&query->arena, statement);
    Buf text;
    buf_init(&text, NULL);
    for (int32_t i = 0; i < inserts.n; i++) {
        const AstInsert *insert = (const AstInsert *)inserts.items[i];
        buf_puts(&text, i ? ", " : "insert-into_");
        for (int32_t k = 0; k < insert->table->parts.n; k++) {
            if (k) buf_putc(&text, '.');
            buf_span(&text, insert->table->parts.items[k].text);
        }
    }
    if (!inserts.n) buf_puts(&text, "select");
    query->job_base = arena_strndup(&query->arena, text.ptr, text.len);
    query->name = given ? arena_strdup(&query->arena, given) : query->job_base;
    buf_deinit(&text);
}

static uint64_t query_memory_limit(const Engine *engine) {
    const char *text = engine_setting(engine, "weir.memory-limit");
    int64_t bytes;
    if (text && size_parse(span_of(text), &bytes) == ST_OK) return (uint64_t)bytes;
    return engine->options.memory_limit;
}

static int64_t query_now_us(void *ctx) {
    return engine_now_us(((Query *)ctx)->engine);
}

static SinkRules query_sink_rules(const Engine *engine) {
    const char *length = engine_setting(engine, "table.exec.sink.type-length-enforcer");
    SinkRules rules = {0};
    rules.drops_nulls = engine_setting_is(engine, "table.exec.sink.not-null-enforcer", "DROP");
    if (strcasecmp(length, "ERROR") == 0)
        rules.length = LENGTH_ERROR;
    else if (strcasecmp(length, "IGNORE") != 0)
        rules.length = LENGTH_TRIM_PAD;
    if (engine_setting_is(engine, "table.exec.sink.nested-constraint-enforcer", "ROWS"))
        rules.nested = NESTED_ROWS;
    if (engine_setting_is(engine, "table.exec.sink.nested-constraint-enforcer",
                          "ROWS_AND_COLLECTIONS"))
        rules.nested = NESTED_ALL;
    return rules;
}

/* The size of mini-batches: 0 when it is not set, or not positive. */
static uint32_t query_mini_batch(const Engine *engine) {
    const char *size = engine_setting(engine, "table.exec.mini-batch.size");
    long rows = size ? strtol(size, NULL, 10) : 0;
    return rows > 0 && rows <= INT32_MAX ? (uint32_t)rows : 0;
}

static int64_t query_commit_us(const Engine *engine) {
    /* Tests that restart after every step commit by themselves. */
    if (engine->options.restart_steps) return INT64_MAX / 4;
    return engine_setting_us(engine, "execution.checkpointing.interval");
}

/* INSERTs of an engine with a state directory are durable. They are called there by the tables that
 * they write, and by their number among those that write the same. */
static Status query_find_store(Query *query, Err *err) {
    Engine *engine = query->engine;
    uint32_t n_same = 1;
    uint64_t hash;
    if (engine->options.restart_steps && !query->env.is_batch) {
        query->kv = kv_memory();
        query->job = "test";
        return ST_OK;
    }
    if (!engine->options.state_dir || query->is_select) return ST_OK;
    if (!engine->state) TRY(statedir_open(engine->options.state_dir, &engine->state, err));
    for (uint32_t i = 0; i < engine->n_queries; i++)
        n_same += engine->queries[i]->job_base &&
                  strcmp(engine->queries[i]->job_base, query->job_base) == 0;
    query->kv = engine->state;
    query->job = n_same == 1 ? query->job_base
                             : arena_printf(&query->arena, "%s#%u", query->job_base, n_same);
    hash = hash_bytes(query->job, strlen(query->job), 0);
    buf_put(&engine->jobs, &hash, sizeof hash);
    return ST_OK;
}

static bool query_is_profiled(const Engine *engine) {
    return engine->is_profiling || engine_setting_is(engine, "weir.profile", "true");
}

static Status query_open_flow(Query *query, Err *err) {
    Engine *engine = query->engine;
    const char *rows = engine_setting(engine, "weir.step-rows");
    long step_rows = rows ? strtol(rows, NULL, 10) : 0;
    FlowSpec spec = {.plan = query->plan,
                     .catalog = engine->catalog,
                     .env = query->env,
                     .memory_limit = query_memory_limit(engine),
                     .base_dir = engine->base_dir,
                     .step_rows = step_rows > 0 ? (uint32_t)step_rows : engine->options.step_rows,
                     .is_mini_batch =
                         query->env.is_batch ||
                         engine_setting_is(engine, "table.exec.mini-batch.enabled", "true"),
                     .mini_batch_rows = query->env.is_batch ? 0 : query_mini_batch(engine),
                     .is_checked = engine->options.check_batches,
                     .shake_seed = engine->options.shake_seed,
                     .always_threads = engine->options.always_threads,
                     .is_profiled = query_is_profiled(engine),
                     .sink_rules = query_sink_rules(engine),
                     .kv = query->kv,
                     .job = query->job,
                     .started = buf_as_span(&engine->jobs),
                     .commit_us = query_commit_us(engine),
                     .now_us = query_now_us,
                     .on_rows = query_rows,
                     .ctx = query};
    return flow_open(&spec, &query->flow, err);
}

static Status query_plan(Query *query, const Ast *statement, Err *err) {
    PlanEnv env = engine_plan_env(query->engine, query->sql.text, &query->arena, &query->env);
    AstList inserts = statement_inserts(&query->arena, statement);
    query->is_select = !inserts.n;
    TRY(inserts.n ? plan_inserts(&env, &inserts, &query->plan, err)
                  : plan_query(&env, statement, &query->plan, err));
    query->is_bounded = query->plan->is_bounded;
    return ST_OK;
}

static void query_register(Query *query) {
    Engine *engine = query->engine;
    if (engine->n_queries == engine->cap_queries) {
        uint32_t cap = engine->cap_queries ? engine->cap_queries * 2 : 8;
        engine->queries = mem_realloc(&engine->mem, engine->queries,
                                      sizeof *engine->queries * engine->cap_queries,
                                      sizeof *engine->queries * cap);
        engine->cap_queries = cap;
    }
    engine->queries[engine->n_queries++] = query;
    query->id = ++engine->n_started;
}

/* The statement again, in the query's own memory: a plan borrows names and literals from the text,
 * and the script that the statement came from may be closed first. What stands before it becomes
 * blanks, so that positions stay. */
static const Ast *query_own_statement(Query *query, const Ast *statement) {
    char *text = arena_strndup(&query->arena, query->sql.text.ptr, (size_t)statement->end);
    AstList statements;
    memset(text, ' ', (size_t)statement->pos);
    if (sql_parse_script(&query->arena, (Span){text, (size_t)statement->end}, &statements, NULL) !=
            ST_OK ||
        statements.n != 1) {
        return statement;
    }
    if (statement->kind == AST_INSERT && statements.items[0]->kind == AST_CREATE_TABLE) {
        return statement_ctas_insert(&query->arena, (const AstCreateTable *)statements.items[0]);
    }
    return statements.items[0];
}

Status query_start(Engine *engine, const SqlText *sql, const char *file, const Ast *statement,
                   Query **out, Err *err) {
    Query *query = mem_zalloc(NULL, sizeof *query);
    Status status;
    query->engine = engine;
    arena_init(&query->arena, &query->mem);
    arena_init(&query->changes_arena, &query->mem);
    arena_init(&query->given_arena, &query->mem);
    buf_init(&query->kinds, &query->mem);
    buf_init(&query->given_kinds, &query->mem);
    buf_init(&query->detail, &query->mem);
    rows_init(&query->rows, &query->mem);
    query->sql = sqltext_copy(&query->arena, sql);
    query->file = file ? arena_strdup(&query->arena, file) : NULL;
    query->started_us = clock_mono_us();
    statement = query_own_statement(query, statement);
    status = query_plan(query, statement, err);
    query_set_name(query, statement);
    if (status == ST_OK) status = query_find_store(query, err);
    if (status == ST_OK) status = query_open_flow(query, err);
    if (status != ST_OK) {
        query_free(query);
        return status;
    }
    query_register(query);
    *out = query;
    return ST_OK;
}

/* ---- stepping ---- */

static void query_end(Query *query, weir_query_state_kind state) {
    query->state = state;
    query->ended_us = clock_mono_us();
    flow_release(query->flow);
}

/* After every step, and after every hundredth of a long run. */
static bool query_restarts(const Query *query) {
    enum { EVERY_STEP = 100, THEN_EVERY = 101 };
    FlowStats stats;
    flow_stats(query->flow, &stats);
    return stats.steps < EVERY_STEP || stats.steps % THEN_EVERY == 0;
}

/* Forgets everything that the commit does not hold. */
static Status query_restart(Query *query, Err *err) {
    Status status = flow_commit(query->flow, err);
    if (status != ST_OK) return status;
    flow_close(query->flow);
    query->flow = NULL;
    status = query_open_flow(query, err);
    assert(query->flow && "a graph that was there before");
    return status;
}

Status query_step(Query *query, Err *err) {
    Status status;
    if (query->state == WEIR_QUERY_FAILED) {
        *err = query->err;
        return err->status;
    }
    if (query->state != WEIR_QUERY_RUNNING) return ST_END;
    status = flow_step(query->flow, err);
    if (status == ST_OK && query->engine->options.restart_steps && query->kv &&
        query_restarts(query))
        status = query_restart(query, err);
    if (status == ST_END) query_end(query, WEIR_QUERY_FINISHED);
    if (status == ST_OK || status == ST_AGAIN || status == ST_END) return status;
    query->err = *err;
    query_end(query, WEIR_QUERY_FAILED);
    return status;
}

void query_stop(Query *query, weir_query_state_kind state) {
    enum { STOP_MS = 10000 };
    int64_t until = clock_mono_us() + STOP_MS * 1000;
    Err err = ERR_INIT;
    Status status;
    if (query->state != WEIR_QUERY_RUNNING) return;
    while ((status = flow_stop(query->flow, &err)) == ST_AGAIN && clock_mono_us() < until) {
        WaitFd fds[WAIT_FDS];
        int64_t at = clock_mono_us() + 100000;
        uint32_t n = flow_wants(query->flow, fds, WAIT_FDS, &at);
        wait_fds(fds, n, at - clock_mono_us());
    }
    if (status == ST_OK) {
        query_end(query, state);
        return;
    }
    if (status == ST_AGAIN)
        err_set(&err, ST_IO, "58030", -1, __FILE__, __LINE__,
                "a sink did not take the last rows within %d s", STOP_MS / 1000);
    query->err = err;
    query_end(query, WEIR_QUERY_FAILED);
}

void engine_wait(Engine *engine, Query *only, int64_t timeout_us) {
    WaitFd fds[WAIT_FDS];
    int64_t now = clock_mono_us();
    int64_t until = timeout_us < 0 ? INT64_MAX : now + timeout_us;
    uint32_t n = 1;
    fds[0] = (WaitFd){.fd = engine->wake_fd};
    for (uint32_t i = 0; i < engine->n_queries; i++) {
        Query *query = engine->queries[i];
        if (query->state != WEIR_QUERY_RUNNING || (only && query != only)) continue;
        n += flow_wants(query->flow, fds + n, WAIT_FDS - n, &until);
    }
    now = clock_mono_us();
    if (until > now) wait_fds(fds, n, until == INT64_MAX ? -1 : until - now);
}

static weir_status query_report(const Query *query, const Err *err, weir_error *error) {
    return engine_report(error, err, &query->sql, query->file);
}

static bool engine_is_canceled(const Engine *engine) {
    return atomic_load(&engine->is_canceled);
}

static weir_status engine_stop_all(Engine *engine, Query *only, weir_error *error) {
    Err err = ERR_INIT;
    for (uint32_t i = 0; i < engine->n_queries; i++)
        if (!only || engine->queries[i] == only)
            query_stop(engine->queries[i], WEIR_QUERY_CANCELED);
    err_set(&err, ST_CANCELED, "57014", -1, __FILE__, __LINE__, "canceled by the user");
    return engine_report(error, &err, NULL, NULL);
}

/* One step of all running queries: WEIR_OK, WEIR_AGAIN or WEIR_END. */
static weir_status engine_step_all(Engine *engine) {
    weir_status result = WEIR_END;
    for (uint32_t i = 0; i < engine->n_queries; i++) {
        Err err = ERR_INIT;
        Status status;
        if (engine->queries[i]->state != WEIR_QUERY_RUNNING) continue;
        status = query_step(engine->queries[i], &err);
        if (status == ST_AGAIN && result == WEIR_END)
            result = WEIR_AGAIN;
        else if (status != ST_AGAIN)
            result = WEIR_OK;
    }
    return result;
}

/* How long to wait of wait_ms, in microseconds; 0 = no longer. */
static int64_t wait_left(int wait_ms, int64_t begin) {
    int64_t left;
    if (wait_ms < 0) return -1;
    left = begin + (int64_t)wait_ms * 1000 - clock_mono_us();
    return left > 0 ? left : 0;
}

weir_status weir_step(weir_engine *engine, int wait_ms, weir_error *error) {
    int64_t begin = clock_mono_us();
    for (;;) {
        weir_status status;
        int64_t left;
        if (engine_is_canceled(engine)) return engine_stop_all(engine, NULL, error);
        status = engine_step_all(engine);
        if (status != WEIR_AGAIN || (left = wait_left(wait_ms, begin)) == 0) return status;
        engine_wait(engine, NULL, left);
    }
}

weir_status weir_query_step(weir_query *query, int wait_ms, weir_error *error) {
    int64_t begin = clock_mono_us();
    for (;;) {
        Err err = ERR_INIT;
        Status status;
        int64_t left;
        if (engine_is_canceled(query->engine)) return engine_stop_all(query->engine, query, error);
        status = query_step(query, &err);
        if (status == ST_OK || status == ST_END) return (weir_status)status;
        if (status != ST_AGAIN) return query_report(query, &err, error);
        if ((left = wait_left(wait_ms, begin)) == 0) return WEIR_AGAIN;
        engine_wait(query->engine, query, left);
    }
}

weir_status weir_run(weir_engine *engine, int64_t deadline_ms, weir_error *error) {
    int64_t until = deadline_ms < 0 ? INT64_MAX : clock_mono_us() + deadline_ms * 1000;
    for (;;) {
        int64_t left = until == INT64_MAX ? -1 : (until - clock_mono_us()) / 1000;
        weir_status status;
        if (until != INT64_MAX && left <= 0) return WEIR_AGAIN;
        status = weir_step(engine, left > INT32_MAX ? INT32_MAX : (int)left, error);
        if (status == WEIR_END) break;
        if (status != WEIR_OK && status != WEIR_AGAIN) return status;
    }
    for (uint32_t i = 0; i < engine->n_queries; i++)
        if (engine->queries[i]->state == WEIR_QUERY_FAILED)
            return weir_query_error(engine->queries[i], error);
    return WEIR_OK;
}

/* ---- looking at it ---- */

weir_query_state_kind weir_query_state(const weir_query *query) {
    return query->state;
}

weir_status weir_query_error(const weir_query *query, weir_error *error) {
    if (query->state != WEIR_QUERY_FAILED) return WEIR_OK;
    return query_report(query, &query->err, error);
}

bool weir_query_is_bounded(const weir_query *query) {
    return query->is_bounded;
}

bool weir_query_is_append_only(const weir_query *query) {
    for (uint32_t i = 0; i < query->plan->n_roots; i++) {
        const Node *root = query->plan->roots[i];
        if (!root->inputs[0]->is_append && !root->sink.is_final) return false;
    }
    return true;
}

const char *weir_query_name(const weir_query *query) {
    return query->name;
}

weir_status weir_query_stop(weir_query *query, weir_error *error) {
    query_stop(query, WEIR_QUERY_CANCELED);
    return weir_query_error(query, error);
}

void query_free(Query *query) {
    flow_close(query->flow);
    if (query->kv != query->engine->state) kv_close(query->kv);
    rowtable_free(query->kept);
    rows_deinit(&query->rows);
    buf_deinit(&query->kinds);
    buf_deinit(&query->given_kinds);
    buf_deinit(&query->detail);
    arena_deinit(&query->changes_arena);
    arena_deinit(&query->given_arena);
    arena_deinit(&query->arena);
    mem_free(NULL, query, sizeof *query);
}

void weir_query_close(weir_query *query) {
    Engine *engine;
    uint32_t at = 0;
    if (!query) return;
    engine = query->engine;
    query_stop(query, WEIR_QUERY_CANCELED);
    while (engine->queries[at] != query) at++;
    memmove(engine->queries + at, engine->queries + at + 1,
            sizeof *engine->queries * (--engine->n_queries - at));
    query_free(query);
}

weir_query *weir_query_at(weir_engine *engine, size_t index) {
    return index < engine->n_queries ? engine->queries[index] : NULL;
}
