/* json.h -- the JSON decoder inside: the schema compiled to a tree of nodes, and the scan over it.
 *
 * The one idea: rows are written straight into column builders at a row number, not appended. A
 * node whose builder is behind the row number has had no value in between: those rows are NULL, and
 * are filled in when the next value comes or the batch ends. So a missing field costs nothing, a
 * second value of a field overwrites the first, and undoing a record is lowering a counter.
 *
 * Input is lines: every scan function relies on a '\n' behind what it reads and never passes it, so
 * a broken line costs one line. A scan function returns where it stopped, or NULL after filling in
 * the failure in JsonScan. CHUNK_PADDING bytes behind the input are readable.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_JSON_H
#define WEIR_JSON_H

#include "format/decode.h"
#include "format/text_fast.h"

enum {
    JSON_DEPTH_MAX = 1000, /* levels of objects and arrays, as in Jackson */
    JSON_LIT_LEN = 32,     /* keys are compared in one go when `"key":` is at most this long */
    JSON_LEARN_MAX = 24,   /* keys outside the schema that an object remembers */
    JSON_UNKNOWN = 0       /* fields[0] stands for every key that is not in the table */
};

typedef enum JsonKind {
    JSON_I64, /* also INTERVAL DAY TO SECOND, in its own way: see JSON_INTERVAL */
    JSON_STR,
    JSON_TIMESTAMP,
    JSON_TIMESTAMP_LTZ,
    JSON_I32,
    JSON_F64,
    JSON_ROW,
    JSON_ARRAY,
    JSON_MAP, /* MULTISET too: the values are counts */
    JSON_BOOL,
    JSON_I8,
    JSON_I16,
    JSON_F32,
    JSON_DECIMAL,
    JSON_BYTES,
    JSON_DATE,
    JSON_TIME,
    JSON_INTERVAL, /* DAY TO SECOND: a number of milliseconds */
    JSON_NULL
} JsonKind;

typedef struct JsonNode JsonNode;

/* One key of an object. */
typedef struct JsonField {
    char lit[JSON_LIT_LEN]; /* `"name":`, zero-padded; bytes that no key has when it is longer */
    uint32_t lit_mask;      /* bit i: byte i of lit counts */
    uint16_t lit_len;
    uint16_t next; /* the field that followed this one last time: the next guess */
    uint32_t seen; /* fail-on-missing-field: the object's stamp when it came */
    Span name;
    JsonNode *node; /* NULL: checked and skipped */
} JsonField;

struct JsonNode {
    uint8_t kind;      /* JsonKind */
    bool is_required;  /* NOT NULL */
    bool has_required; /* ROW: some needed field is */
    bool is_tracked;   /* ROW: fail-on-missing-field */
    uint8_t precision; /* times: digits of fraction that are kept */
    uint16_t first;    /* ROW: the field that came first last time */
    uint16_t n_fields, cap_fields;
    uint32_t stamp;   /* ROW: counts objects, for JsonField.seen */
    uint32_t column;  /* of the builder among its parent's */
    uint32_t n_elems; /* ARRAY, MAP: elements of the batch so far */
    ColBuilder *b;    /* where values go; bound for each batch. NULL for a record as a whole */
    JsonField *fields;
    uint16_t *slots; /* fields by name: open addressing, index or 0 */
    uint32_t slot_mask;
    JsonNode *elem; /* ARRAY: element, MAP: value */
    JsonNode *key;  /* MAP */
    const Type *type;
    Span path; /* "bid.price", for messages */
};

typedef enum JsonTime { JSON_TIME_SQL, JSON_TIME_ISO, JSON_TIME_OFFSET } JsonTime;

typedef struct JsonScan JsonScan;
/* The scanning functions, compiled once for each instruction set. */
typedef struct JsonOps {
    /* Decodes lines from p until `end` (behind a '\n'), max_rows or a line that is not one good
     * object; *row counts rows. Stops at the start of a line: check s->reason. */
    const char *(*lines)(JsonScan *s, JsonNode *top, const char *p, const char *end, uint32_t *row,
                         uint32_t max_rows);
    /* The fields of an object (p behind the brace) into row `row`. */
    const char *(*object)(JsonScan *s, JsonNode *object, const char *p, uint32_t row);
    const char *(*value)(JsonScan *s, JsonNode *node, const char *p, uint32_t row);
    const char *(*skip)(JsonScan *s, const char *p); /* checks one value and passes it */
} JsonOps;
const JsonOps *json_ops(void); /* the best that the processor has */
extern const JsonOps json_ops_base, json_ops_avx2;

struct JsonScan {
    const JsonOps *ops;
    Decoder *decoder;
    Arena *arena; /* of the batch: for texts that cannot point into the input */
    JsonTime time;
    bool ignores;      /* ignore-parse-errors */
    bool zero_is_null; /* zero-timestamp.behavior = CONVERT_TO_NULL */
    uint32_t depth;
    uint64_t n_lines; /* passed so far */
    FastDate date;
    /* The record being read, and why it failed. */
    const char *input;   /* start of the chunk, or of the copy of its last line */
    size_t input_offset; /* of `input` in the chunk */
    const char *record;
    const char *at;
    const char *reason; /* NULL: no failure */
    const char *sqlstate;
    Span column, value;
    Status fatal; /* an owner who will not have an ignored field stops the query */
    Err *err;
};

/* ---- json_node.c ---- */

/* A tree for the fields that `out` needs of the object `table`; out field i is table field
 * indexes[i] (NULL: found by name). */
JsonNode *json_node_object(Arena *arena, const Schema *table, const Schema *out,
                           const int32_t *indexes, Span path, bool is_tracked);
/* ST_UNSUPPORTED for what JSON cannot hold (maps with keys that are not strings). */
Status json_check_type(const Type *type, Span column, bool is_writing, Err *err) WARN_UNUSED;
/* Connects the fields to the builders of the columns of `out`. */
void json_bind(JsonNode *top, ColBuilder *builders);
void json_bind_node(JsonNode *node, ColBuilder *b);
/* Makes row `row` the next one of the node's builder: NULLs before it, nothing behind. */
void json_place(JsonNode *node, uint32_t row);
static inline void json_placed(JsonNode *node, uint32_t row) { /* a value has been written */
    if (node->b->has_null) bit_set(node->b->valid, row);
    node->b->n = row + 1;
}
void json_truncate(JsonNode *node, uint32_t row);
void json_truncate_fields(JsonNode *object, uint32_t row);
/* Fills in NULLs up to n rows, at all depths. */
void json_finish(JsonNode *node, uint32_t n);
void json_finish_fields(JsonNode *object, uint32_t n);
/* The index of the field, or JSON_UNKNOWN. */
uint16_t json_field_find(const JsonNode *object, Span name);
/* Remembers a key that is not in the schema, so that it is guessed next time. */
uint16_t json_field_learn(JsonNode *object, Span name);

/* ---- json_slow.c: whatever is not on the straight path ---- */

/* Sets the failure; returns NULL. */
const char *json_reject(JsonScan *s, const char *at, const char *reason);
/* Everything that the straight path of a kind does not take: null, quoted numbers, escapes ... */
const char *json_slow_value(JsonScan *s, JsonNode *node, const char *p, uint32_t row);
/* A key, its colon, and the blanks around: *field is the index in object->fields. */
const char *json_slow_key(JsonScan *s, JsonNode *object, const char *p, uint16_t *field);
const char *json_check_object(JsonScan *s, JsonNode *object, const char *p, uint32_t row);
/* The value of a field is no good: NULL instead when that is allowed, else the record fails. start
 * is where the value begins. */
const char *json_bad_field(JsonScan *s, JsonNode *node, const char *start, uint32_t row);
const char *json_slow_number(JsonScan *s, const char *p); /* checks and passes a number */
const char *json_escape(JsonScan *s, const char *p);      /* p at the backslash: checks one */
/* A string (p behind its quote) as bytes: in place, or unescaped in the arena. */
const char *json_text(JsonScan *s, const char *p, Span *out);
/* Drops all but the last entry of each key from the map just read. */
const char *json_map_unique(JsonScan *s, JsonNode *node, const char *p, const char *end,
                            uint32_t first);

/* ---- json_read.c ---- */

/* What the decoders of this family have in common: chunks into lines, and bad lines. */
typedef struct JsonReader JsonReader;
struct JsonReader {
    Decoder decoder;
    JsonScan scan;
    JsonNode *top; /* fields bound to the batch's columns */
    /* Reads records from p until `end` (behind a '\n'), max_rows or a bad one: with
     * scan.reason set and scan.record at its start, which is also what it returns. */
    const char *(*lines)(JsonReader *, const char *p, const char *end, uint32_t max_rows,
                         BatchBuilder *out);
};
/* Options that json and debezium-json share. */
void json_reader_init(JsonReader *reader);
Status json_read_chunk(JsonReader *reader, Span in, bool at_end, uint32_t max_rows,
                       BatchBuilder *out, size_t *consumed, Err *err) WARN_UNUSED;
/* Reports the failure in the scan; the record is from scan.record to `end`. */
Status json_report(JsonScan *s, const char *end, bool is_kept) WARN_UNUSED;

/* ---- json_time.c ---- */

bool json_parse_date(Span text, int32_t *days);
bool json_parse_time(Span text, int64_t *us);
bool json_parse_timestamp(Span text, JsonTime form, bool is_ltz, int64_t *us);

#endif
