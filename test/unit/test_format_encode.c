/* test_format_encode.c -- what json, csv and raw write, letter for letter as Flink does.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format_util.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Reads `input` as JSON into the table's columns and writes them in a format. */
static void written(const char *format, const char *table, const char *options, const char *input,
                    const char *want) {
    Arena arena;
    Schema schema;
    const FormatType *json = format_find(SPAN("json")), *type = format_find(span_of(format));
    Options in_options, out_options;
    int32_t indexes[32];
    Decoder *decoder;
    Encoder *encoder;
    BatchBuilder b;
    Buf text, out;
    Err err = ERR_INIT;
    size_t used;
    Status status;
    arena_init(&arena, NULL);
    buf_init(&text, NULL);
    buf_init(&out, NULL);
    buf_puts(&text, input);
    memset(buf_reserve(&text, CHUNK_PADDING), 0, CHUNK_PADDING);
    schema = util_schema(&arena, table);
    for (int i = 0; i < 32; i++) indexes[i] = i;
    in_options = util_options(&arena, NULL, json->options);
    out_options = util_options(&arena, options, type->options);
    batchb_init(&b, &arena, &schema, 4);
    assert_int_equal(decoder_open(json,
                                  &(DecodeSpec){.table = &schema,
                                                .out = &schema,
                                                .indexes = indexes,
                                                .options = &in_options},
                                  &arena, &decoder, &err),
                     ST_OK);
    if (json->decode(decoder, buf_as_span(&text), true, 100, &b, &used, &err)) {
        fail_msg("%s", err.message);
    }
    status = encoder_open(type, &(EncodeSpec){.schema = &schema, .options = &out_options}, &arena,
                          &encoder, &err);
    if (status == ST_OK) {
        const Batch *rows = batchb_finish(&b);
        assert_int_equal(encoder_begin(encoder, &out, &err), ST_OK);
        status = type->encode(encoder, rows, NULL, 0, rows->n_rows, SPAN("\n"), &out, NULL, &err);
        encoder_close(encoder);
    }
    if (status) buf_printf(&out, "error: %s", err.message);
    assert_string_equal(buf_cstr(&out), want);
    buf_deinit(&text);
    buf_deinit(&out);
    arena_deinit(&arena);
}

static void test_json(void **state) {
    (void)state;
    written("json", "a INT, b STRING, c DOUBLE, d BOOLEAN", NULL,
            "{\"a\":1,\"b\":\"x\\\"\\\\/"
            "\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\\u00e9\",\"c\":1e10,\"d\":true}\n"
            "{\"c\":\"NaN\"}\n{\"c\":\"-Infinity\"}\n",
            "{\"a\":1,\"b\":\"x\\\"\\\\/"
            "\\b\\f\\n\\r\\t\\u0001\\u001F\x7f\xc3\xa9\",\"c\":1.0E10,\"d\":true}\n"
            "{\"a\":null,\"b\":null,\"c\":\"NaN\",\"d\":null}\n"
            "{\"a\":null,\"b\":null,\"c\":\"-Infinity\",\"d\":null}\n");
    written("json", "a DATE, b TIME(3), c TIMESTAMP(6), d TIMESTAMP_LTZ(3)", NULL,
            "{\"a\":\"2024-01-05\",\"b\":\"10:20:00.5\",\"c\":\"2024-01-05 "
            "10:20:30.120\",\"d\":\"2024-01-05 10:20:00Z\"}\n",
            "{\"a\":\"2024-01-05\",\"b\":\"10:20:00.5\",\"c\":\"2024-01-05 "
            "10:20:30.12\",\"d\":\"2024-01-05 10:20:00Z\"}\n");
    written("json", "c TIMESTAMP(6), d TIMESTAMP_LTZ(3)", "timestamp-format.standard=ISO-8601",
            "{\"c\":\"2024-01-05 10:20:20.8\",\"d\":\"2024-01-05 10:20:00Z\"}\n",
            "{\"c\":\"2024-01-05T10:20:20.8\",\"d\":\"2024-01-05T10:20:00Z\"}\n");
    written("json", "a ROW<x INT, y ARRAY<STRING>>, m MAP<STRING, INT>, b BYTES", NULL,
            "{\"a\":{\"x\":1,\"y\":[\"p\",null]},\"m\":{\"k\\n\":1},\"b\":\"AQ==\"}\n{\"a\":{}}\n",
            "{\"a\":{\"x\":1,\"y\":[\"p\",null]},\"m\":{\"k\\n\":1},\"b\":\"AQ==\"}\n"
            "{\"a\":{\"x\":null,\"y\":null},\"m\":null,\"b\":null}\n");
    written("json", "a ROW<x INT, y INT>, b INT", "encode.ignore-null-fields=true",
            "{\"a\":{\"y\":1}}\n{}\n{\"b\":2}\n", "{\"a\":{\"y\":1}}\n{}\n{\"b\":2}\n");
}

static void test_decimals(void **state) {
    static const char in[] = "{\"a\":123.456789,\"b\":454621864049246170,\"c\":0.000000027}\n"
                             "{\"a\":0,\"b\":0,\"c\":-1.5}\n{\"a\":-100,\"b\":120,\"c\":0.1}\n";
    (void)state;
    written("json", "a DECIMAL(9, 6), b DECIMAL(20, 0), c DECIMAL(11, 9)", NULL, in,
            "{\"a\":123.456789,\"b\":4.5462186404924617E+17,\"c\":2.7E-8}\n"
            "{\"a\":0,\"b\":0,\"c\":-1.5}\n{\"a\":-1E+2,\"b\":1.2E+2,\"c\":0.1}\n");
    written("json", "a DECIMAL(9, 6), b DECIMAL(20, 0), c DECIMAL(11, 9)",
            "encode.decimal-as-plain-number=true", in,
            "{\"a\":123.456789,\"b\":454621864049246170,\"c\":0.000000027}\n"
            "{\"a\":0,\"b\":0,\"c\":-1.5}\n{\"a\":-100,\"b\":120,\"c\":0.1}\n");
}

static void test_csv(void **state) {
    (void)state;
    written(
        "csv", "a INT, b STRING, c DOUBLE, d BOOLEAN", NULL,
        "{\"a\":1,\"b\":\"word\",\"c\":1.5,\"d\":true}\n{\"b\":\"two words\"}\n{\"b\":\"a,b\"}\n"
        "{\"b\":\"say \\\"hi\\\"\"}\n{\"b\":\"\"}\n{\"b\":\"exactly-24-characters-xx\"}\n"
        "{\"b\":\"exactly-25-characters-xxx\"}\n{\"b\":"
        "\"\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u0"
        "0e9\"}\n",
        "1,word,1.5,true\n,\"two words\",,\n,\"a,b\",,\n,\"say \"\"hi\"\"\",,\n,,,\n"
        ",exactly-24-characters-xx,,\n,\"exactly-25-characters-xxx\",,\n"
        ",\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
        "\xc3\xa9\xc3\xa9,,\n");
    written(
        "csv",
        "a DATE, b TIME(3), c TIMESTAMP(3), d ARRAY<INT>, e ROW<x INT, y STRING>, f DECIMAL(10, 2)",
        NULL,
        "{\"a\":\"2024-01-05\",\"b\":\"10:20:00\",\"c\":\"2024-01-05 "
        "10:20:00.5\",\"d\":[1,null,3],\"e\":{\"x\":1,\"y\":\"z\"},\"f\":100}\n",
        "2024-01-05,10:20:00,\"2024-01-05 10:20:00.5\",1;;3,1;z,1E+2\n");
    written("csv", "a STRING, f DECIMAL(10, 2)",
            "null-literal=n/"
            "a|quote-character='|field-delimiter=;|write-bigdecimal-in-scientific-notation=false",
            "{\"a\":\"it's\",\"f\":100}\n{}\n", "'it''s';100\nn/a;n/a\n");
    written("csv", "a STRING, b STRING", "disable-quote-character=true",
            "{\"a\":\"x y\",\"b\":\"z\"}\n", "x y,z\n");
    written("csv", "a INT, `b c` INT", "header=true", "{\"a\":1}\n", "a,\"b c\"\n1,\n");
}

static void test_raw(void **state) {
    (void)state;
    written("raw", "a STRING", NULL, "{\"a\":\"x\\ty\"}\n{}\n", "x\ty\n\n");
    written("raw", "a INT", NULL, "{\"a\":1094861636}\n", "ABCD\n");
    written("raw", "a INT", "endianness=little-endian", "{\"a\":1094861636}\n", "DCBA\n");
    written("raw", "a STRING", "charset=ISO-8859-1", "{\"a\":\"\\u00e9\"}\n", "\xe9\n");
    written("raw", "a STRING", "charset=ISO-8859-1", "{\"a\":\"\\u20ac\"}\n",
            "error: character U+20AC is not in 'raw.charset' ISO-8859-1");
}

/* A NULL key of a map cannot come from JSON: built by hand. */
static void null_key(const char *options, const char *want) {
    Arena arena;
    const FormatType *type = format_find(SPAN("json"));
    Field field = {SPAN("m"), NULL};
    Schema schema = {1, &field};
    Options opts;
    Encoder *encoder;
    BatchBuilder b;
    Buf out;
    Err err = ERR_INIT;
    arena_init(&arena, NULL);
    buf_init(&out, NULL);
    field.type = type_map(&arena, &type_string, &type_int);
    opts = util_options(&arena, options, type->options);
    batchb_init(&b, &arena, &schema, 1);
    colb_null(&b.cols[0].children[0]);
    colb_i32(&b.cols[0].children[1], 1);
    colb_str(&b.cols[0].children[0], "k", 1);
    colb_i32(&b.cols[0].children[1], 2);
    colb_list_end(&b.cols[0]);
    batchb_row_end(&b, 1);
    assert_int_equal(encoder_open(type, &(EncodeSpec){.schema = &schema, .options = &opts}, &arena,
                                  &encoder, &err),
                     ST_OK);
    if (type->encode(encoder, batchb_finish(&b), NULL, 0, 1, SPAN(""), &out, NULL, &err)) {
        buf_reset(&out);
        buf_puts(&out, err.message);
    }
    assert_string_equal(buf_cstr(&out), want);
    buf_deinit(&out);
    arena_deinit(&arena);
}

static void test_null_keys(void **state) {
    (void)state;
    null_key(NULL, "JSON format doesn't support to serialize map data with null keys");
    null_key("map-null-key.mode=DROP", "{\"m\":{\"k\":2}}");
    null_key("map-null-key.mode=literal", "{\"m\":{\"null\":1,\"k\":2}}");
    null_key("map-null-key.mode=LITERAL|map-null-key.literal=n\"", "{\"m\":{\"n\\\"\":1,\"k\":2}}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json), cmocka_unit_test(test_decimals),  cmocka_unit_test(test_csv),
        cmocka_unit_test(test_raw),  cmocka_unit_test(test_null_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
