/* test_json.c -- the json format read: types, conversions, keys in any order, bad records.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format_util.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BID "auction BIGINT, price BIGINT, url STRING, ts TIMESTAMP(3)"

static void json_with(const char *table, const char *options, const char *input, const char *want) {
    util_expect(&(UtilDecode){.format = "json", .table = table, .options = options}, input, want);
}
static void json(const char *table, const char *input, const char *want) {
    json_with(table, NULL, input, want);
}

static void test_flat(void **state) {
    (void)state;
    json(BID,
         "{\"auction\":1,\"price\":-20,\"url\":\"https://example.com/a/b\",\"ts\":\"2024-01-05 "
         "10:20:30.125\"}\n"
         "{\"ts\":\"1969-12-31 23:59:59\",\"url\":\"\",\"price\":12345678901234567,\"auction\":0}\n"
         "{ \"auction\" : 3 , \"other\" : {\"a\":[1,2.5e-3,{}],\"b\":\"\\u00e9\"} , "
         "\"price\":null}\r\n"
         "\n   \n"
         "{}",
         "1|-20|https://example.com/a/b|2024-01-05 10:20:30.125\n"
         "0|12345678901234567||1969-12-31 23:59:59\n"
         "3|null|null|null\n"
         "null|null|null|null\n");
    json(BID, "", "");
    json(BID, "\xef\xbb\xbf{\"auction\":1}\n", "1|null|null|null\n");
}

/* A record may be an array of objects: as many rows, all or none. */
static void test_array_record(void **state) {
    (void)state;
    json("a INT", "[{\"a\":1},{\"a\":2} , {}]\n[]\n[ ]\n{\"a\":4}", "1\n2\nnull\n4\n");
    json("a INT", "[{\"a\":1},{\"a\":x}]\n[{\"a\":1},]\n[1]\n[{\"a\":1}\n{\"a\":4}\n",
         "!1::14:expected a value []\n!2::9:expected an object []\n"
         "!3::1:expected an object []\n!4::8:expected ',' or ']' []\n4\n");
}

static void test_integers(void **state) {
    (void)state;
    json("a TINYINT, b SMALLINT, c INT, d BIGINT",
         "{\"a\":-128,\"b\":32767,\"c\":-2147483648,\"d\":9223372036854775807}\n"
         "{\"a\":127,\"b\":-32768,\"c\":2147483647,\"d\":-9223372036854775808}\n"
         "{\"a\":\" 1 \",\"b\":\"+2\",\"c\":\"0003\",\"d\":\"-4\"}\n"
         "{\"a\":-0,\"b\":0,\"c\":1.9e1,\"d\":-9007199254740993.9}\n",
         "-128|32767|-2147483648|9223372036854775807\n"
         "127|-32768|2147483647|-9223372036854775808\n1|2|3|-4\n0|0|19|-9007199254740993\n");
    json("a TINYINT",
         "{\"a\":128}\n{\"a\":-129}\n{\"a\":1.5}\n{\"a\":\"x\"}\n{\"a\":\"\"}\n{\"a\":true}"
         "\n{\"a\":[1]}\n",
         "!1:a:5:out of the column's range [128]\n!2:a:5:out of the column's range [-129]\n"
         "!3:a:5:expected an integer [1.5]\n!4:a:5:expected an integer [\"x\"]\n"
         "!5:a:5:expected an integer [\"\"]\n!6:a:5:expected an integer [true]\n"
         "!7:a:5:expected an integer [[1]]\n");
    json("a INT", "{\"a\":2147483648}\n{\"a\":1e10}\n{\"a\":99999999999999999999}\n",
         "!1:a:5:out of the column's range [2147483648]\n!2:a:5:out of the column's range [1e10]\n"
         "!3:a:5:out of the column's range [99999999999999999999]\n");
    json("a BIGINT", "{\"a\":9223372036854775808}\n{\"a\":12345678901234567890123}\n{\"a\":1e19}\n",
         "!1:a:5:out of the column's range [9223372036854775808]\n"
         "!2:a:5:out of the column's range [12345678901234567890123]\n"
         "!3:a:5:out of the column's range [1e19]\n");
    json("a INTERVAL_YM, b INTERVAL_DS", "{\"a\":14,\"b\":1500}\n", "14|1500000\n");
}

static void test_numbers(void **state) {
    (void)state;
    json("a DOUBLE, b FLOAT, c DECIMAL(10, 2)",
         "{\"a\":0.1,\"b\":0.1,\"c\":12345678.905}\n{\"a\":-0,\"b\":-0.0,\"c\":-0.001}\n"
         "{\"a\":1.7976931348623157e308,\"b\":16777217,\"c\":1e7}\n"
         "{\"a\":\"NaN\",\"b\":\" -Infinity \",\"c\":\" 1.5 \"}\n"
         "{\"a\":123456789012345678901234567890,\"b\":\"1e-45\",\"c\":99999999.99}\n"
         "{\"a\":9007199254740993,\"b\":3,\"c\":0}\n",
         "0.1|0.1|12345678.91\n-0.0|-0.0|0.00\n1.7976931348623157E308|1.6777216E7|10000000.00\n"
         "NaN|-Infinity|1.50\n1.2345678901234568E29|1.4E-45|99999999.99\n"
         "9.007199254740992E15|3.0|0.00\n");
    json("a DOUBLE, c DECIMAL(10, 2)",
         "{\"a\":1e999}\n{\"c\":99999999.995}\n{\"c\":true}\n{\"a\":\"\"}\n{\"a\":{}}\n",
         "!1:a:5:out of the column's range [1e999]\n!2:c:5:out of the column's range "
         "[99999999.995]\n!3:c:5:expected a number [true]\n!4:a:5:expected a number [\"\"]\n"
         "!5:a:5:expected a number [{}]\n");
    json("a DECIMAL(38, 10)", "{\"a\":-1234567890123456789012345678.0123456789}\n",
         "-1234567890123456789012345678.0123456789\n");
}

static void test_strings(void **state) {
    (void)state;
    json("a STRING",
         "{\"a\":\"\"}\n{\"a\":\"12 bytes....\"}\n{\"a\":\"13 bytes....!\"}\n"
         "{\"a\":\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\t\"}\n"
         "{\"a\":\"\\u0041\\u00e9\\u20AC\\uD83D\\uDE00\"}\n"
         "{\"a\":\"\xc3\xa9 \xf0\x9f\x98\x80 and more than thirty-two bytes of it\"}\n"
         "{\"a\":\"tab\there\"}\n{\"a\":12.50}\n{\"a\":-1e+2}\n{\"a\":true}\n"
         "{\"a\":{ \"b\" : [ 1, \"x y\\\" \" ] }}\n{\"a\":[]}\n{\"a\":null}\n",
         "\n12 bytes....\n13 "
         "bytes....!\na\"b\\c/d\b\f\n\r\t\nA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n"
         "\xc3\xa9 \xf0\x9f\x98\x80 and more than thirty-two bytes of it\ntab\there\n12.50\n-1e+2\n"
         "true\n{\"b\":[1,\"x y\\\" \"]}\n[]\nnull\n");
    json("a BYTES", "{\"a\":\"AQID\"}\n{\"a\":\"\"}\n{\"a\":\"AQ==\"}\n{\"a\":\"A\"}\n{\"a\":1}\n",
         "!4:a:5:expected bytes in base64 [\"A\"]\n!5:a:5:expected bytes in base64 [1]\n"
         "x010203\nx\nx01\n");
    json("a BOOLEAN",
         "{\"a\":true}\n{\"a\":false}\n{\"a\":\" True \"}\n{\"a\":\"no\"}\n{\"a\":1}\n",
         "!4:a:5:expected true or false [\"no\"]\n!5:a:5:expected true or false [1]\n"
         "true\nfalse\ntrue\n");
}

static void test_times(void **state) {
    (void)state;
    json(
        "a DATE, b TIME, c TIMESTAMP(3), d TIMESTAMP_LTZ(6)",
        "{\"a\":\"2024-02-29\",\"b\":\"01:02:03\",\"c\":\"2024-01-05 10:20:30\",\"d\":\"2024-01-05 "
        "10:20:30.123456Z\"}\n"
        "{\"a\":\"0001-01-01\",\"b\":\"23:59:59.999999999\",\"c\":\"2024-01-05 "
        "10:20:30.123999999\",\"d\":\"1969-12-31 23:59:59.999999999Z\"}\n",
        "2024-02-29|01:02:03|2024-01-05 10:20:30|2024-01-05 10:20:30.123456\n"
        "0001-01-01|23:59:59|2024-01-05 10:20:30.123|1969-12-31 23:59:59.999999\n");
    json_with(
        "c TIMESTAMP(3), d TIMESTAMP_LTZ(3)", "timestamp-format.standard=ISO-8601",
        "{\"c\":\"2024-01-05T10:20:30.5\",\"d\":\"2024-01-05T10:20:30Z\"}\n"
        "{\"c\":\"2024-01-05T10:20\",\"d\":\"2024-01-05T10:20Z\"}\n",
        "2024-01-05 10:20:30.5|2024-01-05 10:20:30\n2024-01-05 10:20:00|2024-01-05 10:20:00\n");
    json_with(
        "c TIMESTAMP(3), d TIMESTAMP_LTZ(3)", "timestamp-format.standard=ISO-8601-WITH-OFFSET",
        "{\"c\":\"2024-01-05T10:20:30.5\",\"d\":\"2024-01-05T10:20:30+02:00\"}\n"
        "{\"c\":\"2024-01-05T10:20:30-01:30\",\"d\":\"2024-01-05T10:20:30Z\"}\n",
        "2024-01-05 10:20:30.5|2024-01-05 08:20:30\n2024-01-05 11:50:30|2024-01-05 10:20:30\n");
    json("c TIMESTAMP(3)",
         "{\"c\":\"2024-02-30 00:00:00\"}\n{\"c\":\"2024-01-05T10:20:30\"}\n{\"c\":\"2024-01-05 "
         "10:20:30Z\"}\n{\"c\":\"2024-01-05 10:20\"}\n{\"c\":\"2024-1-05 10:20:30\"}\n"
         "{\"c\":\"2024-01-05 24:00:00\"}\n{\"c\":1704448800}\n{\"c\":\"\"}\n",
         "!1:c:5:expected a timestamp as yyyy-MM-dd HH:mm:ss.SSS [\"2024-02-30 00:00:00\"]\n"
         "!2:c:5:expected a timestamp as yyyy-MM-dd HH:mm:ss.SSS [\"2024-01-05T10:20:30\"]\n"
         "!3:c:5:expected a timestamp as yyyy-MM-dd HH:mm:ss.SSS [\"2024-01-05 10:20:30Z\"]\n"
         "!4:c:5:expected a timestamp as yyyy-MM-dd HH:mm:ss.SSS [\"2024-01-05 10:20\"]\n"
         "!5:c:5:expected a timestamp as yyyy-MM-dd HH:mm:ss.SSS [\"2024-1-05 10:20:30\"]\n"
         "!6:c:5:expected a timestamp as yyyy-MM-dd HH:mm:ss.SSS [\"2024-01-05 24:00:00\"]\n"
         "!7:c:5:expected a time in quotes [1704448800]\n"
         "!8:c:5:expected a timestamp as yyyy-MM-dd HH:mm:ss.SSS [\"\"]\n");
    json("d TIMESTAMP_LTZ(3)", "{\"d\":\"2024-01-05 10:20:30\"}\n",
         "!1:d:5:expected a timestamp as yyyy-MM-dd HH:mm:ss.SSSZ [\"2024-01-05 10:20:30\"]\n");
    json_with("c TIMESTAMP(3)", "zero-timestamp.behavior=CONVERT_TO_NULL",
              "{\"c\":\"0000-00-00 00:00:00\"}\n", "null\n");
}

static void test_nested(void **state) {
    (void)state;
    json(
        "r ROW<a INT, s ROW<b STRING, c DOUBLE>>, n INT",
        "{\"r\":{\"s\":{\"c\":1.5,\"b\":\"x\"},\"a\":1},\"n\":1}\n{\"r\":null,\"n\":2}\n{\"n\":3}\n"
        "{\"r\":{\"a\":4},\"n\":4}\n{\"r\":{\"s\":{}},\"n\":5}\n{\"r\":[1],\"n\":6}\n",
        "!6:r:5:expected an object [[1]]\n(1,(x,1.5))|1\nnull|2\nnull|3\n(4,null)|4\n"
        "(null,(null,null))|5\n");
    json("a ARRAY<INT>, b ARRAY<ROW<x INT, y ARRAY<STRING>>>",
         "{\"a\":[1,2,null],\"b\":[{\"x\":1,\"y\":[\"p\",\"q\"]},null,{}]}\n{\"a\":[],\"b\":null}\n"
         "{\"a\":[ 3 ],\"b\":[{\"y\":[]}]}\n{\"a\":{}}\n{\"a\":[1,]}\n{\"a\":[1 2]}\n{\"a\":[4]}\n",
         "!4:a:5:expected an array [{}]\n!5::8:expected a value []\n!6::8:expected ',' or ']' []\n"
         "[1,2,null]|[(1,[p,q]),null,(null,null)]\n[]|null\n[3]|[(null,[])]\n[4]|null\n");
    json("m MAP<STRING, INT>, s MULTISET<STRING>",
         "{\"m\":{\"a\":1,\"b\":null,\"\\u0061b\":3},\"s\":{\"x\":2}}\n{\"m\":{},\"s\":null}\n"
         "{\"m\":{\"k\":1,\"j\":5,\"k\":2,\"k\":3,\"j\":6}}\n{\"m\":[]}\n{\"m\":{\"a\" 1}}\n",
         "!4:m:5:expected an object [[]]\n!5::10:expected ':' []\n"
         "{a=1,b=null,ab=3}|{x=2}\n{}|null\n{k=3,j=6}|null\n");
    json("m MAP<INT, INT>", "",
         "error: column 'm': JSON format doesn't support non-string as key type of map\n");
}

/* The last value of a repeated key counts, also when it is NULL or of another length. */
static void test_duplicates(void **state) {
    (void)state;
    json("a INT, s STRING, l ARRAY<INT>, r ROW<x INT, y INT>",
         "{\"a\":1,\"s\":\"p\",\"l\":[1,2],\"r\":{\"x\":1,\"y\":2},\"a\":2,\"s\":\"a longer text "
         "than "
         "before\",\"l\":[3],\"r\":{\"y\":3}}\n"
         "{\"a\":1,\"a\":null,\"s\":\"p\",\"s\":null,\"l\":[1],\"l\":null,\"r\":{\"x\":1},\"r\":"
         "null}\n"
         "{\"a\":null,\"a\":3}\n",
         "2|a longer text than before|[3]|(null,3)\nnull|null|null|null\n3|null|null|null\n");
}

/* Only what is used is decoded, nested fields too; what is not is checked all the same. */
static void test_projection(void **state) {
    UtilDecode how = {.format = "json",
                      .table =
                          "id INT, bid ROW<auction BIGINT, extra STRING, price BIGINT>, t STRING",
                      .out = "bid ROW<price BIGINT>, t STRING"};
    (void)state;
    util_expect(&how,
                "{\"id\":1,\"bid\":{\"auction\":1,\"extra\":\"\\n\",\"price\":7},\"t\":\"x\"}\n"
                "{\"id\":\"not a "
                "number\",\"bid\":{\"price\":8,\"extra\":[\"x\",{\"y\":null}]},\"t\":\"y\"}\n"
                "{\"id\":01,\"t\":\"x\"}\n{\"id\":1,\"bid\":{\"extra\":\"\\x\"},\"t\":\"x\"}\n"
                "{\"id\":\"\xc3\x28\",\"t\":\"x\"}\n",
                "!3::7:expected ',' or '}' []\n!4::24:unknown escape []\n!5::7:not valid UTF-8 []\n"
                "(7)|x\n(8)|y\n");
    how.out = "t STRING, id INT";
    util_expect(&how, "{\"t\":\"x\",\"id\":2}\n", "x|2\n");
}

static void test_missing(void **state) {
    (void)state;
    json("a INT NOT NULL, b STRING",
         "{\"a\":1}\n{\"b\":\"x\"}\n{\"a\":null}\n{\"a\":2,\"a\":null}\n",
         "!2:a:8:no value for a NOT NULL column []\n!3:a:5:NULL in a NOT NULL column [null]\n"
         "!4:a:11:NULL in a NOT NULL column [null]\n1|null\n");
    json_with("a INT, r ROW<b INT, c INT>", "fail-on-missing-field=true",
              "{\"a\":1,\"r\":{\"c\":1,\"b\":null}}\n{\"a\":1}\n{\"a\":1,\"r\":{\"b\":1}}\n{\"a\":"
              "null,\"r\":null}\n",
              "!2:r:6:the field is missing []\n!3:r.c:17:the field is missing [{\"b\":1}]\n"
              "1|(null,1)\nnull|null\n");
    json_with("a INT", "fail-on-missing-field=true|ignore-parse-errors=true", "",
              "error: fail-on-missing-field and ignore-parse-errors shouldn't both be true\n");
}

static void test_ignore(void **state) {
    (void)state;
    json_with("a INT, r ROW<b INT, c ARRAY<INT>>, n INT NOT NULL", "ignore-parse-errors=true",
              "{\"a\":\"x\",\"r\":{\"b\":[],\"c\":[1,\"y\",3]},\"n\":1}\n{\"a\":1,\"n\":\"x\"}\n"
              "{\"a\":1\n{\"r\":5,\"n\":2}\n{\"n\":3,\"a\":\"y\",\"a\":4}\n",
              "~1:a:5:expected an integer [\"x\"]\n~1:r.b:18:expected an integer [[]]\n"
              "~1:r.c:28:expected an integer [\"y\"]\n!2:n:11:expected an integer [\"x\"]\n"
              "!3::6:expected ',' or '}' []\n~4:r:5:expected an object [5]\n"
              "~5:a:11:expected an integer [\"y\"]\n"
              "null|(null,[1,null,3])|1\nnull|null|2\n4|null|3\n");
}

static void test_stop(void **state) {
    UtilDecode how = {.format = "json", .table = "a INT", .stops = true};
    (void)state;
    util_expect(&how, "{\"a\":1}\n{\"a\":\"x\"}\n",
                "error: input, line 2, byte 6: column 'a': expected an integer, not \"x\"\n");
    util_expect(&how, "{\"a\":1}}\n", "error: input, line 1, byte 8: text behind the record\n");
}

/* Rows of failed records leave nothing behind, whatever they had begun. */
static void test_rollback(void **state) {
    (void)state;
    json("a INT, l ARRAY<ROW<x STRING, m MAP<STRING, INT>>>, b STRING, r ROW<y INT>",
         "{\"a\":1,\"l\":[{\"x\":\"p\",\"m\":{\"k\":1}},{\"x\":\"q\"}],\"b\":\"x\",\"r\":{\"y\":1},"
         "\n"
         "{\"l\":[{\"x\":\"r\",\"m\":{\"k\":2,\"k\n"
         "{\"r\":{\"y\":2},\"l\":[{\"m\":{\"z\":3}}]}\n{\"a\":5,\"l\":[{}],\"b\":tru}\n{\"b\":"
         "\"z\"}\n",
         "!1::65:the record ends in the middle []\n!2::28:the string has no end []\n"
         "!4::20:expected a value []\n"
         "null|[(null,{z=3})]|null|(2)\nnull|null|z|null\n");
}

static const char pieces_input[] =
    "{\"a\":1,\"b\":\"text that is longer than twelve "
    "bytes\",\"l\":[1,2]}\n{\"b\":\"\\u00e9\",\"u\":{}}\r\n"
    "{\"a\":\"x\"}\n\n{\"a\":2,\"l\":[3,4]}\n[{\"a\":3},{\"b\":\"\xc3\xa9\"}]\n{\"a\":4";

/* However the input is cut and however few rows are asked for, the rows are the same. */
static void test_pieces(void **state) {
    UtilDecode how = {.format = "json", .table = "a INT, b STRING, l ARRAY<INT>"};
    Buf want, got;
    Err err = ERR_INIT;
    (void)state;
    buf_init(&want, NULL);
    assert_int_equal(util_decode(&how, SPAN(pieces_input), &want, &err), ST_OK);
    for (how.piece = 1; how.piece < sizeof pieces_input; how.piece++) {
        for (how.max_rows = 1; how.max_rows < 4; how.max_rows++) {
            buf_init(&got, NULL);
            assert_int_equal(util_decode(&how, SPAN(pieces_input), &got, &err), ST_OK);
            util_same_lines(buf_as_span(&want), buf_as_span(&got));
            buf_deinit(&got);
        }
    }
    buf_deinit(&want);
}

/* Many columns, long names, names with quotes; keys that are not in the schema come and go. */
static void test_keys(void **state) {
    (void)state;
    json("`a name of more than thirty-two bytes` INT, `q\"uote` INT, `\xc3\xa9` INT, x INT",
         "{\"a name of more than thirty-two bytes\":1,\"q\\\"uote\":2,\"\xc3\xa9\":3,\"x\":4}\n"
         "{\"\\u0078\":5,\"\\u00e9\":6}\n{\"X\":1,\"xx\":2,\"\":3}\n",
         "1|2|3|4\nnull|null|6|5\nnull|null|null|null\n");
    for (int round = 0; round < 3; round++) {
        Buf in, want;
        buf_init(&in, NULL);
        buf_init(&want, NULL);
        for (int i = 0; i < 200; i++) {
            buf_printf(&in, "{\"k%d\":%d,\"a\":%d,\"k%d\":null,\"b\":%d}\n", i * round, i, i,
                       i % (round + 1), -i);
            buf_printf(&want, "%d|%d\n", i, -i);
        }
        json("a INT, b INT", buf_cstr(&in), buf_cstr(&want));
        buf_deinit(&in);
        buf_deinit(&want);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flat),       cmocka_unit_test(test_array_record),
        cmocka_unit_test(test_integers),   cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_strings),    cmocka_unit_test(test_times),
        cmocka_unit_test(test_nested),     cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_projection), cmocka_unit_test(test_missing),
        cmocka_unit_test(test_ignore),     cmocka_unit_test(test_stop),
        cmocka_unit_test(test_rollback),   cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
