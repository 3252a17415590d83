/* node.h -- the nodes of a plan.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_NODE_H
#define WEIR_NODE_H

#include "plan/catalog.h"
#include "plan/match.h"

typedef enum NodeKind {
    NODE_SCAN,    /* a table's source with its computed columns and watermark */
    NODE_VALUES,  /* literal rows */
    NODE_FILTER,  /* exprs[0] */
    NODE_PROJECT, /* exprs[i] = output column i */
    NODE_UNION,   /* UNION ALL: any number of inputs of the same types */
    /* exprs[0]: ARRAY, MAP or MULTISET; appends its element columns (and ordinality) */
    NODE_UNNEST,
    NODE_WINDOW, /* table function: appends window_start, window_end, window_time */
    /* GROUP BY exprs[0..n_keys), calls; output: keys, results. No calls: DISTINCT */
    NODE_AGGREGATE,
    /* aggregate per window; output: keys, results, then window_start, window_end, window_time as
     * asked */
    NODE_WINDOW_AGG,
    NODE_OVER, /* OVER: input columns, then one a call */
    NODE_JOIN, /* regular equi-join with optional residual */
    NODE_INTERVAL_JOIN,
    NODE_WINDOW_JOIN,
    NODE_TEMPORAL_JOIN,
    NODE_PROCTIME_JOIN, /* each left row meets the right rows that are there when it comes */
    /* inputs[1] is a table asked by key, or read whole beforehand: never a stream of its own */
    NODE_LOOKUP_JOIN,
    NODE_TOPN,           /* first rows of each partition in an order */
    NODE_DEDUP,          /* first or last row of each key by time */
    NODE_SORT,           /* bounded: everything at the end, in order; with limit and offset */
    NODE_LIMIT,          /* the first rows to arrive */
    NODE_NORMALIZE,      /* upserts by key (no before images) to a retraction stream */
    NODE_TO_CHANGELOG,   /* every change as a row, with a column that says what it is */
    NODE_FROM_CHANGELOG, /* the reverse */
    NODE_MATCH,
    /* between workers: each row goes to the worker that the hash of exprs says; without exprs all
     * rows go to the first one, or to every one (exchange.is_broadcast) */
    NODE_EXCHANGE,
    /* exprs: times; rows are there while the present is within the bounds that those make */
    NODE_TEMPORAL_FILTER,
    NODE_EMIT,        /* an aggregate over windows whose changes are held back: EMIT, ON LATE */
    NODE_MATERIALIZE, /* of several rows of one key of the sink, the one that is shown */
    NODE_SINK,        /* a table's sink, or the caller's rows when table is NULL */
    NODE_KIND_COUNT
} NodeKind;

typedef enum WindowKind { WINDOW_TUMBLE, WINDOW_HOP, WINDOW_CUMULATE, WINDOW_SESSION } WindowKind;
typedef struct WindowSpec {
    WindowKind kind;
    uint32_t time_col; /* of the input */
    bool is_proctime;
    bool is_local; /* the time is TIMESTAMP_LTZ: bounds are in the session's time zone */
    int64_t size, slide, offset; /* microseconds; CUMULATE: max size, step; SESSION: gap in size */
    /* A window that was assigned below (window_start and window_end are columns of the input) is
     * "attached": */
    bool is_attached;
    uint32_t start_col, end_col;
    /* SESSION: rows of equal values in these columns of the input make sessions of their own. In a
     * window aggregate those are its keys. */
    const uint32_t *partition;
    uint32_t n_partition;
    /* GROUP BY SESSION(...): partitioned by the other keys, whatever they are */
    bool by_group_keys;
} WindowSpec;

/* Rows of windows carry their bounds: which columns of a node's output are those, -1 = not among
 * them. Kept from the node that assigned the window up through projections, filters, joins and
 * aggregates. */
typedef struct NodeWindow {
    WindowSpec spec; /* as assigned; columns refer to that node */
    int32_t start_col, end_col, time_col;
    bool is_closed; /* the rows came when the window was over: out of a window aggregate or join */
} NodeWindow;

/* What a call of OVER computes. */
typedef enum OverFn {
    OVER_AGG, /* an aggregate */
    OVER_ROW_NUMBER,
    OVER_RANK,
    OVER_DENSE_RANK,
    OVER_PERCENT_RANK,
    OVER_CUME_DIST,
    OVER_NTILE,
    OVER_LAG,
    OVER_LEAD
} OverFn;
typedef enum FrameUnit { FRAME_UNIT_ROWS, FRAME_UNIT_RANGE, FRAME_UNIT_GROUPS } FrameUnit;
/* Rows of the partition from `start` to `stop` away from the current one; negative = before it.
 * RANGE over time counts microseconds. */
typedef struct OverFrame {
    FrameUnit unit;
    bool start_unbounded, stop_unbounded;
    int64_t start, stop;
} OverFrame;
typedef struct OverCall {
    OverFn fn;
    AggCall agg; /* OVER_AGG; NTILE, LAG and LEAD use args and type */
} OverCall;

typedef enum JoinOp {
    JOINOP_INNER,
    JOINOP_LEFT,
    JOINOP_RIGHT,
    JOINOP_FULL,
    JOINOP_SEMI,
    JOINOP_ANTI
} JoinOp;

typedef struct SortKey {
    uint32_t col;
    KeyOrder order;
} SortKey;

typedef struct ScanSpec {
    const Table *table;
    /* What the decoder (or row source) produces: a pruned subset of physical and metadata columns;
     * ROW types may have lost the fields that nobody reads. */
    Schema decoded;
    const int32_t *decoded_cols; /* table column of each decoded column */
    /* exprs of the node: output columns over the decoded ones (references and computed columns). */
    int32_t rowtime; /* output column that carries the watermark, or -1 */
    Expr *watermark; /* over the output columns */
    /* Over the decoded columns, or NULL: the scan drops the rows for which it is not true, after
     * they have moved the watermark. No filter above repeats it. */
    Expr *predicate;
    int64_t idle_timeout_us; /* scan.watermark.idle-timeout, 0 = none */
    const Options *options;  /* the table's and the hint's, merged */
} ScanSpec;

/* EMIT and ON LATE of an aggregate over windows. */
typedef struct AggEmit {
    bool is_on;
    bool shows_all;    /* ON UPDATE */
    bool is_local;     /* the window's end is in the session's time zone */
    bool fails_late;   /* ON LATE FAIL */
    uint32_t end_key;  /* the key that is the window's end */
    int64_t early_us;  /* processing time between early results; 0 = none */
    int64_t within_us; /* how far the watermark may be behind a window that late rows correct */
} AggEmit;

/* The present reaches the row's time, plus the offset: the row comes, or it leaves. */
typedef struct TemporalBound {
    int64_t offset_us;
    bool is_end;
} TemporalBound;

/* What a code in the operation column means. */
typedef struct ChangelogCode {
    Span code;
    uint8_t kind; /* RowKind */
} ChangelogCode;

typedef struct ChangelogSpec {
    uint32_t op_col; /* TO: of the output; FROM: of the input */
    const ChangelogCode *codes;
    uint32_t n_codes;
    const uint32_t *cols; /* input columns of the output, but for the operation */
    uint32_t n_cols;
    bool skips_unknown; /* FROM: rows with other codes are dropped; else they stop the query */
} ChangelogSpec;

typedef struct Node Node;
struct Node {
    NodeKind kind;
    uint32_t id;   /* position in Plan.nodes */
    Schema schema; /* output columns */
    Node **inputs;
    uint32_t n_inputs;
    Expr **exprs; /* see NodeKind */
    uint32_t n_exprs;
    int32_t pos; /* where in the SQL text it comes from, -1 unknown */

    /* Properties of the output. */
    bool is_append; /* never retracts */
    bool is_bounded;
    bool is_single;      /* with several workers: only the first one runs it */
    int32_t rowtime_col; /* a column with the rowtime attribute, or -1 */
    const uint32_t *key; /* columns that are unique together in the folded result; NULL = unknown */
    uint32_t n_key;      /* 0 with a key: at most one row */
    const NodeWindow *in_window; /* NULL: rows belong to no window */
    /* TOPN, DEDUP, OVER, NORMALIZE, MATERIALIZE: idle state is kept so long; 0 = ever */
    int64_t ttl_us;
    /* A join as of event time above asks for all versions of a row: the changes of a step must
     * not be netted, nor held back until the end in batch mode. */
    bool keeps_versions;

    union {
        ScanSpec scan;
        struct {
            const Column *cols; /* constants of n_rows rows */
            uint32_t n_rows;
        } values;
        struct {
            bool is_outer, with_ordinality;
        } unnest;
        const MatchSpec *match;
        struct {
            bool is_broadcast;
        } exchange;
        ChangelogSpec changelog;
        struct {
            AggEmit agg;
            const uint32_t *keys;
            uint32_t n_keys;
        } emit;
        struct {
            const TemporalBound *bounds; /* one an expression */
        } temporal;
        struct {
            const uint32_t *key; /* of the sink */
            uint32_t n_key;
            const uint32_t *ident; /* the query's own key; NULL: all columns */
            uint32_t n_ident;
            AstOnConflict conflict;
        } materialize;
        WindowSpec window;
        struct {
            const uint32_t *partition; /* columns */
            uint32_t n_partition;
            const SortKey *order;
            uint32_t n_order;
            OverFrame frame;
            const OverCall *calls;
            uint32_t n_calls;
        } over;
        struct {
            uint32_t n_keys; /* exprs[0..n_keys) */
            AggCall *calls;
            uint32_t n_calls;
            WindowSpec window; /* WINDOW_AGG only */
            /* WINDOW_AGG: window columns after keys and results, in this order: 's', 'e', 't'
             * (rowtime), 'p' (proctime) */
            const char *window_cols;
            const uint32_t *grouping_sets; /* bit masks of keys; NULL = one set of all keys */
            uint32_t n_grouping_sets;
            int64_t ttl_us; /* 0 = none */
            AggEmit emit;   /* AGGREGATE only */
        } agg;
        struct {
            JoinOp kind;
            const uint32_t *left_keys, *right_keys; /* columns of each input, equal in a match */
            const bool *null_safe;                  /* IS NOT DISTINCT FROM; NULL = none */
            uint32_t n_keys;
            Expr *residual; /* over left then right columns, or NULL */
            /* JOIN: a row meets nothing more once the watermark is above this time, an
             * expression over the columns of its side; NULL = never known. A late row meets no
             * row of the other side whose time was over when it came. */
            Expr *ends[2];
            int64_t end_offsets[2]; /* microseconds added to them */
            int64_t left_ttl_us, right_ttl_us;
            /* INTERVAL_JOIN: the time columns; WINDOW_JOIN: window_end of each side */
            uint32_t left_time, right_time;
            int64_t lower_us,
                upper_us;      /* left.time between right.time + lower and right.time + upper */
            WindowSpec window; /* WINDOW_JOIN: window columns of both sides are among the keys */
        } join;
        struct {
            const uint32_t *partition; /* columns */
            uint32_t n_partition;
            const SortKey *order;
            uint32_t n_order;
            int64_t offset, limit; /* rows [offset, offset + limit) */
            bool with_rank;        /* appends ROW_NUMBER as a BIGINT */
            bool is_rank;          /* RANK instead of ROW_NUMBER; is_dense: DENSE_RANK */
            bool is_dense;
        } topn;
        struct {
            const uint32_t *partition;
            uint32_t n_partition;
            uint32_t time_col;
            bool keep_last, is_proctime;
        } dedup;
        struct {
            const SortKey *keys;
            uint32_t n_keys;
            int64_t offset, limit; /* limit < 0 = all */
        } sort;                    /* SORT and LIMIT */
        struct {
            const Table *table; /* NULL: rows go to the caller */
            const Options *options;
            const uint32_t *key; /* the key that updates are matched by, NULL = none */
            uint32_t n_key;
            bool is_upsert; /* the sink wants no -U */
            AstOnConflict on_conflict;
            bool is_final; /* batch mode: net rows at the end only */
            /* incl. static partitions of INSERT ... PARTITION (...) */
            const uint32_t *partition_cols;
        } sink;
    };
};

/* OVER: can each row be answered once, in order of time? The input only inserts, is ordered by its
 * time attribute, and no frame looks ahead. Else answers change as rows come. */
bool node_over_in_time(const Node *node);
/* Is a Top-N of windows, over rows that only come: its result is final when the window is over. */
bool node_topn_in_window(const Node *node);
/* Which kinds of changes a node makes, as Flink infers them (ModifyKindSet). */
enum { CHANGE_INSERT = 1, CHANGE_UPDATE = 2, CHANGE_DELETE = 4 };
uint32_t node_changes(const Node *node);
/* Do the rows of a Top-N's input, each known by a key, only ever move towards the front? Then an
 * update is taken as one change, as by Flink's UpdateFastStrategy. */
bool node_topn_updates(const Node *node);
/* How many of its inputs are streams: not the table of a lookup join. */
static inline uint32_t node_n_streams(const Node *node) {
    return node->kind == NODE_LOOKUP_JOIN ? 1 : node->n_inputs;
}
const char *node_kind_name(NodeKind kind); /* "window-agg" */
Node *node_new(Arena *arena, NodeKind kind, Node *const *inputs, uint32_t n_inputs);

#endif
