/* fuzz_json.c -- the JSON decoder on any bytes: it never reads outside its input, every row comes
 * from one record, and neither the cut of the input nor the copy of the scan changes the rows.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz_format.h"

static const Type *fuzz_ltz, *fuzz_decimal, *fuzz_list, *fuzz_map, *fuzz_row;

static Schema fuzz_schema(Arena *arena) {
    Field *row = arena_array(arena, Field, 3), *fields = arena_array(arena, Field, 12);
    fuzz_ltz = &type_timestamp_ltz3;
    fuzz_decimal = type_decimal(arena, 20, 5);
    fuzz_list = type_array(arena, &type_int);
    row[0] = (Field){SPAN("x"), &type_string};
    row[1] = (Field){SPAN("y"), fuzz_list};
    row[2] = (Field){SPAN("z"), type_with_null(arena, &type_tinyint, false)};
    fuzz_row = type_row(arena, (Schema){3, row});
    fuzz_map = type_map(arena, &type_string, fuzz_row);
    fields[0] = (Field){SPAN("a"), &type_bigint};
    fields[1] = (Field){SPAN("b"), &type_string};
    fields[2] = (Field){SPAN("c"), &type_timestamp3};
    fields[3] = (Field){SPAN("d"), &type_double};
    fields[4] = (Field){SPAN("e"), fuzz_decimal};
    fields[5] = (Field){SPAN("f"), fuzz_ltz};
    fields[6] = (Field){SPAN("g"), fuzz_row};
    fields[7] = (Field){SPAN("h"), type_array(arena, fuzz_row)};
    fields[8] = (Field){SPAN("i"), fuzz_map};
    fields[9] = (Field){SPAN("j"), &type_bytes};
    fields[10] = (Field){SPAN("k"), &type_boolean};
    fields[11] = (Field){SPAN("l"), &type_date};
    return (Schema){12, fields};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const options[] = {"", "ignore-parse-errors", "fail-on-missing-field"};
    Arena arena;
    if (size < 2) return 0;
    arena_init(&arena, NULL);
    fuzz_format(&arena, "json", fuzz_schema(&arena), options[data[0] % 3], NULL, data[1],
                (Span){(const char *)data + 2, size - 2});
    fuzz_format(&arena, "debezium-json", fuzz_schema(&arena), data[0] & 1 ? "schema-include" : "",
                NULL, data[1], (Span){(const char *)data + 2, size - 2});
    arena_deinit(&arena);
    return 0;
}
