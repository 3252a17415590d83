/* select.c -- programs as filters: which rows make the condition true.
 *
 * The condition is taken apart: each part of an AND looks only at the rows that the parts before
 * it have left, a part of an OR only at those not yet chosen. A column compared with a constant is
 * read in place, without gathering; everything else is evaluated and its true rows are kept.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/cast.h"
#include "expr/program.h"

/* Rows of a frame. rows == NULL: all of them. */
typedef struct Chosen {
    const uint32_t *rows;
    uint32_t n;
} Chosen;

static Status select_node(Frame *f, const PNode *node, Chosen *out, Err *err);

static Status select_general(Frame *f, const PNode *node, Chosen *out, Err *err) {
    const Column *value;
    uint32_t *rows, k = 0;
    TRY(frame_eval(f, node, &value, err));
    if (value->is_const) {
        bool is_true = !col_is_null(value, 0) && value->i8[0];
        *out = (Chosen){NULL, is_true ? f->n : 0};
        return ST_OK;
    }
    rows = arena_alloc(f->scratch, sizeof *rows * f->n);
    if (value->valid) {
        for (uint32_t i = 0; i < f->n; i++) {
            rows[k] = i;
            k += (uint32_t)(value->i8[i] != 0) & bit_get(value->valid, i);
        }
    } else {
        for (uint32_t i = 0; i < f->n; i++) {
            rows[k] = i;
            k += value->i8[i] != 0;
        }
    }
    *out = (Chosen){k == f->n ? NULL : rows, k};
    return ST_OK;
}

/* Without casts that change the type only: CHAR(3) to VARCHAR(9), TIMESTAMP(3) to TIMESTAMP(6). */
static const PNode *select_uncast(const PNode *node) {
    while (node->expr->kind == EXPR_CAST &&
           cast_kind(node->args[0]->expr->type, node->expr->type) == CAST_NOOP) {
        node = node->args[0];
    }
    return node;
}

/* Something op constant, either way round: compared and selected in one loop; a column is read
 * where it lies in the batch. */
static Status select_compare(Frame *f, const PNode *node, bool *is_done, Chosen *out, Err *err) {
    const PNode *left = node->args[0], *right = node->args[1];
    CmpOp op = node->cmp;
    const Column *col, *value;
    const uint32_t *from = NULL;
    uint32_t *rows;
    if (left->is_const) {
        left = node->args[1];
        right = node->args[0];
        op = compare_mirrored(op);
    }
    *is_done = false;
    if (!right->is_const) return ST_OK;
    left = select_uncast(left);
    TRY(frame_eval(f, right, &value, err));
    if (left->expr->kind == EXPR_COLUMN) {
        col = &f->in->cols[left->expr->column];
        from = f->rows;
    } else {
        TRY(frame_eval(f, left, &col, err));
    }
    if (!compare_can_select(col, value)) return ST_OK;
    *is_done = true;
    *out = (Chosen){NULL, 0};
    if (col_is_null(value, 0)) return ST_OK;
    rows = arena_alloc(f->scratch, sizeof *rows * f->n);
    out->n = compare_select(op, col, value, from, f->n, rows);
    if (out->n < f->n) out->rows = rows;
    return ST_OK;
}

static Status select_and(Frame *f, const PNode *node, Chosen *out, Err *err) {
    Frame *now = f;
    const uint32_t *rows = NULL; /* of f, that `now` consists of */
    for (uint32_t k = 0; k < node->n_args; k++) {
        Chosen hit;
        Frame *next;
        TRY(select_node(now, node->args[k], &hit, err));
        if (hit.n == 0) {
            *out = hit;
            return ST_OK;
        }
        if (!hit.rows) continue;
        next = arena_new(f->scratch, Frame);
        frame_narrow(next, now, hit.rows, hit.n);
        if (rows) {
            uint32_t *of_f = arena_alloc(f->scratch, sizeof *of_f * hit.n);
            for (uint32_t i = 0; i < hit.n; i++) of_f[i] = rows[hit.rows[i]];
            rows = of_f;
        } else {
            rows = hit.rows;
        }
        now = next;
    }
    *out = (Chosen){rows, now->n};
    return ST_OK;
}

static Status select_or(Frame *f, const PNode *node, Chosen *out, Err *err) {
    uint8_t *is_in = arena_zalloc(f->scratch, f->n);
    uint32_t *rest = arena_alloc(f->scratch, sizeof *rest * f->n), n_rest = f->n, k = 0;
    uint32_t *rows = arena_alloc(f->scratch, sizeof *rows * f->n);
    for (uint32_t i = 0; i < f->n; i++) rest[i] = i;
    for (uint32_t a = 0; a < node->n_args && n_rest; a++) {
        Frame *now = f;
        Chosen hit;
        if (n_rest < f->n) {
            now = arena_new(f->scratch, Frame);
            frame_narrow(now, f, rest, n_rest);
        }
        TRY(select_node(now, node->args[a], &hit, err));
        if (hit.n == 0) continue;
        for (uint32_t i = 0; i < hit.n; i++) is_in[rest[hit.rows ? hit.rows[i] : i]] = 1;
        rest = arena_alloc(f->scratch, sizeof *rest * f->n); /* the frame keeps the old one */
        n_rest = 0;
        for (uint32_t i = 0; i < f->n; i++) {
            rest[n_rest] = i;
            n_rest += !is_in[i];
        }
    }
    for (uint32_t i = 0; i < f->n; i++) {
        rows[k] = i;
        k += is_in[i];
    }
    *out = (Chosen){k == f->n ? NULL : rows, k};
    return ST_OK;
}

static Status select_node(Frame *f, const PNode *node, Chosen *out, Err *err) {
    bool is_done = false;
    assert(node->expr->type->kind == TYPE_BOOLEAN || node->expr->type->kind == TYPE_NULL);
    if (node->expr->kind == EXPR_AND) return select_and(f, node, out, err);
    if (node->expr->kind == EXPR_OR) return select_or(f, node, out, err);
    if (node->cmp != CMP_NONE && !f->values[node->id]) {
        TRY(select_compare(f, node, &is_done, out, err));
        if (is_done) return ST_OK;
    }
    return select_general(f, node, out, err);
}

Status program_select(Program *program, const Batch *in, const ExprEnv *env, Arena *scratch,
                      const uint32_t **sel, uint32_t *n_sel, Err *err) {
    Frame f;
    Chosen hit;
    uint32_t *rows;
    assert(program->n_roots == 1);
    *sel = in->sel;
    *n_sel = in->n_rows;
    if (in->n_rows == 0) return ST_OK;
    frame_init(&f, program, in, env, scratch);
    TRY(select_node(&f, program->roots[0], &hit, err));
    *n_sel = hit.n;
    if (!hit.rows) return ST_OK; /* all, or none */
    *sel = hit.rows;
    if (!in->sel) return ST_OK;
    rows = arena_alloc(scratch, sizeof *rows * hit.n);
    for (uint32_t i = 0; i < hit.n; i++) rows[i] = in->sel[hit.rows[i]];
    *sel = rows;
    return ST_OK;
}
