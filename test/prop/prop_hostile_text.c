/* prop_hostile_text.c -- random and damaged texts for everything in expr that reads a text or a
 * pattern: refused or read, never a crash, never beyond the bytes given.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/datefmt.h"
#include "expr/dom.h"
#include "expr/regex.h"
#include "expr/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ROUNDS = 40000 };

static const char *const seeds[] = {"2024-02-29 10:20:30.123456",
                                    "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
                                    "{\"a\":[1,-2.5e3,\"\\u00e4\",null]}",
                                    "lax $.a['b c'][0,-1][1:3]..d[*]",
                                    "[[:alpha:]]+(x|y){2,3}%_",
                                    "-123456789012345678901234567890.5e-7",
                                    "+12 23:59:59.5",
                                    "\\p{Alpha}[^a-z\\]]*?(?<n>x)",
                                    "EEE, d MMM yyyy [HH:mm] G QQQ ww",
                                    "TRUE",
                                    "99999999-12-31",
                                    "Infinity",
                                    "0x1p3",
                                    "http://u@h:1/p?q#r",
                                    "1-11"};

/* A seed with some bytes changed, cut or doubled, in memory of exactly its size. */
static Span hostile(Rng *rng) {
    const char *seed = seeds[rng_below(rng, sizeof seeds / sizeof seeds[0])];
    size_t len = strlen(seed), cut = rng_below(rng, 4) ? len : rng_below(rng, len + 1);
    char *text = malloc(cut ? cut : 1);
    memcpy(text, seed, cut);
    for (uint64_t k = rng_below(rng, 4); k > 0 && cut; k--) {
        static const char alphabet[] = "'\"[](){}\\%_.:-+*?$ \xc3\xa4\xff 09azAZyMdH";
        text[rng_below(rng, cut)] = alphabet[rng_below(rng, sizeof alphabet - 1)];
    }
    return (Span){text, cut};
}

static void read_values(Span text, Arena *arena) {
    static const Type *const types[] = {
        &type_boolean, &type_int,         &type_bigint,     &type_double,         &type_float,
        &type_date,    &type_time,        &type_timestamp3, &type_timestamp_ltz3, &type_bytes,
        &type_string,  &type_interval_ds, &type_interval_ym};
    Value v;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        for (TextStyle style = TEXT_CAST; style <= TEXT_ISO; style++)
            (void)value_read(text, types[i], style, &zone_utc, arena, &v);
    }
    (void)value_read(text, type_decimal(arena, 38, 10), TEXT_CAST, &zone_utc, arena, &v);
}

static void read_patterns(Span text, Span other, Arena *arena) {
    Err err = ERR_INIT;
    const DateFormat *format;
    int64_t us;
    if (datefmt_compile(arena, text, &format, &err) == ST_OK) {
        ZonePart part = zone_part_at(&zone_utc, 0);
        char *to = malloc(format->text_max + 1);
        assert_true(datefmt_print(format, 1709202030123456, &zone_utc, &part, to) <=
                    format->text_max);
        size_t len = datefmt_print(format, -62135596800000000, &zone_utc, &part, to);
        (void)datefmt_parse(format, (Span){to, len}, false, &us);
        (void)datefmt_parse(format, other, true, &us);
        free(to);
    }
    const DomPath *path;
    const DomNode *root = dom_parse(arena, other);
    bool is_error;
    if (dom_path_compile(arena, text, &path, &err) == ST_OK && root)
        (void)dom_path_find(arena, path, root, &is_error);
}

static void read_regex(Span text, Span other) {
    Err err = ERR_INIT;
    Regex *regex;
    bool is_match;
    Buf similar;
    buf_init(&similar, NULL);
    if (regex_is_available() && regex_new(&regex, text, false, false, &err) == ST_OK) {
        Status status = regex_match(regex, other, 0, &is_match, &err);
        assert_true(status == ST_OK || status == ST_LIMIT);
        regex_free(regex);
    }
    (void)regex_from_similar(text, '\\', &similar);
    buf_deinit(&similar);
}

static void prop_hostile_texts(void **state) {
    struct timespec now;
    Arena arena;
    (void)state;
    clock_gettime(CLOCK_REALTIME, &now);
    Rng rng = {(uint64_t)now.tv_nsec};
    print_message("seed %ld\n", now.tv_nsec);
    arena_init(&arena, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        Span text = hostile(&rng), other = hostile(&rng);
        read_values(text, &arena);
        read_patterns(text, other, &arena);
        if (i % 8 == 0) read_regex(text, other);
        free((char *)(uintptr_t)text.ptr);
        free((char *)(uintptr_t)other.ptr);
        arena_reset(&arena);
    }
    arena_deinit(&arena);
}

/* What is printed is read back as the same tree. */
static void prop_json_round_trip(void **state) {
    Arena arena;
    Buf once, twice;
    Rng rng = {7};
    int n_good = 0;
    (void)state;
    arena_init(&arena, NULL);
    buf_init(&once, NULL);
    buf_init(&twice, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        Span text = hostile(&rng);
        const DomNode *node = dom_parse(&arena, text);
        if (node) {
            buf_reset(&once);
            buf_reset(&twice);
            dom_print(node, &once);
            const DomNode *again = dom_parse(&arena, buf_as_span(&once));
            assert_non_null(again);
            dom_print(again, &twice);
            assert_true(span_eq(buf_as_span(&once), buf_as_span(&twice)));
            n_good++;
        }
        free((char *)(uintptr_t)text.ptr);
        arena_reset(&arena);
    }
    assert_true(n_good > 100);
    buf_deinit(&once);
    buf_deinit(&twice);
    arena_deinit(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(prop_hostile_texts),
                                       cmocka_unit_test(prop_json_round_trip)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
