/* table_options.c -- the options of a table: which connector and format they name, and whether both
 * know all of them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/table_draft.h"

const OptionSpec table_options[] = {
    {"connector", OPT_STRING, NULL, NULL, true, false, "Where the table's rows are."},
    {"format", OPT_STRING, NULL, NULL, false, false, "How a record is written."},
    {"value.format", OPT_STRING, NULL, NULL, false, false, "Another name for format."},
    {"scan.watermark.idle-timeout", OPT_DURATION, NULL, NULL, false, false,
     "A split without records for so long no longer holds the watermark back."},
    {"scan.watermark.emit.strategy", OPT_ENUM, "on-event", "on-event|on-periodic", false, false,
     "Accepted; watermarks are emitted at once."},
    {"scan.watermark.emit.on-event.gap", OPT_INT, "1", NULL, false, false,
     "Accepted; watermarks are emitted at once."},
    {"scan.watermark.alignment.group", OPT_STRING, NULL, NULL, false, false,
     "Accepted; all splits of a step are aligned."},
    {"scan.watermark.alignment.max-drift", OPT_DURATION, NULL, NULL, false, false,
     "Accepted; all splits of a step are aligned."},
    {"scan.watermark.alignment.update-interval", OPT_DURATION, NULL, NULL, false, false,
     "Accepted; all splits of a step are aligned."},
    {"scan.parallelism", OPT_INT, NULL, NULL, false, false, "Accepted; the workers decide."},
    {"sink.parallelism", OPT_INT, NULL, NULL, false, false, "Accepted; the workers decide."},
    {"dead-letter", OPT_STRING, NULL, NULL, false, false,
     "Where bad records go: the name of a table, or the path of a file."},
    {NULL, OPT_STRING, NULL, NULL, false, false, NULL},
};

const OptionPair *pairs_find(const OptionPair *pairs, uint32_t n, const char *key) {
    for (uint32_t i = 0; i < n; i++) {
        if (span_is(pairs[i].key, key)) return &pairs[i];
    }
    return NULL;
}

/* ---- options as they were written before Flink 1.11 ---- */

static Span option_joined(Arena *arena, Span prefix, const char *between, Span rest) {
    return span_of(
        arena_printf(arena, SPAN_FMT "%s" SPAN_FMT, SPAN_ARG(prefix), between, SPAN_ARG(rest)));
}

/* The key's name today, empty when the option says nothing any more. */
static Span option_modern(Arena *arena, Span key, Span format) {
    static const char *const gone[] = {"update-mode", "connector.version",
                                       "connector.property-version", "format.property-version",
                                       "format.derive-schema"};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        if (span_is(key, gone[i])) return (Span){0};
    if (span_is(key, "connector.type")) return SPAN("connector");
    if (span_is(key, "format.type")) return SPAN("format");
    if (span_starts_with(key, "connector.")) return (Span){key.ptr + 10, key.len - 10};
    if (span_starts_with(key, "format.") && format.len)
        return option_joined(arena, format, ".", (Span){key.ptr + 7, key.len - 7});
    return key;
}

uint32_t options_modernize(Arena *arena, OptionPair *pairs, uint32_t n) {
    const OptionPair *format = pairs_find(pairs, n, "format.type");
    uint32_t kept = 0;
    if (!pairs_find(pairs, n, "connector.type")) return n;
    for (uint32_t i = 0; i < n; i++) {
        Span key = option_modern(arena, pairs[i].key, format ? format->value : (Span){0});
        if (!key.len) continue;
        pairs[kept] = pairs[i];
        pairs[kept++].key = key;
    }
    return kept;
}

static Status option_unknown_conn(const OptionPair *pair, Err *err) {
    uint32_t n;
    const ConnType *const *all = conn_all(&n);
    Span *names = mem_alloc(NULL, (n + 1) * sizeof *names);
    Span best;
    for (uint32_t i = 0; i < n; i++) names[i] = span_of(all[i]->name);
    best = span_nearest(pair->value, names, n);
    mem_free(NULL, names, (n + 1) * sizeof *names);
    err_set(err, ST_NOT_FOUND, "42704", pair->pos, __FILE__, __LINE__,
            "there is no connector '" SPAN_FMT "'", SPAN_ARG(pair->value));
    if (best.len) return err_hint(err, "did you mean '" SPAN_FMT "'?", SPAN_ARG(best));
    return err_hint(err, "`weir doc connectors` lists those that there are");
}

static Status option_unknown_format(const OptionPair *pair, Err *err) {
    uint32_t n;
    const FormatType *const *all = format_all(&n);
    Span *names = mem_alloc(NULL, (n + 1) * sizeof *names);
    Span best;
    for (uint32_t i = 0; i < n; i++) names[i] = span_of(all[i]->name);
    best = span_nearest(pair->value, names, n);
    mem_free(NULL, names, (n + 1) * sizeof *names);
    err_set(err, ST_NOT_FOUND, "42704", pair->pos, __FILE__, __LINE__,
            "there is no format '" SPAN_FMT "'", SPAN_ARG(pair->value));
    if (best.len) return err_hint(err, "did you mean '" SPAN_FMT "'?", SPAN_ARG(best));
    return err_hint(err, "`weir doc connectors` lists the formats");
}

static Status option_format(const OptionPair *pairs, uint32_t n, int32_t pos, const ConnType *conn,
                            const FormatType **format, Err *err) {
    const OptionPair *name = pairs_find(pairs, n, "format");
    if (!name) name = pairs_find(pairs, n, "value.format");
    if (!name) {
        if (!(conn->traits & CONN_NEEDS_FORMAT)) return ST_OK;
        err_set(err, ST_INVALID, "42601", pos, __FILE__, __LINE__,
                "connector '%s' needs a 'format'", conn->name);
        return err_hint(err, "add 'format' = 'json' (or csv, raw, regex, debezium-json) to WITH");
    }
    if (conn->traits & CONN_ROWS && !(conn->traits & CONN_NEEDS_FORMAT)) {
        err_set(err, ST_INVALID, "22023", name->pos, __FILE__, __LINE__,
                "connector '%s' takes no 'format'", conn->name);
        return err_hint(err, "leave the option out");
    }
    *format = format_find(name->value);
    return *format ? ST_OK : option_unknown_format(name, err);
}

const char *table_format_prefix(const Table *table, Arena *arena) {
    bool is_value = pairs_find(table->options, table->n_options, "value.format") != NULL;
    return arena_printf(arena, "%s%s.", is_value ? "value." : "", table->format->name);
}

Status table_check_options(const OptionPair *pairs, uint32_t n, int32_t pos, const ConnType **conn,
                           const FormatType **format, Err *err) {
    const OptionPair *name = pairs_find(pairs, n, "connector"),
                     *key = pairs_find(pairs, n, "key.format");
    char prefix[64], value_prefix[72], key_prefix[72];
    OptionSet sets[5];
    uint32_t n_sets = 0;
    *conn = NULL;
    *format = NULL;
    if (!name) return ST_OK; /* usable for LIKE; reading or writing it is refused */
    *conn = conn_find(name->value);
    if (!*conn) return option_unknown_conn(name, err);
    TRY(option_format(pairs, n, pos, *conn, format, err));
    sets[n_sets++] = (OptionSet){"", table_options};
    sets[n_sets++] = (OptionSet){"", (*conn)->options};
    if (*format) {
        snprintf(prefix, sizeof prefix, "%s.", (*format)->name);
        snprintf(value_prefix, sizeof value_prefix, "value.%s.", (*format)->name);
        sets[n_sets++] = (OptionSet){prefix, (*format)->options};
        if (pairs_find(pairs, n, "value.format")) {
            sets[n_sets++] = (OptionSet){value_prefix, (*format)->options};
        }
    }
    if (key && (*conn)->traits & CONN_MESSAGES) {
        const FormatType *key_format = format_find(key->value);
        if (!key_format) return option_unknown_format(key, err);
        snprintf(key_prefix, sizeof key_prefix, "key.%s.", key_format->name);
        sets[n_sets++] = (OptionSet){key_prefix, key_format->options};
    }
    return options_check(pairs, n, sets, n_sets, (*conn)->name, err);
}
