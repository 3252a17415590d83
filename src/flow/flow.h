/* flow.h -- runs a plan: the graph of operators, the sources that feed it, the sinks that it feeds,
 * and the step that moves all of them.
 *
 * A flow is single-threaded and never blocks: flow_step does what can be done now, and flow_wants
 * says what to wait for when it answers ST_AGAIN. Nothing is in flight between two steps.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_FLOW_H
#define WEIR_FLOW_H

#include "op/op.h"
#include "os/os.h"

typedef struct Flow Flow;

/* What happens to rows that break the declared columns of a sink: table.exec.sink.*. */
typedef enum LengthRule { LENGTH_IGNORE, LENGTH_TRIM_PAD, LENGTH_ERROR } LengthRule;
typedef enum NestedRule { NESTED_IGNORE, NESTED_ROWS, NESTED_ALL } NestedRule;
typedef struct SinkRules {
    bool drops_nulls; /* NULL for NOT NULL: drop the row; else stop */
    LengthRule length;
    NestedRule nested; /* which values inside others are looked at */
} SinkRules;

/* Everything that a running plan needs from outside. Borrowed pointers outlive the flow. */
typedef struct FlowSpec {
    const Plan *plan;
    const Catalog *catalog; /* where the names of dead-letter tables are looked up */
    ExprEnv env;
    uint64_t memory_limit;    /* bytes, 0 = none */
    const char *base_dir;     /* NULL = the working directory */
    uint32_t step_rows;       /* most rows a source gives in a step, 0 = as the load demands */
    bool is_mini_batch;       /* full steps from the start */
    uint32_t mini_batch_rows; /* if so, most rows of a step; 0 = as the load demands */
    bool is_checked;          /* op_check behind every operator */
    uint64_t shake_seed;      /* not 0: op_shake behind every operator */
    bool is_profiled;         /* measure the time of each operator */
    bool always_threads;      /* for tests: also where a step is too small for them to pay */
    SinkRules sink_rules;
    /* A durable run: where commits go, how the query is called there, and how often. The flow goes
     * on from the last commit. */
    Kv *kv;
    const char *job;
    Span started; /* while it is opened: hashes of the jobs of this run, 8 bytes each */
    int64_t commit_us;
    int64_t (*now_us)(void *ctx); /* processing time, UTC microseconds */
    OutputFn *on_rows;            /* receives the rows of a sink without a table */
    void *ctx;                    /* of now_us and on_rows */
} FlowSpec;

/* Opens all operators, sources and sinks. On error nothing is left open. */
Status flow_open(const FlowSpec *spec, Flow **out, Err *err) WARN_UNUSED;

/* One step. ST_OK: something was done; ST_AGAIN: nothing to do now; ST_END: the input has ended,
 * all results are out and the sinks are finished. After an error the flow can only be closed. */
Status flow_step(Flow *flow, Err *err) WARN_UNUSED;

/* A clean stop before the end of the input: sinks publish what they were given. ST_AGAIN: a sink's
 * peer is slow, call again. */
Status flow_stop(Flow *flow, Err *err) WARN_UNUSED;

/* Commits what was done so far, now; returns when it is durable and published. For durable runs,
 * between two steps. */
Status flow_commit(Flow *flow, Err *err) WARN_UNUSED;

/* What a store holds, as text for people: the queries; with their operators and tables; after
 * reading every record of it, which finds damage. */
typedef enum StateView { STATE_LIST, STATE_SHOW, STATE_VERIFY } StateView;
Status state_view(Kv *kv, StateView view, Buf *out, Err *err) WARN_UNUSED;

/* Adds what an idle flow waits for to fds (at most cap; returns how many) and lowers *until_us
 * (monotonic) to the time of its next timer. */
uint32_t flow_wants(Flow *flow, WaitFd *fds, uint32_t cap, int64_t *until_us);

/* Closes operators, sources and sinks and frees what they hold: a flow that has ended, was stopped
 * or has failed keeps its statistics only. */
void flow_release(Flow *flow);
void flow_close(Flow *flow); /* NULL is allowed */

/* ---- what was done ---- */

typedef struct FlowStats {
    uint64_t rows_in, rows_out, rows_late, rows_bad, rows_dead, bytes_in;
    uint64_t rows_dropped; /* by table.exec.sink.not-null-enforcer */
    uint64_t steps, busy_us;
    uint64_t progress_done, progress_total; /* of the bounded sources; total 0 = unknown */
    uint64_t memory, memory_peak, allocations;
} FlowStats;
void flow_stats(const Flow *flow, FlowStats *out);

/* Bad records by reason; false behind the last. */
bool flow_bad(const Flow *flow, uint32_t index, const char **reason, uint64_t *count);

typedef struct FlowOpStats {
    const char *name;   /* of the operator's type */
    uint32_t node_id;   /* of the plan's node */
    const char *detail; /* what it does; in the caller's buffer */
    uint64_t rows_in, rows_out, ns;
    int64_t watermark;
} FlowOpStats;
/* Operators in topological order; false behind the last. The text may live in `detail`. */
bool flow_op(const Flow *flow, uint32_t index, Buf *detail, FlowOpStats *out);

#endif
