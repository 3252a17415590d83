/* rule_window_join.c -- a join of two windowed inputs on both bounds of the window waits for the
 * window's end, so its state is bounded and its output only inserts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

static bool wjoin_has_key(const Node *node, int32_t left, int32_t right) {
    for (uint32_t i = 0; i < node->join.n_keys; i++) {
        if ((int32_t)node->join.left_keys[i] == left && (int32_t)node->join.right_keys[i] == right)
            return true;
    }
    return false;
}

static Node *wjoin_node(RuleCtx *ctx, Node *node) {
    const NodeWindow *left, *right;
    Node *join;
    if (node->kind != NODE_JOIN) return node;
    left = node->inputs[0]->in_window;
    right = node->inputs[1]->in_window;
    if (!left || !right || left->start_col < 0 || left->end_col < 0 || right->start_col < 0 ||
        right->end_col < 0) {
        return node;
    }
    if (!node->inputs[0]->is_append || !node->inputs[1]->is_append) return node;
    if (left->spec.is_proctime || right->spec.is_proctime) return node;
    if (!wjoin_has_key(node, left->start_col, right->start_col) ||
        !wjoin_has_key(node, left->end_col, right->end_col)) {
        return node;
    }
    join = node_copy(ctx->arena, node);
    join->kind = NODE_WINDOW_JOIN;
    join->join.window = left->spec;
    join->join.left_time = (uint32_t)left->end_col;
    join->join.right_time = (uint32_t)right->end_col;
    node_properties(ctx->arena, join);
    return join;
}

void rule_window_join(RuleCtx *ctx) {
    rule_rewrite(ctx, wjoin_node);
}
