/* cdc_json.c -- records of database changes in JSON. See cdc_json.h.
 *
 * A record is passed over once to find its parts, then the images that its kind asks for are
 * decoded; so the order of the parts does not matter.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/cdc_json.h"

const Type cdc_ltz3 = {.kind = TYPE_TIMESTAMP_LTZ, .is_nullable = true, .precision = 3};
const Type cdc_string = {.kind = TYPE_VARCHAR, .is_nullable = true, .precision = TYPE_LEN_MAX};
const Type cdc_strings = {.kind = TYPE_ARRAY, .is_nullable = true, .elem = &cdc_string};

const char *cdc_blanks(const char *p) {
    while (*p == ' ' || *p == '\t' || *p == '\r') p++;
    return p;
}

const char *cdc_members(JsonScan *s, const char *p, const char *const *names, uint32_t n,
                        const char **values) {
    for (uint32_t i = 0; i < n; i++) values[i] = NULL;
    p = cdc_blanks(p);
    if (*p == '}') return p + 1;
    for (;;) {
        Span name;
        if (*p != '"') return json_reject(s, p, "expected a key in quotes");
        p = json_text(s, p + 1, &name);
        if (!p) return NULL;
        p = cdc_blanks(p);
        if (*p != ':') return json_reject(s, p, "expected ':'");
        p = cdc_blanks(p + 1);
        for (uint32_t i = 0; i < n; i++) {
            if (span_is(name, names[i])) values[i] = *p == 'n' ? NULL : p;
        }
        p = s->ops->skip(s, p);
        if (!p) return NULL;
        p = cdc_blanks(p);
        if (*p == '}') return p + 1;
        if (*p != ',') return json_reject(s, p, "expected ',' or '}'");
        p = cdc_blanks(p + 1);
    }
}

const char *cdc_begin(CdcReader *cdc, const char *p) {
    JsonScan *s = &cdc->reader.scan;
    s->record = p;
    s->depth = 0;
    return cdc_blanks(memcmp(p, "\xef\xbb\xbf", 3) == 0 ? p + 3 : p);
}

const char *cdc_end(CdcReader *cdc, const char *p) {
    p = cdc_blanks(p);
    if (*p != '\n') return json_reject(&cdc->reader.scan, p, "text behind the record");
    return p + 1;
}

bool cdc_put_image(CdcReader *cdc, const char *image, uint32_t row) {
    JsonScan *s = &cdc->reader.scan;
    if (*image != '{') {
        (void)json_reject(s, image, "expected an object");
        return false;
    }
    s->depth = 1;
    return s->ops->object(s, cdc->reader.top, image + 1, row);
}

bool cdc_put_metadata(CdcReader *cdc, const char *const *values, uint32_t row) {
    JsonScan *s = &cdc->reader.scan;
    for (uint32_t i = 0; i < cdc->n_metas; i++) {
        const char *p = values[cdc->metas[i].meta];
        if (p && !s->ops->value(s, cdc->metas[i].node, p, row)) return false;
    }
    return true;
}

bool cdc_put_update(CdcReader *cdc, const char *now, const char *old, const char *const *values,
                    uint32_t row) {
    return cdc_put_image(cdc, now, row) && cdc_put_image(cdc, old, row) &&
           cdc_put_metadata(cdc, values, row) && cdc_put_image(cdc, now, row + 1) &&
           cdc_put_metadata(cdc, values, row + 1);
}

static const char *cdc_lines(JsonReader *reader, const char *p, const char *end, uint32_t max_rows,
                             BatchBuilder *out) {
    CdcReader *cdc = (CdcReader *)reader;
    while (p < end && out->n_rows < max_rows) {
        const char *next = cdc->record(cdc, p, out);
        if (!next) break;
        reader->scan.n_lines++;
        p = next;
    }
    return p;
}

/* The table's columns, and behind them the metadata columns in use, under names that no key has. */
static Status cdc_open_columns(CdcReader *cdc, Arena *arena, Err *err) {
    const DecodeSpec *spec = &cdc->reader.decoder.spec;
    const FormatType *type = cdc->reader.decoder.type;
    uint32_t n_table = spec->table->n_fields, n_out = spec->out->n_fields;
    Field *fields = arena_array(arena, Field, n_table + n_out);
    int32_t *indexes = arena_array(arena, int32_t, n_out);
    Schema table = {n_table, fields};
    cdc->metas = arena_array(arena, CdcColumn, n_out);
    memcpy(fields, spec->table->fields, sizeof *fields * n_table);
    for (uint32_t i = 0; i < n_out; i++) {
        Field out = spec->out->fields[i];
        const FormatMeta *found;
        indexes[i] = spec->indexes[i];
        TRY(json_check_type(out.type, out.name, false, err));
        if (indexes[i] >= 0) continue;
        found = format_meta_find(type, spec->metadata_keys[i]);
        if (!found) {
            FAIL(err, ST_INVALID, "42703", -1, "%s has no metadata '" SPAN_FMT "'", type->name,
                 SPAN_ARG(spec->metadata_keys[i]));
        }
        indexes[i] = (int32_t)table.n_fields;
        fields[table.n_fields++] = (Field){SPAN("\x01"), out.type};
        cdc->metas[cdc->n_metas++].meta = (uint32_t)(found - type->metadata);
    }
    cdc->reader.top = json_node_object(arena, &table, spec->out, indexes, (Span){NULL, 0}, false);
    for (uint32_t i = 0; i < cdc->n_metas; i++) {
        JsonNode *node = cdc->reader.top->fields[1 + n_table + i].node;
        bool is_text = type->metadata[cdc->metas[i].meta].type->precision > 3;
        cdc->metas[i].node = node;
        if (node->kind == JSON_TIMESTAMP_LTZ) /* a time in UTC as text, or milliseconds */
            node->kind = is_text ? JSON_TIMESTAMP : JSON_INTERVAL;
    }
    return ST_OK;
}

Status cdc_open_decoder(CdcReader *cdc, Arena *arena, CdcRecordFn *record, Err *err) {
    json_reader_init(&cdc->reader);
    cdc->reader.lines = cdc_lines;
    cdc->record = record;
    return cdc_open_columns(cdc, arena, err);
}

Status cdc_decode(Decoder *decoder, Span in, bool at_end, uint32_t max_rows, BatchBuilder *out,
                  size_t *consumed, Err *err) {
    return json_read_chunk((JsonReader *)decoder, in, at_end, max_rows, out, consumed, err);
}
