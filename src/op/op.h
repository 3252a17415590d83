/* op.h -- the contract of an operator. One operator is one file, src/op/op_<name>.c, exporting
 * exactly `const OpType op_<name>`.
 *
 * A step is one tick of the logical clock. Per step: push() for every input batch, ports in any
 * order, then flush() once, in topological order, when all inputs have flushed. emit() calls the
 * consumers before it returns, so output needs no buffer. Operators are single-threaded and never
 * block, lock or wait. Batches are Z-sets: every operator is right for negative weights, unless its
 * input node says is_append.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_OP_H
#define WEIR_OP_H

#include "plan/plan.h"

typedef struct Op Op;
typedef struct OpType OpType;

/* The consumers of an operator; flow/graph.c (and the tests' harness) put their own struct behind
 * it. */
typedef struct Out Out;
struct Out {
    Status (*deliver)(Out *, const Batch *, Err *);
};

enum { WORKERS_MAX = 64 };
#define ORDER_LAST UINT64_MAX

typedef struct OpCtx {
    Arena *arena; /* lives as long as the operator */
    /* reset when the outermost push or flush has returned: never keep a pointer into it */
    Arena *scratch;
    State *state;     /* where open() declares tables */
    const char *name; /* of this operator, stable across runs: the name of its tables */
    Mem *mem;
    ExprEnv *env;
    const char *base_dir; /* where relative paths start; NULL = the working directory */
    uint64_t step;        /* grows from flush to flush */
    /* of all inputs combined: every later row that is not late has a time at or above it.
     * WATERMARK_MAX at the end. That is one unit of the time column (1 ms up to precision 3, else 1
     * us) above Flink's watermark, so a window [start, end) is complete when watermark >= end */
    int64_t watermark;
    /* what this operator promises its consumers; set to `watermark` before flush, may be lowered
     * there */
    int64_t out_watermark;
    /* processing time (UTC us) at which the operator wants a step even without input; INT64_MAX
     * none */
    int64_t wake_us;
    /* Set by an operator that needs no more input, ever (a LIMIT that is full): its sources may
     * stop. */
    bool is_done;
    uint64_t n_late; /* rows dropped as late; summed up for the report */
    /* In this step every change goes through the graph by itself (see flow/graph.c): push() gets
     * one row, or two as below, and flush() follows each. */
    bool is_each;
    /* Set in open by an operator that sees the old and the new row of an update together. */
    bool takes_updates;
    /* The place of the rows under way among all rows of the step, whichever worker has them: what
     * enters the graph counts up, what a flush emits comes last. */
    uint64_t *order;
    uint64_t round; /* of the flow, from 1: the same for all workers */
    bool is_alone;  /* one thread does this step for all workers */
} OpCtx;

typedef enum OpTrait {
    OP_STATELESS = 1,
    OP_LINEAR = 2,
    OP_SOURCE = 4,
    OP_KEYED = 8,
    OP_SINK = 16
} OpTrait;

struct OpType {
    const char *name; /* "filter" */
    uint32_t size;    /* of the private struct, whose first member is Op */
    uint32_t traits;
    bool (*fits)(const Node *); /* mine to run? exactly one operator says yes */
    Status (*open)(Op *, const Node *, OpCtx *, Err *);
    Status (*push)(Op *, OpCtx *, uint32_t port, const Batch *, Out *,
                   Err *);                        /* NULL for sources */
    Status (*flush)(Op *, OpCtx *, Out *, Err *); /* NULL when there is nothing to do */
    void (*explain)(const Op *, Buf *); /* "key=value" pairs of what it decided; may be NULL */
    void (*close)(Op *);                /* NULL when the arena owns everything */
};

struct Op {
    const OpType *type;
    const Node *node;
    uint32_t id;
};

/* Hands a batch to every consumer. Empty batches are not passed on. */
static inline Status emit(Out *out, const Batch *batch, Err *err) {
    return batch->n_rows ? out->deliver(out, batch, err) : ST_OK;
}

const OpType *const *op_all(uint32_t *n);
const OpType *op_for(const Node *node); /* NULL when none fits */

/* ---- what the source side and the sink side of flow call besides the contract ---- */

/* op_input.c: rows of one split, as decoded (columns of scan.decoded), in order. Computes the
 * columns of the node, decides each row's lateness against its own split's watermark and emits. */
Status input_push(Op *op, OpCtx *ctx, const Batch *decoded, Out *out, Err *err) WARN_UNUSED;
/* The same in steps, for rows of a split that several workers have parts of. */
typedef struct InputClock {
    Column cols[2]; /* time, and watermark without the unit */
    int64_t latest; /* watermark that the rows make; WATERMARK_NONE: none */
    int64_t before; /* of the split before the rows; whoever calls input_rows sets it */
} InputClock;
/* The times of dense rows; what is made lives in the arena. */
Status input_times(Op *op, OpCtx *ctx, const Batch *rows, Arena *arena, InputClock *out,
                   Err *err) WARN_UNUSED;
/* Of the first worker's operator: the rows are next in their split. Returns its watermark
 * before. */
int64_t input_turn(Op *op, int32_t split, int64_t latest);
/* Marks the late ones, computes the columns and emits. */
Status input_rows(Op *op, OpCtx *ctx, Batch *rows, const InputClock *clock, Out *out,
                  Err *err) WARN_UNUSED;
typedef enum SplitEvent { SPLIT_IDLE, SPLIT_ACTIVE, SPLIT_ENDED } SplitEvent;
void input_split(Op *op, OpCtx *ctx, int32_t split, SplitEvent event);
/* The minimum over the splits that are neither idle nor ended; WATERMARK_MAX after input_end. */
int64_t input_watermark(const Op *op);
void input_end(Op *op);
/* The clocks of the splits, for a commit; and a new operator told of them. */
void input_save(const Op *op, Buf *out);
void input_load(Op *op, Record *in);
/* Test verb: declares a watermark from outside, as an OpCtx.watermark. */
void input_set_watermark(Op *op, int64_t watermark);

/* op_output.c: where the rows of a sink node go; set by flow after open. kinds as in
 * SinkType.write; the batch is dense. */
typedef Status OutputFn(void *ctx, const Batch *batch, const uint8_t *kinds, Err *err);
void output_set(Op *op, OutputFn *fn, void *ctx);
uint64_t output_rows(const Op *op);

/* scan_columns.c: who makes the decoded columns of a scan: the decoder of the value or of the key,
 * or, for what is known about a chunk or a message (the file's name, the values of its partition),
 * the connector. */
typedef struct ScanColumns {
    Schema physical;       /* all columns of the table that are in the bytes */
    Schema decoder_out;    /* what the decoder (or row source) produces */
    int32_t *indexes;      /* physical column of each; -1 = format metadata */
    Span *format_keys;     /* metadata key of each, for those with -1 */
    int32_t *from_chunk;   /* decoded column i is connector metadata from_chunk[i], or -1 */
    int32_t *from_key;     /* or column from_key[i] of key_out, or -1 */
    int32_t *from_decoder; /* else column from_decoder[i] of the decoder */
    MessageLayout message;
    Schema key_out;       /* what the decoder of keys produces */
    int32_t *key_indexes; /* column of message.key_schema of each */
    Span *meta_keys;      /* as SourceSpec takes them */
    const Type **meta_types;
    uint32_t n_meta;
} ScanColumns;
Status scan_columns(Arena *arena, const ScanSpec *scan, ScanColumns *out, Err *err) WARN_UNUSED;

/* op_exchange.c: push keeps the rows for the workers that they are for, flush emits what all
 * workers have kept for this one, in the order of the rows. All must have been pushed to before
 * any is flushed, and are not pushed to again before all have been. In steps of one thread
 * (is_alone) push hands the rows on at once. peers[w] is the exchange of worker w, outs[w] what
 * it emits to. */
void exchange_set(Op *op, Op *const *peers, Out *const *outs, uint32_t n_peers, uint32_t self);

/* ---- wrappers that flow may put behind any operator; opened with the node of the operator that
 * they follow ---- */

/* op_check.c: fails with ST_INTERNAL, naming the operator, when a batch breaks the contract. The
 * watermark is checked in its flush. */
extern const OpType op_check;
/* op_shake.c: cuts batches at random places, and re-encodes their columns as constants and
 * selections; same rows. */
extern const OpType op_shake;
void shake_seed(Op *op, uint64_t seed);

#endif
