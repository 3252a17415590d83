/* format.c -- finds formats by name, opens decoders and encoders, reports bad records.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/format.h"

#include "format/decode.h"

extern const FormatType *const fmt_registry[]; /* generated from the names of files; NULL last */

const char *const row_kind_text[4] = {"+I", "-U", "+U", "-D"};

const FormatType *const *format_all(uint32_t *n) {
    *n = 0;
    while (fmt_registry[*n]) ++*n;
    return fmt_registry;
}

const FormatType *format_find(Span name) {
    for (const FormatType *const *type = fmt_registry; *type; type++) {
        if (span_is(name, (*type)->name)) return *type;
    }
    return NULL;
}

const FormatMeta *format_meta_find(const FormatType *type, Span key) {
    const FormatMeta *meta = type ? type->metadata : NULL;
    size_t skip = span_starts_with(key, "value.") ? strlen("value.") : 0;
    for (; meta && meta->key; meta++) {
        if (span_is((Span){key.ptr + skip, key.len - skip}, meta->key)) return meta;
    }
    return NULL;
}

Status decoder_open(const FormatType *type, const DecodeSpec *spec, Arena *arena, Decoder **out,
                    Err *err) {
    Decoder *decoder;
    if (!(type->traits & FORMAT_SOURCE)) {
        FAIL(err, ST_UNSUPPORTED, "0A000", -1, "format '%s' cannot be read", type->name);
    }
    decoder = arena_zalloc(arena, type->decoder_size);
    decoder->type = type;
    decoder->spec = *spec;
    TRY(type->open_decoder(decoder, arena, err));
    *out = decoder;
    return ST_OK;
}

void decoder_close(Decoder *decoder) {
    if (decoder && decoder->type->close_decoder) decoder->type->close_decoder(decoder);
}

Status encoder_open(const FormatType *type, const EncodeSpec *spec, Arena *arena, Encoder **out,
                    Err *err) {
    Encoder *encoder;
    if (!(type->traits & FORMAT_SINK)) {
        FAIL(err, ST_UNSUPPORTED, "0A000", -1, "format '%s' cannot be written", type->name);
    }
    encoder = arena_zalloc(arena, type->encoder_size);
    encoder->type = type;
    encoder->spec = *spec;
    TRY(type->open_encoder(encoder, arena, err));
    *out = encoder;
    return ST_OK;
}

void encoder_close(Encoder *encoder) {
    if (encoder && encoder->type->close_encoder) encoder->type->close_encoder(encoder);
}

Status format_check(const FormatType *type, const Schema *columns, const Options *options,
                    Err *err) {
    DecodeSpec decode = {.table = columns, .out = columns, .options = options};
    EncodeSpec encode = {.schema = columns, .options = options};
    Status status = ST_UNSUPPORTED;
    Decoder *decoder;
    Encoder *encoder;
    Arena arena;
    arena_init(&arena, NULL);
    if (type->traits & FORMAT_SOURCE) {
        int32_t *indexes = arena_array(&arena, int32_t, columns->n_fields);
        for (uint32_t i = 0; i < columns->n_fields; i++) indexes[i] = (int32_t)i;
        decode.indexes = indexes;
        status = decoder_open(type, &decode, &arena, &decoder, err);
        if (status == ST_OK) decoder_close(decoder);
    }
    if (status && type->traits & FORMAT_SINK) {
        Err *why = type->traits & FORMAT_SOURCE ? NULL : err; /* the first reason stands */
        Status written = encoder_open(type, &encode, &arena, &encoder, why);
        if (written == ST_OK) encoder_close(encoder);
        if (written == ST_OK) status = ST_OK;
    }
    arena_deinit(&arena);
    return status;
}

/* ---- bad records ---- */

Status bad_record_raise(const BadRecord *bad, const char *where, Err *err) {
    char place[160];
    int cut = bad->value.len > 120 ? 120 : (int)bad->value.len;
    snprintf(place, sizeof place, "%s%sline %llu, byte %u", where ? where : "", where ? ", " : "",
             (unsigned long long)bad->line, bad->at + 1);
    if (bad->column.len) {
        err_set(err, ST_INVALID, bad->sqlstate, -1, __FILE__, __LINE__,
                "%s: column '" SPAN_FMT "': %s%s%.*s%s", place, SPAN_ARG(bad->column), bad->reason,
                cut ? ", not " : "", cut, bad->value.ptr, cut < (int)bad->value.len ? "..." : "");
    } else {
        err_set(err, ST_INVALID, bad->sqlstate, -1, __FILE__, __LINE__, "%s: %s", place,
                bad->reason);
    }
    cut = bad->bytes.len > 400 ? 400 : (int)bad->bytes.len;
    err_detail(err, "record: %.*s%s", cut, bad->bytes.ptr, cut < (int)bad->bytes.len ? "..." : "");
    if (bad->hint) return err_hint(err, "%s", bad->hint);
    return err_hint(err,
                    "ignore-parse-errors skips such records, dead-letter keeps them elsewhere");
}

Status decode_bad(const Decoder *decoder, const BadRecord *bad, Err *err) {
    if (decoder->spec.on_bad) return decoder->spec.on_bad(decoder->spec.on_bad_ctx, bad, err);
    return bad->is_ignored ? ST_OK : bad_record_raise(bad, NULL, err);
}
