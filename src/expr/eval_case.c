/* eval_case.c -- CASE and COALESCE: each row takes its value from one of several columns.
 *
 * Rows that are still without a value shrink from branch to branch; a branch that can fail or is
 * dear is computed for its own rows only.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/program.h"

/* A result put together from parts of other columns. */
typedef struct Merge {
    Frame *f;
    const Type *type;
    uint32_t width; /* 0: nested, built at the end from `from` and `at` */
    char *data;
    uint64_t *valid; /* NULL while nothing is NULL */
    const Column **from;
    uint32_t *at;
} Merge;

static void merge_init(Merge *m, Frame *f, const Type *type) {
    *m = (Merge){.f = f, .type = type, .width = phys_width(type_phys(type))};
    if (m->width) {
        m->data = arena_zalloc(f->scratch, (size_t)m->width * f->n);
    } else {
        m->from = arena_array(f->scratch, const Column *, f->n);
        m->at = arena_array(f->scratch, uint32_t, f->n);
    }
}

static void merge_null(Merge *m, uint32_t row) {
    if (!m->width) return; /* from[row] stays NULL */
    if (!m->valid) {
        m->valid = arena_alloc(m->f->scratch, sizeof *m->valid * bit_words(m->f->n));
        memset(m->valid, 0xff, sizeof *m->valid * bit_words(m->f->n));
    }
    bit_clear(m->valid, row);
}

#define MERGE_LOOP(T)                                                            \
    do {                                                                         \
        T *to = (T *)m->data;                                                    \
        const T *values = src->data;                                             \
        if (src->is_const) {                                                     \
            for (uint32_t i = 0; i < n; i++) to[rows ? rows[i] : i] = values[0]; \
        } else {                                                                 \
            for (uint32_t i = 0; i < n; i++) {                                   \
                uint32_t row = rows ? rows[i] : i;                               \
                to[row] = values[by_list ? i : row];                             \
            }                                                                    \
        }                                                                        \
    } while (0)

/* Rows rows[0..n) (NULL = all) take their values from src: at i when by_list, else at the row. */
static void merge_put(Merge *m, const Column *src, const uint32_t *rows, uint32_t n, bool by_list) {
    if (src->valid) {
        for (uint32_t i = 0; i < n; i++) {
            uint32_t row = rows ? rows[i] : i;
            if (col_is_null(src, by_list ? i : row)) merge_null(m, row);
        }
    }
    switch (m->width) {
    case 1: MERGE_LOOP(uint8_t); break;
    case 2: MERGE_LOOP(uint16_t); break;
    case 4: MERGE_LOOP(uint32_t); break;
    case 8: MERGE_LOOP(uint64_t); break;
    case 16: MERGE_LOOP(Str); break;
    default:
        for (uint32_t i = 0; i < n; i++) {
            uint32_t row = rows ? rows[i] : i;
            m->from[row] = src;
            m->at[row] = by_list ? i : row;
        }
    }
}

static void merge_finish(Merge *m, Column *out) {
    ColBuilder b;
    *out = (Column){.type = m->type, .n_rows = m->f->n, .valid = m->valid, .data = m->data};
    if (m->width) return;
    colb_init(&b, m->f->scratch, m->type, m->f->n);
    for (uint32_t i = 0; i < m->f->n; i++) {
        if (m->from[i])
            colb_append(&b, m->from[i], m->at[i], false);
        else
            colb_null(&b);
    }
    colb_finish(&b, out);
}

/* ---- CASE ---- */

/* Rows that have no value yet. rows == NULL: all of the frame, in order. */
typedef struct Open {
    const uint32_t *rows;
    uint32_t n;
} Open;

/* Splits the open rows by a condition: those for which it is true go to *hit. */
static void case_split(Frame *f, const Column *cond, bool by_list, Open *open, Open *hit) {
    uint32_t *yes = arena_alloc(f->scratch, sizeof *yes * open->n);
    uint32_t *no = arena_alloc(f->scratch, sizeof *no * open->n);
    uint32_t n_yes = 0, n_no = 0;
    for (uint32_t i = 0; i < open->n; i++) {
        uint32_t row = open->rows ? open->rows[i] : i;
        uint32_t at = col_at(cond, by_list ? i : row);
        bool is_true = cond->i8[at] && (!cond->valid || bit_get(cond->valid, at));
        yes[n_yes] = row;
        no[n_no] = row;
        n_yes += is_true;
        n_no += !is_true;
    }
    *hit = (Open){n_yes == f->n ? NULL : yes, n_yes};
    if (n_yes) *open = (Open){no, n_no};
}

static Status case_branch(Merge *m, const PNode *result, const Open *hit, Err *err) {
    const Column *value;
    bool by_list;
    TRY(eval_partly(m->f, result, hit->rows, hit->n, &value, &by_list, err));
    merge_put(m, value, hit->rows, hit->n, by_list);
    return ST_OK;
}

Status eval_case(Frame *f, const PNode *node, Column *out, Err *err) {
    Open open = {NULL, f->n}, hit;
    uint32_t n = node->n_args;
    Merge m;
    merge_init(&m, f, node->expr->type);
    for (uint32_t k = 0; k + 1 < n && open.n; k += 2) {
        const Column *cond;
        bool by_list;
        TRY(eval_partly(f, node->args[k], open.rows, open.n, &cond, &by_list, err));
        case_split(f, cond, by_list, &open, &hit);
        if (hit.n) TRY(case_branch(&m, node->args[k + 1], &hit, err));
    }
    if (open.n && n % 2 == 1) {
        TRY(case_branch(&m, node->args[n - 1], &open, err));
    } else {
        for (uint32_t i = 0; i < open.n; i++) merge_null(&m, open.rows ? open.rows[i] : i);
    }
    merge_finish(&m, out);
    out->is_const = node->is_const;
    return ST_OK;
}

/* ---- COALESCE ---- */

Status eval_coalesce(Frame *f, const PNode *node, Column *out, Err *err) {
    Open open = {NULL, f->n};
    const Column *value;
    bool by_list;
    Merge m;
    TRY(frame_eval(f, node->args[0], &value, err));
    if (!value->valid) {
        *out = *value;
        out->type = node->expr->type;
        return ST_OK;
    }
    merge_init(&m, f, node->expr->type);
    for (uint32_t k = 0; k < node->n_args && open.n; k++) {
        uint32_t *hit = arena_alloc(f->scratch, sizeof *hit * open.n);
        uint32_t *rest = arena_alloc(f->scratch, sizeof *rest * open.n);
        uint32_t n_hit = 0, n_rest = 0;
        TRY(eval_partly(f, node->args[k], open.rows, open.n, &value, &by_list, err));
        merge_put(&m, value, open.rows, open.n, by_list);
        for (uint32_t i = 0; i < open.n; i++) {
            uint32_t row = open.rows ? open.rows[i] : i;
            bool is_null = col_is_null(value, by_list ? i : row);
            if (!is_null && m.valid) bit_set(m.valid, row);
            hit[n_hit] = rest[n_rest] = row;
            n_hit += !is_null;
            n_rest += is_null;
        }
        open = (Open){rest, n_rest};
    }
    merge_finish(&m, out);
    out->is_const = node->is_const;
    return ST_OK;
}
