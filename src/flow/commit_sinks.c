/* commit_sinks.c -- which tables the queries of a state directory write: a query that is new there
 * starts with the first row, so it may not write what a query before it wrote already. It may when
 * this run has started that other query too: then both are meant to write there.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "flow/stage.h"

static void sinks_path(const Table *table, Buf *out) {
    buf_reset(out);
    if (!table) return;
    buf_printf(out, SPAN_FMT "." SPAN_FMT "." SPAN_FMT, SPAN_ARG(table->catalog),
               SPAN_ARG(table->database), SPAN_ARG(table->name));
}

void commits_put_sinks(const Flow *flow, Buf *name, Buf *out) {
    record_put_u64(out, flow->n_drains);
    for (uint32_t i = 0; i < flow->n_drains; i++) {
        sinks_path(flow->drains[i].table, name);
        record_put_span(out, buf_as_span(name));
    }
}

/* The rest of a commit's part for people, up to the sinks. */
static void sinks_skip_to(Record *head) {
    enum { HEAD_NUMBERS = 6 };
    uint64_t n;
    for (uint32_t i = 0; i < HEAD_NUMBERS; i++) record_u64(head);
    n = record_count(head, 3 * sizeof n);
    for (uint64_t i = 0; i < n; i++) {
        record_span(head);
        record_span(head);
        record_i64(head);
    }
    n = record_count(head, 2 * sizeof n);
    for (uint64_t i = 0; i < n; i++) {
        record_span(head);
        record_u64(head);
    }
}

static bool sinks_is_of_run(const Flow *flow, Span job) {
    uint64_t wanted = hash_bytes(job.ptr, job.len, 0), started;
    for (size_t at = 0; at < flow->spec.started.len; at += sizeof started) {
        memcpy(&started, flow->spec.started.ptr + at, sizeof started);
        if (started == wanted) return true;
    }
    return false;
}

typedef struct SinksCheck {
    const Flow *flow;
    Buf name;
} SinksCheck;

static Status sinks_check_job(void *ctx, Span key, Span value, Err *err) {
    SinksCheck *check = ctx;
    Span job = {key.ptr + COMMIT_PREFIX_LEN, key.len - COMMIT_PREFIX_LEN};
    Record in = {.rest = value}, head;
    uint64_t n;
    if (sinks_is_of_run(check->flow, job)) return ST_OK;
    if (record_u64(&in) != COMMIT_VERSION) return ST_OK;
    record_u64(&in); /* its number */
    record_u64(&in); /* the hash of the one before */
    head = (Record){.rest = record_span(&in)};
    sinks_skip_to(&head);
    n = record_count(&head, sizeof n);
    for (uint64_t i = 0; i < n; i++) {
        Span path = record_span(&head);
        for (uint32_t k = 0; path.len && k < check->flow->n_drains; k++) {
            sinks_path(check->flow->drains[k].table, &check->name);
            if (!span_eq(path, buf_as_span(&check->name))) continue;
            err_set(err, ST_CONFLICT, "55000", -1, __FILE__, __LINE__,
                    "query \"%s\" is new and would write table " SPAN_FMT
                    " from the beginning, but query \"" SPAN_FMT "\" has written it already",
                    check->flow->spec.job, SPAN_ARG(path), SPAN_ARG(job));
            return err_hint(err, "run the query as it was, with new INSERTs beside it instead of "
                                 "in its STATEMENT SET, or begin anew with another state "
                                 "directory and another place for its output");
        }
    }
    return ST_OK;
}

Status commits_check_sinks(const Flow *flow, Err *err) {
    SinksCheck check = {.flow = flow};
    Status status;
    buf_init(&check.name, NULL);
    status = kv_scan(flow->spec.kv, (Span){commit_prefix, COMMIT_PREFIX_LEN}, sinks_check_job,
                     &check, err);
    buf_deinit(&check.name);
    return status;
}
