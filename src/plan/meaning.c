/* meaning.c -- names for what nodes compute, whatever their place in the plan: a hash of the node's
 * EXPLAIN line, of its columns, and of its inputs' meanings. Two plans of which one has another
 * query added give the nodes that they share the same meanings.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/explain.h"

static uint64_t meaning_of(const Node *node, const uint64_t *known, Buf *text) {
    buf_reset(text);
    buf_printf(text, "%s ", node_kind_name(node->kind));
    explain_node(node, text);
    /* State that may be forgotten is laid out in another way. */
    if (node->ttl_us) buf_puts(text, " ttl");
    if (node->kind == NODE_AGGREGATE && node->agg.ttl_us) buf_puts(text, " ttl");
    if (node->kind == NODE_JOIN)
        buf_printf(text, " ttl %d %d", node->join.left_ttl_us > 0, node->join.right_ttl_us > 0);
    buf_puts(text, node->is_append ? " append (" : " changes (");
    for (uint32_t i = 0; i < node->schema.n_fields; i++) {
        buf_span(text, node->schema.fields[i].name);
        buf_putc(text, ' ');
        type_print(node->schema.fields[i].type, true, text);
        buf_puts(text, ", ");
    }
    buf_puts(text, ") of");
    for (uint32_t i = 0; i < node->n_inputs; i++)
        buf_printf(text, " %016llx", (unsigned long long)known[node->inputs[i]->id]);
    return hash_bytes(text->ptr, text->len, 0);
}

void plan_meanings(const Plan *plan, uint64_t *out) {
    Buf text;
    buf_init(&text, NULL);
    for (uint32_t i = 0; i < plan->n_nodes; i++) out[i] = meaning_of(plan->nodes[i], out, &text);
    buf_deinit(&text);
}
