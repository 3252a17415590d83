/* commit_show.c -- what a store of commits holds, for `weir state`.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "flow/stage.h"

const char commit_prefix[] = "\0\0\0\0\0\0\0\0commit/";

typedef struct StateCount {
    uint64_t records, bytes;
} StateCount;

typedef struct StatePrint {
    Kv *kv;
    StateView view;
    Buf *out;
    StateCount all; /* of the tables that were printed */
    uint32_t n_jobs;
} StatePrint;

static Status state_count(void *ctx, Span key, Span value, Err *err) {
    StateCount *count = ctx;
    (void)err;
    count->records++;
    count->bytes += key.len + value.len;
    return ST_OK;
}

static void state_put_time(Buf *out, int64_t us) {
    char text[64];
    buf_put(out, text, civil_print_timestamp(text, us, ' ', 3));
}

static Status state_print_tables(StatePrint *print, Record *in, Err *err) {
    uint64_t n = record_count(in, 16);
    for (uint64_t i = 0; i < n; i++) {
        Span name = record_span(in);
        uint64_t id = __builtin_bswap64(record_u64(in));
        StateCount count = {0, 0};
        TRY(kv_scan(print->kv, (Span){(const char *)&id, sizeof id}, state_count, &count, err));
        print->all.records += count.records;
        print->all.bytes += count.bytes;
        if (print->view == STATE_SHOW && count.records)
            buf_printf(print->out, "    table %-44.*s %10llu records %12llu bytes\n", (int)name.len,
                       name.ptr, (unsigned long long)count.records,
                       (unsigned long long)count.bytes);
    }
    return ST_OK;
}

static void state_print_operators(StatePrint *print, Record *in) {
    uint64_t n = record_count(in, 24);
    for (uint64_t i = 0; i < n; i++) {
        Span about = record_span(in), name = record_span(in);
        int64_t watermark = record_i64(in);
        if (!name.len || print->view != STATE_SHOW) continue;
        buf_printf(print->out, "    " SPAN_FMT ": " SPAN_FMT, SPAN_ARG(name), SPAN_ARG(about));
        if (watermark == WATERMARK_MAX) {
            buf_puts(print->out, ", at its end");
        } else if (watermark != WATERMARK_NONE) {
            buf_puts(print->out, ", watermark ");
            state_put_time(print->out, watermark);
        }
        buf_putc(print->out, '\n');
    }
}

static Status state_print_job(void *ctx, Span key, Span value, Err *err) {
    StatePrint *print = ctx;
    Record in = {.rest = value}, head;
    Span job = {key.ptr + COMMIT_PREFIX_LEN, key.len - COMMIT_PREFIX_LEN};
    uint64_t hash, version, commit, rows_in, rows_out, workers;
    int64_t time_us;
    bool is_finished;
    if (value.len < 4 * sizeof hash) goto corrupt;
    in.rest.len -= sizeof hash;
    memcpy(&hash, in.rest.ptr + in.rest.len, sizeof hash);
    version = record_u64(&in);
    if (hash != hash_bytes(value.ptr, value.len - sizeof hash, 0)) goto corrupt;
    if (version != COMMIT_VERSION) {
        FAIL(err, ST_UNSUPPORTED, "0A000", -1,
             "another version of weir wrote the last commit of query \"" SPAN_FMT "\"",
             SPAN_ARG(job));
    }
    commit = record_u64(&in);
    record_u64(&in);
    head = (Record){.rest = record_span(&in)};
    time_us = record_i64(&head);
    record_u64(&head); /* steps */
    is_finished = record_u64(&head) != 0;
    rows_in = record_u64(&head);
    rows_out = record_u64(&head);
    workers = record_u64(&head);
    print->n_jobs++;
    buf_printf(print->out, SPAN_FMT ": commit %llu of ", SPAN_ARG(job), (unsigned long long)commit);
    state_put_time(print->out, time_us);
    buf_printf(print->out, ", %llu rows in, %llu out, %llu worker%s%s\n",
               (unsigned long long)rows_in, (unsigned long long)rows_out,
               (unsigned long long)workers, workers == 1 ? "" : "s",
               is_finished ? ", finished" : "");
    state_print_operators(print, &head);
    return state_print_tables(print, &head, err);
corrupt:
    FAIL(err, ST_CORRUPT, "XX001", -1, "the last commit of query \"" SPAN_FMT "\" is damaged",
         SPAN_ARG(job));
}

Status state_view(Kv *kv, StateView view, Buf *out, Err *err) {
    StatePrint print = {.kv = kv, .view = view, .out = out};
    StateCount all = {0, 0};
    TRY(kv_scan(kv, (Span){commit_prefix, COMMIT_PREFIX_LEN}, state_print_job, &print, err));
    if (!print.n_jobs) buf_puts(out, "no query has committed\n");
    if (view != STATE_VERIFY) return ST_OK;
    TRY(kv_scan(kv, (Span){"", 0}, state_count, &all, err));
    buf_printf(out, "%llu records, %llu bytes were read: nothing is damaged\n",
               (unsigned long long)all.records, (unsigned long long)all.bytes);
    return ST_OK;
}
