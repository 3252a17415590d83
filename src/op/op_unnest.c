/* op_unnest.c -- CROSS and LEFT JOIN UNNEST: each row once for every element of its ARRAY, MAP or
 * MULTISET, with the element's columns (and its number) appended. Linear and stateless. The outer
 * form gives a row without elements once, padded with NULLs.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/oputil.h"

typedef struct Unnest {
    Op op;
    Program *list;
    uint32_t n_elem; /* columns of an element */
    bool is_row;     /* the element's fields are the columns */
    bool is_counted; /* MULTISET: the second child says how often */
} Unnest;

enum { NO_ELEMENT = UINT32_MAX };

/* Output rows: which row of the input, which element, its number. */
typedef struct UnnestRows {
    uint32_t *rows, *elems;
    int32_t *numbers;
    uint32_t n, cap;
    bool has_none;
} UnnestRows;

static bool unnest_fits(const Node *node) {
    return node->kind == NODE_UNNEST;
}

static Status unnest_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    Unnest *self = (Unnest *)op;
    const Type *type = node->exprs[0]->type;
    self->is_counted = type->kind == TYPE_MULTISET;
    self->is_row = type->kind != TYPE_MAP && type->elem->kind == TYPE_ROW;
    self->n_elem = type->kind == TYPE_MAP ? 2 : self->is_row ? type->elem->row.n_fields : 1;
    return program_compile(&self->list, node->exprs, 1, ctx->arena, err);
}

static void unnest_row(UnnestRows *to, Arena *scratch, uint32_t row, uint32_t elem,
                       int32_t number) {
    if (to->n == to->cap) {
        uint32_t cap = to->cap ? 2 * to->cap : BATCH_ROWS;
        UnnestRows more = {.rows = arena_alloc(scratch, sizeof *more.rows * cap),
                           .elems = arena_alloc(scratch, sizeof *more.elems * cap),
                           .numbers = arena_alloc(scratch, sizeof *more.numbers * cap),
                           .n = to->n,
                           .cap = cap,
                           .has_none = to->has_none};
        if (to->n) {
            memcpy(more.rows, to->rows, sizeof *more.rows * to->n);
            memcpy(more.elems, to->elems, sizeof *more.elems * to->n);
            memcpy(more.numbers, to->numbers, sizeof *more.numbers * to->n);
        }
        *to = more;
    }
    to->rows[to->n] = row;
    to->elems[to->n] = elem;
    to->numbers[to->n++] = number;
    to->has_none = to->has_none || elem == NO_ELEMENT;
}

/* All output rows of batch row i. */
static void unnest_expand(const Unnest *self, Arena *scratch, const Column *list, uint32_t i,
                          uint32_t row, UnnestRows *to) {
    uint32_t at = col_at(list, i), n_before = to->n;
    int32_t number = 0;
    if (!col_is_null(list, i)) {
        for (uint32_t elem = list->offsets[at]; elem < list->offsets[at + 1]; elem++) {
            const Column *counts = self->is_counted ? &list->children[1] : NULL;
            int32_t times = counts ? counts->i32[col_at(counts, elem)] : 1;
            for (; times > 0; times--) unnest_row(to, scratch, row, elem, ++number);
        }
    }
    if (to->n == n_before && self->op.node->unnest.is_outer)
        unnest_row(to, scratch, row, NO_ELEMENT, 0);
}

/* The elements' values, NULL where there is none. */
static Column unnest_column(Arena *scratch, const Column *src, const UnnestRows *rows) {
    uint32_t *picks;
    Column null;
    if (!rows->has_none) return col_gather(scratch, src, rows->elems, rows->n);
    null = col_null(scratch, src->type, 1);
    picks = arena_alloc(scratch, sizeof *picks * rows->n);
    for (uint32_t i = 0; i < rows->n; i++)
        picks[i] = rows->elems[i] == NO_ELEMENT ? 1 : rows->elems[i] << 1;
    return op_merge_cols(scratch, src, &null, picks, rows->n);
}

static Column unnest_numbers(Arena *scratch, const Type *type, const UnnestRows *rows) {
    uint64_t *valid;
    Column col = {.type = type, .n_rows = rows->n, .i32 = rows->numbers};
    if (!rows->has_none) return col;
    valid = arena_zalloc(scratch, sizeof *valid * (bit_words(rows->n) + 1));
    for (uint32_t i = 0; i < rows->n; i++)
        if (rows->elems[i] != NO_ELEMENT) bit_set(valid, i);
    col.valid = valid;
    return col;
}

static Status unnest_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    const Unnest *self = (const Unnest *)op;
    const Node *node = op->node;
    uint32_t n_in = in->n_cols;
    Column list, *cols = arena_array(ctx->scratch, Column, node->schema.n_fields);
    const Column *elems;
    UnnestRows rows = {0};
    Batch picked = *in, result;
    (void)port;
    TRY(program_eval(self->list, in, ctx->env, ctx->scratch, &list, err));
    for (uint32_t i = 0; i < in->n_rows; i++)
        unnest_expand(self, ctx->scratch, &list, i, batch_row(in, i), &rows);
    if (!rows.n) return ST_OK;
    elems = self->is_row ? list.children[0].children : list.children;
    for (uint32_t c = 0; c < n_in; c++)
        cols[c] = col_gather(ctx->scratch, &in->cols[c], rows.rows, rows.n);
    for (uint32_t c = 0; c < self->n_elem; c++)
        cols[n_in + c] = unnest_column(ctx->scratch, &elems[c], &rows);
    if (node->unnest.with_ordinality)
        cols[n_in + self->n_elem] =
            unnest_numbers(ctx->scratch, node->schema.fields[n_in + self->n_elem].type, &rows);
    picked.sel = rows.rows;
    picked.n_rows = rows.n;
    result = op_batch_like(ctx->scratch, &picked, &node->schema, cols);
    return emit(out, &result, err);
}

static void unnest_explain(const Op *op, Buf *out) {
    buf_puts(out, op->node->unnest.is_outer ? "outer, list=" : "list=");
    expr_print(op->node->exprs[0], &op->node->inputs[0]->schema, out);
}

static void unnest_close(Op *op) {
    program_free(((Unnest *)op)->list);
}

const OpType op_unnest = {
    .name = "unnest",
    .size = sizeof(Unnest),
    .traits = OP_STATELESS | OP_LINEAR,
    .fits = unnest_fits,
    .open = unnest_open,
    .push = unnest_push,
    .explain = unnest_explain,
    .close = unnest_close,
};
