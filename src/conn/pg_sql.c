/* pg_sql.c -- the statements that are sent to PostgreSQL.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/pg.h"

#if WEIR_HAVE_LIBPQ

const Options *pg_json_options(Arena *arena) {
    Options *options = arena_new(arena, Options);
    *options = (Options){.prefix = "json.", .specs = format_find(SPAN("json"))->options};
    return options;
}

/* A name of ours as an identifier. */
static void pgsql_name(Span name, Buf *out) {
    buf_putc(out, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '"') buf_putc(out, '"');
        buf_putc(out, name.ptr[i]);
    }
    buf_putc(out, '"');
}

void pg_sql_value(const PgColumn *column, const Type *type, const char *from, Buf *out) {
    const char *form = "%s.%s";
    switch (type->kind) {
    case TYPE_CHAR:
    case TYPE_VARCHAR:
    case TYPE_TIME: form = "%s.%s::text"; break;
    case TYPE_BINARY:
    case TYPE_VARBINARY: form = "translate(encode(%s.%s, 'base64'), E'\\n', '')"; break;
    case TYPE_DATE: form = "to_char(%s.%s, 'YYYY-MM-DD')"; break;
    case TYPE_TIMESTAMP: form = "to_char(%s.%s, 'YYYY-MM-DD HH24:MI:SS.US')"; break;
    case TYPE_TIMESTAMP_LTZ:
        form = "to_char(%s.%s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US\"Z\"')";
        break;
    default: break;
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    buf_printf(out, form, from, column->name);
#pragma GCC diagnostic pop
}

void pg_sql_select(const PgClient *client, const Schema *fields, Buf *out) {
    buf_puts(out, "SELECT row_to_json(r) FROM (SELECT ");
    for (uint32_t i = 0; i < fields->n_fields; i++) {
        if (i) buf_puts(out, ", ");
        pg_sql_value(&client->columns[i], fields->fields[i].type, "t", out);
        buf_puts(out, " AS ");
        pgsql_name(fields->fields[i].name, out);
    }
    buf_printf(out, " FROM %s t) r", client->table);
}

static bool pgsql_is_bytes(const Type *type) {
    return type->kind == TYPE_BINARY || type->kind == TYPE_VARBINARY;
}

void pg_sql_recordset(const PgClient *client, const Schema *fields, const uint32_t *cols,
                      uint32_t n, int param, const char *alias, Buf *out) {
    buf_printf(out, "json_to_recordset($%d::json) AS %s(", param, alias);
    for (uint32_t i = 0; i < n; i++) {
        const Field *field = &fields->fields[cols ? cols[i] : i];
        if (i) buf_puts(out, ", ");
        pgsql_name(field->name, out);
        buf_printf(out, " %s",
                   pgsql_is_bytes(field->type) ? "text" : client->columns[cols ? cols[i] : i].type);
    }
    buf_putc(out, ')');
}

/* The value of a recordset's column as the table's column takes it. */
static void pgsql_field(const Field *field, const char *alias, Buf *out) {
    bool is_bytes = pgsql_is_bytes(field->type);
    buf_printf(out, "%s%s.", is_bytes ? "decode(" : "", alias);
    pgsql_name(field->name, out);
    if (is_bytes) buf_puts(out, ", 'base64')");
}

static void pgsql_insert(const PgClient *client, const Schema *fields, int param, bool is_guarded,
                         Buf *out) {
    buf_printf(out, "INSERT INTO %s (", client->table);
    for (uint32_t i = 0; i < fields->n_fields; i++)
        buf_printf(out, "%s%s", i ? ", " : "", client->columns[i].name);
    buf_puts(out, ") SELECT ");
    for (uint32_t i = 0; i < fields->n_fields; i++) {
        if (i) buf_puts(out, ", ");
        pgsql_field(&fields->fields[i], "r", out);
    }
    buf_puts(out, " FROM ");
    pg_sql_recordset(client, fields, NULL, fields->n_fields, param, "r", out);
    if (is_guarded) buf_puts(out, " WHERE EXISTS (SELECT FROM guard)");
}

/* "WITH guard AS (...)", which gives a row when the outbox is new. */
static void pgsql_guard(int param, Buf *out) {
    buf_printf(out,
               "guard AS (INSERT INTO weir_outbox AS o (sink, number) VALUES ($%d, $%d::bigint) "
               "ON CONFLICT (sink) DO UPDATE SET number = EXCLUDED.number "
               "WHERE o.number < EXCLUDED.number RETURNING 1)",
               param, param + 1);
}

static bool pgsql_is_key(uint32_t col, const uint32_t *key, uint32_t n_key) {
    for (uint32_t i = 0; i < n_key; i++)
        if (key[i] == col) return true;
    return false;
}

void pg_sql_write(const PgClient *client, const Schema *fields, const uint32_t *key, uint32_t n_key,
                  bool is_guarded, Buf *out) {
    uint32_t n_set = 0;
    if (is_guarded || n_key) buf_puts(out, "WITH ");
    if (is_guarded) pgsql_guard(n_key ? 3 : 2, out);
    if (is_guarded) buf_puts(out, n_key ? ", " : " ");
    if (!n_key) {
        pgsql_insert(client, fields, 1, is_guarded, out);
        return;
    }
    buf_printf(out, "gone AS (DELETE FROM %s t USING ", client->table);
    pg_sql_recordset(client, fields, key, n_key, 1, "k", out);
    for (uint32_t i = 0; i < n_key; i++) {
        buf_printf(out, "%s t.%s = ", i ? " AND" : " WHERE", client->columns[key[i]].name);
        pgsql_field(&fields->fields[key[i]], "k", out);
    }
    if (is_guarded) buf_puts(out, " AND EXISTS (SELECT FROM guard)");
    buf_puts(out, ") ");
    pgsql_insert(client, fields, 2, is_guarded, out);
    buf_puts(out, " ON CONFLICT (");
    for (uint32_t i = 0; i < n_key; i++)
        buf_printf(out, "%s%s", i ? ", " : "", client->columns[key[i]].name);
    buf_puts(out, ") DO ");
    for (uint32_t i = 0; i < fields->n_fields; i++) {
        const char *name = client->columns[i].name;
        if (pgsql_is_key(i, key, n_key)) continue;
        buf_printf(out, "%s %s = EXCLUDED.%s", n_set++ ? "," : "UPDATE SET", name, name);
    }
    if (!n_set) buf_puts(out, "NOTHING");
}
#endif
