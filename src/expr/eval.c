/* eval.c -- computing nodes in frames: columns, calls, casts, fields and rows.
 *
 * The discipline of NULLs is here and not in kernels: for a strict function the validity of the
 * result is the AND of the arguments' validity, and the data under NULLs is cleared afterwards, so
 * that the next typed loop may compute on it without meeting garbage.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/cast.h"
#include "expr/program.h"

void frame_init(Frame *f, const Program *program, const Batch *in, const ExprEnv *env,
                Arena *scratch) {
    *f = (Frame){.program = program,
                 .in = in,
                 .env = (ExprEnv *)(uintptr_t)env, /* RAND moves its state */
                 .scratch = scratch,
                 .n = in->n_rows,
                 .rows = in->sel};
    f->values = arena_array(scratch, const Column *, program->n_nodes);
}

void frame_narrow(Frame *f, Frame *parent, const uint32_t *map, uint32_t n) {
    *f = *parent;
    f->n = n;
    f->parent = parent;
    f->map = map;
    f->rows = map;
    if (parent->rows) {
        uint32_t *rows = arena_alloc(f->scratch, sizeof *rows * n);
        for (uint32_t i = 0; i < n; i++) rows[i] = parent->rows[map[i]];
        f->rows = rows;
    }
    f->values = arena_array(f->scratch, const Column *, f->program->n_nodes);
}

static Column frame_gather(Frame *f, const Column *src, const uint32_t *rows) {
    Column col = *src;
    if (src->is_const) {
        col.n_rows = f->n;
        return col;
    }
    if (!rows) return col;
    return col_gather(f->scratch, src, rows, f->n);
}

/* What a parent has computed, for this frame's rows. */
static const Column *frame_inherit(Frame *f, const PNode *node) {
    const Column *value;
    Column *mine;
    if (!f->parent) return NULL;
    value = f->parent->values[node->id];
    if (!value) value = frame_inherit(f->parent, node);
    if (!value) return NULL;
    mine = arena_new(f->scratch, Column);
    *mine = frame_gather(f, value, f->map);
    return mine;
}

/* ---- validity ---- */

/* The AND of the arguments' bitmaps; shared when only one has any. */
static const uint64_t *eval_valid(Arena *scratch, const Column *args, uint32_t n_args, uint32_t n,
                                  bool *is_own) {
    const uint64_t *valid = NULL;
    *is_own = false;
    for (uint32_t i = 0; i < n_args; i++) {
        uint64_t *both;
        const uint64_t *next = args[i].valid;
        if (args[i].is_const || !next || next == valid) continue;
        if (!valid) {
            valid = next;
            continue;
        }
        both = *is_own ? (uint64_t *)(uintptr_t)valid
                       : arena_alloc(scratch, sizeof *both * bit_words(n));
        for (uint32_t w = 0; w < bit_words(n); w++) both[w] = valid[w] & next[w];
        valid = both;
        *is_own = true;
    }
    return valid;
}

/* Zeroes the values of rows that are NULL: an AND with 0 or all ones vectorises, a branch does
 * not. */
#define CLEAR_LOOP(T)                                                              \
    do {                                                                           \
        T *to = data;                                                              \
        for (uint32_t i = 0; i < n; i++) {                                         \
            to[i] = (T)(to[i] & (T)(0 - (T)(col->valid[i >> 6] >> (i & 63) & 1))); \
        }                                                                          \
    } while (0)

static void eval_clear_nulls(const Column *col, void *data, uint32_t width) {
    typedef unsigned __int128 Wide;
    uint32_t n = col->n_rows;
    switch (width) {
    case 1: CLEAR_LOOP(uint8_t); break;
    case 2: CLEAR_LOOP(uint16_t); break;
    case 4: CLEAR_LOOP(uint32_t); break;
    case 8: CLEAR_LOOP(uint64_t); break;
    default: CLEAR_LOOP(Wide);
    }
}

static bool eval_has_null_constant(const Column *args, uint32_t n_args) {
    for (uint32_t i = 0; i < n_args; i++) {
        if (args[i].is_const && col_is_null(&args[i], 0)) return true;
    }
    return false;
}

/* ---- calls and casts ---- */

/* Evaluates the arguments. *is_one: all of them are the same for all rows, so one row is enough. */
static Status eval_args(Frame *f, const PNode *node, Column **out, bool *is_one, Err *err) {
    Column *args = arena_array(f->scratch, Column, node->n_args);
    const Expr *expr = node->expr;
    *is_one = node->n_args > 0 && !(expr->kind == EXPR_CALL && (expr->fn->traits & FN_VOLATILE));
    for (uint32_t i = 0; i < node->n_args; i++) {
        const Column *value;
        TRY(frame_eval(f, node->args[i], &value, err));
        args[i] = *value;
        *is_one &= value->is_const;
    }
    *is_one |= node->is_const;
    for (uint32_t i = 0; i < node->n_args && *is_one; i++) args[i].n_rows = 1;
    *out = args;
    return ST_OK;
}

/* Runs a kernel with the discipline of strict functions around it. */
typedef struct KernelRun {
    Frame *f;
    const PNode *node;
    const Column *args;
    uint32_t n; /* rows: 1 for a constant */
    bool is_strict;
} KernelRun;

static Status eval_run(const KernelRun *run, Column *out, Err *err) {
    const Expr *expr = run->node->expr;
    FnCtx ctx = {.scratch = run->f->scratch, .env = run->f->env, .call = expr};
    uint32_t width = phys_width(type_phys(expr->type));
    void *data = width ? arena_zalloc(run->f->scratch, (size_t)width * run->n) : NULL;
    Status status;
    *out = (Column){.type = expr->type, .n_rows = run->n, .data = data};
    ctx.prepared = run->node->prepared;
    if (run->is_strict) {
        out->valid =
            eval_valid(run->f->scratch, run->args, run->node->n_args, run->n, &ctx.owns_valid);
    }
    if (expr->kind == EXPR_CAST)
        status = cast_eval(&ctx, &run->args[0], expr->type, expr->is_try, out, err);
    else
        status = expr->fn->kernel(&ctx, run->args, run->node->n_args, run->n, out, err);
    if (status != ST_OK && err && err->pos < 0) err->pos = expr->pos;
    TRY(status);
    assert(out->n_rows == run->n);
    if (out->valid && data && out->data == data) eval_clear_nulls(out, data, width);
    return ST_OK;
}

static Status eval_kernel(Frame *f, const PNode *node, Column *out, Err *err) {
    const Expr *expr = node->expr;
    bool is_strict = expr->kind == EXPR_CAST || (expr->fn->traits & FN_STRICT);
    Column *args;
    bool is_one;
    TRY(eval_args(f, node, &args, &is_one, err));
    if (is_strict && eval_has_null_constant(args, node->n_args)) {
        *out = col_null(f->scratch, expr->type, f->n);
        return ST_OK;
    }
    if (expr->kind == EXPR_CAST && cast_kind(args[0].type, expr->type) == CAST_NOOP) {
        *out = args[0];
        out->type = expr->type;
    } else {
        KernelRun run = {f, node, args, is_one ? 1 : f->n, is_strict};
        TRY(eval_run(&run, out, err));
    }
    if (is_one) {
        out->is_const = true;
        out->n_rows = f->n;
    }
    return ST_OK;
}

/* ---- fields and rows ---- */

/* The column that a chain of fields over an input column names, before any gathering; NULL when the
 * chain starts elsewhere. */
static const Column *eval_input_path(const Frame *f, const PNode *node, Column *storage) {
    const Column *parent;
    if (node->expr->kind == EXPR_COLUMN) return &f->in->cols[node->expr->column];
    if (node->expr->kind != EXPR_FIELD) return NULL;
    parent = eval_input_path(f, node->args[0], storage);
    if (!parent) return NULL;
    if (!parent->is_const) return &parent->children[node->expr->column];
    *storage = col_constant(&parent->children[node->expr->column], 0, parent->n_rows);
    return storage;
}

static Status eval_field(Frame *f, const PNode *node, Column *out, Err *err) {
    const Column *row;
    Column storage;
    const Column *child = eval_input_path(f, node, &storage);
    if (child) {
        *out = frame_gather(f, child, f->rows);
        return ST_OK;
    }
    TRY(frame_eval(f, node->args[0], &row, err));
    *out = row->children[node->expr->column];
    if (row->is_const) *out = col_constant(out, 0, f->n);
    out->n_rows = f->n;
    return ST_OK;
}

static Status eval_row(Frame *f, const PNode *node, Column *out, Err *err) {
    Column *children = arena_array(f->scratch, Column, node->n_args);
    for (uint32_t i = 0; i < node->n_args; i++) {
        const Column *value;
        TRY(frame_eval(f, node->args[i], &value, err));
        children[i] = node->is_const ? *value : col_flatten(f->scratch, value);
    }
    *out = (Column){.type = node->expr->type,
                    .n_rows = f->n,
                    .is_const = node->is_const,
                    .children = children,
                    .n_children = node->n_args};
    return ST_OK;
}

/* ---- dispatch ---- */

static Status eval_compute(Frame *f, const PNode *node, Column *out, Err *err) {
    switch (node->expr->kind) {
    case EXPR_COLUMN: *out = frame_gather(f, &f->in->cols[node->expr->column], f->rows); break;
    case EXPR_CONST:
        *out = *node->expr->value;
        out->n_rows = f->n;
        break;
    case EXPR_CALL:
    case EXPR_CAST: return eval_kernel(f, node, out, err);
    case EXPR_AND:
    case EXPR_OR: return eval_logic(f, node, out, err);
    case EXPR_CASE: return eval_case(f, node, out, err);
    case EXPR_COALESCE: return eval_coalesce(f, node, out, err);
    case EXPR_FIELD: return eval_field(f, node, out, err);
    case EXPR_ROW: return eval_row(f, node, out, err);
    }
    return ST_OK;
}

Status frame_eval(Frame *f, const PNode *node, const Column **out, Err *err) {
    Column *value;
    assert(f->n > 0);
    if (!f->values[node->id] && node->expr->kind != EXPR_COLUMN && node->expr->kind != EXPR_CONST) {
        f->values[node->id] = frame_inherit(f, node);
    }
    if (!f->values[node->id]) {
        value = arena_new(f->scratch, Column);
        TRY(eval_compute(f, node, value, err));
        assert(value->n_rows == f->n);
        f->values[node->id] = value;
    }
    *out = f->values[node->id];
    return ST_OK;
}

Status eval_partly(Frame *f, const PNode *node, const uint32_t *rows, uint32_t n,
                   const Column **out, bool *by_list, Err *err) {
    Frame *narrow;
    bool is_there = f->values[node->id] != NULL;
    *by_list = false;
    if (!rows || n == f->n || is_there || node->is_const ||
        (!node->can_fail && (node->is_cheap || n * 4 >= f->n * 3))) {
        return frame_eval(f, node, out, err);
    }
    narrow = arena_new(f->scratch, Frame);
    frame_narrow(narrow, f, rows, n);
    *by_list = true;
    return frame_eval(narrow, node, out, err);
}
