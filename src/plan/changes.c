/* changes.c -- which kinds of changes a node makes: inserts, updates, deletions; by Flink's rules
 * for its ModifyKindSet. Shown by EXPLAIN CHANGELOG_MODE.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/plan.h"

enum { CHANGE_ALL = CHANGE_INSERT | CHANGE_UPDATE | CHANGE_DELETE };

static uint32_t changes_of_inputs(const Node *node) {
    uint32_t changes = CHANGE_INSERT;
    for (uint32_t i = 0; i < node->n_inputs; i++) changes |= node_changes(node->inputs[i]);
    return changes;
}

static uint32_t changes_from_codes(const ChangelogSpec *spec) {
    uint32_t changes = CHANGE_INSERT;
    for (uint32_t i = 0; i < spec->n_codes; i++) {
        if (spec->codes[i].kind == ROW_DELETE) changes |= CHANGE_DELETE;
        if (spec->codes[i].kind == ROW_UPDATE_BEFORE || spec->codes[i].kind == ROW_UPDATE_AFTER)
            changes |= CHANGE_UPDATE;
    }
    return changes;
}

uint32_t node_changes(const Node *node) {
    if (node->is_append && node->kind != NODE_SINK) return CHANGE_INSERT;
    switch (node->kind) {
    case NODE_SCAN:
    case NODE_NORMALIZE:
    case NODE_MATERIALIZE:
    case NODE_OVER:
    case NODE_TOPN:
    case NODE_SORT: return CHANGE_ALL;
    case NODE_AGGREGATE:
        return CHANGE_INSERT | CHANGE_UPDATE |
               (node_changes(node->inputs[0]) != CHANGE_INSERT ? CHANGE_DELETE : 0u);
    case NODE_DEDUP: return CHANGE_INSERT | CHANGE_UPDATE;
    case NODE_JOIN:
        if (node->join.kind == JOINOP_INNER || node->join.kind == JOINOP_SEMI)
            return changes_of_inputs(node);
        return CHANGE_ALL;
    case NODE_TEMPORAL_JOIN:
    case NODE_PROCTIME_JOIN:
    case NODE_LOOKUP_JOIN: return node_changes(node->inputs[0]);
    case NODE_TEMPORAL_FILTER: return changes_of_inputs(node) | CHANGE_DELETE;
    case NODE_FROM_CHANGELOG: return changes_from_codes(&node->changelog);
    default: return changes_of_inputs(node);
    }
}
