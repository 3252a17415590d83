/* statement.c -- what each kind of statement does. Queries are started, definitions go to the
 * planner, questions are answered from the session; the rest is refused by name.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"

const char *statement_name(const Ast *statement) {
    static const struct {
        AstKind kind;
        const char *name;
    } names[] = {
        {AST_QUERY, "SELECT"},
        {AST_INSERT, "INSERT"},
        {AST_STATEMENT_SET, "STATEMENT SET"},
        {AST_EXECUTE, "EXECUTE"},
        {AST_EXPLAIN, "EXPLAIN"},
        {AST_SET, "SET"},
        {AST_SHOW, "SHOW"},
        {AST_DESCRIBE, "DESCRIBE"},
        {AST_USE, "USE"},
        {AST_CREATE_TABLE, "CREATE TABLE"},
        {AST_CREATE_VIEW, "CREATE VIEW"},
        {AST_CREATE_FUNCTION, "CREATE FUNCTION"},
        {AST_CREATE_CATALOG, "CREATE CATALOG"},
        {AST_CREATE_DATABASE, "CREATE DATABASE"},
        {AST_CREATE_MODEL, "CREATE MODEL"},
        {AST_ALTER, "ALTER"},
        {AST_DROP, "DROP"},
        {AST_MODULE, "LOAD MODULE"},
        {AST_UPDATE, "UPDATE"},
        {AST_DELETE, "DELETE"},
        {AST_TRUNCATE, "TRUNCATE TABLE"},
        {AST_PLAN, "COMPILE PLAN"},
        {AST_ANALYZE, "ANALYZE TABLE"},
        {AST_JOB, "STOP JOB"},
        {AST_JAR, "ADD JAR"},
        {AST_CALL_STMT, "CALL"},
        {AST_SUBSCRIBE, "SUBSCRIBE"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].kind == statement->kind) return names[i].name;
    return "statement";
}

AstList statement_inserts(Arena *arena, const Ast *statement) {
    AstList list = {0};
    if (statement->kind == AST_EXECUTE) statement = ((const AstExecute *)statement)->statement;
    if (statement->kind == AST_STATEMENT_SET)
        return ((const AstStatementSet *)statement)->statements;
    if (statement->kind != AST_INSERT) return list;
    list.items = arena_array(arena, Ast *, 1);
    list.items[0] = (Ast *)statement;
    list.n = 1;
    return list;
}

Status statement_refuse(const Ast *statement, Err *err) {
    const char *hint = NULL;
    switch (statement->kind) {
    case AST_UPDATE:
    case AST_DELETE:
    case AST_TRUNCATE: hint = "tables are outside of weir; INSERT INTO writes to them"; break;
    case AST_JAR:
        hint = "weir runs no Java; CREATE FUNCTION knows the common Java functions";
        break;
    case AST_PLAN: hint = "weir plans in milliseconds; EXPLAIN shows the plan"; break;
    case AST_ANALYZE: hint = "weir needs no statistics"; break;
    case AST_SUBSCRIBE: hint = "a SELECT with --output changelog shows every change"; break;
    default: break;
    }
    err_set(err, ST_UNSUPPORTED, "0A000", statement->pos, __FILE__, __LINE__, "%s is not supported",
            statement_name(statement));
    return hint ? err_hint(err, "%s", hint) : ST_UNSUPPORTED;
}

/* ---- SET and RESET ---- */

static void set_show(weir_script *script) {
    static const char *const names[] = {"key", "value"};
    const Engine *engine = script->engine;
    TextTable table;
    texttable_begin(&table, script, names, 2);
    for (uint32_t i = 0; i < engine->settings.n; i++) {
        const StrMapEntry *entry = &engine->settings.entries[i];
        const char *row[2] = {arena_strndup(&script->arena, entry->key.ptr, entry->key.len),
                              entry->value};
        texttable_row(&table, row);
    }
    texttable_end(&table);
}

static Status set_run(weir_script *script, const AstSet *set, Err *err) {
    Engine *engine = script->engine;
    Setting setting;
    if (set->is_reset && !set->has_key) {
        while (engine->settings.n)
            TRY(engine_set(engine, span_copy(&script->arena, engine->settings.entries[0].key), NULL,
                           -1, err));
        return ST_OK;
    }
    if (!set->has_key) return ST_OK; /* SET alone asks */
    return engine_set(engine, set->key,
                      set->is_reset || !set->has_value
                          ? NULL
                          : arena_strndup(&script->arena, set->value.ptr, set->value.len),
                      setting_find(set->key, &setting) ? set->value_pos : set->key_pos, err);
}

/* ---- definitions ---- */

static Status define_module(const AstUse *use, Err *err) {
    for (int32_t i = 0; i < use->modules.n; i++) {
        const AstIdent *module = &use->modules.items[i];
        if (span_is(module->text, "core")) continue;
        FAIL(err, ST_NOT_FOUND, "42704", module->pos, "module \"" SPAN_FMT "\" does not exist",
             SPAN_ARG(module->text));
    }
    return ST_OK;
}

static Status define_ddl(weir_script *script, const Ast *statement, Err *err) {
    Arena arena;
    ExprEnv expr_env;
    Status status;
    arena_init(&arena, &script->engine->mem);
    PlanEnv env = engine_plan_env(script->engine, script->text.text, &arena, &expr_env);
    status = plan_ddl(&env, statement, err);
    arena_deinit(&arena);
    return status;
}

Status statement_define(weir_script *script, const Ast *statement, bool *is_mine, Err *err) {
    *is_mine = true;
    switch (statement->kind) {
    case AST_SET: return set_run(script, (const AstSet *)statement, err);
    case AST_USE:
        if (((const AstUse *)statement)->use == USE_MODULES)
            return define_module((const AstUse *)statement, err);
        return define_ddl(script, statement, err);
    case AST_CREATE_TABLE:
    case AST_CREATE_VIEW:
    case AST_CREATE_FUNCTION:
    case AST_CREATE_CATALOG:
    case AST_CREATE_DATABASE:
    case AST_ALTER:
    case AST_DROP: return define_ddl(script, statement, err);
    default: *is_mine = false; return ST_OK;
    }
}

/* ---- EXPLAIN ---- */

Status statement_explain(weir_script *script, const Ast *statement, Buf *out, Err *err) {
    Arena arena;
    ExprEnv expr_env;
    Plan *plan;
    Status status;
    uint32_t flags = EXPLAIN_LOGICAL | EXPLAIN_PHYSICAL;
    if (statement->kind == AST_EXPLAIN) {
        const AstExplain *explain = (const AstExplain *)statement;
        if (explain->is_upgrade)
            FAIL(err, ST_UNSUPPORTED, "0A000", statement->pos, "EXPLAIN UPGRADE is not supported");
        if (explain->json_execution_plan) flags |= EXPLAIN_JSON;
        if (explain->changelog_mode) flags |= EXPLAIN_CHANGELOG;
        if (explain->plan_advice) flags |= EXPLAIN_ADVICE | EXPLAIN_STATE;
        statement = explain->statement;
    }
    arena_init(&arena, NULL);
    PlanEnv env = engine_plan_env(script->engine, script->text.text, &arena, &expr_env);
    AstList inserts = statement_inserts(&arena, statement);
    if (statement->kind == AST_EXECUTE) statement = ((const AstExecute *)statement)->statement;
    if (!inserts.n && statement->kind != AST_QUERY) {
        arena_deinit(&arena);
        return ST_OK; /* SHOW and the like have no plan */
    }
    status = inserts.n ? plan_inserts(&env, &inserts, &plan, err)
                       : plan_query(&env, statement, &plan, err);
    if (status == ST_OK) plan_explain(plan, flags, out);
    arena_deinit(&arena);
    return status;
}

static Status explain_run(weir_script *script, const Ast *statement, Err *err) {
    static const char *const names[] = {"result"};
    const AstExplain *explain = (const AstExplain *)statement;
    const Ast *explained = explain->statement;
    const char *row[1];
    TextTable table;
    bool has_plan =
        explained->kind == AST_QUERY || statement_inserts(&script->arena, explained).n > 0;
    buf_reset(&script->message);
    if (explain->is_analyze && has_plan)
        TRY(analyze_run(script, explained, &script->message, err));
    else
        TRY(statement_explain(script, statement, &script->message, err));
    texttable_begin(&table, script, names, 1);
    row[0] = buf_cstr(&script->message);
    texttable_row(&table, row);
    texttable_end(&table);
    return ST_OK;
}

/* ---- queries ---- */

const Ast *statement_ctas_insert(Arena *arena, const AstCreateTable *create) {
    AstInsert *insert = arena_new(arena, AstInsert);
    insert->ast = create->ast;
    insert->ast.kind = AST_INSERT;
    insert->table = create->name;
    insert->query = create->query;
    return &insert->ast;
}

static Status insert_run(weir_script *script, const Ast *statement, weir_result *result, Err *err) {
    Engine *engine = script->engine;
    TRY(query_start(engine, &script->text, script->name, statement, &result->query, err));
    result->kind = WEIR_RESULT_JOB;
    buf_printf(&script->message, "job %llu", (unsigned long long)result->query->id);
    result->message = buf_cstr(&script->message);
    while (engine_setting_is(engine, "table.dml-sync", "true") &&
           result->query->state == WEIR_QUERY_RUNNING) {
        weir_status status = weir_step(engine, -1, NULL);
        if (status != WEIR_CANCELED) continue;
        FAIL(err, ST_CANCELED, "57014", -1, "canceled by the user");
    }
    if (result->query->state != WEIR_QUERY_FAILED) return ST_OK;
    *err = result->query->err;
    return err->status;
}

static Status select_run(weir_script *script, const Ast *statement, weir_result *result, Err *err) {
    TRY(query_start(script->engine, &script->text, script->name, statement, &result->query, err));
    result->kind = WEIR_RESULT_QUERY;
    return ST_OK;
}

static Status stop_job(weir_script *script, const AstJob *job, Err *err) {
    Engine *engine = script->engine;
    Span id = ((const AstLiteral *)job->job)->text;
    for (uint32_t i = 0; i < engine->n_queries; i++) {
        char text[24];
        snprintf(text, sizeof text, "%llu", (unsigned long long)engine->queries[i]->id);
        if (!span_is(id, text)) continue;
        query_stop(engine->queries[i], WEIR_QUERY_CANCELED);
        return ST_OK;
    }
    FAIL(err, ST_NOT_FOUND, "42704", job->job->pos, "job '" SPAN_FMT "' does not exist",
         SPAN_ARG(id));
}

Status statement_execute(weir_script *script, const Ast *statement, weir_result *result, Err *err) {
    bool is_mine;
    TRY(statement_define(script, statement, &is_mine, err));
    if (statement->kind == AST_CREATE_TABLE && ((const AstCreateTable *)statement)->query) {
        return insert_run(script,
                          statement_ctas_insert(&script->arena, (const AstCreateTable *)statement),
                          result, err);
    }
    if (statement->kind == AST_SET && !((const AstSet *)statement)->has_key &&
        !((const AstSet *)statement)->is_reset) {
        set_show(script);
        result->kind = WEIR_RESULT_ROWS;
        result->rows = &script->rows;
        return ST_OK;
    }
    if (is_mine) return ST_OK;
    if (statement->kind == AST_EXECUTE) statement = ((const AstExecute *)statement)->statement;
    switch (statement->kind) {
    case AST_QUERY: return select_run(script, statement, result, err);
    case AST_INSERT:
    case AST_STATEMENT_SET: return insert_run(script, statement, result, err);
    case AST_JOB: return stop_job(script, (const AstJob *)statement, err);
    case AST_EXPLAIN: TRY(explain_run(script, statement, err)); break;
    case AST_SHOW: TRY(statement_show(script, (const AstShow *)statement, err)); break;
    case AST_DESCRIBE: TRY(statement_describe(script, (const AstDescribe *)statement, err)); break;
    default: return statement_refuse(statement, err);
    }
    result->kind = WEIR_RESULT_ROWS;
    result->rows = &script->rows;
    return ST_OK;
}
