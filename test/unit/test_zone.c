/* test_zone.c -- time zones, against Python's zoneinfo over the same system files.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/zone.h"
#include "vectors.h"

static const Zone *zone_named(const char *name) {
    const Zone *zone;
    Err err = ERR_INIT;
    if (zone_find(span_of(name), &zone, &err) != ST_OK) fail_msg("%s", err.message);
    return zone;
}

/* name, local seconds, their instant, the instant's local time, the abbreviation */
static void check_zone(const char *const *f, int n) {
    assert_int_equal(n, 5);
    const Zone *zone = zone_named(f[0]);
    int64_t local = strtoll(f[1], NULL, 10), utc = strtoll(f[2], NULL, 10);
    int64_t back = strtoll(f[3], NULL, 10);
    int64_t got_utc = zone_to_utc(zone, local * US_PER_SECOND + 7);
    int64_t got_back = zone_to_local(zone, utc * US_PER_SECOND + 999999);
    if (got_utc != utc * US_PER_SECOND + 7 || got_back != back * US_PER_SECOND + 999999)
        fail_msg("%s %s: utc %ld, expected %s; local %ld, expected %s", f[0], f[1],
                 got_utc / US_PER_SECOND, f[2], got_back / US_PER_SECOND, f[3]);
    ZonePart part = zone_part_at(zone, utc * US_PER_SECOND);
    if (strncmp(f[0], "GMT", 3) != 0 && part.abbrev[0] != '-' && part.abbrev[0] != '+')
        assert_string_equal(part.abbrev, f[4]);
}

static void zone_random(void **state) {
    (void)state;
    vectors_run("zone", 20000, check_zone);
}

static void zone_names(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int32_t offset;
    } fixed[] = {{"UTC", 0},          {"GMT", 0},           {"Z", 0},         {"+05:30", 19800},
                 {"GMT+01:00", 3600}, {"GMT+8", 28800},     {"UTC-1", -3600}, {"UT+01:00:01", 3601},
                 {"-18:00", -64800},  {"Etc/GMT+5", -18000}};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        assert_int_equal(zone_part_at(zone_named(fixed[i].name), 0).offset, fixed[i].offset);
    static const char *const bad[] = {"Nowhere",        "../../etc/passwd", "/etc/localtime",
                                      "+25:00",         "Europe",           "GMT+x",
                                      "Europe/Berlin ", "zone.tab"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const Zone *zone;
        Err err = ERR_INIT;
        assert_int_not_equal(zone_find(span_of(bad[i]), &zone, &err), ST_OK);
        assert_string_equal(err.sqlstate, "22023");
    }
    const Zone *zone;
    Err err = ERR_INIT;
    assert_int_equal(zone_find(SPAN("Europe/Berln"), &zone, &err), ST_INVALID);
    assert_string_equal(err.hint, "did you mean \"Europe/Berlin\"?");
    assert_ptr_equal(zone_named("Europe/Berlin"), zone_named("Europe/Berlin"));
}

static void zone_broken_files(void **state) {
    (void)state;
    Arena arena;
    arena_init(&arena, NULL);
    char bytes[4096];
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "rb");
    if (!file) skip();
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    Rng rng = {1};
    for (int i = 0; i < 3000; i++) { /* any damage is refused or harmless, never a crash */
        size_t cut = i % 2 ? len : rng_below(&rng, len);
        char *copy = malloc(cut + 1);
        memcpy(copy, bytes, cut);
        for (int k = 0; k < i % 5 && cut; k++) copy[rng_below(&rng, cut)] = (char)rng_next(&rng);
        const Zone *zone;
        Err err = ERR_INIT;
        if (zone_parse(&arena, SPAN("x"), (Span){copy, cut}, &zone, &err) == ST_OK) {
            for (int k = 0; k < 20; k++) {
                int64_t us = (int64_t)rng_next(&rng) / 4;
                int64_t off = zone_to_local(zone, us) - us;
                assert_true(off > -US_PER_DAY * 2 && off < US_PER_DAY * 2);
                (void)zone_to_utc(zone, us);
            }
        }
        free(copy);
        arena_reset(&arena);
    }
    arena_deinit(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(zone_names),
                                       cmocka_unit_test(zone_broken_files),
                                       cmocka_unit_test(zone_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
