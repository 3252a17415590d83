/* test_json.c -- the json format read: types, conversions, keys in any order, what is refused.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format_util.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BID "auction BIGINT, price BIGINT, url STRING, ts TIMESTAMP(3)"

static void read_json(const char *table, const char *input, const char *want) {
    util_expect(&(UtilDecode){.format = "json", .table = table}, input, want);
}

static void test_flat(void **state) {
    (void)state;
    read_json(
        BID,
        "{\"auction\":1,\"price\":-20,\"url\":\"https://example.com/a/b\",\"ts\":\"2024-01-05 "
        "10:20:30.125\"}\n"
        "{\"ts\":\"1969-12-31 23:59:59\",\"url\":\"\",\"price\":12345678901234567,\"auction\":0}\n"
        "{ \"auction\" : 3 , \"other\" : {\"a\":[1,2.5e-3,{}],\"b\":\"\\u00e9\"} , "
        "\"price\":null}\r\n"
        "\n"
        "{}",
        "1|-20|https://example.com/a/b|2024-01-05 10:20:30.125\n"
        "0|12345678901234567||1969-12-31 23:59:59\n"
        "3|null|null|null\n"
        "null|null|null|null\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
