/* explain.c -- a plan as text: one line a node, inputs indented below. A node with several users is
 * printed once, with a number, and referred to from then on.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/explain.h"

typedef struct Explain {
    const ExplainNodes *nodes;
    uint32_t flags;
    uint32_t n_shared;
    Buf *out;
    PlanNoteFn *note; /* NULL = none */
    void *ctx;
} Explain;

/* ---- which nodes are shared ---- */

typedef struct ExplainSeen {
    const Node *node;
    uint32_t n_users, number; /* number: 0 until printed */
} ExplainSeen;

struct ExplainNodes {
    ExplainSeen *seen;
    uint32_t n, cap;
};

static ExplainSeen *explain_find(const ExplainNodes *nodes, const Node *node) {
    for (uint32_t i = 0; i < nodes->n; i++) {
        if (nodes->seen[i].node == node) return &nodes->seen[i];
    }
    return NULL;
}

static void explain_collect(ExplainNodes *nodes, const Node *node) {
    ExplainSeen *seen = explain_find(nodes, node);
    if (seen) {
        seen->n_users++;
        return;
    }
    if (nodes->n == nodes->cap) {
        uint32_t cap = nodes->cap ? nodes->cap * 2 : 32;
        nodes->seen = mem_realloc(NULL, nodes->seen, nodes->cap * sizeof *nodes->seen,
                                  cap * sizeof *nodes->seen);
        nodes->cap = cap;
    }
    nodes->seen[nodes->n++] = (ExplainSeen){.node = node, .n_users = 1};
    for (uint32_t i = 0; i < node->n_inputs; i++) explain_collect(nodes, node->inputs[i]);
}

/* ---- the tree ---- */

static void explain_changelog(const Node *node, Buf *out) {
    uint32_t changes = node_changes(node);
    bool is_upsert = node->kind == NODE_SINK && node->sink.is_upsert;
    buf_puts(out, ", changelog=[+I");
    if (changes & CHANGE_UPDATE) buf_puts(out, is_upsert ? ",+U" : ",-U,+U");
    if (changes & CHANGE_DELETE) buf_puts(out, ",-D");
    buf_putc(out, ']');
    if (!node->key || node->kind == NODE_SINK) return;
    buf_puts(out, ", unique=[");
    for (uint32_t i = 0; i < node->n_key; i++) {
        buf_printf(out, "%s" SPAN_FMT, i ? ", " : "",
                   SPAN_ARG(node->schema.fields[node->key[i]].name));
    }
    buf_puts(out, "]");
}

static void explain_tree(Explain *ex, const Node *node, uint32_t depth) {
    ExplainSeen *seen = explain_find(ex->nodes, node);
    for (uint32_t i = 1; i < depth; i++) buf_puts(ex->out, "   ");
    if (depth) buf_puts(ex->out, "+- ");
    if (seen->number) {
        buf_printf(ex->out, "Reused(#%u)\n", seen->number);
        return;
    }
    explain_node(node, ex->out);
    if (ex->flags & EXPLAIN_CHANGELOG) explain_changelog(node, ex->out);
    if (ex->flags & EXPLAIN_STATE) explain_state(node, ex->out);
    if (ex->note) ex->note(ex->ctx, node, ex->out);
    if (seen->n_users > 1) {
        seen->number = ++ex->n_shared;
        buf_printf(ex->out, " #%u", seen->number);
    }
    buf_putc(ex->out, '\n');
    for (uint32_t i = 0; i < node->n_inputs; i++) explain_tree(ex, node->inputs[i], depth + 1);
}

static void explain_trees(Explain *ex, Node *const *roots, uint32_t n) {
    ExplainNodes nodes = {0};
    ex->nodes = &nodes;
    for (uint32_t i = 0; i < n; i++) explain_collect(&nodes, roots[i]);
    for (uint32_t i = 0; i < n; i++) {
        if (i) buf_putc(ex->out, '\n');
        explain_tree(ex, roots[i], 0);
    }
    mem_free(NULL, nodes.seen, nodes.cap * sizeof *nodes.seen);
}

static void explain_roots(Node *const *roots, uint32_t n, uint32_t flags, Buf *out) {
    Explain ex = {.flags = flags, .out = out};
    explain_trees(&ex, roots, n);
}

void plan_explain_run(const Plan *plan, PlanNoteFn *note, void *ctx, Buf *out) {
    Explain ex = {.out = out, .note = note, .ctx = ctx};
    buf_puts(out, "== Physical Plan ==\n");
    explain_trees(&ex, plan->roots, plan->n_roots);
}

/* ---- advice ---- */

static bool explain_advice(const Plan *plan, Buf *out) {
    bool any = false;
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        const char *text = explain_node_advice(plan->nodes[i]);
        if (!text) continue;
        any = true;
        explain_node(plan->nodes[i], out);
        buf_printf(out, "\n  %s\n", text);
    }
    return any;
}

void plan_explain(const Plan *plan, uint32_t flags, Buf *out) {
    if ((flags & EXPLAIN_LOGICAL) && plan->logical_roots) {
        buf_puts(out, "== Logical Plan ==\n");
        explain_roots(plan->logical_roots, plan->n_roots, 0, out);
        buf_puts(out, "\n");
    }
    if (flags & EXPLAIN_PHYSICAL) {
        buf_puts(out, "== Physical Plan ==\n");
        explain_roots(plan->roots, plan->n_roots, flags, out);
    }
    if (flags & EXPLAIN_ADVICE) {
        buf_puts(out, "\n== Advice ==\n");
        if (!explain_advice(plan, out)) buf_puts(out, "No advice.\n");
    }
    if (flags & EXPLAIN_JSON) {
        buf_puts(out, "\n== Physical Execution Plan ==\n");
        explain_json(plan, out);
    }
}
