/* fs_publish.c -- part files in step with commits: a commit knows the lengths of the open files and
 * which files are complete but not yet named; they get their names when it is durable. A crash in
 * between is made good by the next run, which finds all of it in the commit.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/fs_sink.h"

#include <stdlib.h>

void fssink_pend(FsSink *self, char *temp, char *part) {
    if (self->n_pending == self->cap_pending) {
        uint32_t cap = self->cap_pending ? 2 * self->cap_pending : 8;
        self->pending =
            mem_realloc(self->sink.spec.mem, self->pending,
                        sizeof *self->pending * self->cap_pending, sizeof *self->pending * cap);
        self->cap_pending = cap;
    }
    self->pending[self->n_pending++] = (FsPending){temp, part};
}

/* ---- saving ---- */

/* The open file is on the disk as far as it was written. */
static Status fsbucket_save(FsBucket *bucket, Buf *out, Err *err) {
    bool is_open = bucket->fd >= 0;
    if (is_open) {
        TRY(fsbucket_hand_over(bucket, err));
        FAULT_ERROR("fs-sink.sync", err);
        TRY(file_sync(bucket->fd, bucket->temp, err));
        if (!bucket->is_listed) TRY(dir_sync_of(bucket->temp, err));
        bucket->is_listed = true;
    }
    record_put_span(out, bucket->key);
    record_put_u64(out, (uint64_t)is_open << 1 | bucket->is_dirty);
    record_put_u64(out, bucket->number);
    record_put_u64(out, bucket->size);
    record_put_i64(out, bucket->created_us);
    record_put_i64(out, bucket->time_us);
    return ST_OK;
}

Status fssink_save(Sink *sink, Buf *out, Err *err) {
    FsSink *self = (FsSink *)sink;
    record_put_u64(out, self->n_parts);
    record_put_u64(out, self->buckets.n);
    for (uint32_t i = 0; i < self->buckets.n; i++)
        TRY(fsbucket_save(self->buckets.entries[i].value, out, err));
    record_put_u64(out, self->n_pending);
    for (uint32_t i = 0; i < self->n_pending; i++) {
        const FsPending *pending = &self->pending[i];
        record_put_span(out, span_of(pending->temp ? pending->temp : ""));
        record_put_span(out, span_of(pending->part));
    }
    self->n_saved = self->n_pending;
    return ST_OK;
}

/* ---- publishing ---- */

static Status fspending_publish(const FsPending *pending, Err *err) {
    int fd;
    if (!pending->temp) {
        TRY(file_create(pending->part, false, &fd, err));
        file_close(fd);
        return ST_OK;
    }
    FAULT("fs-sink.rename");
    if (file_exists(pending->temp)) return file_rename(pending->temp, pending->part, err);
    if (file_exists(pending->part)) return ST_OK; /* done before a crash */
    err_set(err, ST_CORRUPT, "58P01", -1, __FILE__, __LINE__,
            "\"%s\" is gone: a commit holds that it is complete", pending->temp);
    return err_hint(err, "files of a durable query must not be moved while it may go on");
}

Status fssink_saved(Sink *sink, Err *err) {
    FsSink *self = (FsSink *)sink;
    for (uint32_t i = 0; i < self->n_saved; i++) TRY(fspending_publish(&self->pending[i], err));
    self->n_pending -= self->n_saved;
    if (self->n_pending)
        memmove(self->pending, self->pending + self->n_saved,
                sizeof *self->pending * self->n_pending);
    self->n_saved = 0;
    return ST_OK;
}

/* ---- going on ---- */

static Status fsbucket_resume(FsSink *self, Record *in, Err *err) {
    Span key = record_span(in);
    uint64_t flags = record_u64(in), number = record_u64(in), size = record_u64(in);
    FsBucket *bucket = fssink_add_bucket(self, key, err);
    FileInfo info;
    if (!bucket) return err->status;
    bucket->created_us = record_i64(in);
    bucket->time_us = record_i64(in);
    bucket->is_dirty = flags & 1;
    if (!(flags >> 1 & 1)) return ST_OK;
    fsbucket_name(self, bucket, number);
    if (file_stat(bucket->temp, &info, err) != ST_OK || info.size < size) {
        err_set(err, ST_CORRUPT, "58P01", -1, __FILE__, __LINE__,
                "\"%s\" is not as long as the last commit left it: %llu bytes are missing",
                bucket->temp,
                (unsigned long long)(file_exists(bucket->temp) ? size - info.size : size));
        return err_hint(err, "files of a durable query must not be changed while it may go on");
    }
    TRY(file_create(bucket->temp, true, &bucket->fd, err));
    bucket->size = size;
    bucket->opened_us = bucket->written_us = clock_mono_us();
    return file_truncate(bucket->fd, bucket->temp, size, err);
}

typedef struct FsSweep {
    FsSink *self;
    char *dir;
    char *prefix; /* of names of this sink's open files */
    size_t prefix_len;
} FsSweep;

static bool fssweep_is_known(const FsSweep *sweep, const char *path) {
    const FsSink *self = sweep->self;
    for (uint32_t i = 0; i < self->buckets.n; i++) {
        const FsBucket *bucket = self->buckets.entries[i].value;
        if (bucket->fd >= 0 && strcmp(bucket->temp, path) == 0) return true;
    }
    return false;
}

/* Removes open files that no commit knows, and looks for complete ones that it should. */
static Status fssweep_visit(void *ctx, const char *name, Err *err) {
    FsSweep *sweep = ctx;
    FsSink *self = sweep->self;
    char *path = arena_printf(&self->arena, "%s%s", sweep->dir, name);
    FileInfo info;
    if (strncmp(name, sweep->prefix, sweep->prefix_len) == 0)
        return fssweep_is_known(sweep, path) ? ST_OK : file_remove(path, err);
    if (strncmp(name, sweep->prefix + 1, sweep->prefix_len - 1) == 0) {
        uint64_t number = strtoull(name + sweep->prefix_len - 1, NULL, 10);
        if (number < self->n_parts) return ST_OK;
        err_set(err, ST_CONFLICT, "55000", -1, __FILE__, __LINE__,
                "\"%s\" was written after the last commit of this state directory", path);
        return err_hint(err, "the directory is an older copy: go on from the newest one, or remove "
                             "the files that were written since");
    }
    if (name[0] == '.' || !self->sink.spec.n_partition_cols) return ST_OK;
    if (file_stat(path, &info, NULL) != ST_OK || !info.is_dir) return ST_OK;
    {
        FsSweep below = *sweep;
        below.dir = arena_printf(&self->arena, "%s/", path);
        return dir_list(path, fssweep_visit, &below, err);
    }
}

Status fssink_resume(FsSink *self, Err *err) {
    FsSweep sweep = {.self = self};
    if (self->sink.spec.resume && self->sink.spec.resume->len) {
        Record in = {.rest = *self->sink.spec.resume};
        uint64_t n;
        self->n_parts = record_u64(&in);
        n = record_count(&in, 48);
        for (uint64_t i = 0; i < n; i++) TRY(fsbucket_resume(self, &in, err));
        n = record_count(&in, 16);
        for (uint64_t i = 0; i < n && !in.is_bad; i++) {
            Span temp = record_span(&in), part = record_span(&in);
            FsPending pending = {temp.len ? arena_strndup(&self->arena, temp.ptr, temp.len) : NULL,
                                 arena_strndup(&self->arena, part.ptr, part.len)};
            TRY(fspending_publish(&pending, err));
        }
        if (in.is_bad)
            FAIL(err, ST_CORRUPT, "XX001", -1,
                 "what the last commit knows of the files of table \"%s\" is cut off",
                 self->sink.spec.table_name);
    }
    if (!file_exists(self->root)) return ST_OK;
    sweep.dir = arena_printf(&self->arena, "%s/", self->root);
    sweep.prefix = arena_printf(&self->arena, ".part-%s-0-", self->run_id);
    sweep.prefix_len = strlen(sweep.prefix);
    return dir_list(self->root, fssweep_visit, &sweep, err);
}
