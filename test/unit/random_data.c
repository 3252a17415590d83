/* random_data.c -- see random_data.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "random_data.h"

#include <math.h>

uint64_t rand_next(Rand *r) {
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t rand_below(Rand *r, uint32_t n) {
    return (uint32_t)(rand_next(r) % n);
}

static Schema random_fields(Rand *r, Arena *arena, int depth) {
    static const char *const names[] = {"a", "b", "c", "d`e"};
    uint32_t n = 1 + rand_below(r, 4);
    Field *fields = arena_array(arena, Field, n);
    for (uint32_t i = 0; i < n; i++) {
        fields[i].name = span_of(names[i]);
        fields[i].type = random_type(r, arena, depth);
    }
    return (Schema){n, fields};
}

const Type *random_type(Rand *r, Arena *arena, int depth) {
    static const Type *const plain[] = {
        &type_boolean, &type_tinyint,    &type_smallint,       &type_int,         &type_bigint,
        &type_float,   &type_double,     &type_string,         &type_bytes,       &type_date,
        &type_time,    &type_timestamp3, &type_timestamp_ltz6, &type_interval_ym, &type_interval_ds,
    };
    uint32_t n = sizeof plain / sizeof plain[0];
    uint32_t pick = rand_below(r, depth > 0 ? n + 5 : n + 1);
    if (pick < n) return plain[pick];
    switch (pick - n) {
    case 0: return type_decimal(arena, 38, 10);
    case 1: return type_array(arena, random_type(r, arena, depth - 1));
    case 2: return type_multiset(arena, random_type(r, arena, 0));
    case 3: return type_map(arena, random_type(r, arena, 0), random_type(r, arena, depth - 1));
    default: return type_row(arena, random_fields(r, arena, depth - 1));
    }
}

static int64_t random_int(Rand *r, int bits) {
    static const int64_t edges[] = {0, 1, -1, 2, INT64_MAX, INT64_MIN, 256, -256};
    int64_t v = rand_below(r, 3) ? edges[rand_below(r, 8)] : (int64_t)rand_next(r);
    return rand_below(r, 4) ? (int64_t)((uint64_t)v << (64 - bits)) >> (64 - bits)
                            : rand_below(r, 5);
}

static double random_float(Rand *r) {
    static const double edges[] = {0, -0.0, 1, -1, INFINITY, -INFINITY, NAN, 1.5, 1e9, 1e-9};
    if (rand_below(r, 3)) return edges[rand_below(r, 10)];
    return ((double)rand_next(r) - 9e18) * 1e-9;
}

static void random_string(Rand *r, ColBuilder *b) {
    char bytes[40];
    uint32_t len = rand_below(r, 3) ? rand_below(r, 5) : rand_below(r, sizeof bytes);
    for (uint32_t i = 0; i < len; i++) {
        bytes[i] = (char)("\0ab\xff\x01"[rand_below(r, 5)]);
    }
    colb_str(b, bytes, len);
}

static void random_list(Rand *r, ColBuilder *b) {
    uint32_t n = rand_below(r, 5);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t c = 0; c < b->n_children; c++) random_value(r, &b->children[c]);
    }
    colb_list_end(b);
}

void random_value(Rand *r, ColBuilder *b) {
    if (b->type->is_nullable && rand_below(r, 6) == 0) {
        colb_null(b);
        return;
    }
    switch (type_phys(b->type)) {
    case PHYS_NULL: colb_null(b); break;
    case PHYS_I8: colb_i8(b, (int8_t)random_int(r, 8)); break;
    case PHYS_I16: colb_i16(b, (int16_t)random_int(r, 16)); break;
    case PHYS_I32: colb_i32(b, (int32_t)random_int(r, 32)); break;
    case PHYS_I64: colb_i64(b, random_int(r, 64)); break;
    case PHYS_F32: colb_f32(b, (float)random_float(r)); break;
    case PHYS_F64: colb_f64(b, random_float(r)); break;
    case PHYS_I128:
        colb_i128(b, (Int128)random_int(r, 64) * (1 + random_int(r, 40)) %
                         decimal_pow10(b->type->precision));
        break;
    case PHYS_STR: random_string(r, b); break;
    case PHYS_LIST: random_list(r, b); break;
    case PHYS_ROW:
        for (uint32_t c = 0; c < b->n_children; c++) random_value(r, &b->children[c]);
        colb_row_end(b);
        break;
    }
}

Column random_column(Rand *r, Arena *arena, const Type *type, uint32_t n) {
    ColBuilder b;
    Column col;
    colb_init(&b, arena, type, 1);
    for (uint32_t i = 0; i < n; i++) random_value(r, &b);
    colb_finish(&b, &col);
    return col;
}
