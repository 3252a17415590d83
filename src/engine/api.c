/* api.c -- the engine's handle: open, close, cancel, settings, errors.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"
#include "weir_config.h"

#include <stdarg.h>
#include <stdatomic.h>

_Static_assert((int)WEIR_INTERNAL == (int)ST_INTERNAL, "weir_status is Status");
_Static_assert((int)WEIR_TYPE_ROW == (int)TYPE_ROW, "weir_type is TypeKind");
_Static_assert((int)WEIR_DELETE == (int)ROW_DELETE, "weir_row_kind is RowKind");

const char *weir_version(void) {
    return WEIR_VERSION;
}

const char *weir_status_name(weir_status status) {
    static const char *const names[] = {
        "ok",       "nothing to do", "end",           "invalid input",          "not found",
        "conflict", "not supported", "limit reached", "input or output failed", "corrupt data",
        "canceled", "internal error"};
    return (unsigned)status < sizeof names / sizeof *names ? names[status] : "unknown";
}

weir_status engine_report(weir_error *out, const Err *internal, const SqlText *sql,
                          const char *name) {
    Buf text;
    Err shown = *internal;
    const Err *err = &shown;
    bool has_place = sql && err->pos >= 0 && (size_t)err->pos <= sql->text.len;
    if (has_place) shown.pos = sqltext_source_pos(sql, err->pos);
    if (!out) return (weir_status)err->status;
    *out = (weir_error){.status = (weir_status)err->status, .position = has_place ? err->pos : -1};
    memcpy(out->sqlstate, err->sqlstate, sizeof out->sqlstate);
    memcpy(out->message, err->message, sizeof out->message);
    memcpy(out->detail, err->detail, sizeof out->detail);
    memcpy(out->hint, err->hint, sizeof out->hint);
    if (has_place) sql_line_column(sql->source, err->pos, &out->line, &out->column);
    buf_init(&text, NULL);
    err_render(err, has_place ? sql->source : (Span){0}, has_place ? name : NULL, &text);
    snprintf(out->text, sizeof out->text, "%.*s", (int)text.len, text.ptr ? text.ptr : "");
    buf_deinit(&text);
    return out->status;
}

void engine_log(const Engine *engine, weir_log_level level, const char *fmt, ...) {
    char text[1024];
    va_list args;
    if (!engine->options.log) return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    engine->options.log(engine->options.log_ctx, level, text);
}

int64_t engine_now_us(void *ctx) {
    const Engine *engine = ctx;
    return engine->has_clock ? engine->clock_us : clock_wall_us();
}

/* ---- open and close ---- */

static Status engine_init(Engine *engine, const weir_options *options, Err *err) {
    char zone[256];
    if (options) engine->options = *options;
#if WEIR_DEBUG
    engine->options.check_batches = true;
#endif
    fault_arm();
    arena_init(&engine->arena, &engine->mem);
    buf_init(&engine->jobs, &engine->mem);
    strmap_init(&engine->settings, &engine->mem, false);
    strmap_init(&engine->variables, &engine->mem, false);
    engine->wake_fd = wake_open();
    engine->catalog = catalog_new(&engine->mem);
    if (engine->options.base_dir)
        engine->base_dir = arena_strdup(&engine->arena, engine->options.base_dir);
    if (engine->options.state_dir)
        engine->options.state_dir = arena_strdup(&engine->arena, engine->options.state_dir);
    if (engine->options.time_zone) {
        TRY(engine_set(engine, SPAN("table.local-time-zone"), engine->options.time_zone, -1, err));
    } else {
        clock_zone_name(zone, sizeof zone);
        if (zone_find(span_of(zone), &engine->zone, NULL) != ST_OK)
            TRY(zone_find(SPAN("UTC"), &engine->zone, err));
    }
    if (engine->options.is_batch)
        TRY(engine_set(engine, SPAN("execution.runtime-mode"), "batch", -1, err));
    return ST_OK;
}

weir_status weir_open(const weir_options *options, weir_engine **out, weir_error *error) {
    Err err = ERR_INIT;
    Engine *engine = mem_zalloc(NULL, sizeof *engine);
    if (engine_init(engine, options, &err) != ST_OK) {
        weir_close(engine);
        return engine_report(error, &err, NULL, NULL);
    }
    *out = engine;
    return WEIR_OK;
}

static void engine_free_texts(Engine *engine, StrMap *map) {
    for (uint32_t i = 0; i < map->n; i++)
        mem_free(&engine->mem, map->entries[i].value, strlen(map->entries[i].value) + 1);
    strmap_deinit(map);
}

void weir_close(weir_engine *engine) {
    if (!engine) return;
    while (engine->n_queries) weir_query_close(engine->queries[engine->n_queries - 1]);
    kv_close(engine->state);
    buf_deinit(&engine->jobs);
    mem_free(&engine->mem, engine->queries, sizeof *engine->queries * engine->cap_queries);
    if (engine->catalog) catalog_free(engine->catalog);
    engine_free_texts(engine, &engine->settings);
    engine_free_texts(engine, &engine->variables);
    arena_deinit(&engine->arena);
    if (engine->wake_fd >= 0) file_close(engine->wake_fd);
    mem_free(NULL, engine, sizeof *engine);
}

void weir_cancel(weir_engine *engine) {
    atomic_store(&engine->is_canceled, true);
    wake_set(engine->wake_fd);
}

void weir_resume(weir_engine *engine) {
    atomic_store(&engine->is_canceled, false);
    wake_clear(engine->wake_fd);
}

void weir_set_clock(weir_engine *engine, int64_t now_us) {
    engine->has_clock = true;
    engine->clock_us = now_us;
}

/* ---- settings and variables ---- */

static void engine_put_text(Engine *engine, StrMap *map, Span key, const char *value) {
    char *copy = value ? mem_alloc(&engine->mem, strlen(value) + 1) : NULL;
    char *old;
    if (copy) memcpy(copy, value, strlen(value) + 1);
    old = copy ? strmap_put(map, key, copy) : strmap_remove(map, key);
    if (old) mem_free(&engine->mem, old, strlen(old) + 1);
}

static Status engine_set_zone(Engine *engine, const char *value, Err *err) {
    char zone[256];
    if (value && strcmp(value, "default") != 0)
        return zone_find(span_of(value), &engine->zone, err);
    clock_zone_name(zone, sizeof zone);
    if (zone_find(span_of(zone), &engine->zone, NULL) == ST_OK) return ST_OK;
    return zone_find(SPAN("UTC"), &engine->zone, err);
}

static Span engine_nearest_setting(Span name) {
    Span names[128];
    Setting setting;
    uint32_t n = 0;
    for (; n < 128 && setting_at(n, &setting); n++) names[n] = span_of(setting.name);
    return span_nearest(name, names, n);
}

/* Flink has hundreds of settings that mean nothing here: only what looks like a slip is worth a
 * warning. */
static void engine_unknown_setting(const Engine *engine, Span name) {
    Span near = engine_nearest_setting(name);
    if (near.len) {
        engine_log(engine, WEIR_LOG_WARN,
                   "setting '" SPAN_FMT "' is not known and has no effect; did you mean '" SPAN_FMT
                   "'?",
                   SPAN_ARG(name), SPAN_ARG(near));
        return;
    }
    engine_log(engine, WEIR_LOG_INFO, "setting '" SPAN_FMT "' is not known and has no effect",
               SPAN_ARG(name));
}

Status engine_set(Engine *engine, Span name, const char *value, int32_t pos, Err *err) {
    Setting setting;
    bool is_known = setting_find(name, &setting);
    if (!is_known && span_starts_with(name, "weir.")) {
        Span near = engine_nearest_setting(name);
        err_set(err, ST_NOT_FOUND, "42704", pos, __FILE__, __LINE__,
                "setting \"" SPAN_FMT "\" does not exist", SPAN_ARG(name));
        if (near.len) return err_hint(err, "did you mean \"" SPAN_FMT "\"?", SPAN_ARG(near));
        return err_hint(err, "weir doc settings lists them");
    }
    if (!is_known && value) engine_unknown_setting(engine, name);
    if (is_known && setting.kind == SETTING_ZONE)
        TRY(engine_set_zone(engine, value, err));
    else if (is_known && value)
        TRY(setting_check(&setting, span_of(value), pos, err));
    engine_put_text(engine, &engine->settings, name, value);
    return ST_OK;
}

const char *engine_setting(const Engine *engine, const char *name) {
    const char *value = strmap_find(&engine->settings, span_of(name));
    Setting setting;
    if (value || !setting_find(span_of(name), &setting)) return value;
    return setting.fallback;
}

bool engine_setting_is(const Engine *engine, const char *name, const char *value) {
    const char *now = engine_setting(engine, name);
    return now && span_is_nocase(span_of(now), value);
}

int64_t engine_setting_us(const Engine *engine, const char *name) {
    const char *value = engine_setting(engine, name);
    int64_t us = 0;
    if (value && duration_parse(span_of(value), &us) == ST_OK) return us;
    return 0;
}

bool engine_is_batch(const Engine *engine) {
    return engine_setting_is(engine, "execution.runtime-mode", "batch");
}

weir_status weir_set(weir_engine *engine, const char *key, const char *value, weir_error *error) {
    Err err = ERR_INIT;
    if (engine_set(engine, span_of(key), value, -1, &err) == ST_OK) return WEIR_OK;
    return engine_report(error, &err, NULL, NULL);
}

const char *weir_get(weir_engine *engine, const char *key) {
    return engine_setting(engine, key);
}

weir_status weir_define(weir_engine *engine, const char *name, const char *value,
                        weir_error *error) {
    Err err = ERR_INIT;
    if (*name && !strpbrk(name, "{}$")) {
        engine_put_text(engine, &engine->variables, span_of(name), value);
        return WEIR_OK;
    }
    err_set(&err, ST_INVALID, "42602", -1, __FILE__, __LINE__, "\"%s\" cannot name a variable",
            name);
    return engine_report(error, &err, NULL, NULL);
}

static bool engine_can_run(const Node *node) {
    return op_for(node) != NULL;
}

static void engine_warn_plan(void *ctx, const char *text) {
    engine_log(ctx, WEIR_LOG_WARN, "%s", text);
}

/* What the host program asks for counts as it is; what a Flink file asks for of a cluster is cut to
 * the processors that are here. The answers are the same. */
static uint32_t engine_workers(const Engine *engine) {
    static const char *const names[] = {"table.exec.resource.default-parallelism",
                                        "parallelism.default"};
    uint32_t n_cpus = cpu_count();
    if (engine->options.workers)
        return engine->options.workers < WORKERS_MAX ? engine->options.workers : WORKERS_MAX;
    if (n_cpus > WORKERS_MAX) n_cpus = WORKERS_MAX;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = engine_setting(engine, names[i]);
        long n = text ? strtol(text, NULL, 10) : 0;
        if (n > 0) return n < (long)n_cpus ? (uint32_t)n : n_cpus;
    }
    return 1;
}

PlanEnv engine_plan_env(Engine *engine, Span sql, Arena *arena, ExprEnv *env) {
    *env = (ExprEnv){.zone = engine->zone,
                     .now_us = engine_now_us(engine),
                     .query_us = engine_now_us(engine),
                     .watermark = WATERMARK_NONE,
                     .rand_state = (uint64_t)clock_mono_ns() ^ engine->n_started,
                     .is_batch = engine_is_batch(engine)};
    return (PlanEnv){.catalog = engine->catalog,
                     .sql = sql,
                     .expr_env = env,
                     .settings = &engine->settings,
                     .arena = arena,
                     .is_batch = env->is_batch,
                     .n_workers = engine_workers(engine),
                     .can_run = engine_can_run,
                     .warn = engine_warn_plan,
                     .warn_ctx = engine};
}

weir_status weir_parse_timestamp(const char *text, size_t len, int64_t *us, weir_error *error) {
    Err err = ERR_INIT;
    Arena arena;
    ColBuilder value;
    Status status;
    arena_init(&arena, NULL);
    colb_init(&value, &arena, &type_timestamp6, 1);
    status = value_parse((Span){text, len}, &type_timestamp6, TEXT_CAST, NULL, &value, &err);
    if (status == ST_OK) *us = value.i64[0];
    arena_deinit(&arena);
    return status == ST_OK ? WEIR_OK : engine_report(error, &err, NULL, NULL);
}
