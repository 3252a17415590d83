/* fs_sink.c -- writes part files below a directory, one open file a partition.
 *
 * A file is written under a hidden name (".part-...inprogress"), which readers skip, and gets its
 * final name when it is complete: synced, then renamed. It rolls by size, age and idleness. A
 * partition is committed (an empty _SUCCESS file is put into it) when its time, or the clock, has
 * passed it, and at the end of the input.
 *
 * In a durable run a complete file gets its name when the commit that covers it is durable
 * (fs_publish.c); until then it is pending. The next run cuts the open files to the length that the
 * commit knows, publishes what is pending in it, and removes files that it does not know.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/fs_sink.h"

#include <unistd.h>

enum { FS_WRITE_BUFFER = 256 << 10 };

static Status fssink_policy(FsSink *self, Err *err) {
    const Options *options = self->sink.spec.options;
    Span kinds = opt_str(options, "sink.partition-commit.policy.kind");
    while (kinds.len) {
        const char *comma = memchr(kinds.ptr, ',', kinds.len);
        Span kind = span_trim((Span){kinds.ptr, comma ? (size_t)(comma - kinds.ptr) : kinds.len});
        if (span_is_nocase(kind, "success-file")) {
            self->with_success_file = true;
        } else {
            err_set(err, ST_UNSUPPORTED, "0A000",
                    opt_pos(options, "sink.partition-commit.policy.kind"), __FILE__, __LINE__,
                    "partition commit policy \"" SPAN_FMT "\" is not supported", SPAN_ARG(kind));
            return err_hint(err, "use 'success-file'");
        }
        kinds = comma ? (Span){comma + 1, kinds.len - (size_t)(comma + 1 - kinds.ptr)}
                      : (Span){NULL, 0};
    }
    self->commits = self->with_success_file;
    self->by_partition_time = opt_is(options, "sink.partition-commit.trigger", "partition-time");
    self->delay_us = opt_duration_us(options, "sink.partition-commit.delay");
    self->success_name = opt_str(options, "sink.partition-commit.success-file.name");
    return ST_OK;
}

static Status fssink_open(Sink *sink, Err *err) {
    FsSink *self = (FsSink *)sink;
    const SinkSpec *spec = &sink->spec;
    uint32_t n = spec->schema->n_fields;
    Field *fields = arena_array(spec->arena, Field, n);
    arena_init(&self->arena, spec->mem);
    strmap_init(&self->buckets, spec->mem, false);
    self->root = conn_path(spec->arena, opt_str(spec->options, "path"), spec->base_dir);
    self->size_max = opt_size(spec->options, "sink.rolling-policy.file-size");
    self->rollover_us = opt_duration_us(spec->options, "sink.rolling-policy.rollover-interval");
    self->idle_us = opt_duration_us(spec->options, "sink.rolling-policy.inactivity-interval");
    self->check_us = opt_duration_us(spec->options, "sink.rolling-policy.check-interval");
    self->is_durable = spec->durable_id != NULL;
    if (self->is_durable)
        snprintf(self->run_id, sizeof self->run_id, "%s", spec->durable_id);
    else
        snprintf(self->run_id, sizeof self->run_id, "%llx-%x", (unsigned long long)clock_wall_us(),
                 (unsigned)getpid());
    self->cols = arena_array(spec->arena, Column, n);
    for (uint32_t i = 0; i < n; i++) {
        bool is_partition = false;
        for (uint32_t p = 0; p < spec->n_partition_cols; p++)
            is_partition |= spec->partition_cols[p] == i;
        if (!is_partition) fields[self->n_cols++] = spec->schema->fields[i];
    }
    self->schema = (Schema){self->n_cols, fields};
    TRY(fssink_policy(self, err));
    return self->is_durable ? fssink_resume(self, err) : ST_OK;
}

FsBucket *fssink_add_bucket(FsSink *self, Span key, Err *err) {
    FsBucket *bucket = arena_new(&self->arena, FsBucket);
    bucket->fd = -1;
    bucket->created_us = clock_wall_us();
    bucket->key = span_copy(&self->arena, key);
    bucket->dir = arena_printf(&self->arena, "%s/" SPAN_FMT, self->root, SPAN_ARG(key));
    buf_init(&bucket->out, self->sink.spec.mem);
    strmap_put(&self->buckets, key, bucket);
    return dir_make(bucket->dir, err) == ST_OK ? bucket : NULL;
}

static FsBucket *fssink_bucket(FsSink *self, const Batch *batch, uint32_t row, Err *err) {
    Buf path;
    FsBucket *bucket;
    Status status = ST_OK;
    buf_init(&path, self->sink.spec.mem);
    fspart_path(&self->sink.spec, batch, row, &path);
    bucket = strmap_find(&self->buckets, buf_as_span(&path));
    if (!bucket) {
        bucket = fssink_add_bucket(self, buf_as_span(&path), err);
        if (!bucket)
            status = err->status;
        else if (self->commits && self->by_partition_time)
            status = fspart_time(&self->sink.spec, batch, row, &bucket->time_us, err);
    }
    buf_deinit(&path);
    return status == ST_OK ? bucket : NULL;
}

void fsbucket_name(FsSink *self, FsBucket *bucket, uint64_t number) {
    bucket->number = number;
    bucket->is_listed = false;
    bucket->part = arena_printf(&self->arena, "%spart-%s-0-%llu", bucket->dir, self->run_id,
                                (unsigned long long)number);
    bucket->temp = arena_printf(&self->arena, "%s.part-%s-0-%llu.inprogress", bucket->dir,
                                self->run_id, (unsigned long long)number);
}

static Status fsbucket_open(FsSink *self, FsBucket *bucket, Err *err) {
    fsbucket_name(self, bucket, self->n_parts++);
    bucket->opened_us = clock_mono_us();
    bucket->size = 0;
    bucket->is_dirty = true;
    TRY(file_create(bucket->temp, false, &bucket->fd, err));
    TRY(encoder_begin(self->sink.spec.encoder, &bucket->out, err));
    bucket->size = bucket->out.len;
    return ST_OK;
}

Status fsbucket_hand_over(FsBucket *bucket, Err *err) {
    if (!bucket->out.len) return ST_OK;
    TRY(file_write(bucket->fd, bucket->temp, bucket->out.ptr, bucket->out.len, err));
    buf_reset(&bucket->out);
    return ST_OK;
}

/* The open file is complete: give it its name. */
static Status fsbucket_roll(FsSink *self, FsBucket *bucket, Err *err) {
    if (bucket->fd < 0) return ST_OK;
    TRY(fsbucket_hand_over(bucket, err));
    TRY(file_sync(bucket->fd, bucket->temp, err));
    file_close(bucket->fd);
    bucket->fd = -1;
    if (!self->is_durable) return file_rename(bucket->temp, bucket->part, err);
    fssink_pend(self, bucket->temp, bucket->part);
    return ST_OK;
}

/* Rows [first, first + n) of the batch, all of one partition. */
static Status fsbucket_write(FsSink *self, FsBucket *bucket, const Batch *batch,
                             const uint8_t *kinds, uint32_t first, uint32_t n, Err *err) {
    Encoder *encoder = self->sink.spec.encoder;
    size_t before;
    if (bucket->fd < 0) TRY(fsbucket_open(self, bucket, err));
    before = bucket->out.len;
    TRY(encoder->type->encode(encoder, batch, kinds, first, n, SPAN("\n"), &bucket->out, NULL,
                              err));
    bucket->size += bucket->out.len - before;
    bucket->written_us = clock_mono_us();
    if (bucket->out.len >= FS_WRITE_BUFFER) TRY(fsbucket_hand_over(bucket, err));
    return bucket->size >= (uint64_t)self->size_max ? fsbucket_roll(self, bucket, err) : ST_OK;
}

static bool fssink_same_partition(const SinkSpec *spec, const Batch *batch, uint32_t a,
                                  uint32_t b) {
    for (uint32_t p = 0; p < spec->n_partition_cols; p++) {
        const Column *col = &batch->cols[spec->partition_cols[p]];
        if (!col_value_eq(col, a, col, b)) return false;
    }
    return true;
}

static Status fssink_write(Sink *sink, const Batch *batch, const uint8_t *kinds, Err *err) {
    FsSink *self = (FsSink *)sink;
    const SinkSpec *spec = &sink->spec;
    Batch rest = *batch;
    uint32_t n = 0;
    for (uint32_t i = 0; i < batch->n_cols; i++) {
        bool is_partition = false;
        for (uint32_t p = 0; p < spec->n_partition_cols; p++)
            is_partition |= spec->partition_cols[p] == i;
        if (!is_partition) self->cols[n++] = batch->cols[i];
    }
    rest.cols = self->cols;
    rest.n_cols = n;
    rest.schema = &self->schema;
    for (uint32_t first = 0, next; first < batch->n_rows; first = next) {
        FsBucket *bucket = fssink_bucket(self, batch, first, err);
        if (!bucket) return err->status;
        for (next = first + 1;
             next < batch->n_rows && fssink_same_partition(spec, batch, first, next);)
            next++;
        TRY(fsbucket_write(self, bucket, &rest, kinds, first, next - first, err));
    }
    return ST_OK;
}

static Status fsbucket_commit(FsSink *self, FsBucket *bucket, Err *err) {
    char *name;
    int fd;
    TRY(fsbucket_roll(self, bucket, err));
    if (!bucket->is_dirty) return ST_OK;
    bucket->is_dirty = false;
    if (!self->with_success_file) return ST_OK;
    name = arena_printf(&self->arena, "%s" SPAN_FMT, bucket->dir, SPAN_ARG(self->success_name));
    if (self->is_durable) {
        fssink_pend(self, NULL, name);
        return ST_OK;
    }
    TRY(file_create(name, false, &fd, err));
    file_close(fd);
    return ST_OK;
}

static bool fsbucket_is_due(const FsSink *self, const FsBucket *bucket) {
    const SinkSpec *spec = &self->sink.spec;
    if (!self->commits || !bucket->is_dirty || !spec->n_partition_cols) return false;
    if (!self->by_partition_time) return clock_wall_us() >= bucket->created_us + self->delay_us;
    return spec->watermark &&
           spec->watermark(spec->watermark_ctx) > bucket->time_us + self->delay_us;
}

static Status fssink_seal(Sink *sink, Err *err) {
    FsSink *self = (FsSink *)sink;
    int64_t now = clock_mono_us();
    bool is_check = now >= self->next_check_us;
    if (is_check) self->next_check_us = now + (self->check_us < 1000000 ? self->check_us : 1000000);
    for (uint32_t i = 0; i < self->buckets.n; i++) {
        FsBucket *bucket = self->buckets.entries[i].value;
        if (bucket->fd >= 0) {
            bool is_old = now - bucket->opened_us >= self->rollover_us;
            bool is_idle = now - bucket->written_us >= self->idle_us;
            TRY(is_check && (is_old || is_idle) ? fsbucket_roll(self, bucket, err)
                                                : fsbucket_hand_over(bucket, err));
        }
        if (fsbucket_is_due(self, bucket)) TRY(fsbucket_commit(self, bucket, err));
    }
    return ST_OK;
}

/* Open files grow old and partitions are committed by the clock also while no rows come. */
static int64_t fssink_wake_us(const Sink *sink) {
    const FsSink *self = (const FsSink *)sink;
    bool by_clock = self->commits && !self->by_partition_time && sink->spec.n_partition_cols;
    for (uint32_t i = 0; i < self->buckets.n; i++) {
        const FsBucket *bucket = self->buckets.entries[i].value;
        if (bucket->fd >= 0 || (by_clock && bucket->is_dirty)) return self->next_check_us;
    }
    return INT64_MAX;
}

static Status fssink_finish(Sink *sink, Err *err) {
    FsSink *self = (FsSink *)sink;
    for (uint32_t i = 0; i < self->buckets.n; i++) {
        FsBucket *bucket = self->buckets.entries[i].value;
        TRY(sink->spec.n_partition_cols ? fsbucket_commit(self, bucket, err)
                                        : fsbucket_roll(self, bucket, err));
    }
    return ST_OK;
}

static void fssink_close(Sink *sink) {
    FsSink *self = (FsSink *)sink;
    for (uint32_t i = 0; i < self->buckets.n; i++) {
        FsBucket *bucket = self->buckets.entries[i].value;
        file_close(bucket->fd);
        buf_deinit(&bucket->out);
    }
    strmap_deinit(&self->buckets);
    mem_free(sink->spec.mem, self->pending, sizeof *self->pending * self->cap_pending);
    arena_deinit(&self->arena);
}

const SinkType fs_sink = {
    .size = sizeof(FsSink),
    .open = fssink_open,
    .write = fssink_write,
    .seal = fssink_seal,
    .wake_us = fssink_wake_us,
    .finish = fssink_finish,
    .save = fssink_save,
    .saved = fssink_saved,
    .close = fssink_close,
};
