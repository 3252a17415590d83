/* op_from_changelog.c -- rows as changes: a column says whether the row is inserted, deleted, or
 * half of an update. Stateless; the input never retracts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/oputil.h"

typedef struct FromChangelog {
    Op op;
} FromChangelog;

static bool from_changelog_fits(const Node *node) {
    return node->kind == NODE_FROM_CHANGELOG;
}

static Status from_changelog_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    (void)op, (void)node, (void)ctx, (void)err;
    return ST_OK;
}

/* The kind that a code stands for; false: it is not mapped. */
static bool from_changelog_kind(const ChangelogSpec *spec, Span code, uint8_t *kind) {
    for (uint32_t i = 0; i < spec->n_codes; i++) {
        if (!span_eq(spec->codes[i].code, code)) continue;
        *kind = spec->codes[i].kind;
        return true;
    }
    return false;
}

static Status from_changelog_fail(const Op *op, const Column *codes, uint32_t row, Err *err) {
    Span code = {0};
    if (col_is_null(codes, row))
        FAIL(err, ST_INVALID, "22004", op->node->pos,
             "Received NULL op code. Every changelog row must carry an operation code.");
    code = str_span(&codes->str[col_at(codes, row)]);
    err_set(err, ST_INVALID, "22023", op->node->pos, __FILE__, __LINE__,
            "Received invalid op code '" SPAN_FMT "'", SPAN_ARG(code));
    return err_hint(err, "map it with op_mapping, or drop such rows with "
                         "invalid_op_handling => 'SKIP'");
}

static Status from_changelog_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out,
                                  Err *err) {
    const Node *node = op->node;
    const ChangelogSpec *spec = &node->changelog;
    const Column *codes = &in->cols[spec->op_col];
    uint32_t *sel = arena_alloc(ctx->scratch, sizeof *sel * (in->n_rows + 1)), n = 0;
    int32_t *weights = arena_alloc(ctx->scratch, sizeof *weights * (in->n_phys + 1));
    uint8_t *updates = arena_alloc(ctx->scratch, in->n_phys + 1);
    Column *cols = arena_array(ctx->scratch, Column, spec->n_cols);
    Batch changes;
    (void)port;
    for (uint32_t i = 0; i < in->n_phys; i++) weights[i] = 1, updates[i] = 0;
    for (uint32_t i = 0; i < in->n_rows; i++) {
        uint32_t row = batch_row(in, i);
        uint8_t kind;
        bool is_known = !col_is_null(codes, row) &&
                        from_changelog_kind(spec, str_span(&codes->str[col_at(codes, row)]), &kind);
        if (!is_known) {
            if (spec->skips_unknown) continue;
            return from_changelog_fail(op, codes, row, err);
        }
        weights[row] = batch_weight(in, row);
        if (kind == ROW_DELETE || kind == ROW_UPDATE_BEFORE) weights[row] = -weights[row];
        updates[row] = kind == ROW_UPDATE_AFTER || kind == ROW_UPDATE_BEFORE;
        sel[n++] = row;
    }
    for (uint32_t i = 0; i < spec->n_cols; i++) cols[i] = in->cols[spec->cols[i]];
    changes = batch_select(in, sel, n);
    changes.schema = &node->schema;
    changes.cols = cols;
    changes.n_cols = spec->n_cols;
    changes.weights = weights;
    changes.updates = updates;
    return emit(out, &changes, err);
}

const OpType op_from_changelog = {
    .name = "from_changelog",
    .size = sizeof(FromChangelog),
    .traits = OP_STATELESS,
    .fits = from_changelog_fits,
    .open = from_changelog_open,
    .push = from_changelog_push,
};
