/* eval_logic.c -- AND and OR of three values.
 *
 * Rows are coded false 0, unknown 1, true 2: then AND is the minimum and OR the maximum. A later
 * argument that can fail or is dear is computed only for the rows that are still undecided.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/program.h"

enum { LOGIC_FALSE = 0, LOGIC_UNKNOWN = 1, LOGIC_TRUE = 2 };

static void logic_codes(const Column *col, uint32_t n, uint8_t *codes) {
    if (col->is_const) {
        memset(codes,
               col_is_null(col, 0) ? LOGIC_UNKNOWN
               : col->i8[0]        ? LOGIC_TRUE
                                   : LOGIC_FALSE,
               n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) codes[i] = (uint8_t)(col->i8[i] * 2);
    if (!col->valid) return;
    for (uint32_t i = 0; i < n; i++) {
        if (!bit_get(col->valid, i)) codes[i] = LOGIC_UNKNOWN;
    }
}

static void logic_merge(uint8_t *acc, const uint8_t *codes, uint32_t n, bool is_and) {
    if (is_and) {
        for (uint32_t i = 0; i < n; i++) acc[i] = acc[i] < codes[i] ? acc[i] : codes[i];
    } else {
        for (uint32_t i = 0; i < n; i++) acc[i] = acc[i] > codes[i] ? acc[i] : codes[i];
    }
}

static void logic_finish(Frame *f, const uint8_t *acc, Column *out) {
    int8_t *data = arena_alloc(f->scratch, f->n);
    uint8_t any_unknown = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        data[i] = (int8_t)(acc[i] >> 1);
        any_unknown |= acc[i] & LOGIC_UNKNOWN;
    }
    out->i8 = data;
    if (any_unknown) {
        uint64_t *valid = arena_array(f->scratch, uint64_t, bit_words(f->n));
        for (uint32_t i = 0; i < f->n; i++) {
            valid[i >> 6] |= (uint64_t)(acc[i] != LOGIC_UNKNOWN) << (i & 63);
        }
        out->valid = valid;
    }
}

/* The rows that the next argument can still change; NULL when it is all of them. */
static const uint32_t *logic_undecided(Frame *f, const uint8_t *acc, uint8_t decided, uint32_t *n) {
    uint32_t *rows = arena_alloc(f->scratch, sizeof *rows * f->n);
    *n = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        rows[*n] = i;
        *n += acc[i] != decided;
    }
    return *n == f->n ? NULL : rows;
}

Status eval_logic(Frame *f, const PNode *node, Column *out, Err *err) {
    bool is_and = node->expr->kind == EXPR_AND, by_list;
    uint8_t decided = is_and ? LOGIC_FALSE : LOGIC_TRUE;
    uint8_t *acc = arena_alloc(f->scratch, f->n), *codes = arena_alloc(f->scratch, f->n);
    const Column *value;
    *out = (Column){.type = node->expr->type, .n_rows = f->n};
    TRY(frame_eval(f, node->args[0], &value, err));
    logic_codes(value, f->n, acc);
    for (uint32_t k = 1; k < node->n_args; k++) {
        const PNode *arg = node->args[k];
        const uint32_t *rows = NULL;
        uint32_t n = f->n;
        if (!arg->is_cheap || arg->can_fail) rows = logic_undecided(f, acc, decided, &n);
        if (n == 0) break;
        TRY(eval_partly(f, arg, rows, n, &value, &by_list, err));
        if (by_list) {
            logic_codes(value, n, codes);
            for (uint32_t i = 0; i < n; i++) {
                uint8_t *at = &acc[rows[i]];
                *at = is_and == (codes[i] < *at) ? codes[i] : *at;
            }
        } else {
            logic_codes(value, f->n, codes);
            logic_merge(acc, codes, f->n, is_and);
        }
    }
    logic_finish(f, acc, out);
    if (node->is_const) out->is_const = true;
    return ST_OK;
}
