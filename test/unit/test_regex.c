/* test_regex.c -- the formats regex and raw, and times by patterns: lines of real logs as rows.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format_util.h"

#include "format/timepat.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void regex(const char *table, const char *options, const char *input, const char *want) {
    util_expect(&(UtilDecode){.format = "regex", .table = table, .options = options}, input, want);
}
static void raw(const char *table, const char *options, const char *input, const char *want) {
    util_expect(&(UtilDecode){.format = "raw", .table = table, .options = options}, input, want);
}

static void test_logs(void **state) {
    (void)state;
    regex("ts TIMESTAMP(0), host STRING, program STRING, pid INT, message STRING",
          "pattern=^(?<ts>\\w{3} [ \\d]\\d [\\d:]{8}) (?<host>\\S+) (?<program>[^ "
          ":[]+)(?:\\[(?<pid>\\d+)\\])?: (?<message>.*)$"
          "\ntimestamp-format=MMM d HH:mm:ss\ndefault-year=2005",
          "Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user webmaster from 173.234.31.186\n"
          "Dec 31 23:59:59 combo kernel: klogd 1.4.1, log source = /proc/kmsg started.\n"
          "Jan  1 00:00:01 combo sshd[19939]: authentication failure; rhost=218.188.2.4 \n"
          "Dec 31 23:59:58 combo sshd[19939]: late\n"
          "Jan  2 00:00:01 combo sshd[19939]: x",
          "2005-12-10 06:55:46|LabSZ|sshd|24200|Invalid user webmaster from 173.234.31.186\n"
          "2005-12-31 23:59:59|combo|kernel|null|klogd 1.4.1, log source = /proc/kmsg started.\n"
          "2006-01-01 00:00:01|combo|sshd|19939|authentication failure; rhost=218.188.2.4 \n"
          "2005-12-31 23:59:58|combo|sshd|19939|late\n"
          "2006-01-02 00:00:01|combo|sshd|19939|x\n");
    regex("ts TIMESTAMP(3), level STRING, message STRING",
          "pattern=^\\[(?<ts>[^\\]]+)\\] \\[(?<level>\\w+)\\] (?<message>.*)$"
          "\ntimestamp-format=EEE MMM dd HH:mm:ss yyyy",
          "[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok "
          "/etc/httpd/conf/workers2.properties\n",
          "2005-12-04 04:47:44|notice|workerEnv.init() ok /etc/httpd/conf/workers2.properties\n");
    regex("ts TIMESTAMP(3), pid INT, level STRING, class STRING, message STRING",
          "pattern=^(\\d{6} \\d{6}) (\\d+) (\\w+) ([^:]+): (.*)$\ntimestamp-format=yyMMdd HHmmss",
          "081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block "
          "blk_388\n",
          "2008-11-09 20:36:15|148|INFO|dfs.DataNode$PacketResponder|PacketResponder 1 for block "
          "blk_388\n");
    regex("host STRING, ts TIMESTAMP_LTZ(3), request STRING, status INT, bytes BIGINT",
          "pattern=^(\\S+) \\S+ \\S+ \\[([^\\]]+)\\] \"([^\"]*)\" (\\d{3}) (\\d+|-)"
          "\nfields.ts.timestamp-format=dd/MMM/yyyy:HH:mm:ss Z\nnull-literal=-",
          "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /a.gif HTTP/1.0\" 200 2326\n"
          "::1 - - [10/Oct/2000:13:55:36 +0000] \"\" 304 -\r\n",
          "127.0.0.1|2000-10-10 20:55:36|GET /a.gif HTTP/1.0|200|2326\n"
          "::1|2000-10-10 13:55:36||304|null\n");
}

static void test_bad(void **state) {
    (void)state;
    regex("a INT, b STRING", "pattern=^(\\d+) (.*)$", "1 x\nnone\n\n99999999999 y\n2 \xff\n3 z",
          "!2::0:the line does not match regex.pattern []\n"
          "!4:a:0:out of the column's range [99999999999]\n"
          "!5::2:not valid UTF-8 (see 'regex.charset') []\n1|x\n3|z\n");
    regex("a INT, b STRING", "pattern=^(\\d+) (.*)$\ncharset=ISO-8859-1", "2 \xfc\n",
          "2|\xc3\xbc\n");
    regex("a INT, b STRING", "pattern=^(\\d+) (.*)$\nignore-parse-errors=true",
          "none\n99999999999 y\n",
          "!1::0:the line does not match regex.pattern []\n"
          "~2:a:0:out of the column's range [99999999999]\nnull|y\n");
    regex("a INT", "pattern=(\\d+", "",
          "error: regex.pattern: missing closing parenthesis at character 5\n");
    regex("a INT, b INT", "pattern=(?<a>\\d+)", "",
          "error: regex.pattern has no group for column 'b'\n");
    regex("a INT, b INT", "pattern=(\\d+)", "",
          "error: regex.pattern has 1 groups, but the table has 2 columns\n");
    regex("a STRING", "pattern=^((a+)+)$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\na\n",
          "!1::0:matching regex.pattern takes too long on this line []\na\n");
    regex("a INT", "pattern=(.)\nfields.b.timestamp-format=s", "",
          "error: option 'fields.b.timestamp-format': there is no column 'b'\n");
    regex("a TIMESTAMP(3)", "pattern=(.*)\ntimestamp-format=yyyy-MM-dd", "2024-02-30\n2024-02-29\n",
          "!1:a:0:expected a time in the form of the column's timestamp-format [2024-02-30]\n"
          "2024-02-29 00:00:00\n");
    regex("a TIMESTAMP(3)", "pattern=(.*)\ntimestamp-format=yyyy-bb", "",
          "error: timestamp-format: letter 'b' is not known\n");
}

static void test_raw(void **state) {
    (void)state;
    raw("line STRING", NULL, "one\r\n\ntwo,2\nlast", "one\n\ntwo,2\nlast\n");
    raw("line BYTES", NULL, "\xff\n", "xff\n");
    raw("line STRING", NULL, "a\xff\nb\n", "!1:line:1:expected UTF-8 [a\xff]\nb\n");
    raw("line STRING", "charset=ISO-8859-1", "a\xe9\n", "a\xc3\xa9\n");
    raw("n SMALLINT", NULL, "\x01\x02\n\x01\n",
        "!2:n:0:the record is not as long as the column's type [\x01]\n258\n");
    raw("n INT", "endianness=little-endian", "\x01\x02\x03\x04\n", "67305985\n");
    raw("a STRING, b STRING", NULL, "",
        "error: The 'raw' format only supports single physical column. But the defined schema "
        "contains multiple physical columns: 2\n");
    raw("a STRING", "charset=UTF-16", "", "error: Unsupported 'raw.charset' name: UTF-16\n");
}

static void pattern(const char *text, TypeKind kind, const char *input, const char *want) {
    Arena arena;
    const TimePattern *p;
    TimeYear year = {.now_us = INT64_C(1704448800000000)}; /* 2024-01-05 10:00 */
    TimeParse how = {NULL, &year};
    Err err = ERR_INIT;
    int64_t value = 0;
    char got[64] = "no";
    arena_init(&arena, NULL);
    if (timepat_compile(&arena, span_of(text), -1, &p, &err)) fail_msg("%s", err.message);
    if (timepat_parse(p, &how, span_of(input), kind, &value)) {
        size_t n = kind == TYPE_DATE   ? civil_print_date(got, (int32_t)value)
                   : kind == TYPE_TIME ? civil_print_time(got, value, 6)
                                       : civil_print_timestamp(got, value, ' ', 6);
        got[n] = 0;
    }
    if (strcmp(got, want) != 0) fail_msg("%s of '%s': want %s, got %s", text, input, want, got);
    arena_deinit(&arena);
}

static void test_patterns(void **state) {
    (void)state;
    pattern("yyyy-MM-dd'T'HH:mm:ss[.SSS][X]", TYPE_TIMESTAMP, "2024-01-05T10:20:30",
            "2024-01-05 10:20:30.000000");
    pattern("yyyy-MM-dd'T'HH:mm:ss[.SSS][X]", TYPE_TIMESTAMP_LTZ, "2024-01-05T10:20:30.125+02:00",
            "2024-01-05 08:20:30.125000");
    pattern("yyyy-MM-dd'T'HH:mm:ss[.SSS][X]", TYPE_TIMESTAMP_LTZ, "2024-01-05T10:20:30Z",
            "2024-01-05 10:20:30.000000");
    pattern("dd.MM.yy h:mm a", TYPE_TIMESTAMP, "31.12.99 12:05 am", "2099-12-31 00:05:00.000000");
    pattern("dd.MM.yy h:mm a", TYPE_TIMESTAMP, "1.12.99 12:05 am", "no");
    pattern("d/M/yyyy", TYPE_DATE, "1/2/2024", "2024-02-01");
    pattern("yyyyDDD", TYPE_DATE, "2024366", "2024-12-31");
    pattern("yyyyDDD", TYPE_DATE, "2023366", "no");
    pattern("yMMdd", TYPE_DATE, "20240105", "2024-01-05");
    pattern("HH:mm:ss,SSS", TYPE_TIME, "10:20:30,001", "10:20:30.001000");
    pattern("MMMM d yyyy", TYPE_DATE, "january 5 2024", "2024-01-05");
    pattern("EEEE MMM d yyyy", TYPE_DATE, "Friday Jan 5 2024", "2024-01-05");
    pattern("MMM d HH:mm:ss", TYPE_TIMESTAMP, "Jan  6 09:59:59", "2024-01-06 09:59:59.000000");
    pattern("MMM d HH:mm:ss", TYPE_TIMESTAMP, "Jan 7 00:00:00", "2023-01-07 00:00:00.000000");
    pattern("MMM d HH:mm:ss", TYPE_TIMESTAMP, "Feb 29 00:00:00", "2020-02-29 00:00:00.000000");
    pattern("epoch-seconds", TYPE_TIMESTAMP_LTZ, "1704448800.5", "2024-01-05 10:00:00.500000");
    pattern("epoch-millis", TYPE_TIMESTAMP, "1704448800125", "2024-01-05 10:00:00.125000");
    pattern("HH:mm", TYPE_TIME, "24:00", "no");
    pattern("HH 'o''clock'", TYPE_TIME, "10 o'clock", "10:00:00.000000");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logs),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
