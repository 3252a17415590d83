/* engine.h -- what stands behind the handles of weir.h: the session, its queries, result rows.
 * Everything here belongs to one engine and is used by one thread at a time.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_ENGINE_H
#define WEIR_ENGINE_H

#include "flow/flow.h"

#include <weir.h>

/* ---- settings (settings.c) ---- */

typedef enum SettingKind {
    SETTING_STRING,
    SETTING_BOOL,
    SETTING_INT,
    SETTING_DURATION,
    SETTING_SIZE,
    SETTING_ENUM, /* one of `values`, separated by '|' */
    SETTING_ZONE
} SettingKind;

typedef struct Setting {
    const char *name;
    SettingKind kind;
    const char *fallback; /* as text; NULL = none */
    const char *values;   /* SETTING_ENUM */
    bool is_used;         /* false: accepted because Flink programs set it, without effect here */
    const char *help;
} Setting;
/* The i-th setting: those of settings.c, then those of the planner's rules. false: none. */
bool setting_at(uint32_t i, Setting *out);
bool setting_find(Span name, Setting *out); /* false: unknown */
/* Checks the value; 22023 says what it should be. */
Status setting_check(const Setting *setting, Span value, int32_t pos, Err *err) WARN_UNUSED;

/* ---- texts with variables (subst.c) ---- */

/* A text as it was given, and with its variables replaced. Positions count in the latter; people
 * are shown the former. */
typedef struct SqlText {
    Span text;                     /* what is parsed */
    Span source;                   /* what the user wrote */
    const struct SqlPiece *pieces; /* the replaced variables, in order */
    uint32_t n_pieces;
} SqlText;

/* ---- engine (api.c) ---- */

typedef struct weir_engine Engine;
typedef struct weir_query Query;

struct weir_engine {
    Mem mem;
    Arena arena; /* as long as the engine */
    weir_options options;
    const char *base_dir;
    Catalog *catalog;
    StrMap settings;  /* name -> char *, what was set explicitly */
    StrMap variables; /* ${name} -> char * */
    const Zone *zone;
    Query **queries; /* in the order of their start */
    uint32_t n_queries, cap_queries;
    Kv *state; /* of options.state_dir; opened for the first durable query */
    Buf jobs;  /* hashes of the names of the durable queries that were started */
    uint64_t n_started;
    int wake_fd; /* becomes readable by weir_cancel */
    atomic_bool is_canceled;
    bool has_clock;
    bool is_profiling; /* queries that start now measure their operators */
    int64_t clock_us;
};

/* The value in force: what was set, else the default, else NULL. */
const char *engine_setting(const Engine *engine, const char *name);
bool engine_setting_is(const Engine *engine, const char *name, const char *value);
int64_t engine_setting_us(const Engine *engine, const char *name); /* SETTING_DURATION */
bool engine_is_batch(const Engine *engine);
/* value NULL: back to the default. pos: where errors point to. */
Status engine_set(Engine *engine, Span name, const char *value, int32_t pos, Err *err) WARN_UNUSED;
int64_t engine_now_us(void *engine); /* processing time */
void engine_log(const Engine *engine, weir_log_level level, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Copies an internal error to the caller's, with line, column and the text for people. Returns the
 * status. sql may be NULL. */
weir_status engine_report(weir_error *out, const Err *err, const SqlText *sql, const char *name);

/* What planning needs, made from the session. env is the caller's to fill expressions from. */
PlanEnv engine_plan_env(Engine *engine, Span sql, Arena *arena, ExprEnv *env);

/* Replaces ${name} outside of comments; 42P02 for unknown names. Borrows the text. */
Status engine_substitute(const Engine *engine, Arena *arena, Span text, SqlText *out,
                         Err *err) WARN_UNUSED;
/* Where in the source a position of the text came from; a variable's value from its "${". */
int32_t sqltext_source_pos(const SqlText *sql, int32_t pos);
SqlText sqltext_copy(Arena *arena, const SqlText *sql);

/* ---- rows (rows.c, rowtable.c) ---- */

/* A SELECT's whole answer, kept up to date: rows by key in the order of their first arrival. */
typedef struct RowTable RowTable;
RowTable *rowtable_new(Mem *mem, const Schema *schema, const uint32_t *key, uint32_t n_key);
void rowtable_free(RowTable *table);
/* Applies changes; kinds may be NULL: all inserts. */
void rowtable_apply(RowTable *table, const Batch *batch, const uint8_t *kinds);
/* Rows that are there now; row i in the order of arrival. Makes the order dense, nothing else. */
uint64_t rowtable_count(RowTable *table);
Span rowtable_row(const RowTable *table, uint64_t index, int64_t *weight);

struct weir_rows {
    Arena arena; /* texts and rows made on demand */
    const Schema *schema;
    const Zone *zone;
    Batch batch; /* the rows, unless table is set */
    const uint8_t *kinds;
    RowTable *table;       /* then rows are decoded when they are looked at */
    const uint64_t *order; /* of the table's rows; NULL: as they arrived */
    uint64_t cached;       /* the row of `table` that `one` holds + 1; 0 = none */
    Column *one;
    const uint32_t *key;
    uint32_t n_key;
    char **type_texts;
    char **names;
    Buf text;
};
void rows_init(weir_rows *rows, Mem *mem);
void rows_deinit(weir_rows *rows);
/* Makes it an empty answer of this schema. */
void rows_begin(weir_rows *rows, const Schema *schema, const Zone *zone);
/* Puts the rows of a table into this order, if there are not too many. */
void rows_sort(weir_rows *rows, const SortKey *keys, uint32_t n_keys);

/* ---- queries (query.c) ---- */

struct weir_query {
    Engine *engine;
    Mem mem;     /* the plan's and the results' bytes; the flow counts its own */
    Arena arena; /* plan, text */
    ExprEnv env;
    Plan *plan;
    Flow *flow;
    bool is_select, is_bounded;
    Kv *kv;               /* the engine's, or with restart_steps its own; NULL: not durable */
    const char *job;      /* its name in there */
    const char *job_base; /* the same but for a number */
    weir_query_state_kind state;
    Err err;
    SqlText sql; /* copy of the text that positions count in */
    const char *file;
    const char *name;
    uint64_t id;
    int64_t started_us, ended_us; /* monotonic */
    /* results of a SELECT */
    Arena changes_arena, given_arena; /* rows gathered; rows given to the caller */
    BatchBuilder changes;
    Buf kinds, given_kinds;
    bool has_changes;
    RowTable *kept; /* weir_query_keep: instead of changes */
    SortKey *order; /* of a Top-N's answer: ORDER BY as far as its columns come out */
    uint32_t n_order;
    weir_rows rows;
    Buf detail; /* of weir_query_op */
};

/* Plans and starts: a SELECT (AST_QUERY) or INSERTs. sql is copied. */
Status query_start(Engine *engine, const SqlText *sql, const char *file, const Ast *statement,
                   Query **out, Err *err) WARN_UNUSED;
/* One step without waiting; ST_AGAIN, ST_END, or the failure. */
Status query_step(Query *query, Err *err) WARN_UNUSED;
/* Waits until one of the engine's running queries (or only `only`) may have something to do. */
void engine_wait(Engine *engine, Query *only, int64_t timeout_us);
void query_stop(Query *query, weir_query_state_kind state);
void query_free(Query *query);

/* ---- statements (script.c, statement.c, show.c) ---- */

struct weir_script {
    Engine *engine;
    Arena arena;
    SqlText text;
    const char *name;
    AstList statements;
    int32_t i_next;
    weir_rows rows;
    Buf message;
};

/* Executes one statement. */
Status statement_execute(weir_script *script, const Ast *statement, weir_result *result,
                         Err *err) WARN_UNUSED;
/* "CREATE TABLE": what the statement is called in messages. */
const char *statement_name(const Ast *statement);
/* The INSERTs of a statement (one, or a set's), or an empty list. */
AstList statement_inserts(Arena *arena, const Ast *statement);
/* CREATE TABLE t AS query, once t exists: INSERT INTO t query. */
const Ast *statement_ctas_insert(Arena *arena, const AstCreateTable *create);
/* DDL, SET, USE: what must take effect also when nothing runs (check, explain). *is_mine tells. */
Status statement_define(weir_script *script, const Ast *statement, bool *is_mine,
                        Err *err) WARN_UNUSED;
Status statement_show(weir_script *script, const AstShow *show, Err *err) WARN_UNUSED;
Status statement_describe(weir_script *script, const AstDescribe *describe, Err *err) WARN_UNUSED;
Status statement_explain(weir_script *script, const Ast *statement, Buf *out, Err *err) WARN_UNUSED;
/* EXPLAIN ANALYZE (analyze.c): runs a SELECT or INSERTs and prints what each operator did. */
Status analyze_run(weir_script *script, const Ast *statement, Buf *out, Err *err) WARN_UNUSED;
Status statement_refuse(const Ast *statement, Err *err);

/* An answer made of text columns: begin with the names, then add rows of n_columns C strings (NULL
 * = SQL NULL), then end. */
typedef struct TextTable {
    weir_script *script;
    Schema *schema;
    BatchBuilder rows;
} TextTable;
void texttable_begin(TextTable *table, weir_script *script, const char *const *names, uint32_t n);
void texttable_row(TextTable *table, const char *const *values);
void texttable_end(TextTable *table);

#endif
