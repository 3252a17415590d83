/* message.c -- records with keys: which columns of a table stand in a record's key and which in its
 * value.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/plan.h"

static Status message_add_key(MessageLayout *layout, Arena *arena, const Table *table, Span name,
                              Span prefix, int32_t pos, Err *err) {
    int32_t at = schema_find(&table->schema, name);
    Field *fields = (Field *)(uintptr_t)layout->key_schema.fields;
    (void)arena;
    if (at < 0 || table->columns[at].kind != TABCOL_PHYSICAL) {
        FAIL(err, ST_INVALID, "42703", pos,
             "'key.fields' names `" SPAN_FMT "`, which is no physical column of the table",
             SPAN_ARG(name));
    }
    if (name.len < prefix.len || memcmp(name.ptr, prefix.ptr, prefix.len) != 0) {
        err_set(err, ST_INVALID, "22023", pos, __FILE__, __LINE__,
                "All fields in 'key.fields' must be prefixed with '" SPAN_FMT
                "' when option 'key.fields-prefix' is set but field '" SPAN_FMT
                "' is not prefixed.",
                SPAN_ARG(prefix), SPAN_ARG(name));
        return err_hint(err, "rename the column, or leave the prefix out");
    }
    layout->key_cols[layout->n_key_cols++] = (uint32_t)at;
    fields[layout->key_schema.n_fields++] =
        (Field){{name.ptr + prefix.len, name.len - prefix.len}, table->columns[at].type};
    return ST_OK;
}

/* 'key.fields' = 'a;b' */
static Status message_key_fields(MessageLayout *layout, Arena *arena, const Table *table,
                                 const Options *options, Span prefix, Err *err) {
    Span rest = opt_str(options, "key.fields");
    int32_t pos = opt_pos(options, "key.fields");
    if (!rest.len) {
        err_set(err, ST_INVALID, "22023", pos, __FILE__, __LINE__,
                "A key format 'key.format' requires the declaration of one or more of key fields "
                "using 'key.fields'.");
        return err_hint(err, "'key.fields' = 'a;b' names the columns that stand in the key");
    }
    while (rest.len) {
        const char *semicolon = memchr(rest.ptr, ';', rest.len);
        size_t len = semicolon ? (size_t)(semicolon - rest.ptr) : rest.len;
        if (layout->n_key_cols == table->n_columns)
            FAIL(err, ST_INVALID, "42701", pos, "'key.fields' names a column twice");
        TRY(message_add_key(layout, arena, table, span_trim((Span){rest.ptr, len}), prefix, pos,
                            err));
        if (!semicolon) break;
        rest = (Span){semicolon + 1, rest.len - len - 1};
    }
    return ST_OK;
}

static Status message_upsert_key(MessageLayout *layout, Arena *arena, const Table *table,
                                 const Options *options, Span prefix, Err *err) {
    if (!table->n_key_cols) {
        err_set(err, ST_INVALID, "42P16", -1, __FILE__, __LINE__,
                "table \"" SPAN_FMT "\": connector '%s' needs a PRIMARY KEY", SPAN_ARG(table->name),
                table->conn->name);
        return err_hint(err,
                        "add PRIMARY KEY (column) NOT ENFORCED: it stands in the record's key");
    }
    if (!layout->key_format) {
        err_set(err, ST_INVALID, "22023", -1, __FILE__, __LINE__,
                "connector '%s' needs a 'key.format'", table->conn->name);
        return err_hint(err, "add 'key.format' = 'json'");
    }
    for (uint32_t i = 0; i < table->n_key_cols; i++)
        TRY(message_add_key(layout, arena, table, table->columns[table->key_cols[i]].name, prefix,
                            opt_pos(options, "key.fields-prefix"), err));
    return ST_OK;
}

Status message_layout(Arena *arena, const Table *table, const Options *options,
                      MessageLayout *layout, Err *err) {
    Span name, prefix;
    *layout = (MessageLayout){.is_upsert = table->conn && table->conn->traits & CONN_UPSERT};
    if (!table->conn || !(table->conn->traits & CONN_MESSAGES)) return ST_OK;
    name = opt_str(options, "key.format");
    prefix = opt_str(options, "key.fields-prefix");
    layout->is_apart = opt_is(options, "value.fields-include", "EXCEPT_KEY");
    layout->key_cols = arena_array(arena, uint32_t, table->n_columns + 1);
    layout->key_schema.fields = arena_array(arena, Field, table->n_columns + 1);
    if (name.len) {
        layout->key_format = format_find(name);
        layout->key_options =
            (Options){.n = options->n,
                      .pairs = options->pairs,
                      .prefix = arena_printf(arena, "key." SPAN_FMT ".", SPAN_ARG(name)),
                      .specs = layout->key_format->options};
    }
    if (layout->is_upsert)
        TRY(message_upsert_key(layout, arena, table, options, prefix, err));
    else if (name.len)
        TRY(message_key_fields(layout, arena, table, options, prefix, err));
    if (!prefix.len || layout->is_apart) return ST_OK;
    err_set(err, ST_INVALID, "22023", opt_pos(options, "key.fields-prefix"), __FILE__, __LINE__,
            "A key prefix is not allowed when option 'value.fields-include' is set to 'ALL'.");
    return err_hint(err, "set it to 'EXCEPT_KEY'");
}

bool message_in_key(const MessageLayout *layout, uint32_t column) {
    for (uint32_t i = 0; i < layout->n_key_cols; i++)
        if (layout->key_cols[i] == column) return true;
    return false;
}
