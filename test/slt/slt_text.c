/* slt_text.c -- growing text, lists of lines, and the diff of two lists.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "slt.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void *grow(void *ptr, size_t size) {
    void *grown = realloc(ptr, size);
    if (!grown) {
        fprintf(stderr, "weir-slt: out of memory\n");
        exit(71);
    }
    return grown;
}

void text_add(Text *text, const char *bytes, size_t len) {
    if (text->len + len + 1 > text->cap) {
        text->cap = (text->len + len + 1) * 2;
        text->ptr = grow(text->ptr, text->cap);
    }
    if (len) memcpy(text->ptr + text->len, bytes, len);
    text->len += len;
    text->ptr[text->len] = 0;
}

void text_printf(Text *text, const char *fmt, ...) {
    va_list args;
    char *made;
    va_start(args, fmt);
    int len = vasprintf(&made, fmt, args);
    va_end(args);
    if (len < 0) exit(71);
    text_add(text, made, (size_t)len);
    free(made);
}

void text_free(Text *text) {
    free(text->ptr);
    *text = (Text){0};
}

void lines_add(Lines *lines, const char *bytes, size_t len) {
    if (lines->n == lines->cap) {
        lines->cap = lines->cap ? lines->cap * 2 : 16;
        lines->items = grow(lines->items, lines->cap * sizeof *lines->items);
    }
    char *item = grow(NULL, len + 1);
    memcpy(item, bytes, len);
    item[len] = 0;
    lines->items[lines->n++] = item;
}

static int lines_order(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void lines_sort(Lines *lines) {
    if (lines->n) qsort(lines->items, lines->n, sizeof *lines->items, lines_order);
}

void lines_clear(Lines *lines) {
    for (size_t i = 0; i < lines->n; i++) free(lines->items[i]);
    lines->n = 0;
}

void lines_free(Lines *lines) {
    lines_clear(lines);
    free(lines->items);
    *lines = (Lines){0};
}

bool lines_equal(const Lines *expected, const Lines *actual) {
    if (expected->n != actual->n) return false;
    for (size_t i = 0; i < expected->n; i++)
        if (strcmp(expected->items[i], actual->items[i]) != 0) return false;
    return true;
}

/* The longest common subsequence, for lists short enough; else everything differs. */
void lines_diff(const Lines *expected, const Lines *actual, Text *report) {
    size_t n = expected->n, m = actual->n, i = 0, j = 0;
    uint32_t *len = n * m <= 4000000 ? calloc((n + 1) * (m + 1), sizeof *len) : NULL;
    for (size_t a = n; len && a-- > 0;)
        for (size_t b = m; b-- > 0;) {
            uint32_t down = len[(a + 1) * (m + 1) + b], right = len[a * (m + 1) + b + 1];
            len[a * (m + 1) + b] = strcmp(expected->items[a], actual->items[b]) == 0
                                       ? len[(a + 1) * (m + 1) + b + 1] + 1
                                   : down > right ? down
                                                  : right;
        }
    while (i < n || j < m) {
        if (len && i < n && j < m && strcmp(expected->items[i], actual->items[j]) == 0) {
            if (n + m < 60) text_printf(report, "      %s\n", expected->items[i]);
            i++, j++;
        } else if (i < n &&
                   (j >= m || !len || len[(i + 1) * (m + 1) + j] >= len[i * (m + 1) + j + 1])) {
            text_printf(report, "    - %s\n", expected->items[i++]);
        } else {
            text_printf(report, "    + %s\n", actual->items[j++]);
        }
    }
    free(len);
}

/* The weight that a change starts with, and where its row begins. */
static long change_weight(const char *change, const char **row) {
    char *end;
    long weight = strtol(change, &end, 10);
    if ((change[0] != '+' && change[0] != '-') || (*end != ' ' && *end)) {
        *row = change;
        return 1;
    }
    *row = *end ? end + 1 : end;
    return weight;
}

void lines_fold(const Lines *changes, Lines *folded) {
    bool *is_done = calloc(changes->n + 1, sizeof *is_done);
    if (!is_done) exit(71);
    for (size_t i = 0; i < changes->n; i++) {
        const char *row, *other;
        long weight = change_weight(changes->items[i], &row);
        if (is_done[i]) continue;
        for (size_t j = i + 1; j < changes->n; j++) {
            long more = change_weight(changes->items[j], &other);
            if (is_done[j] || strcmp(row, other) != 0) continue;
            weight += more;
            is_done[j] = true;
        }
        Text text = {0};
        text_printf(&text, "%+ld%s%s", weight, *row ? " " : "", row);
        if (weight != 0) lines_add(folded, text.ptr, text.len);
        text_free(&text);
    }
    free(is_done);
}
