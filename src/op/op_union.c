/* op_union.c -- UNION ALL: the rows of all inputs as they come. Linear and stateless.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/op.h"

static bool union_fits(const Node *node) {
    return node->kind == NODE_UNION;
}

static Status union_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    (void)op, (void)node, (void)ctx, (void)err;
    return ST_OK;
}

static Status union_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    Batch renamed = *in;
    (void)ctx, (void)port;
    renamed.schema = &op->node->schema;
    return emit(out, &renamed, err);
}

const OpType op_union = {
    .name = "union",
    .size = sizeof(Op),
    .traits = OP_STATELESS | OP_LINEAR,
    .fits = union_fits,
    .open = union_open,
    .push = union_push,
};
