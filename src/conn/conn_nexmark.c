/* conn_nexmark.c -- the Nexmark benchmark's event stream as a table: event_type, person, auction,
 * bid.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/nexmark_gen.h"
#include "os/os.h"

enum { NEXMARK_COLUMNS = 4, NEXMARK_FIELDS = 11 };
static const char *const nexmark_columns[NEXMARK_COLUMNS] = {"event_type", "person", "auction",
                                                             "bid"};

typedef struct NexmarkSource {
    Source source;
    NexmarkGen *gen;
    uint64_t next, last; /* numbers: 1 .. last; UINT64_MAX = no end */
    int64_t rate;
    bool is_paced;
    int64_t base_us;     /* event time of event 1 */
    int64_t start_us;    /* monotonic: when event 1 was due */
    int8_t *kinds;       /* per wanted column: -1 event_type, else a NexmarkKind */
    uint32_t *fields[3]; /* per kind: generator field of each field of the wanted ROW */
} NexmarkSource;

/* Other systems and other versions of the benchmark write date_time, datetime, customTime. */
static bool nexmark_name_is(Span name, const char *known) {
    bool is_time = strcmp(known, "dateTime") == 0;
    size_t at = 0;
    if (is_time && span_is(name, "customTime")) return true;
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '_') continue;
        if (!known[at] || (name.ptr[i] | 0x20) != (known[at] | 0x20)) return false;
        at++;
    }
    return !known[at];
}

/* Which column of the benchmark this is, and which of its fields the ROW has. */
static Status nexmark_map(NexmarkSource *self, uint32_t col, Err *err) {
    const Field *field = &self->source.spec.schema->fields[col];
    int which = 0;
    const Schema *row = &field->type->row;
    while (which < NEXMARK_COLUMNS && !span_is(field->name, nexmark_columns[which])) which++;
    if (which == 0 && field->type->kind == TYPE_INT) {
        self->kinds[col] = -1;
        return ST_OK;
    }
    if (which == 0 || which == NEXMARK_COLUMNS || field->type->kind != TYPE_ROW) {
        err_set(err, ST_INVALID, "42804", -1, __FILE__, __LINE__,
                "the nexmark connector has no column \"" SPAN_FMT "\" of this type",
                SPAN_ARG(field->name));
        return err_hint(err, "its columns are event_type INT and person, auction, bid ROW<...>");
    }
    self->kinds[col] = (int8_t)(which - 1);
    self->fields[which - 1] = arena_array(self->source.spec.arena, uint32_t, row->n_fields + 1);
    for (uint32_t i = 0; i < row->n_fields; i++) {
        const NexmarkField *known = nexmark_fields[which - 1];
        uint32_t at = 0;
        while (known[at].name && !nexmark_name_is(row->fields[i].name, known[at].name)) at++;
        if (!known[at].name || known[at].type != row->fields[i].type->kind) {
            FAIL(err, ST_INVALID, "42804", -1,
                 "the nexmark connector's %s has no field \"" SPAN_FMT "\" of this type",
                 nexmark_columns[which], SPAN_ARG(row->fields[i].name));
        }
        self->fields[which - 1][i] = at;
    }
    return ST_OK;
}

static Status nexmark_config(const Options *options, NexmarkConfig *config, Err *err) {
    Span base = opt_str(options, "base-time");
    config->seed = (uint64_t)opt_int(options, "seed");
    config->rate = opt_int(options, "next-event.rate");
    config->n_person = opt_int(options, "person.proportion");
    config->n_auction = opt_int(options, "auction.proportion");
    config->n_bid = opt_int(options, "bid.proportion");
    config->person_bytes = opt_size(options, "person.avg-size");
    config->auction_bytes = opt_size(options, "auction.avg-size");
    config->bid_bytes = opt_size(options, "bid.avg-size");
    config->hot_auctions = opt_int(options, "bid.hot-ratio.auctions");
    config->hot_bidders = opt_int(options, "bid.hot-ratio.bidders");
    config->hot_sellers = opt_int(options, "auction.hot-ratio.sellers");
    config->base_us = clock_wall_us() / 1000 * 1000;
    if (opt_int(options, "first-event.rate") != config->rate &&
        opt_has(options, "first-event.rate")) {
        FAIL(err, ST_UNSUPPORTED, "0A000", opt_pos(options, "first-event.rate"),
             "'first-event.rate' and 'next-event.rate' must be equal: the rate does not change "
             "over time");
    }
    if (config->rate < 1 || config->n_person < 1 || config->n_auction < 1 || config->n_bid < 0 ||
        config->hot_auctions < 1 || config->hot_bidders < 1 || config->hot_sellers < 1) {
        FAIL(err, ST_INVALID, "22023", -1,
             "the rates, proportions and hot ratios of the nexmark connector must be at least 1");
    }
    if (base.len) {
        Arena arena;
        ColBuilder col;
        Status status;
        arena_init(&arena, NULL);
        colb_init(&col, &arena, &type_timestamp6, 1);
        status = value_parse(base, &type_timestamp6, TEXT_CAST, NULL, &col, err);
        if (status == ST_OK) config->base_us = col.i64[0];
        arena_deinit(&arena);
        if (status != ST_OK) return err_wrap(err, "'base-time'");
    }
    return ST_OK;
}

static Status nexmark_open(Source *source, Err *err) {
    NexmarkSource *self = (NexmarkSource *)source;
    const Options *options = source->spec.options;
    NexmarkConfig config;
    int64_t n_events = opt_int(options, "events.num");
    int64_t stop_at = opt_int(options, "stop-at");
    TRY(nexmark_config(options, &config, err));
    self->kinds = arena_array(source->spec.arena, int8_t, source->spec.schema->n_fields);
    for (uint32_t i = 0; i < source->spec.schema->n_fields; i++) TRY(nexmark_map(self, i, err));
    if (stop_at > 0 && (n_events <= 0 || stop_at < n_events)) n_events = stop_at;
    self->last = n_events > 0 ? (uint64_t)n_events : UINT64_MAX;
    self->next = 1;
    self->rate = config.rate;
    self->is_paced = !opt_bool(options, "max-emit-speed") || opt_bool(options, "rate.limited");
    self->base_us = config.base_us;
    self->start_us = clock_mono_us();
    if (source->spec.resume) {
        Record in = {.rest = *source->spec.resume};
        self->next = record_u64(&in);
        config.base_us = self->base_us = record_i64(&in);
        self->start_us -=
            (int64_t)((unsigned __int128)(self->next - 1) * 1000000 / (uint64_t)self->rate);
        if (in.is_bad)
            FAIL(err, ST_CORRUPT, "XX001", -1, "the position in table \"%s\" is cut off",
                 source->spec.table_name);
    }
    self->gen = nexmark_gen_new(source->spec.mem, &config);
    return ST_OK;
}

static int64_t nexmark_due_us(const NexmarkSource *self, uint64_t number) {
    return self->start_us +
           (int64_t)((unsigned __int128)(number - 1) * 1000000 / (uint64_t)self->rate);
}

static void nexmark_row(const NexmarkSource *self, const NexmarkEvent *event, BatchBuilder *out) {
    for (uint32_t col = 0; col < out->n_cols; col++) {
        ColBuilder *to = &out->cols[col];
        if (self->kinds[col] < 0) {
            colb_i32(to, (int32_t)event->kind);
        } else if (self->kinds[col] != (int8_t)event->kind) {
            colb_null(to);
        } else {
            const uint32_t *fields = self->fields[event->kind];
            for (uint32_t i = 0; i < to->n_children; i++)
                nexmark_gen_field(self->gen, event, fields[i], &to->children[i]);
            colb_row_end(to);
        }
    }
    batchb_row_end(out, 1);
}

static Status nexmark_poll_rows(Source *source, uint32_t max_rows, BatchBuilder *out,
                                int32_t *split, Err *err) {
    NexmarkSource *self = (NexmarkSource *)source;
    uint64_t until = self->next + max_rows;
    (void)err;
    *split = 0;
    if (self->next > self->last)
        return opt_bool(source->spec.options, "keep-alive") ? ST_AGAIN : ST_END;
    if (until > self->last) until = self->last == UINT64_MAX ? until : self->last + 1;
    if (self->is_paced) {
        int64_t elapsed = clock_mono_us() - self->start_us;
        uint64_t due =
            (uint64_t)((unsigned __int128)(uint64_t)elapsed * (uint64_t)self->rate / 1000000) + 2;
        if (until > due) until = due;
    }
    if (self->next >= until) return ST_AGAIN;
    for (; self->next < until; self->next++) {
        NexmarkEvent event;
        nexmark_gen_event(self->gen, self->next, &event);
        nexmark_row(self, &event, out);
    }
    return ST_OK;
}

static int nexmark_wake_fd(const Source *source) {
    (void)source;
    return -1;
}

static int64_t nexmark_wake_us(const Source *source) {
    const NexmarkSource *self = (const NexmarkSource *)source;
    return self->next > self->last ? INT64_MAX : nexmark_due_us(self, self->next);
}

/* In events, not bytes: the bar needs only their ratio. */
static bool nexmark_progress(const Source *source, uint64_t *done, uint64_t *total) {
    const NexmarkSource *self = (const NexmarkSource *)source;
    *done = self->next - 1;
    *total = self->last;
    return self->last != UINT64_MAX;
}

static void nexmark_position(const Source *source, Buf *out) {
    const NexmarkSource *self = (const NexmarkSource *)source;
    record_put_u64(out, self->next);
    record_put_i64(out, self->base_us);
}

static void nexmark_close(Source *source) {
    nexmark_gen_free(((NexmarkSource *)source)->gen);
}

static bool nexmark_is_bounded(const Options *options) {
    return (opt_int(options, "events.num") > 0 || opt_int(options, "stop-at") > 0) &&
           !opt_bool(options, "keep-alive");
}

static const OptionSpec nexmark_options[] = {
    {"events.num", OPT_INT, "0", NULL, false, false, "Number of events; 0 = no end."},
    {"first-event.rate", OPT_INT, "10000", NULL, false, false,
     "Events a second of event time; equal to next-event.rate."},
    {"next-event.rate", OPT_INT, "10000", NULL, false, false, "Events a second of event time."},
    {"rate.shape", OPT_ENUM, "SQUARE", "SQUARE|SINE", false, false,
     "Accepted; the rate is constant."},
    {"rate.period", OPT_DURATION, "600 s", NULL, false, false, "Accepted; the rate is constant."},
    {"rate.limited", OPT_BOOL, "false", NULL, false, false,
     "Emit events no faster than their event times say."},
    {"max-emit-speed", OPT_BOOL, "true", NULL, false, false,
     "Emit as fast as possible; false as rate.limited."},
    {"person.avg-size", OPT_SIZE, "200b", NULL, false, false, "Average bytes of a person."},
    {"auction.avg-size", OPT_SIZE, "500b", NULL, false, false, "Average bytes of an auction."},
    {"bid.avg-size", OPT_SIZE, "100b", NULL, false, false, "Average bytes of a bid."},
    {"person.proportion", OPT_INT, "1", NULL, false, false, "Persons in every epoch of events."},
    {"auction.proportion", OPT_INT, "3", NULL, false, false, "Auctions in every epoch."},
    {"bid.proportion", OPT_INT, "46", NULL, false, false, "Bids in every epoch."},
    {"bid.hot-ratio.auctions", OPT_INT, "2", NULL, false, false,
     "One bid of so many goes to an auction that is not hot."},
    {"bid.hot-ratio.bidders", OPT_INT, "4", NULL, false, false,
     "One bid of so many comes from a bidder who is not hot."},
    {"auction.hot-ratio.sellers", OPT_INT, "4", NULL, false, false,
     "One auction of so many has a seller who is not hot."},
    {"keep-alive", OPT_BOOL, "false", NULL, false, false, "Do not end after the last event."},
    {"stop-at", OPT_INT, "-1", NULL, false, false, "Stop after this many events."},
    {"seed", OPT_INT, "1", NULL, false, false, "The same seed gives the same events."},
    {"base-time", OPT_STRING, NULL, NULL, false, false,
     "Event time of the first event; the clock when absent."},
    {NULL, OPT_STRING, NULL, NULL, false, false, NULL},
};
static const SourceType nexmark_source = {
    .size = sizeof(NexmarkSource),
    .open = nexmark_open,
    .poll_rows = nexmark_poll_rows,
    .wake_fd = nexmark_wake_fd,
    .wake_us = nexmark_wake_us,
    .progress = nexmark_progress,
    .position = nexmark_position,
    .close = nexmark_close,
};

const ConnType conn_nexmark = {
    .name = "nexmark",
    .traits = CONN_SOURCE | CONN_ROWS | CONN_PRUNES,
    .options = nexmark_options,
    .source = &nexmark_source,
    .is_bounded = nexmark_is_bounded,
    .help = "Persons, auctions and bids of the Nexmark benchmark, made from a seed.",
    .guarantee = "repeatable: the same seed and base-time give the same rows",
};
