/* test_civil.c -- the calendar, against Python's datetime.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "vectors.h"

/* microseconds, date, time with six digits, Java's time, "ISO year, week, weekday, day of year" */
static void check_civil(const char *const *f, int n) {
    assert_int_equal(n, 5);
    int64_t us = strtoll(f[0], NULL, 10), back_us;
    int32_t days, iso_year;
    char text[CIVIL_TEXT_MAX + 1], expected[100];
    text[civil_print_date(text, civil_us_to_days(us))] = '\0';
    assert_string_equal(text, f[1]);
    assert_true(civil_parse_date(span_of(text), &days));
    assert_int_equal(days, civil_us_to_days(us));
    text[civil_print_time(text, civil_time_of_day(us), 6)] = '\0';
    assert_string_equal(text, f[2]);
    assert_true(civil_parse_time(span_of(text), &back_us));
    assert_true(back_us == civil_time_of_day(us));
    snprintf(expected, sizeof expected, "%s %s", f[1], f[2]);
    text[civil_print_timestamp(text, us, ' ', 6)] = '\0';
    assert_string_equal(text, expected);
    assert_true(civil_parse_timestamp(span_of(text), &back_us) && back_us == us);
    snprintf(expected, sizeof expected, "%s%s", f[1], f[3]);
    text[civil_print_timestamp_java(text, us)] = '\0';
    assert_string_equal(text, expected);
    assert_true(civil_parse_timestamp(span_of(text), &back_us) && back_us == us);
    int week = civil_iso_week(days, &iso_year);
    snprintf(expected, sizeof expected, "%d %d %d %d", iso_year, week, civil_weekday(days),
             civil_year_day(days));
    assert_string_equal(expected, f[4]);
}

static void civil_random(void **state) {
    (void)state;
    vectors_run("civil", 20000, check_civil);
}

static void civil_round_trips(void **state) {
    (void)state;
    Rng rng = {42};
    for (int i = 0; i < 200000; i++) { /* far beyond Python's years */
        int64_t us = (int64_t)rng_next(&rng);
        Civil c;
        civil_from_us(us, &c);
        assert_true(c.month >= 1 && c.month <= 12 && c.day >= 1);
        assert_true(c.day <= civil_month_days(c.year, c.month));
        if (i % 2) us = us / 200; /* where the end of the range is not near */
        civil_from_us(us, &c);
        assert_true(civil_to_us(&c) == us);
    }
}

static void civil_refusals(void **state) {
    (void)state;
    static const char *const bad_dates[] = {"2024-02-30", "2023-02-29", "2024-13-01",  "2024-00-01",
                                            "2024-01-00", "24-01-01",   "2024-01-01x", "2024/01/01",
                                            "",           "2024-1",     "2024-001-01", "20240101",
                                            " 2024-01-01"};
    int32_t days;
    int64_t us;
    bool has_offset;
    for (size_t i = 0; i < sizeof bad_dates / sizeof bad_dates[0]; i++)
        assert_false(civil_parse_date(span_of(bad_dates[i]), &days));
    static const char *const bad_times[] = {"24:00",     "12:60",     "12:00:60",
                                            "12",        "12:00:00.", "12:00:00.x",
                                            "12:00:00 ", ":00",       "123:00"};
    for (size_t i = 0; i < sizeof bad_times / sizeof bad_times[0]; i++)
        assert_false(civil_parse_time(span_of(bad_times[i]), &us));
    assert_true(civil_parse_date(SPAN("2024-2-9"), &days));
    assert_int_equal(days, civil_days(2024, 2, 9));
    assert_true(civil_parse_timestamp(SPAN("2024-02-09 1:02:03.1234567"), &us));
    assert_true(us % US_PER_SECOND == 123456);
    assert_true(civil_parse_timestamp_offset(SPAN("2024-02-09T01:00:00+05:30"), &us, &has_offset));
    assert_true(has_offset && us == civil_days(2024, 2, 8) * US_PER_DAY + 39 * US_PER_HOUR / 2);
    assert_true(civil_parse_timestamp_offset(SPAN("1970-01-01 00:00:01Z"), &us, &has_offset));
    assert_true(has_offset && us == US_PER_SECOND);
    assert_true(civil_parse_timestamp_offset(SPAN("1970-01-01 00:00:01"), &us, &has_offset));
    assert_true(!has_offset && us == US_PER_SECOND);
    assert_false(civil_parse_timestamp_offset(SPAN("1970-01-01 00:00:01+19:00"), &us, &has_offset));
    assert_false(civil_parse_timestamp_offset(SPAN("1970-01-01 00:00:01+"), &us, &has_offset));
    assert_false(civil_parse_timestamp_offset(SPAN("1970-01-01 00:00:01 "), &us, &has_offset));
}

static void civil_months(void **state) {
    (void)state;
    assert_int_equal(civil_add_months(civil_days(2024, 1, 31), 1), civil_days(2024, 2, 29));
    assert_int_equal(civil_add_months(civil_days(2024, 1, 31), -2), civil_days(2023, 11, 30));
    assert_int_equal(civil_add_months(civil_days(1, 1, 1), -1), civil_days(0, 12, 1));
    int64_t a = civil_days(2024, 1, 15) * US_PER_DAY + US_PER_HOUR;
    assert_int_equal(civil_months_between(a, civil_days(2024, 3, 15) * US_PER_DAY), 1);
    assert_int_equal(civil_months_between(a, a + 61 * US_PER_DAY), 2);
    assert_int_equal(civil_months_between(a, civil_days(2023, 12, 15) * US_PER_DAY), -2);
    assert_int_equal(civil_months_between(civil_days(2024, 1, 31) * US_PER_DAY,
                                          civil_days(2024, 2, 29) * US_PER_DAY),
                     1);
    char text[CIVIL_TEXT_MAX];
    text[civil_print_date(text, civil_days(12345, 6, 7))] = '\0';
    assert_string_equal(text, "+12345-06-07");
    text[civil_print_date(text, civil_days(-1, 6, 7))] = '\0';
    assert_string_equal(text, "-0001-06-07");
    assert_int_equal(civil_fraction_digits(-1), 6);
    assert_int_equal(civil_fraction_digits(120000), 2);
    assert_int_equal(civil_fraction_digits(US_PER_DAY), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(civil_refusals), cmocka_unit_test(civil_months),
        cmocka_unit_test(civil_round_trips), cmocka_unit_test(civil_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
