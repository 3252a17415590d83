/* fuzz_format.h -- decodes an input whole and in pieces and compares the rows; for the targets of
 * the formats. Everything is static: each target is a program of its own.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_FUZZ_FORMAT_H
#define WEIR_FUZZ_FORMAT_H

#include "format/format.h"
#include "format/timepat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct FuzzCopy FuzzCopy;
struct FuzzCopy {
    FuzzCopy *next;
    char bytes[];
};

typedef struct FuzzRows {
    BatchBuilder rows;
    FuzzCopy *copies; /* of the input, for rows point into it */
    uint64_t n_bad, n_kept;
} FuzzRows;

static inline Status fuzz_bad(void *ctx, const BadRecord *bad, Err *err) {
    FuzzRows *self = ctx;
    (void)err;
    if (bad->at > bad->bytes.len + 1 || !bad->reason || !bad->sqlstate) __builtin_trap();
    if (bad->is_kept)
        self->n_kept++;
    else
        self->n_bad++;
    return ST_OK;
}

/* Decodes in pieces of `piece` bytes (0: all at once); false when the decoder cannot be opened or
 * stops. */
static inline bool fuzz_decode(Arena *arena, const FormatType *type, const Schema *schema,
                               const Options *options, size_t piece, Span input, FuzzRows *out) {
    int32_t indexes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    DecodeSpec spec = {.table = schema,
                       .out = schema,
                       .indexes = indexes,
                       .options = options,
                       .on_bad = fuzz_bad,
                       .on_bad_ctx = out};
    Decoder *decoder;
    Err err = ERR_INIT;
    size_t at = 0, end = 0;
    Status status = ST_OK;
    memset(out, 0, sizeof *out);
    if (decoder_open(type, &spec, arena, &decoder, &err)) return false;
    batchb_init(&out->rows, arena, schema, 1);
    while (status == ST_OK) {
        size_t used = 0;
        FuzzCopy *copy; /* of its own, so that the sanitizer sees what is read behind it */
        end = piece && end + piece < input.len ? end + piece : input.len;
        copy = malloc(sizeof *copy + end - at + CHUNK_PADDING);
        copy->next = out->copies;
        out->copies = copy;
        memcpy(copy->bytes, input.ptr + at, end - at);
        memset(copy->bytes + (end - at), '"', CHUNK_PADDING);
        status = type->decode(decoder, (Span){copy->bytes, end - at}, end == input.len, UINT32_MAX,
                              &out->rows, &used, &err);
        if (used > end - at) __builtin_trap();
        at += used;
        if (end == input.len) break;
    }
    decoder_close(decoder);
    if (status == ST_OK && at != input.len) __builtin_trap();
    return status == ST_OK;
}

static inline void fuzz_free(FuzzRows *rows) {
    while (rows->copies) {
        FuzzCopy *next = rows->copies->next;
        free(rows->copies);
        rows->copies = next;
    }
}

static inline void fuzz_format(Arena *arena, const char *format, Schema schema, const char *option,
                               const char *value, uint8_t piece, Span input) {
    const FormatType *type = format_find(span_of(format));
    OptionPair pair = {span_of(option), span_of(value ? value : "true"), -1};
    Options options = {*option != 0, &pair, "", type->options};
    FuzzRows whole, parts;
    const Batch *a, *b;
    if (!fuzz_decode(arena, type, &schema, &options, 0, input, &whole)) {
        fuzz_free(&whole);
        return;
    }
    if (!fuzz_decode(arena, type, &schema, &options, (piece % 32u + 1u) * (1 + input.len / 256),
                     input, &parts)) {
        __builtin_trap();
    }
    a = batchb_finish(&whole.rows);
    b = batchb_finish(&parts.rows);
    if (a->n_rows != b->n_rows || whole.n_bad != parts.n_bad || whole.n_kept != parts.n_kept) {
        __builtin_trap();
    }
    for (uint32_t c = 0; c < a->n_cols; c++) {
        for (uint32_t i = 0; i < a->n_rows; i++) {
            if (!col_value_eq(&a->cols[c], i, &b->cols[c], i)) __builtin_trap();
        }
    }
    fuzz_free(&whole);
    fuzz_free(&parts);
}

static inline void fuzz_time_pattern(Arena *arena, Span pattern, Span text) {
    static const TypeKind kinds[] = {TYPE_DATE, TYPE_TIME, TYPE_TIMESTAMP, TYPE_TIMESTAMP_LTZ};
    TimeYear year = {.first = 2024};
    TimeParse how = {NULL, &year};
    const TimePattern *compiled;
    Err err = ERR_INIT;
    int64_t value;
    if (timepat_compile(arena, pattern, -1, &compiled, &err)) return;
    for (int i = 0; i < 4; i++) (void)timepat_parse(compiled, &how, text, kinds[i], &value);
}

#endif
