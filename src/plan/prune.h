/* prune.h -- the two halves of column pruning: what is needed (rule_prune.c), and nodes with less
 * (prune_nodes.c).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_PRUNE_H
#define WEIR_PRUNE_H

#include "plan/optimize.h"

/* What is read of a column: nothing, some fields of its ROW, or all of it. */
typedef struct Need {
    bool is_any, is_whole;
    struct Need *fields; /* of a ROW that is needed in part */
} Need;

typedef struct Prune {
    RuleCtx *ctx;
    Arena *arena;
    Need **needs;   /* [node id][output column] */
    int32_t **maps; /* [node id][old output column] = new one, -1 = gone */
    Node **made;    /* [node id] = the new node */
} Prune;

void need_add(Arena *arena, Need *need, const Type *type, const uint32_t *path, uint32_t n_path);
void need_expr(Arena *arena, Need *needs, const Schema *schema, const Expr *expr);
bool prune_keeps_call(const Prune *p, const Node *node, uint32_t k);

/* The node over its new inputs, without what is not needed. Fills p->maps. */
Node *prune_node(Prune *p, const Node *node);

#endif
