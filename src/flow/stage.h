/* stage.h -- the parts of a running flow, shared by the files of this directory only.
 *
 * A stage is an operator with its context, its counters and its consumers. A feed is a source with
 * its decoders, in front of a scan's stage. A drain is a sink with its encoder, behind a sink's
 * stage. A worker has a graph of stages with its own memory and state; a flow has at least one.
 *
 *     Feed -> Stage(input) -> Stage(filter) -> ... -> Stage(output) -> Drain
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_STAGE_H
#define WEIR_STAGE_H

#include "flow/flow.h"

typedef struct Stage Stage;
typedef struct Edge {
    Stage *to;
    uint32_t port;
} Edge;

typedef struct Worker Worker;
struct Stage {
    Out out; /* first: what operators emit through */
    Flow *flow;
    Worker *worker;
    Op *op;
    OpCtx ctx;
    ExprEnv env;
    Edge *edges; /* consumers */
    uint32_t n_edges;
    Stage **inputs; /* producers, by port; NULL: it runs at the first worker only */
    uint32_t n_inputs;
    struct Feed *feed; /* of a scan */
    uint32_t level;    /* exchanges between the sources and here: see graph_flush */
    bool is_wrapper;   /* op_check or op_shake: not shown in statistics */
    bool is_loaded;    /* the last commit knew it */
    bool takes_each;   /* gets changes one by one in large steps too */
    bool is_done;      /* it, or everything behind it, needs no more input */
    bool is_idle;      /* all sources above are idle: holds no watermark back */
    int64_t watermark; /* what was promised to the consumers so far */
    uint64_t rows_in, rows_out;
    uint64_t ns, child_ns; /* time in the operator; of that, in its consumers */
};

/* What happens to records that cannot be decoded, and how many there were. */
typedef struct BadPolicy {
    Flow *flow;
    BadRecordFn *on_bad;
    const Table *table;
    bool is_ignored;
    struct DeadLetters *dead; /* NULL = none */
    const Chunk *chunk;       /* being decoded */
    size_t base;              /* where in it the decoder was started */
    const Message *message;   /* of the chunk's, the one that is decoded; NULL: all at once */
} BadPolicy;

typedef struct FeedSplit {
    Decoder *decoder;  /* NULL: none yet, or the split has ended */
    uint64_t n_lines;  /* decoded so far */
    int64_t active_us; /* when it last gave rows (flow clock) */
    bool is_seen, is_idle, has_ended;
} FeedSplit;

typedef struct Feed {
    Flow *flow;
    Stage *stage;   /* of the first worker: its clocks are those of the splits */
    Stage **stages; /* by worker, NULL where the scan is not */
    Mem *mem;       /* the flow's, or own_mem */
    Mem own_mem;    /* of the source, which any worker may poll */
    Mem *turn_mem;  /* of the splits: whoever has the turn */
    Arena source_arena;
    struct FeedShare *share; /* NULL: the first worker decodes everything */
    const Table *table;
    const ScanSpec *scan;
    Options format_options;
    Source *source;
    Arena arena; /* of one batch: reset before the next is decoded */
    BatchBuilder builder;
    Schema physical;       /* all physical columns of the table */
    Schema decoder_out;    /* what the decoder (or row source) produces */
    int32_t *indexes;      /* physical column of each; -1 = format metadata */
    Span *format_keys;     /* metadata key of each, for those with -1 */
    int32_t *from_chunk;   /* decoded column i is connector metadata from_chunk[i], or -1 */
    int32_t *from_key;     /* or column from_key[i] of the record's key, or -1 */
    int32_t *from_decoder; /* else column from_decoder[i] of the decoder */
    MessageLayout message;
    Decoder *key_decoder; /* NULL: no key column is wanted */
    Schema key_out;       /* what it produces */
    int32_t *key_indexes; /* field of the key of each */
    FeedSplit *splits;
    uint32_t n_splits;
    Decoder *spare; /* of a split that has ended */
    Chunk chunk;    /* being decoded, maybe over several steps */
    bool has_chunk;
    size_t used; /* bytes of it, or messages */
    BadPolicy bad;
    uint64_t rows_in, bytes_in;
    int64_t begun_us;  /* flow clock */
    int64_t watermark; /* graph_read_clocks */
    bool is_idle;
    bool has_ended;
    Span saved; /* while it is opened: what the last commit knows of it */
} Feed;

typedef struct Drain {
    Flow *flow;
    Stage *stage;
    const Table *table;
    Sink *sink;
    Encoder *encoder, *key_encoder;
    bool is_ruled;     /* rows are looked at before they are written */
    Arena rules_arena; /* of one batch */
    bool is_pending;   /* seal answered ST_AGAIN */
    bool is_finished;
    uint64_t rows_out;
    Span saved; /* while it is opened: what the last commit knows of it */
} Drain;

typedef struct BadReason {
    char text[120];
    uint64_t n;
} BadReason;
enum { BAD_REASONS_MAX = 32 };

/* One copy of the graph, and what it computes with. Only its own thread touches it while the
 * workers run; between two meetings of all of them anybody may. */
struct Worker {
    Flow *flow;
    uint32_t id;
    Mem *mem;       /* the flow's for the first worker, else own_mem */
    Arena *arena;   /* plan-long things */
    Arena *scratch; /* of one outermost push or flush */
    State *state;
    Stage **stages; /* topological order, the same positions in all workers; NULL: not here */
    uint32_t n_stages;
    uint64_t order; /* OpCtx.order of all its stages */
    Mem own_mem;
    Arena own_arena, own_scratch;
    struct Thread *thread;
    Status status; /* of the step */
    Err err;
    uint64_t err_order; /* how early in the step it failed */
    bool did;           /* something was taken from a source */
};

struct Flow {
    FlowSpec spec;
    Mem mem;
    Arena arena;   /* plan-long things */
    Arena scratch; /* of one outermost push or flush */
    Worker *workers;
    uint32_t n_workers;
    uint32_t n_levels;
    struct Crew *crew; /* the threads; NULL until a step needs them */
    Feed *feeds;
    uint32_t n_feeds, i_first; /* the feed that goes first next time */
    Drain *drains;
    uint32_t n_drains;
    struct DeadLetters **dead;
    uint32_t n_dead;
    BadReason bad[BAD_REASONS_MAX];
    uint32_t n_bad_reasons;
    uint64_t rows_bad, rows_dead, rows_dropped;
    uint64_t step, round, busy_us;
    uint64_t bytes_before; /* bytes_in of all feeds when the last step began */
    uint64_t bytes_step;   /* taken in the last step */
    int64_t now_us;
    bool is_alone;    /* this step is done by one thread for all workers */
    bool is_each;     /* this step sends every change through the graph by itself */
    bool is_sealing;  /* a sink's peer was slow: its seal comes before the next step */
    bool has_ended;   /* all sources have ended and the last step is done */
    bool is_finished; /* and the sinks have published everything */
    bool is_released; /* nothing is left but the statistics */
    FlowStats last;   /* of then */
    Arena kept;       /* of the operators' statistics */
    FlowOpStats *kept_ops;
    uint32_t n_kept_ops;
    struct Commits *commits; /* of a durable run, else NULL */
    uint64_t *meanings;      /* durable: of the plan's nodes, by id */
};

/* graph.c */
Status graph_build(Flow *flow, Err *err) WARN_UNUSED;
void graph_close(Flow *flow);
/* Pushes a decoded batch into a scan's operator; resets the scratch arena behind it. clock: of rows
 * whose times are known already, else NULL. */
Status graph_feed(Stage *stage, Batch *decoded, const InputClock *clock, Err *err) WARN_UNUSED;
/* Gives all operators the step's number and time. */
void graph_begin_step(Flow *flow);
/* Flushes the operators of one level of a worker in topological order, carrying watermarks along.
 * All workers must have flushed the level below before: an exchange takes in its flush what was
 * pushed into the exchanges of the others. */
Status graph_flush(Worker *worker, uint32_t level, Err *err) WARN_UNUSED;
/* All operators of all workers, by one thread. */
Status graph_flush_all(Flow *flow, Err *err) WARN_UNUSED;
/* What the sources promise now; before the first level is flushed. */
void graph_read_clocks(Flow *flow);
/* Marks the stages whose consumers all need no more input. */
void graph_mark_done(Flow *flow);
/* The processing time at which an operator first wants a step; INT64_MAX = none. */
int64_t graph_timer_us(const Flow *flow);
int64_t drains_wake_us(const Flow *flow); /* clock_mono_us at which a sink wants to be sealed */

/* feed.c */
Status feed_open(Feed *feed, Err *err) WARN_UNUSED;
void feed_close(Feed *feed);
typedef struct Budget {
    uint32_t rows;    /* left */
    uint64_t bytes;   /* left */
    int64_t until_us; /* monotonic */
} Budget;
/* The split of that number; made when it is new. */
FeedSplit *feed_split(Feed *feed, int32_t split);
/* Hands rows to the graph: the decoded columns, with the weights of made. */
Status feed_push_columns(Feed *feed, int32_t split, const Batch *made, Column *cols,
                         Err *err) WARN_UNUSED;
/* Takes what the source has, up to the budget. *did is set when rows or a new watermark came. */
Status feed_take(Feed *feed, Budget *budget, bool *did, Err *err) WARN_UNUSED;
Status feed_new_decoder(Feed *feed, Mem *mem, Arena *arena, BadPolicy *bad, Decoder **out,
                        Err *err) WARN_UNUSED;
FeedSplit *feed_split(Feed *feed, int32_t split);
void feed_active(Feed *feed, int32_t split);
void feed_split_ended(Feed *feed, int32_t split);
/* The decoder's rows with the chunk's constants between them, as columns of the scan. */
Batch feed_batch(const Feed *feed, Arena *arena, const Batch *made, int32_t split,
                 const Column *meta);
bool feed_is_idle(const Feed *feed);
/* Marks splits idle that gave nothing for the table's idle timeout; true when one became so. */
bool feed_idle(Feed *feed, int64_t now_us);
int64_t feed_idle_at(const Feed *feed); /* when the next one would; INT64_MAX = never */

/* feed_messages.c */
/* Decodes records of the feed's chunk into its builder and pushes the rows. */
Status message_take(Feed *feed, Budget *budget, Err *err) WARN_UNUSED;

/* Gives a chunk that is in use back to the source, which gives the rest of it again: then the
 * source's position is where the decoder is. */
void feed_release(Feed *feed);
void feed_save(const Feed *feed, Buf *out);
Status feed_load(Feed *feed, Err *err) WARN_UNUSED; /* feed->saved, once it is open */

/* commit.c; commit_show.c prints what it writes */
enum { COMMIT_VERSION = 3, COMMIT_PREFIX_LEN = 15 };
extern const char commit_prefix[]; /* of the keys of commits; the job follows */
/* Reads the last commit, if there is one; between building the graph and opening its ends. */
Status commits_open(Flow *flow, Err *err) WARN_UNUSED;
/* The ends are open: what the commit knows of them has been used. */
Status commits_opened(Flow *flow, Err *err) WARN_UNUSED;
/* Between two steps: commits when it is time. */
Status commits_step(Flow *flow, Err *err) WARN_UNUSED;
/* The sinks have finished: commits that and publishes it. */
Status commits_finish(Flow *flow, Err *err) WARN_UNUSED;
/* Names a sink for the life of the state directory, in hexadecimal digits. */
const char *commits_sink_id(Flow *flow, uint32_t index);
/* What the last commit knows of the dead letters that are being opened; NULL = nothing. */
const Span *commits_dead(const Flow *flow);
int64_t commits_due_us(const Flow *flow); /* monotonic; INT64_MAX = nothing to commit */
void commits_close(Flow *flow);

/* commit_sinks.c */
void commits_put_sinks(const Flow *flow, Buf *name, Buf *out); /* name: any buffer */
/* A new query may not write what another one of the state directory wrote. */
Status commits_check_sinks(const Flow *flow, Err *err) WARN_UNUSED;

/* feed_share.c: one source decoded by all workers */
Status feed_share_open(Feed *feed, Err *err) WARN_UNUSED;
void feed_share_close(Feed *feed);
void feed_share_begin(Feed *feed, uint32_t rows, int64_t until_us);
/* The part of one worker, which goes on until the step has enough. */
Status feed_share_take(Feed *feed, Worker *worker, Err *err) WARN_UNUSED;
/* When all workers have: bad records, the end of the source. The error of a bad record that may not
 * be skipped goes to its worker. */
void feed_share_end(Feed *feed);

/* worker.c: steps of several workers */
/* Where rows stand in a step: the feed's turn, then a number that counts up. */
enum { ORDER_FEED_SHIFT = 40 };
/* Would threads help in the next step? */
bool crew_is_wanted(const Flow *flow, uint32_t rows);
/* One step by all threads: takes from the sources and flushes. */
Status crew_step(Flow *flow, uint32_t rows, bool *did, Err *err) WARN_UNUSED;
void crew_close(Flow *flow);
Status flow_mem_check(const Flow *flow, Err *err) WARN_UNUSED;

/* bad.c */
BadRecordFn bad_record;
Status dead_letters_find(Flow *flow, Span target, const Table *source, struct DeadLetters **out,
                         Err *err) WARN_UNUSED;
Status dead_letters_seal(struct DeadLetters *dead, bool is_end, Err *err) WARN_UNUSED;
Status dead_letters_save(struct DeadLetters *dead, Buf *out, Err *err) WARN_UNUSED;
Status dead_letters_saved(struct DeadLetters *dead, Err *err) WARN_UNUSED;
void dead_letters_close(struct DeadLetters *dead);

/* enforce.c */
/* Refuses rules that exclude each other; *is_needed: can a row break one? */
Status enforce_open(Flow *flow, const Schema *schema, bool *is_needed, Err *err) WARN_UNUSED;
/* Stops at a row that breaks a rule, or changes the batch. */
Status enforce_batch(Drain *drain, Batch *batch, const uint8_t **kinds, Err *err) WARN_UNUSED;

/* drain.c */
/* Opens the sink of a table for rows of the schema. options NULL: the table's own; drain NULL: the
 * rows are inserts from outside the graph. */
Status drain_open_sink(Flow *flow, const Table *table, const Schema *schema, const Options *options,
                       Drain *drain, Sink **sink, Encoder **encoder, Err *err) WARN_UNUSED;
Status drain_open(Drain *drain, Err *err) WARN_UNUSED;
/* ST_AGAIN when a peer is slow. */
Status drain_seal(Drain *drain, Err *err) WARN_UNUSED;
Status drain_finish(Drain *drain, Err *err) WARN_UNUSED;
void drain_close(Drain *drain);

#endif
