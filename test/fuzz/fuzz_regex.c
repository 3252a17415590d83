/* fuzz_regex.c -- the regex format with any pattern over any lines: patterns are refused or run
 * within their limits, and the time patterns of columns take any text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Span text = {(const char *)data, size};
    const char *newline = memchr(data, '\n', size);
    char pattern[256];
    size_t len = newline ? (size_t)(newline - text.ptr) : 0;
    Arena arena;
    Field fields[3] = {
        {SPAN("a"), &type_string}, {SPAN("b"), &type_int}, {SPAN("c"), &type_timestamp3}};
    if (!newline || len < 1 || len >= sizeof pattern || memchr(data, 0, len)) return 0;
    memcpy(pattern, text.ptr, len);
    pattern[len] = 0;
    text.ptr += len + 1;
    text.len -= len + 1;
    arena_init(&arena, NULL);
    fuzz_format(&arena, "regex", (Schema){1u + data[0] % 3u, fields}, "pattern", pattern, data[0],
                text);
    fuzz_time_pattern(&arena, span_of(pattern), text);
    arena_deinit(&arena);
    return 0;
}
