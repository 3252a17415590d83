/* format.h -- bytes to rows and rows to bytes, and the typed options that formats and connectors
 * share.
 *
 * A format is one file, src/format/fmt_<name>.c, exporting `const FormatType fmt_<name>`. It never
 * sees where bytes come from; connectors never see rows. One decoder belongs to one split (file,
 * connection, partition).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_FORMAT_H
#define WEIR_FORMAT_H

#include "expr/expr.h"

/* ---- options: WITH ('key' = 'value') ---- */

typedef enum OptionKind {
    OPT_STRING,
    OPT_BOOL,
    OPT_INT,
    OPT_DURATION, /* "10 s", "500ms", "1 min": microseconds; no unit = milliseconds, as in Flink */
    OPT_SIZE,     /* "64 mb", "1kb": bytes */
    OPT_ENUM      /* one of `values`, separated by '|' */
} OptionKind;

/* One row of an option table; docs and checks are made from it. A table ends with a NULL name. */
typedef struct OptionSpec {
    /* "json.ignore-parse-errors" is listed by the json format as "ignore-parse-errors" */
    const char *name;
    OptionKind kind;
    const char *fallback; /* default as text; NULL = none */
    const char *values;   /* OPT_ENUM */
    bool is_required;
    bool is_prefix; /* name is a prefix: "fields." of datagen */
    const char *help;
} OptionSpec;

typedef struct OptionPair {
    Span key, value;
    int32_t pos; /* of the value in the SQL text, -1 when it came from a default */
} OptionPair;

/* What the user gave, in order. Lookups fall back to the spec table's default. */
typedef struct Options {
    uint32_t n;
    const OptionPair *pairs;
    const char *prefix;      /* "json." for a format's options, "" for a connector's */
    const OptionSpec *specs; /* the table that names are checked against */
} Options;

bool opt_has(const Options *opts, const char *name); /* given by the user */
Span opt_str(const Options *opts,
             const char *name); /* empty span with NULL ptr when absent without default */
/* Typed reads of checked options: options_check has proved them well-formed. */
bool opt_bool(const Options *opts, const char *name);
int64_t opt_int(const Options *opts, const char *name);
int64_t opt_duration_us(const Options *opts, const char *name);
int64_t opt_size(const Options *opts, const char *name);
bool opt_is(const Options *opts, const char *name,
            const char *value); /* enums and strings, ASCII case ignored */
int32_t opt_pos(const Options *opts, const char *name);

/* Checks the pairs of one table against up to n_sets (prefix, specs) sets, e.g. the connector's and
 * its format's: unknown keys (42P17... 22023 with the nearest name), missing required ones,
 * malformed values with their position. */
typedef struct OptionSet {
    const char *prefix;
    const OptionSpec *specs;
} OptionSet;
Status options_check(const OptionPair *pairs, uint32_t n, const OptionSet *sets, uint32_t n_sets,
                     const char *what, Err *err) WARN_UNUSED;
Status duration_parse(Span text, int64_t *us); /* ST_INVALID when it is none */
Status size_parse(Span text, int64_t *bytes);

/* ---- bad records ---- */

typedef struct BadRecord {
    Span bytes;    /* the whole record */
    size_t offset; /* of the record in the chunk being decoded */
    uint64_t line; /* 1-based within the split */
    Span column;   /* empty when the record as a whole is broken */
    Span value;    /* the offending text */
    uint32_t at;   /* byte within the record where it went wrong */
    const char *sqlstate;
    const char *reason; /* "expected a number" */
    const char *hint;   /* NULL when there is none */
    bool is_ignored;    /* the format's ignore-parse-errors is set: count it and go on */
    bool is_kept;       /* only with is_ignored: the row stays, with NULL in `column` */
} BadRecord;
/* Decides what happens: ST_OK = skip the record (it is counted or kept by the callee; the row of an
 * is_kept one stays), else the error that stops the query. A decoder that has no such function
 * raises as bad_record_raise does, unless is_ignored. */
typedef Status BadRecordFn(void *ctx, const BadRecord *bad, Err *err);
/* The error for a record that may not be skipped: where (NULL: unknown), line, byte, column, reason
 * and value. */
Status bad_record_raise(const BadRecord *bad, const char *where, Err *err);

/* ---- formats ---- */

enum { CHUNK_PADDING = 64 }; /* bytes readable behind every chunk given to a decoder */

typedef enum FormatTrait {
    FORMAT_SOURCE = 1,
    FORMAT_SINK = 2,
    FORMAT_CHANGELOG = 4,  /* decodes and encodes -U, +U and -D; others take +I only */
    FORMAT_TEXT_LINES = 8, /* a record is a line: connectors put '\n' between records */
    FORMAT_ONE_LINE = 16,  /* a newline in a record has no meaning: it may be a blank instead */
    /* Reading: a record is a line, and nothing is kept from one to the next. So the lines of a file
     * may be divided among decoders. */
    FORMAT_ANY_LINE = 32
} FormatTrait;

/* A metadata column that a format offers: METADATA FROM 'source.timestamp'. */
typedef struct FormatMeta {
    const char *key;
    const Type *type;
    const char *help;
} FormatMeta;

typedef struct DecodeSpec {
    const Schema *table; /* all physical columns of the table, as declared */
    /* the columns to produce: a subset, ROW types perhaps pruned to the fields in use */
    const Schema *out;
    /* out column i is table column indexes[i]; -1 = format metadata metadata_keys[i] */
    const int32_t *indexes;
    const Span *metadata_keys; /* NULL when there are none */
    const Options *options;
    const Zone *zone;
    Mem *mem;
    BadRecordFn *on_bad;
    void *on_bad_ctx;
    /* Records come with bounds of their own: decode is given one a call, and a newline behind it.
     * Formats with FORMAT_ONE_LINE are given many, each with its newline. */
    bool is_message;
} DecodeSpec;

typedef struct FormatType FormatType;
typedef struct Decoder {
    const FormatType *type;
    DecodeSpec spec;
    uint64_t n_lines; /* whole lines consumed so far in this split */
} Decoder;

typedef struct EncodeSpec {
    const Schema *schema; /* the columns of the batches to encode */
    const Options *options;
    const Zone *zone;
    Mem *mem;
} EncodeSpec;
typedef struct Encoder {
    const FormatType *type;
    EncodeSpec spec;
} Encoder;

typedef enum RowKind {
    ROW_INSERT,
    ROW_UPDATE_BEFORE,
    ROW_UPDATE_AFTER,
    ROW_DELETE
} RowKind; /* +I -U +U -D */
extern const char *const row_kind_text[4];

struct FormatType {
    const char *name;
    uint32_t traits;
    uint32_t decoder_size,
        encoder_size; /* of the private structs, whose first member is Decoder or Encoder */
    const OptionSpec *options;
    const FormatMeta *metadata; /* ended by a NULL key; NULL = none */
    const char *help;
    /* Checks the columns (raw takes one, csv no MAP ...) and compiles the schema. */
    Status (*open_decoder)(Decoder *, Arena *, Err *);
    /* Decodes whole records from in (CHUNK_PADDING bytes are readable behind it) until out has
     * max_rows rows; *consumed says how far it came. What is left at the end without a record end
     * is left alone unless at_end. Strings may point into `in`. */
    Status (*decode)(Decoder *, Span in, bool at_end, uint32_t max_rows, BatchBuilder *out,
                     size_t *consumed, Err *);
    void (*reset)(Decoder *); /* a new file begins; NULL when there is nothing to forget */
    /* What the decoder knows of its split beside n_lines, and a new decoder told so; NULL: nothing.
     * */
    void (*save)(const Decoder *, Buf *);
    void (*load)(Decoder *, Record *);
    void (*close_decoder)(Decoder *);
    Status (*open_encoder)(Encoder *, Arena *, Err *);
    /* What a new file or connection starts with (a header line, with its delimiter); NULL =
     * nothing. */
    Status (*begin)(Encoder *, Buf *out, Err *);
    /* Appends the records of batch rows [first, first + n) to out, each followed by `delimiter`;
     * ends[i] = out->len after record i without its delimiter (ends may be NULL). kinds[i] is that
     * of batch row i; kinds may be NULL: all inserts. */
    Status (*encode)(Encoder *, const Batch *, const uint8_t *kinds, uint32_t first, uint32_t n,
                     Span delimiter, Buf *out, size_t *ends, Err *);
    void (*close_encoder)(Encoder *);
};

const FormatType *const *format_all(uint32_t *n);
const FormatType *format_find(Span name); /* NULL when unknown */
/* The metadata of a key, with or without the "value." that connectors with two formats put before
 * it; NULL when there is none. type may be NULL. */
const FormatMeta *format_meta_find(const FormatType *type, Span key);
/* Whether the format can hold these columns with these options, reading or writing: for CREATE
 * TABLE, so that a slip does not wait for the first query. */
Status format_check(const FormatType *type, const Schema *columns, const Options *options,
                    Err *err) WARN_UNUSED;
/* Allocate, fill spec, open. */
Status decoder_open(const FormatType *type, const DecodeSpec *spec, Arena *arena, Decoder **out,
                    Err *err) WARN_UNUSED;
void decoder_close(Decoder *decoder);
Status encoder_open(const FormatType *type, const EncodeSpec *spec, Arena *arena, Encoder **out,
                    Err *err) WARN_UNUSED;
void encoder_close(Encoder *encoder);
static inline Status encoder_begin(Encoder *encoder, Buf *out, Err *err) {
    return encoder->type->begin ? encoder->type->begin(encoder, out, err) : ST_OK;
}

#endif
