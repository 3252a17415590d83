/* plan_check.c -- the last look at a plan: what cannot run is refused by name, before anything
 * runs.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

static Status check_append(const Node *node, const char *what, Err *err) {
    if (node->inputs[0]->is_append) return ST_OK;
    err_set(err, ST_UNSUPPORTED, "0A000", node->pos, __FILE__, __LINE__,
            "%s over rows that change is not supported", what);
    return err_hint(err, "its input must only insert: put the window below the aggregate, join or "
                         "Top-N that changes rows");
}

static Status check_node(const Node *node, Err *err) {
    switch (node->kind) {
    case NODE_SORT:
        if (node->is_bounded) return ST_OK;
        err_set(err, ST_UNSUPPORTED, "0A000", node->pos, __FILE__, __LINE__,
                "a sort over an input that never ends is not supported");
        return err_hint(err, "add LIMIT n to keep the first n rows up to date");
    case NODE_DEDUP: return check_append(node, "deduplication by a time attribute", err);
    case NODE_LIMIT: return check_append(node, "LIMIT without ORDER BY", err);
    default: return ST_OK;
    }
}

Status plan_check(const PlanEnv *env, const Plan *plan, Err *err) {
    (void)env;
    for (uint32_t i = 0; i < plan->n_nodes; i++) TRY(check_node(plan->nodes[i], err));
    return ST_OK;
}
