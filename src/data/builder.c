/* builder.c -- growing columns. Memory comes from an arena: growing copies into a block of twice
 * the size and leaves the old one to the arena's reset, so a builder that starts with a good cap
 * never copies. SPDX-License-Identifier: Apache-2.0
 */
#include "data/data.h"

enum { COLB_CAP_MIN = 8 };

void colb_init(ColBuilder *b, Arena *arena, const Type *type, uint32_t cap) {
    Phys phys = type_phys(type);
    uint32_t n = type_n_children(type);
    if (cap < COLB_CAP_MIN) cap = COLB_CAP_MIN;
    *b = (ColBuilder){.type = type, .arena = arena, .cap = cap, .width = phys_width(phys)};
    if (phys == PHYS_LIST) {
        b->offsets = arena_alloc(arena, sizeof *b->offsets * ((size_t)cap + 1));
        b->offsets[0] = 0;
    } else if (b->width) {
        b->data = arena_alloc(arena, (size_t)b->width * cap);
    }
    if (n == 0) return;
    b->children = arena_array(arena, ColBuilder, n);
    b->n_children = n;
    for (uint32_t i = 0; i < n; i++) colb_init(&b->children[i], arena, type_child(type, i), cap);
}

void colb_grow(ColBuilder *b) {
    uint32_t cap = b->cap * 2;
    Phys phys = type_phys(b->type);
    assert(cap > b->cap);
    if (phys == PHYS_LIST) {
        uint32_t *offsets = arena_alloc(b->arena, sizeof *offsets * ((size_t)cap + 1));
        memcpy(offsets, b->offsets, sizeof *offsets * ((size_t)b->n + 1));
        b->offsets = offsets;
    } else if (b->width) {
        void *data = arena_alloc(b->arena, (size_t)b->width * cap);
        memcpy(data, b->data, (size_t)b->width * b->n);
        b->data = data;
    }
    if (b->has_null) {
        uint64_t *valid = arena_array(b->arena, uint64_t, bit_words(cap));
        memcpy(valid, b->valid, sizeof *valid * bit_words(b->n));
        b->valid = valid;
    }
    b->cap = cap;
}

void colb_null_slow(ColBuilder *b) {
    colb_room(b);
    if (!b->has_null) {
        b->has_null = true;
        b->valid = arena_array(b->arena, uint64_t, bit_words(b->cap));
        for (uint32_t i = 0; i < b->n; i++) bit_set(b->valid, i);
    }
    bit_clear(b->valid, b->n); /* a truncated row may have left it set */
    switch (type_phys(b->type)) {
    case PHYS_NULL: break;
    case PHYS_LIST: b->offsets[b->n + 1] = b->offsets[b->n]; break;
    case PHYS_ROW:
        for (uint32_t i = 0; i < b->n_children; i++) colb_null_slow(&b->children[i]);
        break;
    default: memset((char *)b->data + (size_t)b->n * b->width, 0, b->width);
    }
    b->n++;
}

void colb_str(ColBuilder *b, const char *bytes, size_t len) {
    assert(len <= UINT32_MAX);
    colb_room(b);
    if (len > STR_INLINE_MAX) bytes = memcpy(arena_alloc(b->arena, len), bytes, len);
    b->str[b->n] = str_make(bytes, (uint32_t)len);
    colb_done(b);
}

void colb_list_end(ColBuilder *b) {
    colb_room(b);
    b->offsets[b->n + 1] = b->children[0].n;
    assert(b->n_children == 1 || b->children[1].n == b->children[0].n);
    colb_done(b);
}

void colb_row_end(ColBuilder *b) {
    colb_room(b);
    for (uint32_t i = 0; i < b->n_children; i++) assert(b->children[i].n == b->n + 1);
    colb_done(b);
}

void colb_append(ColBuilder *b, const Column *src, uint32_t row, bool copy_bytes) {
    uint32_t at = col_at(src, row);
    Phys phys = type_phys(b->type);
    if (col_is_null(src, row)) {
        colb_null_slow(b);
        return;
    }
    assert(phys == type_phys(src->type) && phys != PHYS_NULL);
    if (phys == PHYS_STR && copy_bytes) {
        colb_str(b, str_bytes(&src->str[at]), src->str[at].len);
    } else if (phys == PHYS_LIST) {
        for (uint32_t c = 0; c < b->n_children; c++) {
            for (uint32_t e = src->offsets[at]; e < src->offsets[at + 1]; e++) {
                colb_append(&b->children[c], &src->children[c], e, copy_bytes);
            }
        }
        colb_list_end(b);
    } else if (phys == PHYS_ROW) {
        for (uint32_t c = 0; c < b->n_children; c++) {
            colb_append(&b->children[c], &src->children[c], at, copy_bytes);
        }
        colb_row_end(b);
    } else {
        colb_room(b);
        memcpy((char *)b->data + (size_t)b->n * b->width,
               (const char *)src->data + (size_t)at * b->width, b->width);
        colb_done(b);
    }
}

void colb_truncate(ColBuilder *b, uint32_t n) {
    bool is_list = type_phys(b->type) == PHYS_LIST;
    uint32_t n_child = is_list ? b->offsets[n < b->n ? n : b->n] : n;
    if (n < b->n) b->n = n;
    /* Elements of a list that was never closed, and fields of an unfinished ROW, go as well. */
    for (uint32_t i = 0; i < b->n_children; i++) colb_truncate(&b->children[i], n_child);
}

void colb_finish(ColBuilder *b, Column *out) {
    *out = (Column){.type = b->type, .n_rows = b->n, .data = b->data};
    if (b->has_null) out->valid = b->valid;
    if (b->n_children) {
        Column *children = arena_array(b->arena, Column, b->n_children);
        for (uint32_t i = 0; i < b->n_children; i++) colb_finish(&b->children[i], &children[i]);
        out->children = children;
        out->n_children = b->n_children;
    }
}

/* ---- batches ---- */

void batchb_init(BatchBuilder *b, Arena *arena, const Schema *schema, uint32_t cap) {
    *b = (BatchBuilder){.schema = schema, .arena = arena, .n_cols = schema->n_fields};
    b->cols = arena_array(arena, ColBuilder, b->n_cols);
    for (uint32_t i = 0; i < b->n_cols; i++) {
        colb_init(&b->cols[i], arena, schema->fields[i].type, cap);
    }
}

static void batchb_weight(BatchBuilder *b, int32_t weight) {
    if (b->n_rows >= b->weights_cap) {
        uint32_t cap = b->weights_cap ? b->weights_cap * 2 : BATCH_ROWS;
        int32_t *weights;
        while (cap <= b->n_rows) cap *= 2;
        weights = arena_alloc(b->arena, sizeof *weights * cap);
        if (b->weights) memcpy(weights, b->weights, sizeof *weights * b->n_rows);
        if (!b->weights) {
            for (uint32_t i = 0; i < b->n_rows; i++) weights[i] = 1;
        }
        b->weights = weights;
        b->weights_cap = cap;
    }
    b->weights[b->n_rows] = weight;
}

static void batchb_hint(BatchBuilder *b, bool is_update) {
    if (b->n_rows >= b->updates_cap) {
        uint32_t cap = b->updates_cap ? b->updates_cap * 2 : BATCH_ROWS;
        uint8_t *updates;
        while (cap <= b->n_rows) cap *= 2;
        updates = arena_zalloc(b->arena, cap);
        if (b->updates) memcpy(updates, b->updates, b->n_rows);
        b->updates = updates;
        b->updates_cap = cap;
    }
    b->updates[b->n_rows] = is_update;
}

void batchb_row_end(BatchBuilder *b, int32_t weight) {
    if (weight != 1 || b->weights) batchb_weight(b, weight);
    if (b->updates) batchb_hint(b, false);
    b->n_rows++;
}

void batchb_update_end(BatchBuilder *b, int32_t weight) {
    if (weight != 1 || b->weights) batchb_weight(b, weight);
    batchb_hint(b, true);
    b->n_rows++;
}

void batchb_truncate(BatchBuilder *b) {
    for (uint32_t i = 0; i < b->n_cols; i++) colb_truncate(&b->cols[i], b->n_rows);
}

Batch *batchb_finish(BatchBuilder *b) {
    Batch *batch = arena_new(b->arena, Batch);
    Column *cols = arena_array(b->arena, Column, b->n_cols);
    for (uint32_t i = 0; i < b->n_cols; i++) {
        assert(b->cols[i].n == b->n_rows);
        colb_finish(&b->cols[i], &cols[i]);
    }
    *batch = (Batch){.schema = b->schema,
                     .n_rows = b->n_rows,
                     .n_phys = b->n_rows,
                     .n_cols = b->n_cols,
                     .split = SPLIT_NONE,
                     .cols = cols,
                     .weights = b->weights,
                     .updates = b->updates};
    return batch;
}
