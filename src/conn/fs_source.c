/* fs_source.c -- reads files: once, watched for new ones, or followed as they grow.
 *
 * Files are splits. A read-once or watched source reads them one after another; a followed one
 * keeps every file open and takes turns. A followed file is the file of that name: when the name
 * gets another inode (rotation) the old one is read to its end first, when the file shrinks
 * (truncation) it is read again from the start.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/fs.h"

enum { FS_CHUNK = 512 << 10, FS_CHECK_US = 200000 };

typedef struct FsFile {
    char *path;
    FileInfo info;
    FsStream stream;
    InBuf in;
    Arena arena; /* metadata values */
    Column *meta;
    int32_t split;
    bool is_open, is_done;
    bool is_fresh;  /* no chunk of it was given yet */
    bool is_at_end; /* everything was read; a chunk that said so was given */
    bool is_moved;  /* the name leads to another file now: reopen at the end */
    bool is_stuck;  /* the decoder used nothing of the last chunk */
    FsPlace place;  /* of an earlier run, to begin at */
} FsFile;

typedef struct FsSource {
    Source source;
    char *path;
    Span regex, codec;
    FsFile **files;
    uint32_t n_files, cap, turn;
    StrMap by_path;
    int64_t interval_us; /* of looking for new files, 0 = never */
    int64_t next_look_us;
    bool is_following, from_end;
    int32_t n_splits;
    int watch_fd;
    uint64_t total_bytes, done_bytes; /* raw bytes of all files; of those that are closed */
} FsSource;

static void fsfile_add(FsSource *self, const char *path, const FileInfo *info) {
    FsFile *file = mem_zalloc(self->source.spec.mem, sizeof *file);
    file->path = arena_strdup(self->source.spec.arena, path);
    file->info = *info;
    file->split = self->n_splits++;
    if (self->n_files == self->cap) {
        uint32_t cap = self->cap ? self->cap * 2 : 16;
        self->files = mem_realloc(self->source.spec.mem, self->files,
                                  self->cap * sizeof *self->files, cap * sizeof *self->files);
        self->cap = cap;
    }
    self->files[self->n_files++] = file;
    self->total_bytes += info->size;
    strmap_put(&self->by_path, span_of(file->path), file);
}

/* ---- positions ---- */

static void fssource_position(const Source *source, Buf *out) {
    const FsSource *self = (const FsSource *)source;
    record_put_u64(out, self->from_end);
    record_put_u64(out, self->n_files);
    for (uint32_t i = 0; i < self->n_files; i++) {
        const FsFile *file = self->files[i];
        FsPlace place = file->place;
        if (file->is_open) {
            place = (FsPlace){.is_begun = true,
                              .is_fresh = file->is_fresh,
                              .offset = file->in.offset,
                              .inode = file->info.inode,
                              .device = file->info.device};
            fsplace_look(&place, file->stream.fd, file->stream.codec == FS_PLAIN);
        }
        record_put_span(out, span_of(file->path));
        record_put_u64(out, file->is_done);
        fsplace_put(&place, out);
    }
}

/* The files in the order that they had, so that splits keep their numbers. */
static Status fssource_resume(FsSource *self, Err *err) {
    Record in = {.rest = *self->source.spec.resume};
    uint64_t n;
    self->from_end = record_u64(&in) != 0;
    n = record_count(&in, 16);
    for (uint64_t i = 0; i < n; i++) {
        Span path = record_span(&in);
        bool is_done = record_u64(&in) != 0;
        FsPlace place = fsplace_get(&in);
        FileInfo info = {0};
        char *text = arena_strndup(self->source.spec.arena, path.ptr, path.len);
        if (in.is_bad) break;
        if (!is_done && file_stat(text, &info, NULL) != ST_OK && !self->is_following) {
            err_set(err, ST_NOT_FOUND, "58P01", -1, __FILE__, __LINE__,
                    "\"%s\" is gone: byte %llu of it was to be read next", text,
                    (unsigned long long)place.offset);
            return err_hint(err, "put it back, or begin anew with another state directory");
        }
        fsfile_add(self, text, &info);
        self->files[i]->is_done = is_done;
        self->files[i]->place = place;
        if (is_done) self->done_bytes += info.size;
    }
    if (!in.is_bad) return ST_OK;
    FAIL(err, ST_CORRUPT, "XX001", -1, "the position in the files of table \"%s\" is cut off",
         self->source.spec.table_name);
}

static Status fssource_found(void *ctx, const char *path, const FileInfo *info, Err *err) {
    FsSource *self = ctx;
    (void)err;
    if (!strmap_find(&self->by_path, span_of(path))) fsfile_add(self, path, info);
    return ST_OK;
}

static Status fssource_open(Source *source, Err *err) {
    FsSource *self = (FsSource *)source;
    const Options *options = source->spec.options;
    self->watch_fd = -1;
    self->path = conn_path(source->spec.arena, opt_str(options, "path"), source->spec.base_dir);
    self->regex = opt_str(options, "source.path.regex-pattern");
    self->codec = opt_str(options, "source.compression");
    self->is_following = opt_bool(options, "source.follow");
    self->from_end = opt_is(options, "source.follow.start", "end");
    self->interval_us = opt_has(options, "source.monitor-interval")
                            ? opt_duration_us(options, "source.monitor-interval")
                            : 0;
    if (self->is_following && !self->interval_us) self->interval_us = 1000000;
    strmap_init(&self->by_path, source->spec.mem, false);
    if (source->spec.resume) TRY(fssource_resume(self, err));
    if (!source->spec.resume || file_exists(self->path) || fs_has_pattern(span_of(self->path)))
        TRY(fs_find(self->path, self->regex, fssource_found, self, err));
    self->next_look_us = clock_mono_us() + self->interval_us;
    if (self->interval_us) {
        const char *slash = strrchr(self->path, '/');
        FileInfo info;
        char *dir =
            slash ? arena_strndup(source->spec.arena, self->path, (size_t)(slash - self->path))
                  : ".";
        if (file_stat(self->path, &info, NULL) == ST_OK && info.is_dir) dir = self->path;
        self->watch_fd = dir_watch(dir);
    }
    return ST_OK;
}

static Status fsfile_meta(FsSource *self, FsFile *file, Err *err) {
    const SourceSpec *spec = &self->source.spec;
    const char *slash = strrchr(file->path, '/');
    arena_init(&file->arena, spec->mem);
    file->meta = arena_array(&file->arena, Column, spec->n_meta + 1);
    for (uint32_t i = 0; i < spec->n_meta; i++) {
        Span key = spec->meta_keys[i];
        ColBuilder col;
        if (spec->meta_types[i]) {
            colb_init(&col, &file->arena, spec->meta_types[i], 1);
            TRY(fspart_read(spec, file->path, key, spec->meta_types[i], &col, err));
        } else if (span_is(key, "file.path")) {
            colb_init(&col, &file->arena, &type_string, 1);
            colb_str(&col, file->path, strlen(file->path));
        } else if (span_is(key, "file.name")) {
            const char *name = slash ? slash + 1 : file->path;
            colb_init(&col, &file->arena, &type_string, 1);
            colb_str(&col, name, strlen(name));
        } else if (span_is(key, "file.size")) {
            colb_init(&col, &file->arena, &type_bigint, 1);
            colb_i64(&col, (int64_t)file->info.size);
        } else {
            colb_init(&col, &file->arena, &type_timestamp_ltz3, 1);
            colb_i64(&col,
                     file->info.mtime_us - file->info.mtime_us % 1000); /* to the millisecond */
        }
        colb_finish(&col, &file->meta[i]);
        file->meta[i].is_const = true;
    }
    return ST_OK;
}

static Status fsfile_open(FsSource *self, FsFile *file, Err *err) {
    FsPlace place = file->place;
    FsCodec codec;
    const char *path = file->path;
    file->place = (FsPlace){0};
    if (place.is_begun)
        TRY(fsplace_find(&place, self->is_following, self->source.spec.arena, &path, err));
    TRY(fscodec_find(path, self->codec, &codec, err));
    TRY(fsstream_open(&file->stream, path, codec, self->source.spec.mem, err));
    file->is_open = true;
    TRY(file_fstat(file->stream.fd, file->path, &file->info, err));
    if (!file->in.ptr)
        inbuf_init(&file->in, self->source.spec.mem, self->is_following ? INBUF_CHUNK : FS_CHUNK);
    inbuf_reset(&file->in, 0);
    if (!file->arena.first) TRY(fsfile_meta(self, file, err));
    file->is_fresh = true;
    file->is_at_end = file->is_moved = file->is_stuck = false;
    if (self->from_end && self->is_following && codec == FS_PLAIN) {
        TRY(file_seek(file->stream.fd, file->path, file->info.size, err));
        inbuf_reset(&file->in, file->info.size);
    }
    self->from_end = false; /* what appears later is read whole */
    if (!place.is_begun) return ST_OK;
    TRY(fsstream_skip(&file->stream, place.offset, err));
    inbuf_reset(&file->in, place.offset);
    file->is_fresh = place.is_fresh;
    return ST_OK;
}

static void fsfile_close(FsSource *self, FsFile *file) {
    if (file->is_open) {
        self->done_bytes += file->stream.n_raw;
        fsstream_close(&file->stream);
    }
    file->is_open = false;
    inbuf_deinit(&file->in);
    arena_deinit(&file->arena);
}

static void fsfile_chunk(const FsFile *file, bool at_end, bool is_split_end, Chunk *chunk) {
    *chunk = (Chunk){
        .split = file->split,
        .bytes = inbuf_span(&file->in),
        .offset = file->in.offset,
        .at_end = at_end,
        .is_split_end = is_split_end,
        .is_new_file = file->is_fresh,
        .name = file->path,
        .meta = file->meta,
    };
}

/* At the end of a followed file: was it replaced or cut? Then what was read is complete. */
static Status fsfile_check(FsFile *file, bool *is_over, Err *err) {
    FileInfo named;
    FileInfo held;
    *is_over = false;
    TRY(file_fstat(file->stream.fd, file->path, &held, err));
    if (held.size < file->in.offset + (file->in.end - file->in.at)) *is_over = true;
    if (file_stat(file->path, &named, NULL) != ST_OK)
        return ST_OK; /* moved away, the new one is not there yet */
    if (named.inode != held.inode || named.device != held.device) *is_over = true;
    return ST_OK;
}

/* One turn of a file: ST_OK a chunk, ST_AGAIN nothing now, ST_END it is over. */
static Status fsfile_poll(FsSource *self, FsFile *file, Chunk *chunk, Err *err) {
    size_t rest = file->in.end - file->in.at;
    char *to;
    size_t cap;
    size_t got;
    bool is_over = !self->is_following;
    if (!file->is_open) {
        TRY(fsfile_open(self, file, err));
        rest = 0;
    }
    if (file->is_at_end) {
        if (!rest && !self->is_following) return ST_END;
        if (!rest &&
            self->is_following) { /* rotated or cut: begin again with the file of that name */
            self->done_bytes += file->stream.n_raw;
            fsstream_close(&file->stream);
            file->is_open = false;
            return file_exists(file->path) ? fsfile_poll(self, file, chunk, err) : ST_AGAIN;
        }
        fsfile_chunk(file, true, !self->is_following, chunk);
        return ST_OK;
    }
    /* Enough for another batch: no need to move bytes. A growing file may have no more of them. */
    if ((rest > file->in.cap / 2 && !file->is_stuck) || (self->is_following && file->in.has_more)) {
        fsfile_chunk(file, false, false, chunk);
        return ST_OK;
    }
    TRY(inbuf_room(&file->in, file->path, &to, &cap, err));
    TRY(fsstream_read(&file->stream, to, cap, &got, err));
    inbuf_added(&file->in, got);
    if (!got && self->is_following) {
        TRY(fsfile_check(file, &is_over, err));
        if (!is_over) return ST_AGAIN;
    }
    file->is_at_end = !got;
    fsfile_chunk(file, !got, !got && !self->is_following, chunk);
    file->is_fresh = false;
    return ST_OK;
}

static Status fssource_look(FsSource *self, Err *err) {
    int64_t now = clock_mono_us();
    if (!self->interval_us || now < self->next_look_us) return ST_OK;
    self->next_look_us = now + self->interval_us;
    if (!file_exists(self->path) && !fs_has_pattern(span_of(self->path)))
        return ST_OK; /* between two rotations */
    return fs_find(self->path, self->regex, fssource_found, self, err);
}

static Status fssource_poll(Source *source, Chunk *chunk, Err *err) {
    FsSource *self = (FsSource *)source;
    bool is_done = true;
    dir_watch_drain(self->watch_fd);
    TRY(fssource_look(self, err));
    for (uint32_t tried = 0; tried < self->n_files; tried++) {
        FsFile *file = self->files[self->turn];
        if (!file->is_done) {
            Status status = fsfile_poll(self, file, chunk, err);
            if (status == ST_OK && self->is_following)
                self->turn = (self->turn + 1) % self->n_files;
            if (status == ST_END) {
                fsfile_close(self, file);
                file->is_done = true;
            } else if (status == ST_AGAIN) {
                is_done = false;
            } else {
                return status;
            }
        }
        self->turn = (self->turn + 1) % self->n_files;
    }
    return is_done && !self->interval_us ? ST_END : ST_AGAIN;
}

static void fssource_consumed(Source *source, const Chunk *chunk, size_t len) {
    FsSource *self = (FsSource *)source;
    FsFile *file = self->files[chunk->split];
    file->is_stuck = len == 0;
    inbuf_consume(&file->in, len);
}

static int fssource_wake_fd(const Source *source) {
    return ((const FsSource *)source)->watch_fd;
}

static int64_t fssource_wake_us(const Source *source) {
    const FsSource *self = (const FsSource *)source;
    /* A growing file may lie on a system that sends no notices, so it is looked at anyway. */
    if (self->is_following) return clock_mono_us() + FS_CHECK_US;
    return self->interval_us ? self->next_look_us : INT64_MAX;
}

static bool fssource_progress(const Source *source, uint64_t *done, uint64_t *total) {
    const FsSource *self = (const FsSource *)source;
    *done = self->done_bytes;
    *total = self->total_bytes;
    for (uint32_t i = 0; i < self->n_files; i++) {
        if (self->files[i]->is_open) *done += self->files[i]->stream.n_raw;
    }
    return !self->interval_us;
}

static void fssource_close(Source *source) {
    FsSource *self = (FsSource *)source;
    for (uint32_t i = 0; i < self->n_files; i++) {
        fsfile_close(self, self->files[i]);
        mem_free(source->spec.mem, self->files[i], sizeof *self->files[i]);
    }
    mem_free(source->spec.mem, self->files, self->cap * sizeof *self->files);
    strmap_deinit(&self->by_path);
    file_close(self->watch_fd);
}

const SourceType fs_source = {
    .size = sizeof(FsSource),
    .open = fssource_open,
    .poll = fssource_poll,
    .consumed = fssource_consumed,
    .wake_fd = fssource_wake_fd,
    .wake_us = fssource_wake_us,
    .progress = fssource_progress,
    .position = fssource_position,
    .close = fssource_close,
};
