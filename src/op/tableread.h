/* tableread.h -- reads a whole table outside of the graph: its source, its decoder, the columns of
 * its scan, and the filters and projections above it. Not for other directories.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TABLEREAD_H
#define WEIR_TABLEREAD_H

#include "op/oputil.h"

enum { TABLE_READ_DEPTH = 16 };

/* A filter or a projection over the rows of the table. */
typedef struct TableStage {
    const Node *node;
    Program *program; /* of a projection of bare columns: NULL */
} TableStage;

typedef struct TableRead {
    const Node *scan;
    ScanColumns cols;
    Program *predicate, *outputs;
    TableStage stages[TABLE_READ_DEPTH]; /* the lowest first */
    uint32_t n_stages;
} TableRead;

typedef Status TableRowsFn(void *ctx, const Batch *rows, Err *err);

/* node: a scan with filters and projections above it. */
Status tableread_open(TableRead *read, const Node *node, OpCtx *ctx, Err *err) WARN_UNUSED;
void tableread_close(TableRead *read);
/* Hands over all rows that the table has now, as the node above would give them. The batches live
 * in the arena, which is reset between them. */
Status tableread_all(const TableRead *read, OpCtx *ctx, TableRowsFn *fn, void *fn_ctx,
                     Err *err) WARN_UNUSED;
/* The rows of the node made of decoded rows of the scan. */
Status tableread_apply(const TableRead *read, ExprEnv *env, Arena *arena, const Batch *decoded,
                       Batch *out, Err *err) WARN_UNUSED;

#endif
