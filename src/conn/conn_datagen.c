/* conn_datagen.c -- random and sequential rows, at a rate: the options of Flink's datagen
 * connector, and a seed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/datagen.h"
#include "os/os.h"

typedef struct DatagenSource {
    Source source;
    ValueGen *cols; /* one a wanted column */
    Rng rng;
    uint64_t next, end; /* rows made, rows to make */
    int64_t rate, start_us;
} DatagenSource;

static Status datagen_check_names(const SourceSpec *spec, Err *err) {
    for (uint32_t i = 0; i < spec->options->n; i++) {
        const OptionPair *pair = &spec->options->pairs[i];
        Span rest = {pair->key.ptr + 7, pair->key.len - 7};
        bool is_known = false;
        if (!span_starts_with(pair->key, "fields.")) continue;
        for (uint32_t f = 0; f < spec->table->n_fields && !is_known; f++) {
            Span name = spec->table->fields[f].name;
            is_known = rest.len > name.len && memcmp(rest.ptr, name.ptr, name.len) == 0 &&
                       rest.ptr[name.len] == '.';
        }
        if (!is_known) {
            FAIL(err, ST_INVALID, "22023", pair->pos,
                 "option '" SPAN_FMT "' names no column of table \"%s\"", SPAN_ARG(pair->key),
                 spec->table_name);
        }
    }
    return ST_OK;
}

static void datagen_save_gen(const ValueGen *gen, Buf *out) {
    record_put_u64(out, gen->n_made);
    for (uint32_t i = 0; i < gen->n_children; i++) datagen_save_gen(&gen->children[i], out);
}

static void datagen_load_gen(ValueGen *gen, Record *in) {
    gen->n_made = record_u64(in);
    for (uint32_t i = 0; i < gen->n_children; i++) datagen_load_gen(&gen->children[i], in);
}

static void datagen_position(const Source *source, Buf *out) {
    const DatagenSource *self = (const DatagenSource *)source;
    record_put_u64(out, self->next);
    record_put_u64(out, self->rng.state);
    for (uint32_t i = 0; i < source->spec.table->n_fields; i++)
        datagen_save_gen(&self->cols[i], out);
}

static Status datagen_resume(DatagenSource *self, Err *err) {
    Record in = {.rest = *self->source.spec.resume};
    self->next = record_u64(&in);
    self->rng.state = record_u64(&in);
    for (uint32_t i = 0; i < self->source.spec.table->n_fields; i++)
        datagen_load_gen(&self->cols[i], &in);
    self->start_us -= (int64_t)((unsigned __int128)self->next * 1000000 / (uint64_t)self->rate) + 1;
    if (!in.is_bad && !in.rest.len) return ST_OK;
    FAIL(err, ST_CONFLICT, "55000", -1,
         "the columns of table \"%s\" are not those whose rows were being made",
         self->source.spec.table_name);
}

static Status datagen_open(Source *source, Err *err) {
    DatagenSource *self = (DatagenSource *)source;
    const SourceSpec *spec = &source->spec;
    TRY(datagen_check_names(spec, err));
    self->rate = opt_int(spec->options, "rows-per-second");
    if (self->rate < 1)
        FAIL(err, ST_INVALID, "22023", opt_pos(spec->options, "rows-per-second"),
             "'rows-per-second' must be at least 1");
    self->end = opt_has(spec->options, "number-of-rows")
                    ? (uint64_t)opt_int(spec->options, "number-of-rows")
                    : UINT64_MAX;
    self->rng.state = opt_has(spec->options, "seed") ? (uint64_t)opt_int(spec->options, "seed")
                                                     : (uint64_t)clock_wall_us();
    /* Every column of the table has a generator, so that the rows do not depend on which of them a
     * query uses. */
    self->cols = arena_array(spec->arena, ValueGen, spec->table->n_fields);
    for (uint32_t i = 0; i < spec->table->n_fields; i++) {
        const Field *field = &spec->table->fields[i];
        uint64_t rows;
        TRY(valuegen_init(&self->cols[i], spec->arena, field->type, field->name, spec->options,
                          err));
        rows = valuegen_rows(&self->cols[i]);
        if (rows < self->end) self->end = rows;
    }
    self->start_us = clock_mono_us();
    return spec->resume ? datagen_resume(self, err) : ST_OK;
}

static Status datagen_poll_rows(Source *source, uint32_t max_rows, BatchBuilder *out,
                                int32_t *split, Err *err) {
    DatagenSource *self = (DatagenSource *)source;
    int64_t now = clock_wall_us();
    uint64_t elapsed = (uint64_t)(clock_mono_us() - self->start_us);
    uint64_t due = (uint64_t)((unsigned __int128)elapsed * (uint64_t)self->rate / 1000000) + 1;
    (void)err;
    *split = 0;
    if (self->next >= self->end) return ST_END;
    if (due > self->end) due = self->end;
    if (self->next >= due) return ST_AGAIN;
    for (; max_rows && self->next < due; max_rows--, self->next++) {
        uint64_t row_seed = rng_next(&self->rng);
        for (uint32_t i = 0; i < out->n_cols; i++) {
            uint32_t col = (uint32_t)source->spec.indexes[i];
            Rng rng = {row_seed ^ (uint64_t)col * UINT64_C(0xd6e8feb86659fd93)};
            valuegen_append(&self->cols[col], &rng, now, &out->cols[i]);
        }
        batchb_row_end(out, 1);
    }
    return ST_OK;
}

static int datagen_wake_fd(const Source *source) {
    (void)source;
    return -1;
}

static int64_t datagen_wake_us(const Source *source) {
    const DatagenSource *self = (const DatagenSource *)source;
    return self->start_us +
           (int64_t)((unsigned __int128)self->next * 1000000 / (uint64_t)self->rate);
}

static bool datagen_progress(const Source *source, uint64_t *done, uint64_t *total) {
    const DatagenSource *self = (const DatagenSource *)source;
    *done = self->next;
    *total = self->end;
    return self->end != UINT64_MAX;
}

/* Bounded by a number of rows or by any sequence. */
static bool datagen_is_bounded(const Options *options) {
    if (opt_has(options, "number-of-rows")) return true;
    for (uint32_t i = 0; i < options->n; i++) {
        if (span_ends_with(options->pairs[i].key, ".kind") &&
            span_is(options->pairs[i].value, "sequence"))
            return true;
    }
    return false;
}

static const OptionSpec datagen_options[] = {
    {"rows-per-second", OPT_INT, "10000", NULL, false, false, "Rows a second."},
    {"number-of-rows", OPT_INT, NULL, NULL, false, false,
     "End after so many rows; without it, never."},
    {"scan.parallelism", OPT_INT, NULL, NULL, false, false, "Accepted; one generator is enough."},
    {"seed", OPT_INT, NULL, NULL, false, false, "The same seed gives the same rows."},
    {"fields.", OPT_STRING, NULL, NULL, false, true,
     "fields.COLUMN.kind (random, sequence), .min, .max, .start, .end, .length, .var-len, "
     ".max-past, .null-rate"},
    {NULL, OPT_STRING, NULL, NULL, false, false, NULL},
};
static const SourceType datagen_source = {
    .size = sizeof(DatagenSource),
    .open = datagen_open,
    .poll_rows = datagen_poll_rows,
    .wake_fd = datagen_wake_fd,
    .wake_us = datagen_wake_us,
    .progress = datagen_progress,
    .position = datagen_position,
};

const ConnType conn_datagen = {
    .name = "datagen",
    .traits = CONN_SOURCE | CONN_ROWS,
    .options = datagen_options,
    .source = &datagen_source,
    .is_bounded = datagen_is_bounded,
    .help = "Random or sequential rows for trying out queries.",
    .guarantee = "repeatable with a seed",
};
