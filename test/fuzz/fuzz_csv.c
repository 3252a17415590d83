/* fuzz_csv.c -- the csv decoder on any bytes and in several dialects.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct {
        const char *name, *value;
    } options[] = {
        {"", NULL},
        {"ignore-parse-errors", "true"},
        {"escape-character", "\\"},
        {"header", "true"},
        {"ignore-first-line", "true"},
        {"allow-comments", "true"},
        {"disable-quote-character", "true"},
        {"trim-spaces", "true"},
        {"timestamp-format", "d/M/yy[ H:mm[:ss]] a"},
    };
    size_t pick;
    Arena arena;
    Field fields[5], parts[2];
    if (size < 2) return 0;
    pick = data[0] % (sizeof options / sizeof *options);
    arena_init(&arena, NULL);
    parts[0] = (Field){SPAN("x"), &type_int};
    parts[1] = (Field){SPAN("y"), &type_string};
    fields[0] = (Field){SPAN("a"), &type_string};
    fields[1] = (Field){SPAN("b"), &type_double};
    fields[2] = (Field){SPAN("c"), &type_timestamp3};
    fields[3] = (Field){SPAN("d"), type_array(&arena, &type_int)};
    fields[4] = (Field){SPAN("e"), type_row(&arena, (Schema){2, parts})};
    fuzz_format(&arena, "csv", (Schema){1u + data[0] / 16 % 5, fields}, options[pick].name,
                options[pick].value, data[1], (Span){(const char *)data + 2, size - 2});
    arena_deinit(&arena);
    return 0;
}
