/* pg.h -- the parts of the connector to PostgreSQL: the client library, a connection, texts of SQL.
 * Private to src/conn.
 *
 * Rows cross as JSON, which both sides read and write whole: one parameter holds a step's rows of
 * any types, and the server does the conversion to the columns' types. libpq is loaded when the
 * first such table is opened.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_PG_H
#define WEIR_PG_H

#include "conn/conn.h"
#include "os/os.h"
#include "weir_config.h"

extern const SourceType pg_source;
extern const SinkType pg_sink;
extern const LookupType pg_lookup;

#if WEIR_HAVE_LIBPQ
#if __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h> /* Debian */
#else
#include <libpq-fe.h>
#endif

/* What is called of libpq, each as PgLib's member without "PQ". */
#define PG_CALLS(X)       \
    X(clear)              \
    X(connectdbParams)    \
    X(consumeInput)       \
    X(errorMessage)       \
    X(execParams)         \
    X(finish)             \
    X(flush)              \
    X(getResult)          \
    X(getisnull)          \
    X(getlength)          \
    X(getvalue)           \
    X(isBusy)             \
    X(ntuples)            \
    X(resultErrorField)   \
    X(resultErrorMessage) \
    X(resultStatus)       \
    X(sendQueryParams)    \
    X(setSingleRowMode)   \
    X(setnonblocking)     \
    X(socket)             \
    X(status)

typedef struct PgLib {
#define PG_MEMBER(name) __typeof__(PQ##name) *name;
    PG_CALLS(PG_MEMBER)
#undef PG_MEMBER
} PgLib;

/* ---- pg_client.c ---- */

typedef struct PgColumn {
    const char *name; /* in the database, quoted */
    const char *type; /* as format_type says it */
} PgColumn;

/* A connection and the table that is meant. */
typedef struct PgClient {
    const PgLib *lib;
    PGconn *conn;
    Arena *arena;
    const char *table; /* quoted, with its schema where it needs one */
    PgColumn *columns; /* of the fields that were asked for */
} PgClient;

/* Connects and finds the table and the columns with the fields' names, exactly or in lower case.
 * Waits up to 10 s. */
Status pg_open(PgClient *client, const Options *options, const Schema *fields, Arena *arena,
               Err *err) WARN_UNUSED;
void pg_close(PgClient *client); /* one that was never opened is allowed */
/* Runs a statement and waits for its result, which the caller clears. */
Status pg_exec(PgClient *client, const char *sql, const char *const *params, int n_params,
               PGresult **out, Err *err) WARN_UNUSED;
/* The error of a result, or of the connection when result is NULL. */
Status pg_fail(const PgClient *client, const PGresult *result, const char *what, Err *err);

/* ---- pg_sql.c ---- */

/* "SELECT row_to_json(r) FROM (...) r": the fields in the forms that the json format reads. */
void pg_sql_select(const PgClient *client, const Schema *fields, Buf *out);
/* A value of a column in that form; `from` is the table's alias. */
void pg_sql_value(const PgColumn *column, const Type *type, const char *from, Buf *out);
/* json_to_recordset($param::json) AS alias(...) of some of the fields. */
void pg_sql_recordset(const PgClient *client, const Schema *fields, const uint32_t *cols,
                      uint32_t n, int param, const char *alias, Buf *out);
/* One statement: deletes the keys of $1, inserts or replaces the rows of $2. Without key: inserts
 * the rows of $1. Guarded: the next parameters are a sink's id and the number of an outbox; without
 * effect when PG_SQL_OUTBOXES has this number or a later one, else notes it. */
void pg_sql_write(const PgClient *client, const Schema *fields, const uint32_t *key, uint32_t n_key,
                  bool is_guarded, Buf *out);
#define PG_SQL_OUTBOXES \
    "CREATE TABLE IF NOT EXISTS weir_outbox (sink text PRIMARY KEY, number bigint NOT NULL)"
/* The options of a json decoder or encoder for these texts. */
const Options *pg_json_options(Arena *arena);
#endif

#endif
