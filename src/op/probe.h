/* probe.h -- a table that lies in memory by key, and rows that meet it once: what lookup joins and
 * joins as of processing time have in common. Not for other directories.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_PROBE_H
#define WEIR_PROBE_H

#include "op/joinside.h"

typedef struct Probe {
    const Node *node;
    JoinSide left; /* only how keys are made */
    Program *residual;
    Schema both;
    bool is_outer;
} Probe;

Status probe_open(Probe *probe, const Node *node, OpCtx *ctx, Err *err) WARN_UNUSED;
void probe_close(Probe *probe);

/* How the right side of the node is kept; joinside_open makes its table. */
JoinSide probe_table(const Node *node);
/* Adds the rows of a batch to a table, or takes them away. */
void probe_add(JoinSide *table, Arena *scratch, const Batch *rows);
/* Emits the pairs of each row of the batch with the rows of the table now. */
Status probe_rows(const Probe *probe, OpCtx *ctx, const JoinSide *table, const Batch *rows,
                  Out *out, Err *err) WARN_UNUSED;

#endif
