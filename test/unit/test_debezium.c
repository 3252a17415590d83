/* test_debezium.c -- the format debezium-json: changes in, changes out.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format_util.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TABLE "id INT NOT NULL, name STRING, weight DOUBLE"

static void debezium(const char *out, const char *options, const char *input, const char *want) {
    util_expect(
        &(UtilDecode){.format = "debezium-json", .table = TABLE, .out = out, .options = options},
        input, want);
}

static void test_changes(void **state) {
    (void)state;
    debezium(NULL, NULL,
             "{\"before\":null,\"after\":{\"id\":1,\"name\":\"a\",\"weight\":3.5},\"source\":{"
             "\"db\":\"x\"},\"op\":\"c\",\"ts_ms\":1}\n"
             "{\"op\":\"r\",\"after\":{\"id\":2}}\n"
             "null\n\n"
             "{\"op\":\"u\",\"after\":{\"id\":1,\"name\":\"b\"},\"before\":{\"id\":1,\"name\":"
             "\"a\",\"weight\":3.5}}\n"
             "{\"before\":{\"id\":2,\"name\":null},\"after\":null,\"op\":\"d\"}",
             "1|a|3.5\n2|null|null\n-1 1|a|3.5\n1|b|null\n-1 2|null|null\n");
    debezium("weight DOUBLE", "schema-include=true",
             "{\"schema\":{\"type\":\"struct\"},\"payload\":{\"before\":null,\"after\":{\"id\":1,"
             "\"weight\":1},\"op\":\"c\"}}\n"
             "{\"schema\":null,\"payload\":null}\n",
             "1.0\n");
}

static void test_metadata(void **state) {
    (void)state;
    util_expect(
        &(UtilDecode){
            .format = "debezium-json",
            .table = "id INT",
            .out = "id INT, `source.table` STRING, `ingestion-timestamp` TIMESTAMP_LTZ(3), "
                   "`source.timestamp` TIMESTAMP_LTZ(3), `source.properties` MAP<STRING, STRING>, "
                   "`schema` STRING",
            .options = "schema-include=true"},
        "{\"schema\":{\"a\": "
        "1},\"payload\":{\"source\":{\"table\":\"t\",\"ts_ms\":1589355606000,\"n\":null,\"x\":"
        "false},"
        "\"before\":{\"id\":1},\"after\":{\"id\":2},\"op\":\"u\",\"ts_ms\":1589355606100}}\n"
        "{\"payload\":{\"after\":{\"id\":3},\"op\":\"c\"}}\n",
        "-1 1|t|2020-05-13 07:40:06.1|2020-05-13 "
        "07:40:06|{table=t,ts_ms=1589355606000,n=null,x=false}|{\"a\":1}\n"
        "2|t|2020-05-13 07:40:06.1|2020-05-13 "
        "07:40:06|{table=t,ts_ms=1589355606000,n=null,x=false}|{\"a\":1}\n"
        "3|null|null|null|null|null\n");
}

static void test_bad(void **state) {
    (void)state;
    debezium(NULL, NULL,
             "{\"before\":null,\"after\":{\"id\":1},\"op\":\"u\"}\n"
             "{\"before\":null,\"op\":\"d\"}\n"
             "{\"before\":{\"id\":5},\"op\":\"c\"}\n"
             "{\"op\":\"x\"}\n"
             "{\"before\":{\"id\":1},\"after\":{\"id\":\"y\"},\"op\":\"u\"}\n"
             "{\"after\":{\"name\":\"y\"},\"op\":\"c\"}\n"
             "{\"after\":{\"id\":9},\"op\":\"c\"} x\n"
             "{\"after\":{\"id\":7},\"op\":\"c\"}\n",
             "!1::37:The \"before\" field of UPDATE message is null, if you are using Debezium "
             "Postgres Connector, "
             "please check the Postgres table has been set REPLICA IDENTITY to FULL level. []\n"
             "!2::20:The \"before\" field of DELETE message is null, if you are using Debezium "
             "Postgres Connector, "
             "please check the Postgres table has been set REPLICA IDENTITY to FULL level. []\n"
             "!3::24:the \"after\" field of the message is null []\n"
             "!4::6:Unknown \"op\" value: expected c, r, u or d [x]\n"
             "!5:id:33:expected an integer [\"y\"]\n"
             "!6:id:20:no value for a NOT NULL column []\n"
             "!7::28:text behind the record []\n"
             "7|null|null\n");
    debezium(
        NULL, "ignore-parse-errors=true",
        "{\"after\":{\"id\":1,\"weight\":\"x\"},\"op\":\"c\"}\n{]\n",
        "~1:weight:26:expected a number [\"x\"]\n!2::1:expected a key in quotes []\n1|null|null\n");
}

static void encode(const char *options, const uint8_t *kinds, const char *want) {
    Arena arena;
    Schema schema;
    const FormatType *type = format_find(SPAN("debezium-json"));
    Options opts;
    Encoder *encoder;
    BatchBuilder b;
    Buf out;
    Err err = ERR_INIT;
    size_t ends[4];
    arena_init(&arena, NULL);
    buf_init(&out, NULL);
    schema = util_schema(&arena, "id INT, name STRING");
    opts = util_options(&arena, options, type->options);
    batchb_init(&b, &arena, &schema, 4);
    for (int32_t i = 0; i < 4; i++) {
        colb_i32(&b.cols[0], i);
        if (i % 2)
            colb_null(&b.cols[1]);
        else
            colb_str(&b.cols[1], "a\"", 2);
        batchb_row_end(&b, 1);
    }
    assert_int_equal(encoder_open(type, &(EncodeSpec){.schema = &schema, .options = &opts}, &arena,
                                  &encoder, &err),
                     ST_OK);
    assert_int_equal(
        type->encode(encoder, batchb_finish(&b), kinds, 0, 4, SPAN("\n"), &out, ends, &err), ST_OK);
    assert_string_equal(buf_cstr(&out), want);
    for (int i = 0; i < 4; i++) assert_int_equal(out.ptr[ends[i]], '\n');
    encoder_close(encoder);
    buf_deinit(&out);
    arena_deinit(&arena);
}

static void test_encode(void **state) {
    static const uint8_t kinds[] = {ROW_INSERT, ROW_UPDATE_BEFORE, ROW_UPDATE_AFTER, ROW_DELETE};
    (void)state;
    encode(NULL, kinds,
           "{\"before\":null,\"after\":{\"id\":0,\"name\":\"a\\\"\"},\"op\":\"c\"}\n"
           "{\"before\":{\"id\":1,\"name\":null},\"after\":null,\"op\":\"d\"}\n"
           "{\"before\":null,\"after\":{\"id\":2,\"name\":\"a\\\"\"},\"op\":\"c\"}\n"
           "{\"before\":{\"id\":3,\"name\":null},\"after\":null,\"op\":\"d\"}\n");
    encode("encode.ignore-null-fields=true", kinds,
           "{\"after\":{\"id\":0,\"name\":\"a\\\"\"},\"op\":\"c\"}\n{\"before\":{\"id\":1},\"op\":"
           "\"d\"}\n"
           "{\"after\":{\"id\":2,\"name\":\"a\\\"\"},\"op\":\"c\"}\n{\"before\":{\"id\":3},\"op\":"
           "\"d\"}\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_metadata),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_encode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
