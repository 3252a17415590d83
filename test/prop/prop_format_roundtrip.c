/* prop_format_roundtrip.c -- rows written by json, debezium-json and csv read back as the same
 * rows: random types, random values with the edges of their ranges, the input cut at random places.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../unit/format_util.h"
#include "../unit/random_data.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ROUNDS = 3000, ROWS = 12, COLUMNS = 5 };

/* ---- values that the formats can carry ---- */

static const Type *plain_type(Rand *r, Arena *arena) {
    static const Type *const plain[] = {&type_boolean, &type_tinyint,     &type_smallint,
                                        &type_int,     &type_bigint,      &type_float,
                                        &type_double,  &type_string,      &type_bytes,
                                        &type_date,    &type_interval_ym, &type_interval_ds};
    switch (rand_below(r, 6)) {
    case 0: return type_decimal(arena, 1 + (int)rand_below(r, 38), 0);
    case 1: return type_decimal(arena, 20, 1 + (int)rand_below(r, 20));
    case 2: return type_with_len(arena, TYPE_TIMESTAMP, (int)rand_below(r, 7));
    case 3:
        return type_with_len(arena, rand_below(r, 2) ? TYPE_TIMESTAMP_LTZ : TYPE_TIME,
                             (int)rand_below(r, 7));
    default: return plain[rand_below(r, sizeof plain / sizeof *plain)];
    }
}

static const Type *any_type(Rand *r, Arena *arena, int depth, bool is_csv) {
    uint32_t pick = rand_below(r, depth > 0 ? 9 : 5);
    Field *fields;
    if (pick < 5) return plain_type(r, arena);
    if (pick < 7) return type_array(arena, any_type(r, arena, depth - 1, is_csv));
    if (pick == 7 && !is_csv) {
        return rand_below(r, 3) ? type_map(arena, type_with_null(arena, &type_string, false),
                                           any_type(r, arena, depth - 1, is_csv))
                                : type_multiset(arena, type_with_null(arena, &type_string, false));
    }
    fields = arena_array(arena, Field, 3);
    fields[0] = (Field){SPAN("x"), any_type(r, arena, depth - 1, is_csv)};
    fields[1] = (Field){SPAN("long name of a field, over thirty-two"),
                        any_type(r, arena, depth - 1, is_csv)};
    fields[2] = (Field){SPAN("q\"\\\xc3\xa9"), any_type(r, arena, depth - 1, is_csv)};
    return type_row(arena, (Schema){1 + rand_below(r, 3), fields});
}

static int64_t in_range(Rand *r, int64_t low, int64_t high) {
    uint64_t span = (uint64_t)high - (uint64_t)low;
    switch (rand_below(r, 5)) {
    case 0: return low;
    case 1: return high;
    case 2: return low <= 0 && high >= 10 ? (int64_t)rand_below(r, 10) : low;
    default:
        return (int64_t)((uint64_t)low +
                         (span == UINT64_MAX ? rand_next(r) : rand_next(r) % (span + 1)));
    }
}

static double any_double(Rand *r) {
    static const double edges[] = {
        0, -0.0, 1, 0.1, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, INFINITY, -INFINITY, NAN};
    uint64_t bits = rand_next(r);
    double d;
    if (rand_below(r, 3) == 0) return edges[rand_below(r, sizeof edges / sizeof *edges)];
    if (rand_below(r, 2)) return (double)(int64_t)bits / 1000;
    memcpy(&d, &bits, 8);
    return isnan(d) ? 1 : d;
}

static void any_text(Rand *r, ColBuilder *b, bool is_csv, bool is_nested) {
    static const char *const parts[] = {"a",    "B",    " ",  "0", "\xc3\xa9", "\xf0\x9f\x98\x80",
                                        "word", ":",    "\"", ",", "\n",       "\\",
                                        "\t",   "\x01", "\r", "{", "null"};
    char text[200];
    size_t n = 0;
    uint32_t count = rand_below(r, rand_below(r, 2) ? 4 : 24), limit = is_nested && is_csv ? 8 : 17;
    for (uint32_t i = 0; i < count; i++) {
        const char *part = parts[rand_below(r, limit)];
        memcpy(text + n, part, strlen(part));
        n += strlen(part);
    }
    if (is_csv && is_nested && n == 0) text[n++] = 'e'; /* [] and [""] look the same */
    colb_str(b, text, n);
}

static const int64_t unit_of[] = {1000000, 100000, 10000, 1000, 100, 10, 1};

static void any_value(Rand *r, ColBuilder *b, bool is_csv, bool is_nested);

static void any_list(Rand *r, ColBuilder *b, bool is_csv) {
    uint32_t n = rand_below(r, 4);
    for (uint32_t i = 0; i < n; i++) {
        if (b->type->kind == TYPE_ARRAY) {
            any_value(r, &b->children[0], is_csv, true);
        } else { /* keys differ: the last entry of a key is the one that is read */
            char key[16];
            int len = snprintf(key, sizeof key, "k\"%u\n%u", i, rand_below(r, 100));
            colb_str(&b->children[0], key, (size_t)len);
            if (b->type->kind == TYPE_MULTISET)
                colb_i32(&b->children[1], (int32_t)rand_below(r, 9));
            else
                any_value(r, &b->children[1], is_csv, true);
        }
    }
    colb_list_end(b);
}

static Int128 any_decimal(Rand *r, const Type *type) {
    Int128 v = (Int128)((unsigned __int128)rand_next(r) << 64 | rand_next(r)) %
               decimal_pow10(type->precision);
    switch (rand_below(r, 4)) {
    case 0: return decimal_pow10(type->precision) - 1;
    case 1: return rand_below(r, 10);
    default: return v;
    }
}

static void any_value(Rand *r, ColBuilder *b, bool is_csv, bool is_nested) {
    const Type *type = b->type;
    int64_t day = US_PER_DAY;
    /* In csv [NULL] and NULL look the same. */
    if (type->is_nullable && !(is_csv && is_nested) && rand_below(r, 6) == 0) {
        colb_null(b);
        return;
    }
    switch ((TypeKind)type->kind) {
    case TYPE_BOOLEAN: colb_i8(b, (int8_t)rand_below(r, 2)); break;
    case TYPE_TINYINT: colb_i8(b, (int8_t)in_range(r, INT8_MIN, INT8_MAX)); break;
    case TYPE_SMALLINT: colb_i16(b, (int16_t)in_range(r, INT16_MIN, INT16_MAX)); break;
    case TYPE_INT:
    case TYPE_INTERVAL_YM: colb_i32(b, (int32_t)in_range(r, INT32_MIN, INT32_MAX)); break;
    case TYPE_BIGINT: colb_i64(b, in_range(r, INT64_MIN, INT64_MAX)); break;
    case TYPE_INTERVAL_DS: colb_i64(b, in_range(r, -1000000000000, 1000000000000) * 1000); break;
    case TYPE_FLOAT: colb_f32(b, (float)any_double(r)); break;
    case TYPE_DOUBLE: colb_f64(b, any_double(r)); break;
    case TYPE_DECIMAL: colb_i128(b, any_decimal(r, type)); break;
    case TYPE_DATE: colb_i32(b, (int32_t)in_range(r, -719162, 2932896)); break;
    case TYPE_TIME:
        colb_i64(b,
                 in_range(r, 0, (day - 1) / unit_of[type->precision]) * unit_of[type->precision]);
        break;
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_LTZ:
        colb_i64(b, in_range(r, -719162 * day, 2932896 * day) / unit_of[type->precision] *
                        unit_of[type->precision]);
        break;
    case TYPE_ARRAY:
    case TYPE_MAP:
    case TYPE_MULTISET: any_list(r, b, is_csv); break;
    case TYPE_ROW:
        for (uint32_t c = 0; c < b->n_children; c++) any_value(r, &b->children[c], is_csv, true);
        colb_row_end(b);
        break;
    default: any_text(r, b, is_csv, is_nested);
    }
}

/* ---- there and back ---- */

typedef struct Trip {
    const char *format, *options;
    bool is_csv;
} Trip;

static Status never_bad(void *ctx, const BadRecord *bad, Err *err) {
    (void)ctx;
    return bad_record_raise(bad, "round trip", err);
}

static const Batch *write_and_read(const Trip *trip, Rand *r, Arena *arena, const Schema *schema,
                                   const Batch *rows, Buf *text) {
    const FormatType *type = format_find(span_of(trip->format));
    Options options = util_options(arena, trip->options, type->options);
    int32_t indexes[COLUMNS] = {0, 1, 2, 3, 4};
    Encoder *encoder;
    Decoder *decoder;
    BatchBuilder b;
    Err err = ERR_INIT;
    size_t at = 0, end = 0;
    DecodeSpec spec = {.table = schema,
                       .out = schema,
                       .indexes = indexes,
                       .options = &options,
                       .on_bad = never_bad};
    assert_int_equal(encoder_open(type, &(EncodeSpec){.schema = schema, .options = &options}, arena,
                                  &encoder, &err),
                     ST_OK);
    assert_int_equal(
        type->encode(encoder, rows, NULL, 0, rows->n_rows, SPAN("\n"), text, NULL, &err), ST_OK);
    encoder_close(encoder);
    memset(buf_reserve(text, CHUNK_PADDING), 'x', CHUNK_PADDING);
    assert_int_equal(decoder_open(type, &spec, arena, &decoder, &err), ST_OK);
    batchb_init(&b, arena, schema, 1);
    while (at < text->len) {
        size_t used;
        uint32_t max_rows = b.n_rows + 1 + rand_below(r, ROWS);
        if (rand_below(r, 3) || end == at) end += 1 + rand_below(r, 64);
        if (end > text->len || rand_below(r, 8) == 0) end = text->len;
        if (type->decode(decoder, (Span){text->ptr + at, end - at}, end == text->len, max_rows, &b,
                         &used, &err)) {
            fail_msg("%s\n%.*s", err.message, (int)text->len, text->ptr);
        }
        at += used;
    }
    decoder_close(decoder);
    return batchb_finish(&b);
}

static void compare(const Batch *want, const Batch *got, const Buf *text) {
    assert_int_equal(want->n_rows, got->n_rows);
    for (uint32_t c = 0; c < want->n_cols; c++) {
        for (uint32_t i = 0; i < want->n_rows; i++) {
            if (col_value_eq(&want->cols[c], i, &got->cols[c], i)) continue;
            Buf a, b;
            buf_init(&a, NULL);
            buf_init(&b, NULL);
            util_print_value(&want->cols[c], i, &a);
            util_print_value(&got->cols[c], i, &b);
            fail_msg("row %u, column %u: wrote %s, read %s\n%.*s", i, c, buf_cstr(&a), buf_cstr(&b),
                     (int)text->len, text->ptr);
        }
    }
}

static void round_trips(const Trip *trip) {
    Arena arena;
    arena_init(&arena, NULL);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        Rand r = {round};
        Field fields[COLUMNS];
        Schema schema = {COLUMNS, fields};
        BatchBuilder b;
        Buf text;
        const Batch *rows, *back;
        static const char *const names[COLUMNS] = {"a", "b c", "\xc3\xa9",
                                                   "a_long_column_name_of_more_than_32", "e"};
        for (uint32_t c = 0; c < COLUMNS; c++) {
            fields[c] = (Field){span_of(names[c]),
                                any_type(&r, &arena, trip->is_csv ? 1 : 3, trip->is_csv)};
        }
        batchb_init(&b, &arena, &schema, 1);
        for (uint32_t i = 0; i < ROWS; i++) {
            for (uint32_t c = 0; c < COLUMNS; c++) any_value(&r, &b.cols[c], trip->is_csv, false);
            batchb_row_end(&b, 1);
        }
        rows = batchb_finish(&b);
        buf_init(&text, NULL);
        back = write_and_read(trip, &r, &arena, &schema, rows, &text);
        compare(rows, back, &text);
        buf_deinit(&text);
        arena_reset(&arena);
    }
    arena_deinit(&arena);
}

static void test_json(void **state) {
    (void)state;
    round_trips(&(Trip){"json", NULL, false});
    round_trips(&(Trip){"json",
                        "timestamp-format.standard=ISO-8601|encode.ignore-null-fields=true|encode."
                        "decimal-as-plain-number=true",
                        false});
}

static void test_debezium(void **state) {
    (void)state;
    round_trips(&(Trip){"debezium-json", NULL, false});
}

static void test_csv(void **state) {
    (void)state;
    round_trips(&(Trip){"csv", "null-literal=\\N", true});
    round_trips(&(Trip){"csv",
                        "null-literal=n/"
                        "a|quote-character='|field-delimiter=\\t|array-element-delimiter=--|write-"
                        "bigdecimal-in-scientific-notation=false",
                        true});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_debezium),
        cmocka_unit_test(test_csv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
