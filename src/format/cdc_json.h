/* cdc_json.h -- what the formats of database changes in JSON share: records with a few known
 * members, images of rows among them, and metadata columns beside. Not for other directories.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_CDC_JSON_H
#define WEIR_CDC_JSON_H

#include "format/json.h"
#include "format/json_encode.h"

typedef struct CdcReader CdcReader;
/* One record at p; returns what is behind its newline, or NULL after a failure. */
typedef const char *CdcRecordFn(CdcReader *cdc, const char *p, BatchBuilder *out);

typedef struct CdcColumn {
    uint32_t meta; /* index in the format's metadata */
    JsonNode *node;
} CdcColumn;

struct CdcReader {
    JsonReader reader; /* first */
    CdcRecordFn *record;
    uint32_t n_metas;
    CdcColumn *metas;
    bool has_schema; /* debezium: schema-include */
};

Status cdc_open_decoder(CdcReader *cdc, Arena *arena, CdcRecordFn *record, Err *err);
Status cdc_decode(Decoder *decoder, Span in, bool at_end, uint32_t max_rows, BatchBuilder *out,
                  size_t *consumed, Err *err);

const char *cdc_blanks(const char *p);
/* Begins a record: passes a byte order mark and blanks. */
const char *cdc_begin(CdcReader *cdc, const char *p);
/* Ends it: nothing but blanks may stand before the newline. NULL: not so. */
const char *cdc_end(CdcReader *cdc, const char *p);
/* Passes the object (p behind its brace); values[i] is where the last value of names[i] starts, or
 * NULL. */
const char *cdc_members(JsonScan *s, const char *p, const char *const *names, uint32_t n,
                        const char **values);
/* The image of a row into row `row`; what an earlier image of that row said and this one does not,
 * stays. */
bool cdc_put_image(CdcReader *cdc, const char *image, uint32_t row);
/* The metadata columns of the row: values[i] belongs to metadata i. */
bool cdc_put_metadata(CdcReader *cdc, const char *const *values, uint32_t row);
/* Both images of an update: the new one, and the old one, which has only what was different. */
bool cdc_put_update(CdcReader *cdc, const char *now, const char *old, const char *const *values,
                    uint32_t row);

extern const Type cdc_string, cdc_strings, cdc_ltz3;

#endif
