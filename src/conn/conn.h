/* conn.h -- connectors move bytes and positions between weir and the world; waiting for the world
 * happens only here.
 *
 * One file is one connector, src/conn/conn_<name>.c, exporting `const ConnType conn_<name>`. A
 * source gives chunks of bytes (which a format decodes) or makes rows itself; a sink takes batches
 * and uses the encoder it was given, if any. Everything is non-blocking and driven by the step
 * loop.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_CONN_H
#define WEIR_CONN_H

#include "format/format.h"

typedef enum ConnTrait {
    CONN_SOURCE = 1,
    CONN_SINK = 2,
    CONN_ROWS = 4, /* makes or takes rows without a format (datagen, nexmark, print, blackhole) */
    CONN_NEEDS_FORMAT = 8, /* 'format' is required */
    CONN_LOOKUP = 16,      /* a bounded table may be read whole and looked up by key */
    CONN_PRUNES = 32,      /* a rows connector that can leave out fields of ROW columns */
    CONN_PARTITIONS = 64,  /* values of PARTITIONED BY columns are not in the bytes: they come as
                            constants of a chunk, like metadata */
    CONN_MESSAGES = 128,   /* records have bounds and keys of their own: Chunk.messages */
    /* a record replaces that of its PRIMARY KEY; one without value deletes */
    CONN_UPSERT = 256,
    CONN_BY_KEY = 512 /* a sink that knows rows by the primary key: takes +U without -U */
} ConnTrait;

/* A metadata column that a connector offers: METADATA FROM 'file.path'. */
typedef struct ConnMeta {
    const char *key;
    const Type *type; /* NOT NULL unless said otherwise */
    bool is_writable;
    const char *help;
} ConnMeta;

typedef struct SourceSpec {
    const char *table_name;
    /* CONN_ROWS: the columns to produce (a subset of the table, in this order) */
    const Schema *schema;
    const Schema *table;           /* all physical columns */
    const int32_t *indexes;        /* CONN_ROWS: schema column i is table column indexes[i] */
    const Span *meta_keys;         /* connector metadata wanted with each chunk */
    const Type *const *meta_types; /* of partition columns, whose key is their name; else NULL */
    uint32_t n_meta;
    const Options *options;
    const char *base_dir; /* relative paths start here; NULL = the working directory */
    const Zone *zone;
    Mem *mem;
    Arena *arena; /* lives as long as the source */
    bool is_bounded_run;
    bool is_one_line;     /* CONN_MESSAGES: newlines in a record are blanks: write them so */
    struct RowFeed *feed; /* connector 'test': where its rows come from */
    const Span *resume;   /* position of an earlier run to begin at; NULL = none */
} SourceSpec;

typedef struct RowFeed RowFeed;
typedef struct ConnType ConnType;
typedef struct Source {
    const ConnType *type;
    SourceSpec spec;
} Source;

/* A record with bounds of its own. A newline and CHUNK_PADDING bytes are readable behind it. */
typedef struct Message {
    Span value, key;
    bool has_value, has_key;
    uint64_t offset; /* its place in the split */
} Message;

/* A run of bytes of one split, valid until the next poll or close. */
typedef struct Chunk {
    int32_t split;      /* small numbers, not reused while the source lives */
    Span bytes;         /* CHUNK_PADDING bytes are readable behind it */
    uint64_t offset;    /* of bytes in the split */
    bool at_end;        /* no more bytes will come: an unfinished record is complete */
    bool is_split_end;  /* after these bytes the split is over and holds no watermark back */
    bool is_new_file;   /* the decoder starts anew (header lines) */
    const char *name;   /* of the split, for errors: the file's path, the peer's address */
    const Column *meta; /* spec.n_meta constants; with messages columns of n_messages rows */
    /* CONN_MESSAGES: instead of bytes. Values that stand one behind another may be decoded as one
     * text of lines. */
    const Message *messages;
    uint32_t n_messages;
    int32_t part; /* number of the partition, for errors */
} Chunk;

typedef struct SourceType {
    uint32_t size; /* of the private struct, whose first member is Source */
    Status (*open)(Source *, Err *);
    /* ST_OK: a chunk; ST_AGAIN: nothing now (see wake_fd, wake_us); ST_END: never again. NULL for
     * CONN_ROWS. */
    Status (*poll)(Source *, Chunk *, Err *);
    /* The decoder used the first len bytes of the last chunk; the rest comes again at the front of
     * the split's next chunk. With messages: the first len of them; called whenever some more were
     * used, and the next poll comes when all are. */
    void (*consumed)(Source *, const Chunk *, size_t len);
    /* CONN_ROWS: appends at most max_rows rows; *split says whose. Returns as poll. */
    Status (*poll_rows)(Source *, uint32_t max_rows, BatchBuilder *, int32_t *split, Err *);
    /* A watermark that the source itself declares behind the rows given so far; false when none.
     * NULL: never. */
    bool (*take_watermark)(Source *, int64_t *watermark);
    int (*wake_fd)(const Source *); /* readable when there may be data; -1: none */
    /* Monotonic time to poll again when idle; NULL or INT64_MAX: none. */
    int64_t (*wake_us)(const Source *);
    /* Total and done bytes of a bounded source for the progress bar; false when unknown. */
    bool (*progress)(const Source *, uint64_t *done, uint64_t *total);
    /* Opaque resume position covering everything consumed; open begins at spec.resume. NULL: the
     * source cannot go back, so what was read since the last commit is lost in a crash. */
    void (*position)(const Source *, Buf *out);
    void (*close)(Source *);
} SourceType;

typedef struct SinkSpec {
    const char *table_name;
    const Schema *schema;
    const uint32_t *partition_cols; /* PARTITIONED BY, as column indexes */
    uint32_t n_partition_cols;
    const uint32_t *key_cols; /* PRIMARY KEY */
    uint32_t n_key_cols;
    bool is_append_only; /* only inserts will come */
    const Options *options;
    const char *base_dir;
    Encoder *encoder; /* NULL without a format; takes the columns value_cols */
    const uint32_t *value_cols;
    uint32_t n_value_cols;
    Encoder *key_encoder; /* CONN_MESSAGES: NULL without 'key.format' */
    const uint32_t *message_key_cols;
    uint32_t n_message_key_cols;
    const Span *meta_keys; /* metadata columns that are written, and where they are */
    const uint32_t *meta_cols;
    uint32_t n_meta;
    struct RowFeed *feed; /* connector 'test': where its rows go to */
    const Zone *zone;
    Mem *mem;
    Arena *arena;
    int64_t (*watermark)(void *ctx); /* of the sink's input, for partition commit by event time */
    void *watermark_ctx;
    /* A durable run: the same in every run over one state directory, different for every sink.
     * NULL: what is written is published as it comes. */
    const char *durable_id;
    const Span *resume; /* what save gave to the last commit; NULL = there was none */
} SinkSpec;
typedef struct Sink {
    const ConnType *type;
    SinkSpec spec;
} Sink;
typedef struct SinkType {
    uint32_t size;
    Status (*open)(Sink *, Err *);
    /* Takes the rows; kinds[i] is the RowKind of batch row i (NULL: all inserts). The batch is
     * dense. */
    Status (*write)(Sink *, const Batch *, const uint8_t *kinds, Err *);
    /* The end of a step: hands what is buffered to the system. ST_AGAIN: the peer is slow, call
     * again. */
    Status (*seal)(Sink *, Err *);
    int (*wake_fd)(const Sink *); /* writable when a slow peer takes more; NULL or -1: none */
    bool wakes_by_reading;        /* wake_fd is readable instead: the peer's answer is awaited */
    /* when seal has something to do even without rows (clock_mono_us), INT64_MAX = never; may be
     * NULL */
    int64_t (*wake_us)(const Sink *);
    Status (*finish)(Sink *, Err *); /* end of the input or a clean stop: publish everything */
    /* Durable runs. save: everything that was written is on the disk, though not under its final
     * name; out gets what open needs to go on from here. saved: the commit with it is durable, so
     * it may be published, which must do no harm a second time. In such a run finish only completes
     * what is open; what it completed is published by the saved behind it. NULL: rows since the
     * last commit come again after a crash. */
    Status (*save)(Sink *, Buf *out, Err *);
    Status (*saved)(Sink *, Err *);
    void (*close)(Sink *);
} SinkType;

/* A table that is asked by key: the right side of a lookup join. Nothing is read beforehand.
 * Caching is the connector's own business. */
typedef struct LookupSpec {
    const char *table_name;
    const Schema *schema;   /* the columns to produce: physical columns of the table */
    const int32_t *indexes; /* column i of schema is table column indexes[i] */
    const uint32_t *keys;   /* columns of schema that are asked by */
    uint32_t n_keys;
    const FormatType *format; /* of what comes back, NULL = the connector's own */
    const Options *options;
    const char *base_dir;
    const Zone *zone;
    Mem *mem;
    Arena *arena; /* lives as long as the lookup */
    struct RowFeed *feed;
} LookupSpec;
typedef struct Lookup {
    const ConnType *type;
    LookupSpec spec;
} Lookup;
typedef struct LookupType {
    uint32_t size; /* of the private struct, whose first member is Lookup */
    Status (*open)(Lookup *, Err *);
    /* The rows of each key: `keys` has one column a key, all different, none NULL; a row of `rows`
     * is the columns of the schema, and the number of the key that it answers (INT). All keys come
     * at once, so that a remote peer is asked once; it is waited for as long as the options say,
     * and then the query stops. */
    Status (*find)(Lookup *, const Batch *keys, BatchBuilder *rows, Err *);
    void (*close)(Lookup *);
} LookupType;

struct ConnType {
    const char *name;
    uint32_t traits;
    const OptionSpec *options;
    const ConnMeta *metadata; /* ended by a NULL key; NULL = none */
    const SourceType *source;
    const SinkType *sink;
    const LookupType *lookup;            /* NULL = none */
    bool (*has_lookup)(const Options *); /* NULL = always, if there is a lookup */
    /* Is this use of the connector bounded (batch allowed, ends by itself)? NULL = never. */
    bool (*is_bounded)(const Options *);
    const char *help;
    const char *guarantee; /* "exactly once within a run; resumes at the byte" */
};
const ConnType *const *conn_all(uint32_t *n);
const ConnType *conn_find(Span name);
Status source_open(const ConnType *type, const SourceSpec *spec, Source **out,
                   Err *err) WARN_UNUSED;
void source_close(Source *source);
/* Is a table with these options asked by key? */
bool conn_has_lookup(const ConnType *type, const Options *options);
Status lookup_open(const ConnType *type, const LookupSpec *spec, Lookup **out,
                   Err *err) WARN_UNUSED;
void lookup_close(Lookup *lookup);
Status sink_open(const ConnType *type, const SinkSpec *spec, Sink **out, Err *err) WARN_UNUSED;
void sink_close(Sink *sink);

/* Tables of the `test` connector and of the library's own row input: a log of rows and watermarks
 * that every query over the table reads from its beginning. In a batch run a query ends where the
 * log ends; else after rowfeed_end. */
RowFeed *rowfeed_new(Mem *mem, const Schema *physical);
void rowfeed_free(RowFeed *feed);
const Schema *rowfeed_schema(const RowFeed *feed);
/* Adds the batch's rows (copied), as rows of batch->split. */
void rowfeed_push(RowFeed *feed, const Batch *rows);
void rowfeed_watermark(RowFeed *feed, int64_t watermark);
void rowfeed_end(RowFeed *feed);

#endif
