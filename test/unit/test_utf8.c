/* test_utf8.c -- UTF-8 and digests, against Python.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "vectors.h"

static void expect_text(const char *got, size_t len, const char *expected) {
    if (len != strlen(expected) || memcmp(got, expected, len) != 0)
        fail_msg("%.*s, expected %s", (int)len, got, expected);
}

static void check_utf8(const char *const *f, int n) {
    assert_int_equal(n, 6);
    Span text = span_of(f[0]);
    char out[1000];
    expect_text(out, utf8_upper(out, text), f[1]);
    expect_text(out, utf8_lower(out, text), f[2]);
    assert_int_equal(utf8_count(text), atoi(f[3]));
    assert_int_equal(utf8_offset(text, (size_t)atoi(f[5])), atoi(f[4]));
    assert_true(utf8_is_valid(text));
    bool is_ascii = utf8_count(text) == text.len;
    assert_int_equal(utf8_is_ascii(text), is_ascii);
    size_t at = 0, put = 0; /* decode and encode give the text back */
    while (at < text.len) {
        size_t len;
        uint32_t code = utf8_decode((Span){text.ptr + at, text.len - at}, &len);
        put += utf8_encode(out + put, code);
        at += len;
    }
    expect_text(out, put, f[0]);
}

static void check_utf8bytes(const char *const *f, int n) {
    assert_int_equal(n, 2);
    unsigned char bytes[200];
    Span hex = span_of(f[0]);
    assert_true(hex_decode(bytes, hex));
    char *exact = malloc(hex.len / 2); /* so that a read behind the end is caught */
    memcpy(exact, bytes, hex.len / 2);
    Span text = {exact, hex.len / 2};
    assert_int_equal(utf8_valid_len(text), atoi(f[1]));
    char out[700];
    assert_true(utf8_upper(out, text) <= UTF8_CASE_GROWTH * text.len);
    assert_true(utf8_lower(out, text) <= UTF8_CASE_GROWTH * text.len);
    assert_true(utf8_offset(text, utf8_count(text)) == text.len);
    free(exact);
}

static void check_digest(const char *const *f, int n) {
    assert_int_equal(n, 3);
    unsigned char bytes[600], out[DIGEST_MAX];
    char text[900], back[900], hashes[800], *rest = hashes;
    Span hex = span_of(f[0]);
    assert_true(hex_decode(bytes, hex));
    Span data = {(char *)bytes, hex.len / 2};
    snprintf(hashes, sizeof hashes, "%s", f[1]);
    for (DigestKind kind = DIGEST_MD5; kind <= DIGEST_SHA512; kind++) {
        size_t len = digest_of(kind, data, out);
        hex_encode(text, out, len);
        expect_text(text, 2 * len, strsep(&rest, " "));
    }
    base64_encode(text, data.ptr, data.len);
    expect_text(text, base64_encoded_len(data.len), f[2]);
    size_t len;
    assert_true(base64_decode(back, &len, span_of(f[2])));
    assert_int_equal(len, data.len);
    assert_memory_equal(back, data.ptr, len);
}

static void utf8_random(void **state) {
    (void)state;
    vectors_run("utf8", 5000, check_utf8);
}
static void utf8_bytes_random(void **state) {
    (void)state;
    vectors_run("utf8bytes", 20000, check_utf8bytes);
}
static void digest_random(void **state) {
    (void)state;
    vectors_run("digest", 1000, check_digest);
}

static void base64_refusals(void **state) {
    (void)state;
    static const char *const bad[] = {"A", "A===", "AB=", "A*BC", "ABCD=", "AB==CD", "ABCDE"};
    char out[16];
    size_t len;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(base64_decode(out, &len, span_of(bad[i])));
    assert_true(base64_decode(out, &len, SPAN("")) && len == 0);
    assert_true(base64_decode(out, &len, SPAN("QUI")) && len == 2); /* no padding */
    unsigned char byte;
    assert_false(hex_decode(&byte, SPAN("0")));
    assert_false(hex_decode(&byte, SPAN("0g")));
}

static void rng_spread(void **state) {
    (void)state;
    Rng a = {7}, b = {7};
    int counts[10] = {0};
    for (int i = 0; i < 100000; i++) {
        counts[rng_below(&a, 10)]++;
        rng_next(&b);
        double f = rng_f64(&a);
        assert_true(f >= 0 && f < 1);
        rng_next(&b);
        int64_t v = rng_between(&a, -3, 3);
        assert_true(v >= -3 && v <= 3);
        rng_next(&b);
    }
    assert_true(a.state == b.state); /* one draw a call, whatever the bound */
    for (int i = 0; i < 10; i++) assert_true(counts[i] > 9000 && counts[i] < 11000);
    (void)rng_between(&a, INT64_MIN, INT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_random), cmocka_unit_test(utf8_bytes_random),
        cmocka_unit_test(digest_random), cmocka_unit_test(base64_refusals),
        cmocka_unit_test(rng_spread)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
