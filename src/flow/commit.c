/* commit.c -- makes a run durable: between two steps everything that the next step depends on goes
 * into one batch, which is written whole or not at all, and a new run begins where the last one is.
 *
 *   changed entries of the state tables       state_collect
 *   where sources are, decoders too           feed_save
 *   watermarks, idleness, timers, counters    stage_save
 *   what sinks have on the disk               SinkType.save
 *   the number of the commit, a hash of the one before it, the names of the operators
 *
 * The step loop copies this out and goes on; a thread of the store writes and syncs it. When that
 * is done the sinks are told, and publish. One commit is under way at a time. A query that is
 * restarted is found by its name (job), its operators by theirs, which come from what they compute.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "flow/stage.h"

#include <stdio.h>

typedef struct Commits {
    Kv *kv;
    KvWriter *writer;
    Buf key;  /* of the commit's own record */
    Buf meta; /* that record, as it is made or was read */
    uint64_t job;
    uint64_t n; /* commits so far */
    uint64_t chain;
    KvBatch batch;
    uint64_t step; /* the last commit was made in front of */
    bool is_begun; /* there is a commit */
    bool is_under_way;
    bool is_final; /* everything was committed and published */
    int64_t next_us;
    Span *dead; /* while ends are opened: what the commit knows of dead letters */
    uint64_t n_dead;
    char id[17]; /* of the state directory and the job */
} Commits;

/* ---- one part each: saving, loading ---- */

static void stage_name(const Stage *stage, Buf *out) {
    buf_reset(out);
    buf_printf(out, "%s/%s", stage->ctx.name, stage->op->type->name);
}

/* A place in the input, or tables. */
static bool stage_keeps_state(const Stage *stage) {
    return !stage->is_wrapper &&
           (stage->feed || state_has_tables(stage->ctx.state, stage->ctx.name));
}

/* For people: "aggregate (groupBy=[k], ...)". */
static void stage_about(const Stage *stage, Buf *out) {
    enum { ABOUT_MAX = 160 };
    buf_reset(out);
    buf_printf(out, "%s (", stage->op->type->name);
    if (stage->op->type->explain) stage->op->type->explain(stage->op, out);
    if (out->len > ABOUT_MAX) {
        out->len = ABOUT_MAX;
        buf_puts(out, "...");
    }
    buf_putc(out, ')');
}

static void stage_save(const Stage *stage, Buf *out) {
    size_t at;
    record_put_i64(out, stage->ctx.watermark);
    record_put_i64(out, stage->ctx.out_watermark);
    record_put_i64(out, stage->watermark);
    record_put_i64(out, stage->ctx.wake_us);
    record_put_u64(out, stage->ctx.step);
    record_put_u64(out, stage->ctx.n_late);
    record_put_u64(out, stage->rows_in);
    record_put_u64(out, stage->rows_out);
    record_put_u64(out, (uint64_t)stage->is_done << 2 | (uint64_t)stage->is_idle << 1 |
                            stage->ctx.is_done);
    at = record_begin(out);
    if (stage->feed && stage == stage->feed->stage) {
        input_save(stage->op, out);
        feed_save(stage->feed, out);
    }
    record_end(out, at);
}

static void stage_load(Stage *stage, Record *in) {
    uint64_t flags;
    Record own;
    stage->ctx.watermark = stage->env.watermark = record_i64(in);
    stage->ctx.out_watermark = record_i64(in);
    stage->watermark = record_i64(in);
    stage->ctx.wake_us = record_i64(in);
    stage->ctx.step = record_u64(in);
    stage->ctx.n_late = record_u64(in);
    stage->rows_in = record_u64(in);
    stage->rows_out = record_u64(in);
    flags = record_u64(in);
    stage->is_done = flags >> 2 & 1;
    stage->is_idle = flags >> 1 & 1;
    stage->ctx.is_done = flags & 1;
    own = (Record){.rest = record_span(in)};
    if (!stage->feed || stage != stage->feed->stage) return;
    input_load(stage->op, &own);
    stage->feed->saved = own.rest;
    in->is_bad = in->is_bad || own.is_bad;
}

static void flow_save(const Flow *flow, Buf *out) {
    record_put_u64(out, flow->step);
    record_put_i64(out, flow->now_us);
    record_put_u64(out, flow->i_first);
    record_put_u64(out, flow->rows_bad);
    record_put_u64(out, flow->rows_dead);
    record_put_u64(out, flow->rows_dropped);
    record_put_u64(out, (uint64_t)flow->is_finished << 1 | flow->has_ended);
    record_put_u64(out, flow->n_bad_reasons);
    for (uint32_t i = 0; i < flow->n_bad_reasons; i++) {
        record_put_span(out, span_of(flow->bad[i].text));
        record_put_u64(out, flow->bad[i].n);
    }
}

static void flow_load(Flow *flow, Record *in) {
    uint64_t flags, n;
    flow->step = record_u64(in);
    flow->now_us = record_i64(in);
    flow->i_first = flow->n_feeds ? (uint32_t)(record_u64(in) % flow->n_feeds) : 0;
    if (!flow->n_feeds) record_u64(in);
    flow->rows_bad = record_u64(in);
    flow->rows_dead = record_u64(in);
    flow->rows_dropped = record_u64(in);
    flags = record_u64(in);
    flow->is_finished = flags >> 1 & 1;
    flow->has_ended = flags & 1;
    n = record_count(in, 16);
    for (uint64_t i = 0; i < n; i++) {
        Span text = record_span(in);
        uint64_t count = record_u64(in);
        if (i >= BAD_REASONS_MAX || text.len >= sizeof flow->bad[i].text) continue;
        memcpy(flow->bad[i].text, text.ptr, text.len);
        flow->bad[i].text[text.len] = 0;
        flow->bad[i].n = count;
        flow->n_bad_reasons = (uint32_t)i + 1;
    }
}

static Status drain_save(const Drain *drain, Buf *out, Err *err) {
    size_t at;
    Status status = ST_OK;
    record_put_span(out, drain->table ? drain->table->name : (Span){"", 0});
    record_put_u64(out, drain->rows_out);
    record_put_u64(out, drain->is_finished);
    at = record_begin(out);
    if (drain->sink && drain->sink->type->sink->save)
        status = drain->sink->type->sink->save(drain->sink, out, err);
    record_end(out, at);
    return status;
}

static void drain_load(Drain *drain, Record *in) {
    record_span(in); /* the job is called by its tables, in this order */
    drain->rows_out = record_u64(in);
    drain->is_finished = record_u64(in) != 0;
    drain->saved = record_span(in);
}

/* ---- the record ---- */

/* The stages that this worker has. */
static void worker_save(const Worker *worker, Buf *name, Buf *out) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < worker->n_stages; i++) n += worker->stages[i] != NULL;
    record_put_u64(out, n);
    for (uint32_t i = 0; i < worker->n_stages; i++) {
        if (!worker->stages[i]) continue;
        stage_name(worker->stages[i], name);
        record_put_span(out, buf_as_span(name));
        stage_about(worker->stages[i], name);
        record_put_span(out, buf_as_span(name));
        record_put_u64(out, stage_keeps_state(worker->stages[i]));
        stage_save(worker->stages[i], out);
    }
}

/* For `weir state`: what can be understood without the query. */
static void commits_head(const Flow *flow, Buf *name, Buf *out) {
    size_t at = record_begin(out), n_at;
    uint64_t n = 0, id;
    FlowStats stats;
    const char *table;
    flow_stats(flow, &stats);
    record_put_i64(out, clock_wall_us());
    record_put_u64(out, flow->step);
    record_put_u64(out, flow->is_finished);
    record_put_u64(out, stats.rows_in);
    record_put_u64(out, stats.rows_out);
    record_put_u64(out, flow->n_workers);
    record_put_u64(out, flow->workers[0].n_stages);
    for (uint32_t i = 0; i < flow->workers[0].n_stages; i++) {
        const Stage *stage = flow->workers[0].stages[i];
        bool is_shown = stage && !stage->is_wrapper;
        buf_reset(name);
        if (is_shown) stage_about(stage, name);
        record_put_span(out, buf_as_span(name));
        record_put_span(out, span_of(is_shown ? stage->ctx.name : ""));
        record_put_i64(out, is_shown ? stage->watermark : WATERMARK_NONE);
    }
    n_at = out->len;
    record_put_u64(out, 0);
    for (uint32_t w = 0; w < flow->n_workers; w++) {
        for (uint32_t i = 0; (table = state_table(flow->workers[w].state, i, &id)); i++, n++) {
            record_put_span(out, span_of(table));
            record_put_u64(out, id);
        }
    }
    memcpy(out->ptr + n_at, &n, sizeof n);
    commits_put_sinks(flow, name, out);
    record_end(out, at);
}

static Status commits_record(Flow *flow, Buf *out, Err *err) {
    const Commits *commits = flow->commits;
    Buf name;
    buf_init(&name, &flow->mem);
    buf_reset(out);
    record_put_u64(out, COMMIT_VERSION);
    record_put_u64(out, commits->n + 1);
    record_put_u64(out, commits->chain);
    commits_head(flow, &name, out);
    flow_save(flow, out);
    record_put_u64(out, flow->n_workers);
    for (uint32_t w = 0; w < flow->n_workers; w++) worker_save(&flow->workers[w], &name, out);
    buf_deinit(&name);
    record_put_u64(out, flow->n_drains);
    for (uint32_t i = 0; i < flow->n_drains; i++) TRY(drain_save(&flow->drains[i], out, err));
    record_put_u64(out, flow->n_dead);
    for (uint32_t i = 0; i < flow->n_dead; i++) {
        size_t at = record_begin(out);
        TRY(dead_letters_save(flow->dead[i], out, err));
        record_end(out, at);
    }
    record_put_u64(out, hash_bytes(out->ptr, out->len, 0));
    return ST_OK;
}

static Status commits_corrupt(const Flow *flow, const char *what, Err *err) {
    FAIL(err, ST_CORRUPT, "XX001", -1, "the last commit of query \"%s\" cannot be read: %s",
         flow->spec.job, what);
}

static Stage *worker_find_stage(const Worker *worker, Span wanted, Buf *name) {
    for (uint32_t i = 0; i < worker->n_stages; i++) {
        if (!worker->stages[i]) continue;
        stage_name(worker->stages[i], name);
        if (span_eq(buf_as_span(name), wanted)) return worker->stages[i];
    }
    return NULL;
}

/* The query means something else than it did. `what`: the operator without its equal. */
static Status commits_changed(const Flow *flow, bool is_new, Span what, Err *err) {
    err_set(err, ST_CONFLICT, "55000", -1, __FILE__, __LINE__,
            "query \"%s\" is another query than the one whose state is kept: " SPAN_FMT "%s",
            flow->spec.job, SPAN_ARG(what),
            is_new ? " has seen none of the rows that were read" : " would lose its state");
    return err_hint(err, "run the query as it was, or begin anew with another state directory and "
                         "another place for its output; what stands behind the operators that "
                         "keep state may change");
}

/* Operators are found by name. Those that keep state must be the same ones. */
static Status worker_load(Worker *worker, Buf *name, Record *in, Err *err) {
    uint64_t n = record_count(in, sizeof n);
    for (uint64_t i = 0; i < n; i++) {
        Span wanted = record_span(in), about = record_span(in);
        bool keeps_state = record_u64(in) != 0;
        Stage *stage = worker_find_stage(worker, wanted, name);
        Stage ignored = {.feed = NULL};
        if (!stage && keeps_state) return commits_changed(worker->flow, false, about, err);
        stage_load(stage ? stage : &ignored, in);
        if (stage) stage->is_loaded = true;
    }
    for (uint32_t i = 0; i < worker->n_stages; i++) {
        const Stage *stage = worker->stages[i];
        if (!stage || stage->is_loaded || !stage_keeps_state(stage)) continue;
        stage_about(stage, name);
        return commits_changed(worker->flow, true, buf_as_span(name), err);
    }
    return ST_OK;
}

static Status commits_load_stages(Flow *flow, Record *in, Err *err) {
    uint64_t n = record_u64(in);
    Buf name;
    Status status = ST_OK;
    if (n != flow->n_workers) {
        err_set(err, ST_CONFLICT, "55000", -1, __FILE__, __LINE__,
                "the state of query \"%s\" was made by %llu workers, and there are %u now",
                flow->spec.job, (unsigned long long)n, flow->n_workers);
        return err_hint(err, "go on with --workers %llu", (unsigned long long)n);
    }
    buf_init(&name, &flow->mem);
    for (uint32_t w = 0; w < flow->n_workers && status == ST_OK; w++)
        status = worker_load(&flow->workers[w], &name, in, err);
    buf_deinit(&name);
    return status;
}

static Status commits_load(Flow *flow, Err *err) {
    Commits *commits = flow->commits;
    Record in = {.rest = buf_as_span(&commits->meta)};
    uint64_t hash, n;
    if (in.rest.len < 4 * sizeof hash) return commits_corrupt(flow, "it is too short", err);
    in.rest.len -= sizeof hash;
    memcpy(&hash, in.rest.ptr + in.rest.len, sizeof hash);
    if (hash != hash_bytes(in.rest.ptr, in.rest.len, 0))
        return commits_corrupt(flow, "its checksum is wrong", err);
    if (record_u64(&in) != COMMIT_VERSION)
        return commits_corrupt(flow, "another version of weir wrote it", err);
    commits->n = record_u64(&in);
    record_u64(&in);  /* the hash of the one before */
    record_span(&in); /* what is there for people */
    commits->chain = hash;
    flow_load(flow, &in);
    TRY(commits_load_stages(flow, &in, err));
    n = record_u64(&in);
    if (n != flow->n_drains) return commits_corrupt(flow, "it has other sinks", err);
    for (uint32_t i = 0; i < n; i++) drain_load(&flow->drains[i], &in);
    commits->n_dead = record_count(&in, sizeof n);
    commits->dead = arena_array(&flow->arena, Span, commits->n_dead);
    for (uint64_t i = 0; i < commits->n_dead; i++) commits->dead[i] = record_span(&in);
    if (in.is_bad) return commits_corrupt(flow, "something is missing in it", err);
    for (uint32_t w = 0; w < flow->n_workers; w++)
        TRY(state_load(flow->workers[w].state, flow->spec.kv, err));
    return ST_OK;
}

/* Commits that were published must be there. */
static Status commits_check_lost(const Flow *flow, Err *err) {
    const Commits *commits = flow->commits;
    uint64_t noted;
    TRY(kv_noted(commits->kv, commits->job, &noted, err));
    if (noted <= commits->n) return ST_OK;
    err_set(err, ST_CORRUPT, "XX001", -1, __FILE__, __LINE__,
            "the state of query \"%s\" ends with commit %llu, but commit %llu was published",
            flow->spec.job, (unsigned long long)commits->n, (unsigned long long)noted);
    return err_hint(err, "its database is damaged, or an older copy");
}

/* ---- the life of a run ---- */

Status commits_open(Flow *flow, Err *err) {
    Commits *commits;
    bool is_found;
    if (!flow->spec.kv) return ST_OK;
    commits = flow->commits = mem_zalloc(&flow->mem, sizeof *commits);
    commits->kv = flow->spec.kv;
    commits->job = hash_bytes(flow->spec.job, strlen(flow->spec.job), 0);
    buf_init(&commits->key, &flow->mem);
    buf_init(&commits->meta, &flow->mem);
    kvbatch_init(&commits->batch, &flow->mem);
    buf_put(&commits->key, commit_prefix, COMMIT_PREFIX_LEN);
    buf_puts(&commits->key, flow->spec.job);
    commits->next_us = clock_mono_us() + flow->spec.commit_us;
    TRY(kv_get(commits->kv, buf_as_span(&commits->key), &commits->meta, &is_found, err));
    if (is_found) TRY(commits_load(flow, err));
    TRY(commits_check_lost(flow, err));
    if (!is_found) TRY(commits_check_sinks(flow, err));
    commits->is_begun = is_found;
    commits->step = flow->step;
    snprintf(commits->id, sizeof commits->id, "%016llx",
             (unsigned long long)hash_bytes(flow->spec.job, strlen(flow->spec.job),
                                            kv_identity(commits->kv)));
    commits->is_final = flow->is_finished;
    return kvwriter_open(commits->kv, &commits->writer, err);
}

const char *commits_sink_id(Flow *flow, uint32_t index) {
    return arena_printf(&flow->arena, "%s%x", flow->commits->id, index);
}

const Span *commits_dead(const Flow *flow) {
    const Commits *commits = flow->commits;
    uint32_t index = flow->n_dead - 1;
    return index < commits->n_dead ? &commits->dead[index] : NULL;
}

Status commits_opened(Flow *flow, Err *err) {
    for (uint32_t i = 0; i < flow->n_feeds; i++) flow->feeds[i].saved = (Span){0};
    for (uint32_t i = 0; i < flow->n_drains; i++) flow->drains[i].saved = (Span){0};
    if (!flow->commits || flow->commits->is_begun) return ST_OK;
    /* So that what lies at the ends when the query first starts is told from what it wrote. */
    return flow_commit(flow, err);
}

/* Copies everything out and hands it to the writer. */
static Status commits_begin(Flow *flow, Err *err) {
    Commits *commits = flow->commits;
    FAULT("commit.begin");
    for (uint32_t i = 0; i < flow->n_feeds; i++) feed_release(&flow->feeds[i]);
    kvbatch_reset(&commits->batch);
    TRY(commits_record(flow, &commits->meta, err));
    FAULT("commit.sinks-saved");
    for (uint32_t w = 0; w < flow->n_workers; w++)
        state_collect(flow->workers[w].state, &commits->batch);
    kvbatch_put(&commits->batch, buf_as_span(&commits->key), buf_as_span(&commits->meta));
    memcpy(&commits->chain, commits->meta.ptr + commits->meta.len - sizeof commits->chain,
           sizeof commits->chain);
    commits->n++;
    commits->step = flow->step;
    commits->is_begun = commits->is_under_way = true;
    commits->next_us = clock_mono_us() + flow->spec.commit_us;
    kvwriter_begin(commits->writer, &commits->batch);
    return ST_OK;
}

/* The batch is durable: what it covers may be seen. */
static Status commits_publish(Flow *flow, Err *err) {
    flow->commits->is_under_way = false;
    FAULT("commit.durable");
    TRY(kv_note(flow->spec.kv, flow->commits->job, flow->commits->n, err));
    for (uint32_t i = 0; i < flow->n_drains; i++) {
        const Sink *sink = flow->drains[i].sink;
        if (sink && sink->type->sink->saved)
            TRY(sink->type->sink->saved(flow->drains[i].sink, err));
    }
    for (uint32_t i = 0; i < flow->n_dead; i++) TRY(dead_letters_saved(flow->dead[i], err));
    FAULT("commit.published");
    return ST_OK;
}

/* ST_AGAIN: the commit under way is not durable yet. */
static Status commits_poll(Flow *flow, bool waits, Err *err) {
    Commits *commits = flow->commits;
    if (!commits->is_under_way) return ST_OK;
    TRY(kvwriter_end(commits->writer, waits, err));
    return commits_publish(flow, err);
}

Status commits_step(Flow *flow, Err *err) {
    Commits *commits = flow->commits;
    Status status;
    if (!commits) return ST_OK;
    status = commits_poll(flow, false, err);
    if (status != ST_OK) return status == ST_AGAIN ? ST_OK : status;
    if (flow->spec.env.is_batch) return ST_OK; /* all results come at the end: so does the commit */
    if (commits->step == flow->step || clock_mono_us() < commits->next_us) return ST_OK;
    if (flow->is_sealing || flow->has_ended) return ST_OK;
    return commits_begin(flow, err);
}

Status flow_commit(Flow *flow, Err *err) {
    assert(flow->commits);
    TRY(commits_poll(flow, true, err));
    TRY(commits_begin(flow, err));
    return commits_poll(flow, true, err);
}

Status commits_finish(Flow *flow, Err *err) {
    if (!flow->commits || flow->commits->is_final) return ST_OK;
    TRY(flow_commit(flow, err));
    flow->commits->is_final = true;
    return ST_OK;
}

int64_t commits_due_us(const Flow *flow) {
    enum { POLL_US = 1000 };
    const Commits *commits = flow->commits;
    if (!commits || flow->has_ended) return INT64_MAX;
    if (commits->is_under_way) return clock_mono_us() + POLL_US;
    return commits->step == flow->step ? INT64_MAX : commits->next_us;
}

void commits_close(Flow *flow) {
    Commits *commits = flow->commits;
    if (!commits) return;
    kvwriter_close(commits->writer);
    buf_deinit(&commits->key);
    buf_deinit(&commits->meta);
    kvbatch_deinit(&commits->batch);
    mem_free(&flow->mem, commits, sizeof *commits);
    flow->commits = NULL;
}
