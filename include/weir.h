/* weir.h -- the whole public API of libweir: Flink SQL over streams, in process.
 *
 * THE SHORT FORM
 *
 *     weir_error err;
 *     weir_engine *engine;
 *     if (weir_open(NULL, &engine, &err) != WEIR_OK) return fail(&err);
 *     if (weir_execute(engine, sql, strlen(sql), print_result, NULL, &err) != WEIR_OK)
 *         fputs(err.text, stderr);                      // with line, column, caret and hint
 *     weir_close(engine);
 *
 * THE MODEL
 *
 * An engine is a session: catalogs, tables, views, settings, and the queries that run. A query is a
 * graph of operators that advances in steps: a step takes what its sources have, computes, and
 * hands results to its sinks. Nothing runs by itself: the caller steps (weir_step, weir_query_step)
 * or lets the library do so until everything has ended (weir_run, weir_execute). There are no
 * threads to synchronise with and no callbacks between steps.
 *
 * RULES
 *
 * - Handles are opaque. An engine and all that belongs to it is used by one thread at a time; only
 *   weir_cancel may be called from anywhere, also from a signal handler. Engines share nothing: any
 *   number of them work in one process.
 * - A function that can fail returns weir_status and fills *err (which may be NULL). Out parameters
 *   are set only on WEIR_OK. Getters that cannot fail return their value.
 * - Text is UTF-8. Text goes in as pointer and length (bytes) or as a C string; C strings that come
 *   out belong to the handle that gave them and live as long as the comment says.
 * - Times are microseconds: TIMESTAMP since 1970-01-01 00:00:00 without zone, TIMESTAMP_LTZ since
 *   the same instant in UTC, TIME since midnight. DATE is days since 1970-01-01.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_H
#define WEIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WEIR_API __attribute__((visibility("default")))
#else
#define WEIR_API
#endif

typedef struct weir_engine weir_engine;
typedef struct weir_script weir_script; /* the statements of one text, executed one by one */
typedef struct weir_query weir_query;   /* a SELECT, INSERT or statement set that was started */
typedef struct weir_rows weir_rows;     /* rows that came out */
typedef struct weir_feed weir_feed;     /* rows that go into a table of the 'test' connector */

/* The library's version, "0.1.0". */
WEIR_API const char *weir_version(void);

/* ---- status and errors ------------------------------------------------------------------ */

typedef enum weir_status {
    WEIR_OK = 0,
    WEIR_AGAIN,       /* nothing to do now; not an error */
    WEIR_END,         /* nothing more, ever; not an error */
    WEIR_INVALID,     /* the SQL text, an option or the data is wrong */
    WEIR_NOT_FOUND,   /* no such table, setting, topic ... */
    WEIR_CONFLICT,    /* exists already, or is used by another process */
    WEIR_UNSUPPORTED, /* understood, and refused by name */
    WEIR_LIMIT,       /* a budget (memory, depth, size) is used up */
    WEIR_IO,          /* the system or a peer failed */
    WEIR_CORRUPT,     /* stored bytes are not what they should be */
    WEIR_CANCELED,    /* weir_cancel was called */
    WEIR_INTERNAL     /* a defect of weir */
} weir_status;

/* Filled when a call fails. The caller owns it; it holds no memory. */
typedef struct weir_error {
    weir_status status;
    char sqlstate[6];     /* "42601": PostgreSQL's codes */
    int32_t position;     /* byte offset in the SQL text, -1 when the error has no place there */
    int32_t line, column; /* of the position, from 1 (the column in characters); 0 when none */
    char message[512];    /* one sentence, no newline */
    char detail[512];     /* the values that led to it, or "" */
    char hint[256];       /* what to do about it, or "" */
    char text[2560]; /* all of it for people, several lines: place, message, the line of SQL with
                           a caret, detail, hint; ends with a newline */
} weir_error;

/* "ok", "invalid input" ...: never NULL. */
WEIR_API const char *weir_status_name(weir_status status);

/* ---- engine ----------------------------------------------------------------------------- */

typedef enum weir_log_level {
    WEIR_LOG_DEBUG,
    WEIR_LOG_INFO,
    WEIR_LOG_WARN,
    WEIR_LOG_ERROR
} weir_log_level;

/* Zero-initialise, then set what should differ from the default. */
typedef struct weir_options {
    uint64_t memory_limit; /* bytes each query may use; 0 = unlimited */
    const char *time_zone; /* table.local-time-zone; NULL = TZ of the process */
    /* INSERTs are durable: their state is kept in this directory, which is made when it is not
     * there, and they go on from it. NULL: in memory. It needs the library RocksDB. */
    const char *state_dir;
    const char *base_dir; /* relative paths of tables start here; NULL = working directory */
    bool is_batch;        /* execution.runtime-mode = batch */
    uint32_t step_rows;   /* most rows a source gives in a step; 0 = as the load demands */
    uint32_t workers;     /* threads that share each query's work; 0 = parallelism.default */
    void (*log)(void *ctx, weir_log_level level, const char *text); /* NULL = silent */
    void *log_ctx;
    /* For tests: verify every batch between operators (on by default in debug builds), and cut
     * batches at random places and re-encode them, from this seed. Answers stay the same. */
    bool check_batches;
    uint64_t shake_seed;
    bool always_threads; /* several workers: also where a step is too small for threads to pay */
    /* For tests: after every step the state is committed (to memory) and the query goes on in a new
     * graph, which knows only what the commit holds. */
    bool restart_steps;
} weir_options;

/* options may be NULL. */
WEIR_API weir_status weir_open(const weir_options *options, weir_engine **engine, weir_error *err);

/* Stops what still runs without waiting for more input, and frees everything. NULL is allowed. */
WEIR_API void weir_close(weir_engine *engine);

/* Asks everything to stop after the current step: sinks are flushed, then weir_step, weir_run and
 * weir_execute return WEIR_CANCELED. Safe in signal handlers and from any thread. Stays in force
 * until weir_resume. */
WEIR_API void weir_cancel(weir_engine *engine);
WEIR_API void weir_resume(weir_engine *engine);

/* As SET 'key' = 'value' and RESET 'key' (value NULL). */
WEIR_API weir_status weir_set(weir_engine *engine, const char *key, const char *value,
                              weir_error *err);
/* The value in force, default included; NULL when the key is unknown or has no value. Lives until
 * the next change of that setting. */
WEIR_API const char *weir_get(weir_engine *engine, const char *key);

/* Defines ${name} in SQL texts given from now on. A text that uses an undefined name is refused. */
WEIR_API weir_status weir_define(weir_engine *engine, const char *name, const char *value,
                                 weir_error *err);

/* Processing time becomes now_us (UTC microseconds) and moves only by this call: PROCTIME(), NOW(),
 * idle timeouts and timers become reproducible. */
WEIR_API void weir_set_clock(weir_engine *engine, int64_t now_us);

/* ---- statements ------------------------------------------------------------------------- */

typedef enum weir_result_kind {
    WEIR_RESULT_DONE,  /* DDL, SET, USE ...: `message` says what was done */
    WEIR_RESULT_ROWS,  /* SHOW, DESCRIBE, EXPLAIN ...: `rows` has the whole answer */
    WEIR_RESULT_QUERY, /* a SELECT was started: step `query` and fetch its rows */
    WEIR_RESULT_JOB    /* an INSERT or statement set was submitted and runs as `query` */
} weir_result_kind;

typedef struct weir_result {
    weir_result_kind kind;
    const char *statement; /* "CREATE TABLE", "SELECT", "INSERT" ... */
    const char *message;   /* DONE: "OK", or more */
    weir_rows *rows;       /* ROWS; valid until the next statement */
    weir_query *query;     /* QUERY, JOB: owned by the engine until weir_query_close */
    int32_t position, end; /* the bytes of the statement in the script's text */
} weir_result;

/* Opens a text of statements separated by semicolons. All of it is parsed first: a syntax error
 * anywhere means that nothing is executed. name stands in error messages ("file.sql"); NULL = none.
 * The text is copied. */
WEIR_API weir_status weir_script_open(weir_engine *engine, const char *sql, size_t len,
                                      const char *name, weir_script **script, weir_error *err);
/* Executes the next statement. WEIR_END when there is none left. After an error the next call goes
 * on behind the failing statement. An INSERT returns at once, unless 'table.dml-sync' = 'true':
 * then the engine is run until it has ended. */
WEIR_API weir_status weir_script_next(weir_script *script, weir_result *result, weir_error *err);
WEIR_API void weir_script_close(weir_script *script);

/* The simple way: executes all statements in order, runs each SELECT to its end and the INSERTs
 * side by side, and returns when all have ended. on_result (may be NULL) is called for every
 * statement, and again for a SELECT whenever rows came: fetch them with weir_query_fetch. Anything
 * but WEIR_OK from it stops the execution and is returned. */
typedef weir_status weir_result_fn(void *ctx, const weir_result *result);
WEIR_API weir_status weir_execute(weir_engine *engine, const char *sql, size_t len,
                                  weir_result_fn *on_result, void *ctx, weir_error *err);

/* Starts one SELECT, INSERT or statement set without the ceremony of a script. */
WEIR_API weir_status weir_query_start(weir_engine *engine, const char *sql, size_t len,
                                      weir_query **query, weir_error *err);

/* Parses and plans every statement and reports each error, in the order of the text. Nothing runs;
 * DDL, SET and USE take effect, since later statements depend on them. Returns how many errors
 * there were. */
typedef void weir_error_fn(void *ctx, const weir_error *error);
WEIR_API size_t weir_check(weir_engine *engine, const char *sql, size_t len, const char *name,
                           weir_error_fn *on_error, void *ctx);

/* Receives text in pieces. */
typedef void weir_write_fn(void *ctx, const char *text, size_t len);

/* Executes DDL and SET, and writes the plan of every SELECT, INSERT and statement set instead of
 * running it. */
WEIR_API weir_status weir_explain(weir_engine *engine, const char *sql, size_t len,
                                  const char *name, weir_write_fn *write, void *ctx,
                                  weir_error *err);

/* True when the text, as typed so far, ends inside a statement: a shell asks for another line. */
WEIR_API bool weir_is_incomplete(const char *sql, size_t len);

/* ---- stepping --------------------------------------------------------------------------- */

/* One step of every query that runs. When none has anything to do, waits up to wait_ms (0 = not at
 * all, -1 = as long as it takes) for input, a timer or weir_cancel, then steps again. WEIR_OK:
 * something was done; WEIR_AGAIN: nothing to do in that time; WEIR_END: every query has ended;
 * WEIR_CANCELED: weir_cancel was called, and what ran has been stopped in good order. A failing
 * query does not fail the step: it ends, and weir_query_state and weir_query_error tell. */
WEIR_API weir_status weir_step(weir_engine *engine, int wait_ms, weir_error *err);

/* Steps until every query has ended (WEIR_OK), the deadline has passed (WEIR_AGAIN; ms from now, -1
 * = none) or weir_cancel (WEIR_CANCELED). The first failure of a query is returned once all have
 * ended. */
WEIR_API weir_status weir_run(weir_engine *engine, int64_t deadline_ms, weir_error *err);

/* The same for a single query: one step, no waiting unless wait_ms says so. Returns the query's own
 * failure. WEIR_END once it has ended. */
WEIR_API weir_status weir_query_step(weir_query *query, int wait_ms, weir_error *err);

typedef enum weir_query_state_kind {
    WEIR_QUERY_RUNNING,
    WEIR_QUERY_FINISHED, /* its input ended and all results are out */
    WEIR_QUERY_FAILED,
    WEIR_QUERY_CANCELED
} weir_query_state_kind;

WEIR_API weir_query_state_kind weir_query_state(const weir_query *query);
/* Why it failed: WEIR_OK, and *err untouched, when it did not. */
WEIR_API weir_status weir_query_error(const weir_query *query, weir_error *err);
/* Does every source end by itself? */
WEIR_API bool weir_query_is_bounded(const weir_query *query);
/* Do its results only ever grow (no row is taken back)? */
WEIR_API bool weir_query_is_append_only(const weir_query *query);
/* The statement, short: "insert-into_sink", "select". Lives as long as the query. */
WEIR_API const char *weir_query_name(const weir_query *query);
/* Stops after the current step and flushes the sinks; the query stays readable. */
WEIR_API weir_status weir_query_stop(weir_query *query, weir_error *err);
/* Stops it when it runs, and frees it. */
WEIR_API void weir_query_close(weir_query *query);

/* The engine's queries in the order they were started; NULL behind the last. */
WEIR_API weir_query *weir_query_at(weir_engine *engine, size_t index);

/* ---- rows that come out ----------------------------------------------------------------- */

typedef enum weir_row_kind {
    WEIR_INSERT,        /* +I */
    WEIR_UPDATE_BEFORE, /* -U */
    WEIR_UPDATE_AFTER,  /* +U */
    WEIR_DELETE         /* -D */
} weir_row_kind;

typedef enum weir_type {
    WEIR_TYPE_NULL,
    WEIR_TYPE_BOOLEAN,
    WEIR_TYPE_TINYINT,
    WEIR_TYPE_SMALLINT,
    WEIR_TYPE_INT,
    WEIR_TYPE_BIGINT,
    WEIR_TYPE_FLOAT,
    WEIR_TYPE_DOUBLE,
    WEIR_TYPE_DECIMAL,
    WEIR_TYPE_CHAR,
    WEIR_TYPE_VARCHAR,
    WEIR_TYPE_BINARY,
    WEIR_TYPE_VARBINARY,
    WEIR_TYPE_DATE,
    WEIR_TYPE_TIME,
    WEIR_TYPE_TIMESTAMP,
    WEIR_TYPE_TIMESTAMP_LTZ,
    WEIR_TYPE_INTERVAL_YM,
    WEIR_TYPE_INTERVAL_DS,
    WEIR_TYPE_ARRAY,
    WEIR_TYPE_MAP,
    WEIR_TYPE_MULTISET,
    WEIR_TYPE_ROW
} weir_type;

typedef enum weir_fetch_mode {
    WEIR_FETCH_CHANGES, /* every change since the last fetch, in order, each with its row kind */
    WEIR_FETCH_NET,     /* the same added up: rows that cancel out vanish, equal rows are one with a
                           weight; the order is that of first arrival */
    WEIR_FETCH_TABLE    /* the whole answer as it stands, for queries that keep it; does not take
                           anything away */
} weir_fetch_mode;

/* Makes a SELECT keep its whole answer for WEIR_FETCH_TABLE, instead of its changes. To be called
 * before the first step. */
WEIR_API void weir_query_keep(weir_query *query);

/* Columns of a SELECT are known before its first row: an empty weir_rows has them too. The rows
 * live until the next fetch from this query or its close. Never NULL. */
WEIR_API weir_status weir_query_fetch(weir_query *query, weir_fetch_mode mode, weir_rows **rows,
                                      weir_error *err);

WEIR_API size_t weir_rows_count(const weir_rows *rows);
WEIR_API size_t weir_rows_columns(const weir_rows *rows);
WEIR_API const char *weir_column_name(const weir_rows *rows, size_t column);
WEIR_API weir_type weir_column_type(const weir_rows *rows, size_t column);
WEIR_API const char *weir_column_type_text(const weir_rows *rows, size_t column); /* "INT" */
/* The columns that identify a row of an updating answer: their number, and the k-th of them. */
WEIR_API size_t weir_key_columns(const weir_rows *rows);
WEIR_API size_t weir_key_column(const weir_rows *rows, size_t k);

WEIR_API weir_row_kind weir_row_kind_of(const weir_rows *rows, size_t row);
/* How often the row is there: +n, or -n when it is taken back. Always 1 or -1 for CHANGES. */
WEIR_API int64_t weir_row_weight(const weir_rows *rows, size_t row);

/* Values. Integer and temporal types (BOOLEAN as 0 and 1) come as int64, FLOAT and DOUBLE as
 * double, character and binary types as bytes, every type as text. A getter of the wrong kind or of
 * a NULL, gives 0 or "". Text lives as long as the rows. */
WEIR_API bool weir_value_is_null(const weir_rows *rows, size_t row, size_t column);
WEIR_API int64_t weir_value_int64(const weir_rows *rows, size_t row, size_t column);
WEIR_API double weir_value_double(const weir_rows *rows, size_t row, size_t column);
WEIR_API const char *weir_value_bytes(const weir_rows *rows, size_t row, size_t column,
                                      size_t *len);
/* As CAST(value AS STRING) gives it; NUL-terminated; len may be NULL. NULL for SQL NULL. */
WEIR_API const char *weir_value_text(weir_rows *rows, size_t row, size_t column, size_t *len);

/* The whole row as Flink's print connector writes it: "+I[1, null, Hi]". */
WEIR_API const char *weir_row_print(weir_rows *rows, size_t row, size_t *len);

/* Writes rows [first, first + n) as records of a format ("json", "csv", "debezium-json"), one a
 * line. */
WEIR_API weir_status weir_rows_write(weir_rows *rows, const char *format, size_t first, size_t n,
                                     weir_write_fn *write, void *ctx, weir_error *err);

/* ---- rows that go in -------------------------------------------------------------------- */

/* A table WITH ('connector' = 'test') takes rows from here. They are kept: every query over the
 * table, whenever it is started, sees all of them in order. */
WEIR_API weir_status weir_feed_open(weir_engine *engine, const char *table, weir_feed **feed,
                                    weir_error *err);
WEIR_API void weir_feed_close(weir_feed *feed);

WEIR_API size_t weir_feed_columns(const weir_feed *feed); /* physical columns, in order */
WEIR_API const char *weir_feed_column_name(const weir_feed *feed, size_t column);

/* Set the columns of a row in any order, then weir_feed_row. What is not set is NULL. Text is read
 * as CAST reads it; a wrong value fails weir_feed_row. */
WEIR_API void weir_feed_null(weir_feed *feed, size_t column);
WEIR_API void weir_feed_int64(weir_feed *feed, size_t column, int64_t value);
WEIR_API void weir_feed_double(weir_feed *feed, size_t column, double value);
WEIR_API void weir_feed_text(weir_feed *feed, size_t column, const char *text, size_t len);
/* The value of an SQL expression: ARRAY[1, 2], ROW('a', NULL), TIMESTAMP '2024-01-01 00:00:00'. */
WEIR_API void weir_feed_sql(weir_feed *feed, size_t column, const char *sql, size_t len);
/* Ends the row and queues it. weight is +1 for an insert, -1 for a delete, any other number for
 * several of them. On error the row is dropped. */
WEIR_API weir_status weir_feed_row(weir_feed *feed, int32_t weight, weir_error *err);

/* The split (partition, file, connection) that rows come from, 0 at first: each has its own
 * watermark. */
WEIR_API void weir_feed_split(weir_feed *feed, int32_t split);
/* Declares that every later row that is not late has a time above watermark_us. Takes its place
 * behind the rows fed so far. */
WEIR_API weir_status weir_feed_watermark(weir_feed *feed, int64_t watermark_us, weir_error *err);
/* No more rows: a query all of whose sources have ended finishes. */
WEIR_API weir_status weir_feed_end(weir_feed *feed, weir_error *err);

/* ---- what was done ---------------------------------------------------------------------- */

typedef struct weir_stats {
    uint64_t rows_in;      /* decoded or made by sources */
    uint64_t rows_out;     /* given to sinks, or fetched */
    uint64_t rows_late;    /* dropped because their window had closed */
    uint64_t rows_bad;     /* records that could not be decoded and were skipped */
    uint64_t rows_dead;    /* of those, written to a dead-letter table or file */
    uint64_t rows_dropped; /* by table.exec.sink.not-null-enforcer */
    uint64_t bytes_in;
    uint64_t steps;
    uint64_t busy_us;    /* time spent in steps */
    uint64_t elapsed_us; /* since the start, or until the end */
    uint64_t memory;     /* bytes in use, and the most there were */
    uint64_t memory_peak;
    uint64_t allocations;   /* calls of the system's allocator so far: constant in a steady state */
    uint64_t progress_done; /* bytes (or rows) of the bounded sources read so far, of how many; */
    uint64_t progress_total; /* 0 = unknown */
} weir_stats;

WEIR_API void weir_query_stats(const weir_query *query, weir_stats *stats);
/* Bad records by reason: false behind the last. */
WEIR_API bool weir_query_bad(const weir_query *query, size_t index, const char **reason,
                             uint64_t *count);

typedef struct weir_op_stats {
    uint32_t id;
    const char *name;   /* "filter"; lives as long as the query */
    const char *detail; /* as EXPLAIN prints it; until the next call */
    uint64_t rows_in, rows_out;
    uint64_t ns;       /* time in the operator without its consumers; measured when the setting
                               'weir.profile' is true */
    int64_t watermark; /* INT64_MIN: none yet; INT64_MAX: ended */
} weir_op_stats;
/* Operators in topological order: false behind the last. */
WEIR_API bool weir_query_op(const weir_query *query, size_t index, weir_op_stats *stats);

/* Reads "2024-01-01 00:00:00.000" as microseconds since 1970-01-01 00:00:00. */
WEIR_API weir_status weir_parse_timestamp(const char *text, size_t len, int64_t *us,
                                          weir_error *err);

/* ---- reference -------------------------------------------------------------------------- */

/* What a state directory holds, as text: "list" its queries, "show" their operators and tables too,
 * "verify" after reading all of it, which finds damage. No process may be using it. */
WEIR_API weir_status weir_state(const char *what, const char *dir, weir_write_fn *write, void *ctx,
                                weir_error *err);

/* Writes a chapter of the reference as Markdown, made from the tables that the engine runs on.
 * WEIR_NOT_FOUND for an unknown topic. */
WEIR_API weir_status weir_doc(const char *topic, weir_write_fn *write, void *ctx, weir_error *err);
/* "functions", "settings", "connectors", "formats", "errors" ...; NULL behind the last. */
WEIR_API const char *weir_doc_topic(size_t index, const char **help);

#ifdef __cplusplus
}
#endif

#endif
