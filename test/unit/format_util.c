/* format_util.c -- see format_util.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format_util.h"

#include "format/json.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* ---- schemas ---- */

static void skip_blanks(const char **p) {
    while (**p == ' ' || **p == '\n') ++*p;
}

static bool take(const char **p, const char *word) {
    size_t n = strlen(word);
    skip_blanks(p);
    if (strncasecmp(*p, word, n) != 0 ||
        (isalpha(word[n - 1]) && (isalnum((*p)[n]) || (*p)[n] == '_')))
        return false;
    *p += n;
    return true;
}

static int take_number(const char **p, const char *open, int fallback) {
    int value = 0;
    if (!take(p, open)) return fallback;
    skip_blanks(p);
    while (isdigit(**p)) value = value * 10 + *(*p)++ - '0';
    return value;
}

static const Type *take_type(Arena *arena, const char **p);

static Schema take_fields(Arena *arena, const char **p, const char *close) {
    Field *fields = arena_array(arena, Field, 64);
    Schema schema = {0, fields};
    do {
        const char *start;
        skip_blanks(p);
        start = *p;
        if (*start == '`') {
            *p = strchr(++start, '`');
            fields[schema.n_fields].name = (Span){start, (size_t)(*p - start)};
            ++*p;
        } else {
            while (isalnum(**p) || **p == '_') ++*p;
            fields[schema.n_fields].name = (Span){start, (size_t)(*p - start)};
        }
        fields[schema.n_fields++].type = take_type(arena, p);
    } while (take(p, ","));
    if (close) assert_true(take(p, close));
    return schema;
}

static const Type *take_plain(Arena *arena, const char **p) {
    static const struct {
        const char *name;
        const Type *type;
    } names[] = {
        {"BOOLEAN", &type_boolean},
        {"TINYINT", &type_tinyint},
        {"SMALLINT", &type_smallint},
        {"INT", &type_int},
        {"BIGINT", &type_bigint},
        {"FLOAT", &type_float},
        {"DOUBLE", &type_double},
        {"STRING", &type_string},
        {"BYTES", &type_bytes},
        {"DATE", &type_date},
        {"INTERVAL_YM", &type_interval_ym},
        {"INTERVAL_DS", &type_interval_ds},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (take(p, names[i].name)) return names[i].type;
    }
    if (take(p, "TIMESTAMP_LTZ")) {
        int n = take_number(p, "(", 6);
        (void)take(p, ")");
        return type_with_len(arena, TYPE_TIMESTAMP_LTZ, n);
    }
    if (take(p, "TIMESTAMP")) {
        int n = take_number(p, "(", 6);
        (void)take(p, ")");
        return type_with_len(arena, TYPE_TIMESTAMP, n);
    }
    if (take(p, "TIME")) {
        int n = take_number(p, "(", 0);
        (void)take(p, ")");
        return type_with_len(arena, TYPE_TIME, n);
    }
    if (take(p, "DECIMAL")) {
        int precision = take_number(p, "(", 10), scale = take_number(p, ",", 0);
        (void)take(p, ")");
        return type_decimal(arena, precision, scale);
    }
    fail_msg("no type: %s", *p);
    return NULL;
}

static const Type *take_type(Arena *arena, const char **p) {
    const Type *type;
    if (take(p, "ROW")) {
        assert_true(take(p, "<"));
        type = type_row(arena, take_fields(arena, p, ">"));
    } else if (take(p, "ARRAY")) {
        assert_true(take(p, "<"));
        type = type_array(arena, take_type(arena, p));
        assert_true(take(p, ">"));
    } else if (take(p, "MULTISET")) {
        assert_true(take(p, "<"));
        type = type_multiset(arena, take_type(arena, p));
        assert_true(take(p, ">"));
    } else if (take(p, "MAP")) {
        const Type *key;
        assert_true(take(p, "<"));
        key = take_type(arena, p);
        assert_true(take(p, ","));
        type = type_map(arena, key, take_type(arena, p));
        assert_true(take(p, ">"));
    } else {
        type = take_plain(arena, p);
    }
    return type_with_null(arena, type, !take(p, "NOT NULL"));
}

Schema util_schema(Arena *arena, const char *text) {
    return take_fields(arena, &text, NULL);
}

Options util_options(Arena *arena, const char *text, const OptionSpec *specs) {
    OptionPair *pairs = arena_array(arena, OptionPair, 32);
    OptionSet set = {"", specs};
    Options opts = {0, pairs, "", specs};
    Err err = ERR_INIT;
    const char *separator = text && strchr(text, '\n') ? "\n" : "|";
    while (text && *text) {
        size_t key = strcspn(text, "="), len = strcspn(text + key, separator);
        pairs[opts.n++] = (OptionPair){{text, key}, {text + key + 1, len - 1}, -1};
        text += key + len;
        if (*text == *separator) text++;
    }
    if (options_check(pairs, opts.n, &set, 1, "the test", &err)) fail_msg("%s", err.message);
    return opts;
}

/* ---- values as text ---- */

static void print_list(const Column *col, uint32_t row, Buf *out) {
    bool is_map = col->n_children == 2;
    buf_putc(out, is_map ? '{' : '[');
    for (uint32_t e = col->offsets[row]; e < col->offsets[row + 1]; e++) {
        if (e > col->offsets[row]) buf_putc(out, ',');
        util_print_value(&col->children[0], e, out);
        if (is_map) buf_putc(out, '=');
        if (is_map) util_print_value(&col->children[1], e, out);
    }
    buf_putc(out, is_map ? '}' : ']');
}

static void print_time(const Column *col, uint32_t row, Buf *out) {
    char text[CIVIL_TEXT_MAX];
    size_t n;
    if (col->type->kind == TYPE_DATE) {
        n = civil_print_date(text, col->i32[row]);
    } else if (col->type->kind == TYPE_TIME) {
        n = civil_print_time(text, col->i64[row], civil_fraction_digits(col->i64[row]));
    } else {
        n = civil_print_timestamp(text, col->i64[row], ' ', civil_fraction_digits(col->i64[row]));
    }
    buf_put(out, text, n);
}

static void print_row(const Column *col, uint32_t row, Buf *out) {
    buf_putc(out, '(');
    for (uint32_t i = 0; i < col->n_children; i++) {
        if (i) buf_putc(out, ',');
        util_print_value(&col->children[i], row, out);
    }
    buf_putc(out, ')');
}

void util_print_value(const Column *col, uint32_t row, Buf *out) {
    if (col_is_null(col, row)) {
        buf_puts(out, "null");
        return;
    }
    row = col_at(col, row);
    switch ((TypeKind)col->type->kind) {
    case TYPE_BOOLEAN: buf_puts(out, col->i8[row] ? "true" : "false"); break;
    case TYPE_TINYINT: buf_printf(out, "%d", col->i8[row]); break;
    case TYPE_SMALLINT: buf_printf(out, "%d", col->i16[row]); break;
    case TYPE_INT:
    case TYPE_INTERVAL_YM: buf_printf(out, "%d", col->i32[row]); break;
    case TYPE_BIGINT:
    case TYPE_INTERVAL_DS: buf_printf(out, "%lld", (long long)col->i64[row]); break;
    case TYPE_FLOAT:
        out->len += num_print_f32(buf_reserve(out, NUM_F64_MAX_LEN), col->f32[row]);
        break;
    case TYPE_DOUBLE:
        out->len += num_print_f64(buf_reserve(out, NUM_F64_MAX_LEN), col->f64[row]);
        break;
    case TYPE_DECIMAL:
        out->len +=
            decimal_print(buf_reserve(out, DECIMAL_TEXT_MAX), col->i128[row], col->type->scale);
        break;
    case TYPE_CHAR:
    case TYPE_VARCHAR: buf_span(out, str_span(&col->str[row])); break;
    case TYPE_BINARY:
    case TYPE_VARBINARY:
        buf_puts(out, "x");
        for (uint32_t i = 0; i < col->str[row].len; i++) {
            buf_printf(out, "%02x", (unsigned char)str_bytes(&col->str[row])[i]);
        }
        break;
    case TYPE_ARRAY:
    case TYPE_MAP:
    case TYPE_MULTISET: print_list(col, row, out); break;
    case TYPE_ROW: print_row(col, row, out); break;
    default: print_time(col, row, out);
    }
}

static int compare_spans(const void *a, const void *b) {
    return span_cmp(*(const Span *)a, *(const Span *)b);
}

static size_t split_lines(Span text, Span *lines) {
    size_t n = 0;
    while (text.len) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end ? (size_t)(end - text.ptr) : text.len;
        lines[n++] = (Span){text.ptr, len};
        text.ptr += len + (end != NULL);
        text.len -= len + (end != NULL);
    }
    qsort(lines, n, sizeof *lines, compare_spans);
    return n;
}

void util_same_lines(Span want, Span got) {
    Span *a = malloc(sizeof *a * (want.len + 1)), *b = malloc(sizeof *b * (got.len + 1));
    size_t n = split_lines(want, a), m = split_lines(got, b);
    bool same = n == m;
    for (size_t i = 0; same && i < n; i++) same = span_eq(a[i], b[i]);
    if (!same) {
        fprintf(stderr, "--- want\n" SPAN_FMT "--- got\n" SPAN_FMT, SPAN_ARG(want), SPAN_ARG(got));
        fail();
    }
    free(a);
    free(b);
}

/* ---- decoding ---- */

typedef struct Bad {
    Buf *out;
    bool stops;
    const BatchBuilder *rows;
} Bad;

static Status note_bad(void *ctx, const BadRecord *bad, Err *err) {
    Bad *self = ctx;
    assert_true(bad->at <= bad->bytes.len + 1);
    if (self->stops) return bad_record_raise(bad, "input", err);
    buf_printf(self->out, "%c%llu:" SPAN_FMT ":%u:%s [" SPAN_FMT "]\n", bad->is_kept ? '~' : '!',
               (unsigned long long)bad->line, SPAN_ARG(bad->column), bad->at, bad->reason,
               SPAN_ARG(bad->value));
    return ST_OK;
}

static void print_batch(const Batch *batch, Buf *out) {
    for (uint32_t i = 0; i < batch->n_rows; i++) {
        if (batch->weights && batch->weights[i] != 1) buf_printf(out, "%d ", batch->weights[i]);
        for (uint32_t c = 0; c < batch->n_cols; c++) {
            assert_int_equal(batch->cols[c].n_rows, batch->n_rows);
            if (c) buf_putc(out, '|');
            util_print_value(&batch->cols[c], i, out);
        }
        buf_putc(out, '\n');
    }
}

/* The rows of one call, then what was bad in it. */
static Status decode_once(Decoder *decoder, Bad *bad, Buf *rows, Span in, bool at_end,
                          uint32_t max_rows, size_t *used, uint32_t *n, Err *err) {
    Arena arena;
    BatchBuilder b;
    Status status;
    arena_init(&arena, NULL);
    batchb_init(&b, &arena, decoder->spec.out, 8);
    status = decoder->type->decode(decoder, in, at_end, max_rows, &b, used, err);
    (void)bad;
    if (status == ST_OK) print_batch(batchb_finish(&b), rows);
    *n = b.n_rows;
    arena_deinit(&arena);
    return status;
}

static Status decode_pieces(const UtilDecode *how, Decoder *decoder, Bad *bad, Buf *rows,
                            Span input, Err *err) {
    size_t from = 0, to = 0;
    for (;;) {
        size_t used, len;
        uint32_t n, max_rows = how->max_rows ? how->max_rows : 2048;
        char *copy; /* exactly as long as promised, so that the sanitizer sees reads behind it */
        Status status;
        bool at_end;
        to = how->piece ? to + how->piece : input.len;
        if (to > input.len) to = input.len;
        at_end = to == input.len;
        do {
            len = to - from;
            copy = malloc(len + CHUNK_PADDING);
            if (len) memcpy(copy, input.ptr + from, len);
            memset(copy + len, '"', CHUNK_PADDING);
            status = decode_once(decoder, bad, rows, (Span){copy, len}, at_end, max_rows, &used, &n,
                                 err);
            free(copy);
            if (status) return status;
            assert_true(used <= len);
            from += used;
        } while (used && from < to && n);
        if (at_end && (n == 0 || from == to)) {
            assert_int_equal(from, to);
            return ST_OK;
        }
    }
}

/* Columns of `out` are found in the table by name; its types may be pruned. */
static void find_columns(const Schema *table, const Schema *out, int32_t *indexes) {
    for (uint32_t i = 0; i < out->n_fields; i++) {
        indexes[i] = schema_find(table, out->fields[i].name);
    }
}

Status util_decode(const UtilDecode *how, Span input, Buf *out, Err *err) {
    Arena arena;
    Schema table, columns;
    int32_t indexes[64];
    Span metadata[64];
    Options options;
    Decoder *decoder;
    Status status;
    Bad bad = {out, how->stops, NULL};
    const FormatType *type = format_find(span_of(how->format));
    arena_init(&arena, NULL);
    assert_non_null(type);
    table = util_schema(&arena, how->table);
    columns = how->out ? util_schema(&arena, how->out) : table;
    find_columns(&table, &columns, indexes);
    for (uint32_t i = 0; i < columns.n_fields; i++) metadata[i] = columns.fields[i].name;
    options = util_options(&arena, how->options, type->options);
    status = decoder_open(type,
                          &(DecodeSpec){.table = &table,
                                        .out = &columns,
                                        .indexes = indexes,
                                        .metadata_keys = metadata,
                                        .options = &options,
                                        .on_bad = note_bad,
                                        .on_bad_ctx = &bad},
                          &arena, &decoder, err);
    if (status == ST_OK) {
        if (how->is_base) ((JsonReader *)decoder)->scan.ops = &json_ops_base;
        status = decode_pieces(how, decoder, &bad, out, input, err);
        decoder_close(decoder);
    }
    arena_deinit(&arena);
    return status;
}

static void expect_once(const UtilDecode *how, const char *input, const char *want) {
    Buf out;
    Err err = ERR_INIT;
    buf_init(&out, NULL);
    if (util_decode(how, span_of(input), &out, &err)) buf_printf(&out, "error: %s\n", err.message);
    if (strcmp(buf_cstr(&out), want) != 0) {
        fprintf(stderr, "--- input\n%s\n--- want\n%s--- got\n%s", input, want, buf_cstr(&out));
        fail();
    }
    buf_deinit(&out);
}

void util_expect(const UtilDecode *how, const char *input, const char *want) {
    UtilDecode base = *how;
    expect_once(how, input, want);
    base.is_base = strstr(how->format, "json") != NULL;
    if (base.is_base) expect_once(&base, input, want);
}
