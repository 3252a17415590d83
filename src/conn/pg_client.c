/* pg_client.c -- loads libpq, connects, finds a table and its columns, and reports errors.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/pg.h"

#if WEIR_HAVE_LIBPQ
#include <dlfcn.h>
#include <pthread.h>

/* ---- the library ---- */

static PgLib pg_calls;
static char pg_lib_problem[256];
static pthread_once_t pg_lib_once = PTHREAD_ONCE_INIT;

static void pg_lib_load(void) {
    void *lib = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    void *call = NULL;
    if (!lib) {
        snprintf(pg_lib_problem, sizeof pg_lib_problem, "%s", dlerror());
        return;
    }
#define PG_LOAD(name)                                                                       \
    call = dlsym(lib, "PQ" #name);                                                          \
    if (!call) snprintf(pg_lib_problem, sizeof pg_lib_problem, "it has no %s", "PQ" #name); \
    memcpy(&pg_calls.name, &call, sizeof call);
    PG_CALLS(PG_LOAD)
#undef PG_LOAD
}

static Status pg_lib(const PgLib **out, Err *err) {
    pthread_once(&pg_lib_once, pg_lib_load);
    *out = &pg_calls;
    if (!pg_lib_problem[0]) return ST_OK;
    err_set(err, ST_UNSUPPORTED, "0A000", -1, __FILE__, __LINE__,
            "PostgreSQL tables need the library libpq.so.5: %s", pg_lib_problem);
    return err_hint(err, "Debian: apt install libpq5");
}

/* ---- errors ---- */

Status pg_fail(const PgClient *client, const PGresult *result, const char *what, Err *err) {
    const char *text =
        result ? client->lib->resultErrorMessage(result) : client->lib->errorMessage(client->conn);
    const char *code = result ? client->lib->resultErrorField(result, 'C') : NULL;
    size_t len = strcspn(text, "\n");
    err_set(err, ST_IO, result ? "58030" : "08006", -1, __FILE__, __LINE__, "%s: %.*s", what,
            (int)len, text);
    if (text[len] && text[len + 1]) err_detail(err, "%s", text + len + 1);
    return code ? err_hint(err, "PostgreSQL's error code is %s", code) : ST_IO;
}

Status pg_exec(PgClient *client, const char *sql, const char *const *params, int n_params,
               PGresult **out, Err *err) {
    ExecStatusType status;
    *out = client->lib->execParams(client->conn, sql, n_params, NULL, params, NULL, NULL, 0);
    status = client->lib->resultStatus(*out);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return ST_OK;
    pg_fail(client, *out, "PostgreSQL refuses a statement", err);
    client->lib->clear(*out);
    *out = NULL;
    return err->status;
}

/* ---- opening ---- */

static Status pg_connect(PgClient *client, const Options *options, Err *err) {
    static const char prefix[] = "jdbc:postgresql:";
    Span url = opt_str(options, "url");
    Span user = opt_str(options, "username"), password = opt_str(options, "password");
    const char *names[] = {"dbname",
                           "connect_timeout",
                           "client_encoding",
                           "application_name",
                           user.len ? "user" : "",
                           password.len ? "password" : "",
                           NULL};
    const char *values[7] = {NULL, "10", "UTF8", "weir", NULL, NULL, NULL};
    if (!span_starts_with(url, prefix)) {
        err_set(err, ST_UNSUPPORTED, "0A000", opt_pos(options, "url"), __FILE__, __LINE__,
                "'url' = '" SPAN_FMT "' is not supported: only PostgreSQL is", SPAN_ARG(url));
        return err_hint(err, "write 'jdbc:postgresql://host:5432/database'");
    }
    values[0] = arena_strndup(client->arena, url.ptr + 5, url.len - 5);
    if (user.len) values[4] = arena_strndup(client->arena, user.ptr, user.len);
    if (password.len) values[5] = arena_strndup(client->arena, password.ptr, password.len);
    if (!user.len) names[4] = password.len ? "password" : NULL, values[4] = values[5];
    if (!user.len || !password.len) names[5] = NULL;
    client->conn = client->lib->connectdbParams(names, values, 1);
    if (client->lib->status(client->conn) == CONNECTION_OK) return ST_OK;
    pg_fail(client, NULL, "PostgreSQL does not accept the connection", err);
    memcpy(err->sqlstate, "08001", 6);
    return err->status;
}

static Status pg_find_table(PgClient *client, const Options *options, Err *err) {
    Span name = opt_str(options, "table-name");
    const char *param = arena_strndup(client->arena, name.ptr, name.len);
    PGresult *result;
    TRY(pg_exec(client, "SELECT to_regclass($1)::text", &param, 1, &result, err));
    if (!client->lib->getisnull(result, 0, 0))
        client->table = arena_strdup(client->arena, client->lib->getvalue(result, 0, 0));
    client->lib->clear(result);
    if (client->table) return ST_OK;
    err_set(err, ST_NOT_FOUND, "42P01", opt_pos(options, "table-name"), __FILE__, __LINE__,
            "the database has no table \"%s\"", param);
    return err_hint(err,
                    "names are as in PostgreSQL: \"schema.table\", in lower case if not quoted");
}

static Status pg_find_column(PgClient *client, Span field, PgColumn *out, Err *err) {
    static const char sql[] =
        "SELECT quote_ident(attname), format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attname::text IN ($2, lower($2)) ORDER BY attname::text <> $2 LIMIT 1";
    const char *params[] = {client->table, arena_strndup(client->arena, field.ptr, field.len)};
    PGresult *result;
    TRY(pg_exec(client, sql, params, 2, &result, err));
    if (!client->lib->ntuples(result)) {
        client->lib->clear(result);
        FAIL(err, ST_NOT_FOUND, "42703", -1, "table %s of the database has no column \"%s\"",
             client->table, params[1]);
    }
    out->name = arena_strdup(client->arena, client->lib->getvalue(result, 0, 0));
    out->type = arena_strdup(client->arena, client->lib->getvalue(result, 0, 1));
    client->lib->clear(result);
    return ST_OK;
}

Status pg_open(PgClient *client, const Options *options, const Schema *fields, Arena *arena,
               Err *err) {
    PGresult *result;
    client->arena = arena;
    TRY(pg_lib(&client->lib, err));
    TRY(pg_connect(client, options, err));
    TRY(pg_exec(client, "SET TimeZone = 'UTC'", NULL, 0, &result, err));
    client->lib->clear(result);
    TRY(pg_find_table(client, options, err));
    client->columns = arena_array(arena, PgColumn, fields->n_fields + 1);
    for (uint32_t i = 0; i < fields->n_fields; i++)
        TRY(pg_find_column(client, fields->fields[i].name, &client->columns[i], err));
    return ST_OK;
}

void pg_close(PgClient *client) {
    if (client->conn) client->lib->finish(client->conn);
    client->conn = NULL;
}
#endif
