/* test_conn_fs.c -- the filesystem source: whole records in order, through packing, rotation and
 * truncation.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/fs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

/* A directory of its own for each test. */
typedef struct Place {
    char dir[64];
    Arena arena;
    Buf got; /* all records, with their newlines */
    uint32_t n_files;
    Err err;
} Place;

static int place_setup(void **state) {
    static Place place;
    snprintf(place.dir, sizeof place.dir, "/tmp/weir-fs-XXXXXX");
    if (!mkdtemp(place.dir)) return -1;
    arena_init(&place.arena, NULL);
    buf_init(&place.got, NULL);
    place.n_files = 0;
    place.err = (Err)ERR_INIT;
    *state = &place;
    return 0;
}

static int place_teardown(void **state) {
    Place *place = *state;
    char command[96];
    arena_deinit(&place->arena);
    buf_deinit(&place->got);
    snprintf(command, sizeof command, "rm -rf %s", place->dir);
    return system(command) ? -1 : 0;
}

static char *place_path(Place *place, const char *name) {
    return arena_printf(&place->arena, "%s/%s", place->dir, name);
}

static void place_write(Place *place, const char *name, const char *text, bool is_append) {
    int fd;
    assert_int_equal(file_create(place_path(place, name), is_append, &fd, &place->err), ST_OK);
    assert_int_equal(file_write(fd, name, text, strlen(text), &place->err), ST_OK);
    file_close(fd);
}

/* Reads whole lines until the source has nothing now (true) or never again (false). */
static bool place_drain(Place *place, Source *source) {
    for (;;) {
        Chunk chunk;
        size_t len;
        const char *end;
        Status status = source->type->source->poll(source, &chunk, &place->err);
        if (status == ST_AGAIN || status == ST_END) return status == ST_AGAIN;
        assert_int_equal(status, ST_OK);
        place->n_files += chunk.is_new_file;
        end = chunk.bytes.len ? memrchr(chunk.bytes.ptr, '\n', chunk.bytes.len) : NULL;
        len = chunk.at_end ? chunk.bytes.len : end ? (size_t)(end - chunk.bytes.ptr) + 1 : 0;
        buf_put(&place->got, chunk.bytes.ptr, len);
        if (chunk.at_end && len && chunk.bytes.ptr[len - 1] != '\n') buf_putc(&place->got, '\n');
        source->type->source->consumed(source, &chunk, len);
    }
}

static Source *place_open(Place *place, const OptionPair *pairs, uint32_t n) {
    const ConnType *conn = conn_find(SPAN("filesystem"));
    Options *options = arena_new(&place->arena, Options);
    SourceSpec spec = {
        .table_name = "t", .options = options, .base_dir = place->dir, .arena = &place->arena};
    Source *source;
    *options = (Options){.n = n, .pairs = pairs, .prefix = "", .specs = conn->options};
    assert_int_equal(source_open(conn, &spec, &source, &place->err), ST_OK);
    return source;
}

static void expect_got(Place *place, const char *text) {
    assert_string_equal(place->got.len ? buf_cstr(&place->got) : "", text);
    buf_reset(&place->got);
}

static void test_directory_is_read_in_order(void **state) {
    Place *place = *state;
    OptionPair pairs[] = {{SPAN("path"), span_of(place->dir), -1}};
    Source *source;
    place_write(place, "b.txt", "3\n4", false); /* no newline at the end */
    place_write(place, "a.txt", "1\n2\n", false);
    place_write(place, "_hidden", "x\n", false);
    place_write(place, ".hidden", "y\n", false);
    assert_int_equal(dir_make(place_path(place, "sub/deep"), &place->err), ST_OK);
    place_write(place, "sub/deep/c.txt", "5\n", false);
    source = place_open(place, pairs, 1);
    assert_false(place_drain(place, source));
    expect_got(place, "1\n2\n3\n4\n5\n");
    assert_int_equal(place->n_files, 3);
    source_close(source);
}

static void test_patterns_choose_files(void **state) {
    Place *place = *state;
    OptionPair glob[] = {{SPAN("path"), SPAN("log-*.txt"), -1}};
    OptionPair regex[] = {{SPAN("path"), SPAN("."), -1},
                          {SPAN("source.path.regex-pattern"), SPAN(".*log-[2-9].*"), -1}};
    Source *source;
    place_write(place, "log-1.txt", "1\n", false);
    place_write(place, "log-2.txt", "2\n", false);
    place_write(place, "other.txt", "3\n", false);
    source = place_open(place, glob, 1);
    assert_false(place_drain(place, source));
    expect_got(place, "1\n2\n");
    source_close(source);
    source = place_open(place, regex, 2);
    assert_false(place_drain(place, source));
    expect_got(place, "2\n");
    source_close(source);
}

static void test_packed_files_are_unpacked(void **state) {
    Place *place = *state;
    OptionPair pairs[] = {{SPAN("path"), span_of(place->dir), -1}};
    Source *source;
    char command[256];
    Buf want;
    Buf text;
    FsCodec codec;
    if (fscodec_find("x.gz", SPAN("auto"), &codec, &place->err) != ST_OK) skip();
    buf_init(&want, NULL);
    buf_init(&text, NULL);
    for (int i = 0; i < 200000; i++) buf_printf(&text, "line %d of many\n", i);
    place_write(place, "a.txt", buf_cstr(&text), false);
    snprintf(command, sizeof command,
             "cd %s && gzip -c a.txt >b.gz && gzip -c a.txt >>b.gz && rm a.txt", place->dir);
    assert_int_equal(system(command), 0);
    buf_span(&want, buf_as_span(&text));
    buf_span(&want, buf_as_span(&text));
    source = place_open(place, pairs, 1);
    assert_false(place_drain(place, source));
    assert_int_equal(place->got.len, want.len);
    assert_memory_equal(place->got.ptr, want.ptr, want.len);
    source_close(source);
    buf_deinit(&want);
    buf_deinit(&text);
}

static void test_a_cut_packed_file_is_an_error(void **state) {
    Place *place = *state;
    OptionPair pairs[] = {{SPAN("path"), SPAN("a.gz"), -1}};
    Source *source;
    Chunk chunk;
    char command[160];
    FsCodec codec;
    Status status = ST_OK;
    if (fscodec_find("x.gz", SPAN("auto"), &codec, &place->err) != ST_OK) skip();
    place_write(place, "a", "some text that is long enough to be cut\n", false);
    snprintf(command, sizeof command, "cd %s && gzip a && truncate -s -6 a.gz", place->dir);
    assert_int_equal(system(command), 0);
    source = place_open(place, pairs, 1);
    for (int i = 0; i < 10 && status == ST_OK; i++) {
        status = source->type->source->poll(source, &chunk, &place->err);
        if (status == ST_OK) source->type->source->consumed(source, &chunk, chunk.bytes.len);
    }
    assert_int_equal(status, ST_CORRUPT);
    assert_non_null(strstr(place->err.message, "ends in the middle"));
    source_close(source);
}

static void test_a_growing_file_is_followed(void **state) {
    Place *place = *state;
    OptionPair pairs[] = {{SPAN("path"), SPAN("app.log"), -1},
                          {SPAN("source.follow"), SPAN("true"), -1}};
    Source *source;
    place_write(place, "app.log", "1\n2\nhal", false);
    source = place_open(place, pairs, 2);
    assert_true(place_drain(place, source));
    expect_got(place, "1\n2\n");
    place_write(place, "app.log", "f\n4\n", true);
    assert_true(place_drain(place, source));
    expect_got(place, "half\n4\n");
    /* Rotated: what was still written to the old file comes first, then the new one. */
    place_write(place, "app.log", "5\n", true);
    assert_int_equal(
        file_rename(place_path(place, "app.log"), place_path(place, "app.log.1"), &place->err),
        ST_OK);
    place_write(place, "app.log", "6\n", false);
    assert_true(place_drain(place, source));
    expect_got(place, "5\n6\n");
    /* Truncated in place: read again from the start. */
    place_write(place, "app.log", "7\n8\n9\n", false);
    assert_true(place_drain(place, source));
    place_write(place, "app.log", "", false);
    assert_true(place_drain(place, source));
    place_write(place, "app.log", "a\n", true);
    assert_true(place_drain(place, source));
    assert_non_null(strstr(buf_cstr(&place->got), "a\n"));
    source_close(source);
}

static void test_new_files_are_found_while_watching(void **state) {
    Place *place = *state;
    OptionPair pairs[] = {{SPAN("path"), span_of(place->dir), -1},
                          {SPAN("source.monitor-interval"), SPAN("1 ms"), -1}};
    Source *source;
    place_write(place, "a.txt", "1\n", false);
    source = place_open(place, pairs, 2);
    assert_true(place_drain(place, source));
    expect_got(place, "1\n");
    place_write(place, "b.txt", "2\n", false);
    usleep(3000);
    assert_true(place_drain(place, source));
    expect_got(place, "2\n");
    source_close(source);
}

static void test_a_missing_file_is_named(void **state) {
    Place *place = *state;
    OptionPair pairs[] = {{SPAN("path"), SPAN("nowhere.csv"), -1}};
    const ConnType *conn = conn_find(SPAN("filesystem"));
    Options options = {.n = 1, .pairs = pairs, .prefix = "", .specs = conn->options};
    SourceSpec spec = {
        .table_name = "t", .options = &options, .base_dir = place->dir, .arena = &place->arena};
    Source *source;
    assert_int_equal(source_open(conn, &spec, &source, &place->err), ST_NOT_FOUND);
    assert_string_equal(place->err.sqlstate, "58P01");
    assert_non_null(strstr(place->err.message, "nowhere.csv"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_directory_is_read_in_order, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(test_patterns_choose_files, place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(test_packed_files_are_unpacked, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(test_a_cut_packed_file_is_an_error, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(test_a_growing_file_is_followed, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(test_new_files_are_found_while_watching, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(test_a_missing_file_is_named, place_setup, place_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
