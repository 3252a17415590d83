/* cli_text.c -- growing text, widths of UTF-8 on a terminal, numbers for people.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_NO_MEMORY = 71 };

void str_add(Text *str, const char *bytes, size_t len) {
    if (str->len + len + 1 > str->cap) {
        size_t cap = str->cap ? str->cap : 64;
        while (cap < str->len + len + 1) cap *= 2;
        str->ptr = realloc(str->ptr, cap);
        if (!str->ptr) exit(EXIT_NO_MEMORY);
        str->cap = cap;
    }
    if (len) memcpy(str->ptr + str->len, bytes, len);
    str->len += len;
    str->ptr[str->len] = '\0';
}

void str_adds(Text *str, const char *text) {
    str_add(str, text, strlen(text));
}

void str_addf(Text *str, const char *fmt, ...) {
    char small[256];
    va_list args;
    int n;
    va_start(args, fmt);
    n = vsnprintf(small, sizeof small, fmt, args);
    va_end(args);
    if (n < 0) return;
    if ((size_t)n < sizeof small) {
        str_add(str, small, (size_t)n);
        return;
    }
    char *large = malloc((size_t)n + 1);
    if (!large) exit(EXIT_NO_MEMORY);
    va_start(args, fmt);
    vsnprintf(large, (size_t)n + 1, fmt, args);
    va_end(args);
    str_add(str, large, (size_t)n);
    free(large);
}

void str_pad(Text *str, size_t n, const char *with) {
    while (n--) str_adds(str, with);
}

void str_free(Text *str) {
    free(str->ptr);
    *str = (Text){0};
}

/* ---- widths ---- */

typedef struct Range {
    uint32_t first, last;
} Range;

/* Characters of two columns (East Asian wide and emoji) and of none (combining, zero width). */
static const Range text_wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},
    {0x23f0, 0x23f0},   {0x23f3, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x267f, 0x267f},   {0x2693, 0x2693},   {0x26a1, 0x26a1},
    {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},   {0x26ce, 0x26ce},
    {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},
    {0x26fa, 0x26fa},   {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},
    {0x2728, 0x2728},   {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27b0, 0x27b0},   {0x27bf, 0x27bf},
    {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},   {0x2e80, 0x303e},
    {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
    {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe10, 0xfe19},
    {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x18aff},
    {0x1b000, 0x1b2ff}, {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e},
    {0x1f191, 0x1f19a}, {0x1f200, 0x1f320}, {0x1f32d, 0x1f335}, {0x1f337, 0x1f37c},
    {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca}, {0x1f3cf, 0x1f3d3}, {0x1f3e0, 0x1f3f0},
    {0x1f3f4, 0x1f3f4}, {0x1f3f8, 0x1f43e}, {0x1f440, 0x1f440}, {0x1f442, 0x1f4fc},
    {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f54e}, {0x1f550, 0x1f567}, {0x1f57a, 0x1f57a},
    {0x1f595, 0x1f596}, {0x1f5a4, 0x1f5a4}, {0x1f5fb, 0x1f64f}, {0x1f680, 0x1f6c5},
    {0x1f6cc, 0x1f6cc}, {0x1f6d0, 0x1f6d2}, {0x1f6d5, 0x1f6d7}, {0x1f6dc, 0x1f6df},
    {0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc}, {0x1f7e0, 0x1f7eb}, {0x1f7f0, 0x1f7f0},
    {0x1f90c, 0x1f93a}, {0x1f93c, 0x1f945}, {0x1f947, 0x1f9ff}, {0x1fa70, 0x1faff},
    {0x20000, 0x3fffd}};
static const Range text_zero[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489},   {0x0591, 0x05bd},  {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x06d6, 0x06dc}, {0x0900, 0x0902},   {0x093c, 0x093c},  {0x0941, 0x0948}, {0x0e31, 0x0e31},
    {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},   {0x1ab0, 0x1aff},  {0x1dc0, 0x1dff}, {0x200b, 0x200f},
    {0x2028, 0x202e}, {0x2060, 0x2064},   {0x20d0, 0x20f0},  {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
    {0xfeff, 0xfeff}, {0x1f3fb, 0x1f3ff}, {0xe0100, 0xe01ef}};

static bool text_in(const Range *ranges, size_t n, uint32_t c) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (c > ranges[mid].last)
            low = mid + 1;
        else if (c < ranges[mid].first)
            high = mid;
        else
            return true;
    }
    return false;
}

/* The bytes of the character at the front (1 for what is not UTF-8), and its columns. */
static size_t text_char(const char *text, size_t len, size_t *columns) {
    unsigned char c = (unsigned char)text[0];
    size_t n = c < 0x80 ? 1 : c >> 5 == 6 ? 2 : c >> 4 == 14 ? 3 : c >> 3 == 30 ? 4 : 1;
    uint32_t code = n == 1 ? c : c & (0xffu >> (n + 1));
    *columns = 1;
    if (n == 1) return 1;
    if (n > len) return 1;
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80) return 1;
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    }
    if (text_in(text_zero, sizeof text_zero / sizeof *text_zero, code))
        *columns = 0;
    else if (text_in(text_wide, sizeof text_wide / sizeof *text_wide, code))
        *columns = 2;
    return n;
}

size_t text_fit(const char *text, size_t len, size_t width, size_t *used) {
    size_t at = 0, columns;
    *used = 0;
    while (at < len) {
        size_t n = text_char(text + at, len - at, &columns);
        if (*used + columns > width) break;
        *used += columns;
        at += n;
    }
    return at;
}

size_t text_width(const char *text, size_t len) {
    size_t used;
    text_fit(text, len, SIZE_MAX, &used);
    return used;
}

static void text_visible(Text *out, const char *text, size_t len) {
    size_t from = out->len;
    str_add(out, text, len);
    for (size_t i = from; i < out->len; i++)
        if ((unsigned char)out->ptr[i] < 32 || out->ptr[i] == 127) out->ptr[i] = ' ';
}

void text_cell(Text *out, const char *text, size_t len, size_t width, bool is_right) {
    size_t used, n = text_fit(text, len, width, &used);
    bool is_cut = n < len;
    if (is_cut) n = text_fit(text, len, width > 3 ? width - 3 : 0, &used);
    size_t pad = width - used - (is_cut ? (width < 3 ? width : 3) : 0);
    if (is_right) str_pad(out, pad, " ");
    text_visible(out, text, n);
    if (is_cut) str_add(out, "...", width < 3 ? width : 3);
    if (!is_right) str_pad(out, pad, " ");
}

/* ---- numbers ---- */

void text_count(Text *out, uint64_t n) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0) str_add(out, ",", 1);
        str_add(out, digits + i, 1);
    }
}

void text_bytes(Text *out, uint64_t n) {
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    double value = (double)n;
    size_t unit = 0;
    while (value >= 1000 && unit + 1 < sizeof units / sizeof *units) value /= 1000, unit++;
    str_addf(out, unit && value < 100 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

void text_duration(Text *out, uint64_t us) {
    uint64_t s = us / 1000000;
    if (us < 1000)
        str_addf(out, "%llu us", (unsigned long long)us);
    else if (us < 1000000)
        str_addf(out, "%.1f ms", (double)us / 1e3);
    else if (s < 60)
        str_addf(out, "%.2f s", (double)us / 1e6);
    else if (s < 3600)
        str_addf(out, "%d min %02d s", (int)(s / 60), (int)(s % 60));
    else
        str_addf(out, "%llu h %02d min", (unsigned long long)(s / 3600), (int)(s / 60 % 60));
}
