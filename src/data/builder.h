/* builder.h -- makes columns row by row: for decoders, state readers and functions with results of
 * variable size.
 *
 * Everything is allocated in the arena given, which must outlive the finished column. Appending
 * does not check types: the caller knows the column's Phys. A builder can be reset and used again
 * for the next batch.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_BUILDER_H
#define WEIR_BUILDER_H

#include "data/batch.h"

typedef struct ColBuilder ColBuilder;
struct ColBuilder {
    const Type *type;
    Arena *arena;
    uint32_t n, cap; /* rows */
    uint32_t width;  /* bytes of one value */
    bool has_null;
    uint64_t *valid; /* cap bits, written only once has_null */
    union {
        void *data;
        int8_t *i8;
        int16_t *i16;
        int32_t *i32;
        int64_t *i64;
        float *f32;
        double *f64;
        Int128 *i128;
        Str *str;
        uint32_t *offsets; /* cap + 1 */
    };
    ColBuilder *children;
    uint32_t n_children;
};

void colb_init(ColBuilder *b, Arena *arena, const Type *type, uint32_t cap);
void colb_grow(ColBuilder *b); /* doubles cap; children of ROWs grow by themselves */
void colb_null_slow(ColBuilder *b);

static inline void colb_room(ColBuilder *b) {
    if (__builtin_expect(b->n == b->cap, 0)) colb_grow(b);
}
static inline void colb_null(ColBuilder *b) {
    colb_null_slow(b);
}
/* Marks the row about to be counted as not NULL; every typed append below ends with it. */
static inline void colb_done(ColBuilder *b) {
    if (__builtin_expect(b->has_null, 0)) bit_set(b->valid, b->n);
    b->n++;
}
static inline void colb_i8(ColBuilder *b, int8_t v) {
    colb_room(b);
    b->i8[b->n] = v;
    colb_done(b);
}
static inline void colb_i16(ColBuilder *b, int16_t v) {
    colb_room(b);
    b->i16[b->n] = v;
    colb_done(b);
}
static inline void colb_i32(ColBuilder *b, int32_t v) {
    colb_room(b);
    b->i32[b->n] = v;
    colb_done(b);
}
static inline void colb_i64(ColBuilder *b, int64_t v) {
    colb_room(b);
    b->i64[b->n] = v;
    colb_done(b);
}
static inline void colb_f32(ColBuilder *b, float v) {
    colb_room(b);
    b->f32[b->n] = v;
    colb_done(b);
}
static inline void colb_f64(ColBuilder *b, double v) {
    colb_room(b);
    b->f64[b->n] = v;
    colb_done(b);
}
static inline void colb_i128(ColBuilder *b, Int128 v) {
    colb_room(b);
    b->i128[b->n] = v;
    colb_done(b);
}
/* Copies the bytes into the arena. */
void colb_str(ColBuilder *b, const char *bytes, size_t len);
/* Borrows the bytes: they must live as long as the column. */
static inline void colb_str_ref(ColBuilder *b, const char *bytes, size_t len) {
    colb_room(b);
    b->str[b->n] = str_make(bytes, (uint32_t)len);
    colb_done(b);
}
/* LIST: append the elements to the children first, then close the list that they form. */
void colb_list_end(ColBuilder *b);
/* ROW: append one value to every child first, then close. colb_null on a ROW also appends NULL to
 * the children. */
void colb_row_end(ColBuilder *b);
/* One value of another column of the same type. String bytes are copied when copy_bytes, else
 * borrowed. */
void colb_append(ColBuilder *b, const Column *src, uint32_t row, bool copy_bytes);

/* Drops rows back to n (undo of a bad record), nested ones included. */
void colb_truncate(ColBuilder *b, uint32_t n);
/* Seals: the column shares the builder's memory. */
void colb_finish(ColBuilder *b, Column *out);

/* One builder a column, and the weights. */
typedef struct BatchBuilder {
    const Schema *schema;
    Arena *arena;
    ColBuilder *cols;
    uint32_t n_cols;
    uint32_t n_rows;  /* counted by batchb_row_end */
    int32_t *weights; /* NULL until a weight other than +1 */
    uint32_t weights_cap;
    uint8_t *updates; /* NULL until a row is half of an update */
    uint32_t updates_cap;
} BatchBuilder;

void batchb_init(BatchBuilder *b, Arena *arena, const Schema *schema, uint32_t cap);
void batchb_row_end(BatchBuilder *b, int32_t weight); /* every column has got its value */
/* The same for half of an update (Batch.updates). */
void batchb_update_end(BatchBuilder *b, int32_t weight);
void batchb_truncate(BatchBuilder *b); /* drops the values of an unfinished row */
Batch *batchb_finish(
    BatchBuilder *b); /* in the arena; the builder starts anew with the next init */

#endif
