/* prop_json_simdjson.c -- the JSON scan against simdjson: random documents, broken in random ways,
 * are accepted by both or refused by both, and hold the same strings, integers, doubles, booleans
 * and NULLs. Known differences are kept out of the input: control characters in strings are
 * accepted here (as Flink does), and numbers beyond a double are a fault of the value there.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../oracle/simdjson_oracle.h"
#include "../unit/format_util.h"
#include "../unit/random_data.h"

#include "format/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#if WEIR_HAVE_SIMDJSON
enum { ROUNDS = 60000, FORM_MAX = 1 << 16 };

static const char *const keys[] = {"a", "b", "c", "d", "e", "f", "g", "zz", "\\u0061", "\xc3\xa9"};

/* ---- random documents ---- */

static void put_blanks(Rand *r, Buf *out) {
    if (rand_below(r, 8) == 0) buf_puts(out, rand_below(r, 2) ? " " : "  ");
}

static void put_string(Rand *r, Buf *out) {
    static const char *const parts[] = {"x",
                                        "hello",
                                        " ",
                                        "\\n",
                                        "\\\"",
                                        "\\\\",
                                        "\\u0041",
                                        "\\ud83d\\ude00",
                                        "\xc3\xa9",
                                        "\xe2\x82\xac",
                                        "\xf0\x9f\x98\x80",
                                        "{",
                                        "}",
                                        ",",
                                        ":",
                                        "0123456789",
                                        "a text of thirty-two characters!",
                                        "\\/",
                                        "'"};
    uint32_t n = rand_below(r, 6);
    buf_putc(out, '"');
    while (n--) buf_puts(out, parts[rand_below(r, sizeof parts / sizeof *parts)]);
    buf_putc(out, '"');
}

static void put_number(Rand *r, Buf *out) {
    switch (rand_below(r, 7)) {
    case 0: buf_printf(out, "%d", (int)rand_below(r, 200) - 100); break;
    case 1: buf_printf(out, "%lld", (long long)rand_next(r)); break;
    case 2: buf_printf(out, "%u.%u", rand_below(r, 1000), rand_below(r, 100000)); break;
    case 3:
        buf_printf(out, "-%u.%ue%d", rand_below(r, 10), rand_below(r, 1000),
                   (int)rand_below(r, 600) - 300);
        break;
    case 4:
        buf_printf(out, "%.17g", (double)rand_next(r) / (double)(rand_below(r, 1000000) + 1));
        break;
    case 5: buf_printf(out, "0.%020llu", (unsigned long long)rand_next(r)); break;
    default: buf_printf(out, "%uE%u", rand_below(r, 100), rand_below(r, 20));
    }
}

static void put_json(Rand *r, Buf *out, int depth);

static void put_members(Rand *r, Buf *out, int depth, bool is_object) {
    uint32_t n = rand_below(r, 5);
    buf_putc(out, is_object ? '{' : '[');
    put_blanks(r, out);
    for (uint32_t i = 0; i < n; i++) {
        if (i) buf_putc(out, ',');
        put_blanks(r, out);
        if (is_object) {
            buf_printf(out, "\"%s\"", keys[rand_below(r, sizeof keys / sizeof *keys)]);
            put_blanks(r, out);
            buf_putc(out, ':');
            put_blanks(r, out);
        }
        put_json(r, out, depth - 1);
        put_blanks(r, out);
    }
    buf_putc(out, is_object ? '}' : ']');
}

static void put_json(Rand *r, Buf *out, int depth) {
    uint32_t what = rand_below(r, depth > 0 ? 9 : 6);
    if (what < 2)
        put_string(r, out);
    else if (what < 4)
        put_number(r, out);
    else if (what == 4)
        buf_puts(out, rand_below(r, 2) ? "true" : "false");
    else if (what == 5)
        buf_puts(out, "null");
    else
        put_members(r, out, depth, what != 6);
}

/* Replaces, drops, doubles or inserts a byte, or cuts the end. */
static void mutate(Rand *r, Buf *text) {
    static const char bytes[] = "{}[]\":,\\0123456789.eE+-tfnull \xc3\xa9\x80\xff\xe2";
    uint32_t at;
    if (text->len == 0) return;
    at = rand_below(r, (uint32_t)text->len);
    switch (rand_below(r, 4)) {
    case 0: text->ptr[at] = bytes[rand_below(r, sizeof bytes - 1)]; break;
    case 1:
        memmove(text->ptr + at, text->ptr + at + 1, text->len - at - 1);
        text->len--;
        break;
    case 2:
        buf_putc(text, 0);
        memmove(text->ptr + at + 1, text->ptr + at, text->len - at - 1);
        text->ptr[at] = bytes[rand_below(r, sizeof bytes - 1)];
        break;
    default: text->len = at;
    }
}

/* ---- the same form as the oracle's, from the scan ---- */

static const char *form_value(JsonScan *s, const char *p, Buf *out);

static const char *blanks(const char *p) {
    while (*p == ' ' || *p == '\t' || *p == '\r') p++;
    return p;
}

static const char *form_string(JsonScan *s, const char *p, Buf *out) {
    Span text;
    p = json_text(s, p + 1, &text);
    buf_putc(out, '<');
    buf_span(out, text);
    buf_putc(out, '>');
    return p;
}

static const char *form_members(JsonScan *s, const char *p, Buf *out) {
    char open = *p, close = open == '{' ? '}' : ']';
    buf_putc(out, open);
    p = blanks(p + 1);
    while (*p != close) {
        if (open == '{') {
            p = blanks(form_string(s, p, out));
            buf_putc(out, ':');
            p = blanks(p + 1);
        }
        p = blanks(form_value(s, p, out));
        if (*p == ',') {
            buf_putc(out, ',');
            p = blanks(p + 1);
        }
    }
    buf_putc(out, close);
    return p + 1;
}

/* A number as a BIGINT or DOUBLE column would have it. */
static const char *form_number(const char *p, Buf *out) {
    const char *end = fast_number_end(p);
    Span text = {p, (size_t)(end - p)};
    int64_t i;
    double d;
    uint64_t bits;
    bool is_integer = true;
    for (size_t k = 0; k < text.len; k++) is_integer &= !strchr(".eE", text.ptr[k]);
    if (is_integer && fast_int(p, &i) == end) {
        buf_printf(out, "%lld", (long long)i);
    } else if (is_integer && num_parse_i64(text, &i) == NUM_OK) {
        buf_printf(out, "%lld", (long long)i);
    } else {
        if (fast_double(p, &d) != end) assert_int_not_equal(num_parse_f64(text, &d), NUM_BAD);
        memcpy(&bits, &d, 8);
        buf_printf(out, "%016llx", (unsigned long long)bits);
    }
    return end;
}

static const char *form_value(JsonScan *s, const char *p, Buf *out) {
    const char *end;
    switch (*p) {
    case '"': return form_string(s, p, out);
    case '{':
    case '[': return form_members(s, p, out);
    case 't':
    case 'f':
    case 'n':
        end = (s->ops->skip)(s, p);
        buf_put(out, p, (size_t)(end - p));
        return end;
    default: return form_number(p, out);
    }
}

/* ---- the comparison ---- */

/* Numbers that are no double, and integers above 2^63, are refused or told apart there. */
static bool has_odd_number(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        const char *end;
        double d;
        int64_t v;
        Span number;
        if ((i && (fast_is_digit(text[i - 1]) || strchr("eE.+-", text[i - 1]))) ||
            (!fast_is_digit(text[i]) && text[i] != '-')) {
            continue;
        }
        end = fast_number_end(text + i);
        if (!end) continue;
        number = (Span){text + i, (size_t)(end - text) - i};
        if (num_parse_f64(number, &d) == NUM_RANGE) return true;
        if (num_parse_i64(number, &v) == NUM_RANGE) return true;
    }
    return false;
}

/* Blank lines and arrays of objects are no rows or several. */
static bool is_blank(const char *text, size_t len) {
    const char *p = blanks(text);
    return p == text + len || *p == '[';
}

/* The decoder as a whole: one row or one bad record. */
static void decode_one(Span text, bool is_good) {
    UtilDecode how = {.format = "json",
                      .table = "a STRING, b STRING, c STRING, d STRING, `\xc3\xa9` STRING",
                      .out = "c STRING, a STRING, `\xc3\xa9` STRING"};
    Buf rows;
    Err err = ERR_INIT;
    buf_init(&rows, NULL);
    assert_int_equal(util_decode(&how, text, &rows, &err), ST_OK);
    if (rows.len == 0 || (rows.ptr[0] == '!') == is_good) {
        fail_msg("decoding " SPAN_FMT ": %s", SPAN_ARG(text), buf_cstr(&rows));
    }
    buf_deinit(&rows);
}

static void compare_one(const char *text, size_t len, char *want, Buf *got, Arena *arena,
                        uint32_t *n_good) {
    const JsonOps *copies[] = {&json_ops_base, json_ops()};
    char *copy = malloc(len + 1 + CHUNK_PADDING);
    size_t n = 0;
    bool is_good;
    memcpy(copy, text, len);
    memset(copy + len, '\n', 1 + CHUNK_PADDING);
    is_good = oracle_json(copy, len, want, FORM_MAX, &n);
    for (int c = 0; c < 2; c++) {
        JsonScan s = {.ops = copies[c], .arena = arena};
        const char *p = blanks(copy), *end;
        end = *p == '{' ? (s.ops->skip)(&s, p) : NULL;
        if (end) end = blanks(end);
        if ((end == copy + len) != is_good) {
            fail_msg("simdjson %s, copy %d does not: %.*s", is_good ? "accepts" : "refuses", c,
                     (int)len, text);
        }
        if (!is_good) continue;
        buf_reset(got);
        (void)form_value(&s, p, got);
        if (got->len != n || memcmp(got->ptr, want, n) != 0) {
            fail_msg("%.*s\nwant %.*s\ngot  %.*s", (int)len, text, (int)n, want, (int)got->len,
                     got->ptr);
        }
    }
    *n_good += is_good;
    if (!memchr(copy, '\n', len) && !is_blank(copy, len)) {
        decode_one((Span){copy, len}, is_good);
    }
    free(copy);
}

static void test_random(void **state) {
    char *want = malloc(FORM_MAX);
    uint32_t n_good = 0, n_done = 0;
    Buf text, got;
    Arena arena;
    (void)state;
    arena_init(&arena, NULL);
    buf_init(&text, NULL);
    buf_init(&got, NULL);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        Rand r = {round};
        uint32_t n = rand_below(&r, 4);
        buf_reset(&text);
        put_members(&r, &text, 4, true);
        while (n-- > 1) mutate(&r, &text);
        buf_puts(&text, "\n");
        text.len--;
        if (text.len > FORM_MAX / 8 || has_odd_number(text.ptr, text.len)) continue;
        compare_one(text.ptr, text.len, want, &got, &arena, &n_good);
        n_done++;
        arena_reset(&arena);
    }
    /* Both kinds must have been met. */
    assert_in_range(n_good, n_done / 4, n_done - n_done / 10);
    buf_deinit(&text);
    buf_deinit(&got);
    arena_deinit(&arena);
    free(want);
}
#else
static void test_random(void **state) {
    (void)state;
    print_message("simdjson is not here\n");
    skip();
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
