/* doc.c -- the chapters of the reference that are made from tables: `weir doc`.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/doc.h"

#include "engine/engine.h"

static void doc_functions(Buf *out) {
    expr_doc_functions(out);
}

static const char *doc_setting_kind(const Setting *setting) {
    static const char *const names[] = {"text", "true or false", "whole number", "duration", "size",
                                        "",     "time zone"};
    return setting->kind == SETTING_ENUM ? setting->values : names[setting->kind];
}

static void doc_settings(Buf *out) {
    Setting setting;
    buf_puts(out, "# Settings\n\nSet with `SET 'name' = 'value'`, or `-D name=value`. Names that "
                  "weir does not know are accepted with a\nwarning, so that Flink programs run "
                  "unmodified.\n\n| name | values | default | what it does |\n|---|---|---|---|\n");
    for (uint32_t i = 0; setting_at(i, &setting); i++) {
        buf_printf(out, "| `%s` | ", setting.name);
        for (const char *p = doc_setting_kind(&setting); *p; p++)
            buf_puts(out, *p == '|' ? ", " : (char[]){*p, '\0'});
        buf_printf(out, " | %s | %s%s |\n", setting.fallback ? setting.fallback : "", setting.help,
                   setting.is_used ? "" : " *Accepted, without effect.*");
    }
}

static void doc_options(Buf *out, const OptionSpec *specs) {
    static const char *const kinds[] = {"text",     "true or false", "whole number",
                                        "duration", "size",          ""};
    if (!specs || !specs->name) return;
    buf_puts(out, "\n| option | values | default | what it does |\n|---|---|---|---|\n");
    for (; specs->name; specs++) {
        buf_printf(out, "| `%s%s` | ", specs->name, specs->is_prefix ? "*" : "");
        for (const char *p = specs->kind == OPT_ENUM ? specs->values : kinds[specs->kind]; *p; p++)
            buf_puts(out, *p == '|' ? ", " : (char[]){*p, '\0'});
        buf_printf(out, " | %s | %s |\n",
                   specs->is_required ? "*required*"
                   : specs->fallback  ? specs->fallback
                                      : "",
                   specs->help);
    }
}

static void doc_connectors(Buf *out) {
    uint32_t n;
    const ConnType *const *all = conn_all(&n);
    buf_puts(out, "# Connectors\n\nChosen with `'connector' = 'name'` in the WITH clause of a "
                  "table.\n");
    for (uint32_t i = 0; i < n; i++) {
        const ConnType *conn = all[i];
        bool is_source = conn->traits & CONN_SOURCE, is_sink = conn->traits & CONN_SINK;
        buf_printf(out, "\n## %s\n\n%s\n\n- %s", conn->name, conn->help,
                   is_source && is_sink ? "Source and sink"
                   : is_source          ? "Source"
                                        : "Sink");
        buf_puts(out, conn->traits & CONN_NEEDS_FORMAT ? "; needs a `format`\n" : "\n");
        if (conn->guarantee) buf_printf(out, "- Delivery: %s\n", conn->guarantee);
        doc_options(out, conn->options);
        if (!conn->metadata || !conn->metadata->key) continue;
        buf_puts(out, "\n| metadata column | type | what it is |\n|---|---|---|\n");
        for (const ConnMeta *meta = conn->metadata; meta->key; meta++) {
            buf_printf(out, "| `%s` | ", meta->key);
            type_print(meta->type, true, out);
            buf_printf(out, " | %s |\n", meta->help);
        }
    }
}

static void doc_formats(Buf *out) {
    uint32_t n;
    const FormatType *const *all = format_all(&n);
    buf_puts(out, "# Formats\n\nChosen with `'format' = 'name'`; the options of a format have its "
                  "name in front: `'json.ignore-parse-errors'`.\n");
    for (uint32_t i = 0; i < n; i++) {
        const FormatType *format = all[i];
        bool is_source = format->traits & FORMAT_SOURCE, is_sink = format->traits & FORMAT_SINK;
        buf_printf(out, "\n## %s\n\n%s\n\n- %s%s\n", format->name, format->help,
                   is_source && is_sink ? "Reads and writes"
                   : is_source          ? "Reads"
                                        : "Writes",
                   format->traits & FORMAT_CHANGELOG ? "; carries updates and deletions" : "");
        doc_options(out, format->options);
    }
}

static void doc_errors(Buf *out) {
    buf_puts(out, "# Errors\n\nEvery error has one of PostgreSQL's SQLSTATE codes.\n\n"
                  "| code | name | when |\n|---|---|---|\n");
    for (const ErrorCode *code = doc_error_codes; code->sqlstate; code++)
        buf_printf(out, "| `%s` | %s | %s |\n", code->sqlstate, code->name, code->help);
}

static void doc_grammar(Buf *out) {
    buf_puts(out,
             "# Statements\n\nThe grammar is Flink SQL's; `[x]` is optional, `a | b` a choice, "
             "`x, ..` a list.\n");
    for (const StatementForm *form = doc_statements; form->name; form++) {
        buf_printf(out, "\n## %s\n\n%s\n\n```\n%s\n```\n", form->name, form->help, form->syntax);
        if (form->example) buf_printf(out, "\n```sql\n%s\n```\n", form->example);
    }
}

static void doc_dead_letters(Buf *out) {
    buf_puts(
        out,
        "# Bad records\n\nA record that cannot be decoded stops the query by default, with "
        "file, line, byte, column, value and\nreason. With `'<format>.ignore-parse-errors' = "
        "'true'` it is skipped and counted under its reason.\nWith `'dead-letter' = 'name'` it "
        "is skipped, counted and kept: in the table of that name, or in a\nfile of JSON lines "
        "when the name has a `/` or a `.`.\n\nA dead-letter table is an ordinary sink; its "
        "columns are filled by name, those it lacks are left out:\n\n"
        "| column | type | what |\n|---|---|---|\n"
        "| `record` | STRING or BYTES | the bytes of the record |\n"
        "| `table_name` | STRING | the table it was read for |\n"
        "| `split` | STRING | the file, or the peer's address |\n"
        "| `line` | BIGINT | line number in the split, from 1 |\n"
        "| `byte` | BIGINT | offset of the record in the split |\n"
        "| `column_name` | STRING | the column that was wrong, if one was |\n"
        "| `value` | STRING | the text that was wrong |\n"
        "| `reason` | STRING | what was wrong with it |\n"
        "| `sqlstate` | STRING | the error code |\n"
        "| `time` | TIMESTAMP_LTZ | when it was found |\n");
}

static const struct {
    const char *name, *help;
    void (*print)(Buf *out);
} doc_topics[] = {
    {"functions", "scalar functions, operators and aggregates, with examples", doc_functions},
    {"settings", "what SET takes", doc_settings},
    {"connectors", "where tables come from and go to", doc_connectors},
    {"formats", "how bytes become rows", doc_formats},
    {"bad-records", "what happens to records that cannot be read", doc_dead_letters},
    {"errors", "error codes", doc_errors},
    {"grammar", "statements and their syntax", doc_grammar},
};
enum { N_TOPICS = sizeof doc_topics / sizeof *doc_topics };

const char *weir_doc_topic(size_t index, const char **help) {
    if (index >= N_TOPICS) return NULL;
    if (help) *help = doc_topics[index].help;
    return doc_topics[index].name;
}

weir_status weir_doc(const char *topic, weir_write_fn *write, void *ctx, weir_error *error) {
    Err err = ERR_INIT;
    Span names[N_TOPICS], near;
    for (size_t i = 0; i < N_TOPICS; i++) {
        Buf out;
        names[i] = span_of(doc_topics[i].name);
        if (strcmp(doc_topics[i].name, topic) != 0) continue;
        buf_init(&out, NULL);
        doc_topics[i].print(&out);
        write(ctx, out.ptr, out.len);
        buf_deinit(&out);
        return WEIR_OK;
    }
    near = span_nearest(span_of(topic), names, N_TOPICS);
    err_set(&err, ST_NOT_FOUND, "42704", -1, __FILE__, __LINE__, "there is no chapter \"%s\"",
            topic);
    if (near.len) err_hint(&err, "did you mean \"" SPAN_FMT "\"?", SPAN_ARG(near));
    return engine_report(error, &err, NULL, NULL);
}
