/* explain_json.c -- a physical plan as Flink's JSON of an execution plan: the nodes in the order in
 * which rows pass them, each with its predecessors, for tools that draw graphs.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/explain.h"

static void explain_json_text(Span text, Buf *out) {
    buf_putc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20) {
            buf_printf(out, "\\u%04x", c);
            continue;
        }
        if (c == '"' || c == '\\') buf_putc(out, '\\');
        buf_putc(out, (char)c);
    }
    buf_putc(out, '"');
}

static void explain_json_field(const char *name, Span text, Buf *out) {
    buf_printf(out, "    \"%s\" : ", name);
    explain_json_text(text, out);
    buf_puts(out, ",\n");
}

static void explain_json_node(const Node *node, Buf *out) {
    Buf contents;
    const char *pact = node->kind == NODE_SCAN   ? "Data Source"
                       : node->kind == NODE_SINK ? "Data Sink"
                                                 : "Operator";
    buf_init(&contents, NULL);
    explain_node(node, &contents);
    buf_printf(out, "  {\n    \"id\" : %u,\n", node->id + 1);
    explain_json_field("type", span_of(explain_kind(node)), out);
    explain_json_field("pact", span_of(pact), out);
    explain_json_field("contents", buf_as_span(&contents), out);
    buf_puts(out, "    \"parallelism\" : 1");
    for (uint32_t i = 0; i < node->n_inputs; i++) {
        buf_printf(out, "%s{ \"id\" : %u, \"ship_strategy\" : \"FORWARD\", \"side\" : \"%s\" }",
                   i ? ", " : ",\n    \"predecessors\" : [ ", node->inputs[i]->id + 1,
                   i                    ? "second"
                   : node->n_inputs > 1 ? "first"
                                        : "second");
    }
    buf_puts(out, node->n_inputs ? " ]\n  }" : "\n  }");
    buf_deinit(&contents);
}

void explain_json(const Plan *plan, Buf *out) {
    buf_puts(out, "{\n  \"nodes\" : [\n");
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        if (i) buf_puts(out, ",\n");
        explain_json_node(plan->nodes[i], out);
    }
    buf_puts(out, "\n  ]\n}\n");
}
