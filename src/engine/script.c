/* script.c -- texts of many statements: executed one by one, as a whole, checked, or explained.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"

enum { CHECK_ERRORS_MAX = 100 };

static weir_script *script_new(Engine *engine, const char *name) {
    weir_script *script = mem_zalloc(NULL, sizeof *script);
    script->engine = engine;
    arena_init(&script->arena, &engine->mem);
    rows_init(&script->rows, &engine->mem);
    buf_init(&script->message, &engine->mem);
    script->name = name ? arena_strdup(&script->arena, name) : NULL;
    return script;
}

/* Sets the text, its variables replaced. */
static Status script_text(weir_script *script, const char *sql, size_t len, Err *err) {
    Span text = span_copy(&script->arena, (Span){sql, len});
    script->text = (SqlText){.text = text, .source = text};
    if (len > INT32_MAX) FAIL(err, ST_LIMIT, "54000", -1, "the text is longer than 2 GB");
    return engine_substitute(script->engine, &script->arena, text, &script->text, err);
}

weir_status weir_script_open(weir_engine *engine, const char *sql, size_t len, const char *name,
                             weir_script **out, weir_error *error) {
    weir_script *script = script_new(engine, name);
    Err err = ERR_INIT;
    Status status = script_text(script, sql, len, &err);
    if (status == ST_OK)
        status = sql_parse_script(&script->arena, script->text.text, &script->statements, &err);
    if (status != ST_OK) {
        weir_status reported = engine_report(error, &err, &script->text, script->name);
        weir_script_close(script);
        return reported;
    }
    *out = script;
    return WEIR_OK;
}

void weir_script_close(weir_script *script) {
    if (!script) return;
    rows_deinit(&script->rows);
    buf_deinit(&script->message);
    arena_deinit(&script->arena);
    mem_free(NULL, script, sizeof *script);
}

weir_status weir_script_next(weir_script *script, weir_result *result, weir_error *error) {
    const Ast *statement;
    weir_result made = {0};
    Err err = ERR_INIT;
    if (script->i_next == script->statements.n) return WEIR_END;
    statement = script->statements.items[script->i_next++];
    made.statement = statement_name(statement);
    made.position = sqltext_source_pos(&script->text, statement->pos);
    made.end = sqltext_source_pos(&script->text, statement->end);
    buf_reset(&script->message);
    if (statement_execute(script, statement, &made, &err) != ST_OK)
        return engine_report(error, &err, &script->text, script->name);
    if (made.kind == WEIR_RESULT_DONE && !made.message) made.message = "OK";
    *result = made;
    return WEIR_OK;
}

/* ---- all at once ---- */

/* Steps until the SELECT has ended, showing the caller what came. */
static weir_status execute_select(weir_result *result, weir_result_fn *on_result, void *ctx,
                                  weir_error *error) {
    weir_query *query = result->query;
    Engine *engine = query->engine;
    weir_status status = WEIR_OK;
    while (status == WEIR_OK && query->state == WEIR_QUERY_RUNNING) {
        status = weir_step(engine, -1, error);
        if (status == WEIR_AGAIN || status == WEIR_END) status = WEIR_OK;
        if (status == WEIR_OK && on_result && query->has_changes) status = on_result(ctx, result);
        if (!on_result) query->has_changes = false;
    }
    if (status == WEIR_OK) status = weir_query_error(query, error);
    weir_query_close(query);
    return status;
}

static weir_status execute_script(weir_script *script, weir_result_fn *on_result, void *ctx,
                                  weir_error *error) {
    weir_result result;
    weir_status status;
    while ((status = weir_script_next(script, &result, error)) == WEIR_OK) {
        if (on_result && (status = on_result(ctx, &result)) != WEIR_OK) return status;
        if (result.kind == WEIR_RESULT_QUERY)
            status = execute_select(&result, on_result, ctx, error);
        if (status != WEIR_OK) return status;
    }
    if (status != WEIR_END) return status;
    return weir_run(script->engine, -1, error);
}

weir_status weir_execute(weir_engine *engine, const char *sql, size_t len,
                         weir_result_fn *on_result, void *ctx, weir_error *error) {
    uint64_t before = engine->n_started;
    weir_script *script;
    weir_status status = weir_script_open(engine, sql, len, NULL, &script, error);
    if (status != WEIR_OK) return status;
    status = execute_script(script, on_result, ctx, error);
    weir_script_close(script);
    for (uint32_t i = engine->n_queries; i-- > 0;)
        if (engine->queries[i]->id > before) weir_query_close(engine->queries[i]);
    return status;
}

weir_status weir_query_start(weir_engine *engine, const char *sql, size_t len, weir_query **query,
                             weir_error *error) {
    weir_script *script;
    weir_status status = weir_script_open(engine, sql, len, NULL, &script, error);
    const Ast *statement;
    Err err = ERR_INIT;
    if (status != WEIR_OK) return status;
    statement = script->statements.n == 1 ? script->statements.items[0] : NULL;
    if (statement && statement->kind == AST_EXECUTE)
        statement = ((const AstExecute *)statement)->statement;
    if (!statement ||
        (statement->kind != AST_QUERY && !statement_inserts(&script->arena, statement).n)) {
        err_set(&err, ST_INVALID, "42601", statement ? statement->pos : -1, __FILE__, __LINE__,
                "expected one SELECT, INSERT or STATEMENT SET");
        status = engine_report(error, &err, &script->text, NULL);
    } else if (query_start(engine, &script->text, NULL, statement, query, &err) != ST_OK) {
        status = engine_report(error, &err, &script->text, NULL);
    }
    weir_script_close(script);
    return status;
}

/* ---- checked and explained ---- */

/* Plans a query without starting it; every node must have an operator. */
static Status check_plan(weir_script *script, const Ast *statement, Err *err) {
    Arena arena;
    ExprEnv expr_env;
    Plan *plan = NULL;
    Status status;
    arena_init(&arena, NULL);
    PlanEnv env = engine_plan_env(script->engine, script->text.text, &arena, &expr_env);
    AstList inserts = statement_inserts(&arena, statement);
    status = inserts.n ? plan_inserts(&env, &inserts, &plan, err)
                       : plan_query(&env, statement, &plan, err);
    for (uint32_t i = 0; status == ST_OK && i < plan->n_nodes; i++) {
        if (op_for(plan->nodes[i])) continue;
        status = err_set(err, ST_UNSUPPORTED, "0A000", plan->nodes[i]->pos, __FILE__, __LINE__,
                         "%s is not supported yet", node_kind_name(plan->nodes[i]->kind));
    }
    arena_deinit(&arena);
    return status;
}

static Status check_statement(weir_script *script, const Ast *statement, Err *err) {
    bool is_mine;
    TRY(statement_define(script, statement, &is_mine, err));
    if (is_mine) return ST_OK;
    if (statement->kind == AST_EXECUTE) statement = ((const AstExecute *)statement)->statement;
    if (statement->kind == AST_EXPLAIN) statement = ((const AstExplain *)statement)->statement;
    if (statement->kind == AST_SHOW) return statement_show(script, (const AstShow *)statement, err);
    if (statement->kind == AST_DESCRIBE)
        return statement_describe(script, (const AstDescribe *)statement, err);
    if (statement->kind == AST_QUERY || statement_inserts(&script->arena, statement).n)
        return check_plan(script, statement, err);
    return statement_refuse(statement, err);
}

static int check_by_position(const void *a, const void *b) {
    const Err *left = a, *right = b;
    return (left->pos > right->pos) - (left->pos < right->pos);
}

/* Whether an error only says that a table does not exist whose CREATE has failed above: the same
 * mistake once more. */
static bool check_is_echo(Span text, const Err *errs, int n, const Err *err) {
    const char *open = strchr(err->message, '`'), *close = open ? strchr(open + 1, '`') : NULL;
    if (strcmp(err->sqlstate, "42P01") != 0 || !close) return false;
    for (int i = 0; i < n; i++) {
        size_t name_len = (size_t)(close - open) - 1, from = 0, to = (size_t)errs[i].pos + name_len;
        if (errs[i].pos < 0 || errs[i].pos >= err->pos) continue;
        if (to > text.len) to = text.len;
        for (size_t at = 0; at + 6 < to; at++)
            if (span_is_nocase((Span){text.ptr + at, 6}, "CREATE")) from = at + 6;
        if (!from || from > (size_t)errs[i].pos ||
            memchr(text.ptr + from, ';', (size_t)errs[i].pos - from)) {
            continue;
        }
        if (memmem(text.ptr + from, to - from, open + 1, name_len)) return true;
    }
    return false;
}

size_t weir_check(weir_engine *engine, const char *sql, size_t len, const char *name,
                  weir_error_fn *on_error, void *ctx) {
    weir_script *script = script_new(engine, name);
    Err *errs = mem_zalloc(NULL, sizeof *errs * CHECK_ERRORS_MAX);
    int n = 0;
    weir_error error;
    if (script_text(script, sql, len, &errs[0]) != ST_OK) {
        n = 1;
    } else if (sql_parse_all(&script->arena, script->text.text, &script->statements, errs,
                             CHECK_ERRORS_MAX, &n) != ST_OK) {
        /* what parsed is checked all the same */
    }
    for (int32_t i = 0; i < script->statements.n && n < CHECK_ERRORS_MAX; i++) {
        errs[n].pos = -1;
        if (check_statement(script, script->statements.items[i], &errs[n]) == ST_OK) continue;
        if (errs[n].pos < 0) errs[n].pos = script->statements.items[i]->pos;
        n += !check_is_echo(script->text.text, errs, n, &errs[n]);
    }
    qsort(errs, (size_t)n, sizeof *errs, check_by_position);
    for (int i = 0; i < n; i++) {
        engine_report(&error, &errs[i], &script->text, script->name);
        if (on_error) on_error(ctx, &error);
    }
    mem_free(NULL, errs, sizeof *errs * CHECK_ERRORS_MAX);
    weir_script_close(script);
    return (size_t)n;
}

weir_status weir_explain(weir_engine *engine, const char *sql, size_t len, const char *name,
                         weir_write_fn *write, void *ctx, weir_error *error) {
    weir_script *script;
    weir_status status = weir_script_open(engine, sql, len, name, &script, error);
    Err err = ERR_INIT;
    Buf text;
    if (status != WEIR_OK) return status;
    buf_init(&text, NULL);
    for (int32_t i = 0; i < script->statements.n && status == WEIR_OK; i++) {
        const Ast *statement = script->statements.items[i];
        bool is_mine;
        Status done = statement_define(script, statement, &is_mine, &err);
        buf_reset(&text);
        if (done == ST_OK && !is_mine) done = statement_explain(script, statement, &text, &err);
        if (done != ST_OK)
            status = engine_report(error, &err, &script->text, script->name);
        else if (text.len)
            write(ctx, text.ptr, text.len);
    }
    buf_deinit(&text);
    weir_script_close(script);
    return status;
}

bool weir_is_incomplete(const char *sql, size_t len) {
    return sql_is_incomplete((Span){sql, len});
}
