/* statedir.c -- a directory that holds the state of a program's queries: who uses it, what wrote
 * it, which commit was the last.
 *
 *   WEIR       what this directory is: one line with the version of its format
 *   lock       held by the process that uses it, with its number inside
 *   last-JOB   the number of the last commit of a query that was published
 *   db/        the commits themselves (rocks.c)
 *
 * The last file is there to notice a database that has lost commits: one that was restored from an
 * older copy, or whose log was damaged in its middle.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "os/os.h"
#include "store/rocks.h"

#include <stdio.h>
#include <stdlib.h>

static const char statedir_magic[] = "weir state, format ";
enum { STATEDIR_FORMAT = 1 };

typedef struct StateDir {
    Kv kv;
    Kv *db;
    char *path;
    int lock;
} StateDir;

static Status statedir_path(const StateDir *self, const char *name, char *out, size_t cap,
                            Err *err) {
    if ((size_t)snprintf(out, cap, "%s/%s", self->path, name) < cap) return ST_OK;
    FAIL(err, ST_INVALID, "22023", -1, "the path of the state directory is too long");
}

static Status statedir_read(const char *path, char *out, size_t cap, Err *err) {
    size_t got = 0;
    int fd;
    Status status;
    TRY(file_open_read(path, &fd, err));
    status = file_read(fd, path, out, cap - 1, &got, err);
    file_close(fd);
    out[got] = 0;
    return status;
}

/* Written anew, so that it is there whole or not at all. */
static Status statedir_write(const StateDir *self, const char *name, const char *text, bool syncs,
                             Err *err) {
    char path[4096], temp[4096];
    Status status;
    int fd;
    TRY(statedir_path(self, name, path, sizeof path, err));
    if ((size_t)snprintf(temp, sizeof temp, "%s.new", path) >= sizeof temp)
        FAIL(err, ST_INVALID, "22023", -1, "the path of the state directory is too long");
    TRY(file_create(temp, false, &fd, err));
    status = file_write(fd, temp, text, strlen(text), err);
    if (status == ST_OK && syncs) status = file_sync(fd, temp, err);
    file_close(fd);
    return status == ST_OK ? file_move(temp, path, syncs, err) : status;
}

/* ---- what the directory is ---- */

static Status statedir_count(void *ctx, const char *name, Err *err) {
    (void)err;
    if (strcmp(name, "lock") != 0 && strcmp(name, "WEIR.new") != 0) ++*(uint32_t *)ctx;
    return ST_OK;
}

static Status statedir_check(StateDir *self, bool *is_new, Err *err) {
    char path[4096], text[256];
    uint32_t n = 0;
    long format;
    char *end;
    TRY(statedir_path(self, "WEIR", path, sizeof path, err));
    *is_new = !file_exists(path);
    if (*is_new) {
        TRY(dir_list(self->path, statedir_count, &n, err));
        if (!n) return ST_OK;
        err_set(err, ST_CONFLICT, "55000", -1, __FILE__, __LINE__,
                "\"%s\" is not a state directory: it has other files and no file WEIR", self->path);
        return err_hint(err, "name a directory that is empty or does not exist");
    }
    TRY(statedir_read(path, text, sizeof text, err));
    format = strncmp(text, statedir_magic, sizeof statedir_magic - 1) == 0
                 ? strtol(text + sizeof statedir_magic - 1, &end, 10)
                 : 0;
    if (format == STATEDIR_FORMAT) return ST_OK;
    if (format > STATEDIR_FORMAT) {
        FAIL(err, ST_UNSUPPORTED, "0A000", -1,
             "the state in \"%s\" has format %ld, of a newer weir: this one knows %d", self->path,
             format, STATEDIR_FORMAT);
    }
    FAIL(err, ST_CORRUPT, "XX001", -1, "\"%s\" is damaged: it names no format", path);
}

static Status statedir_lock(StateDir *self, Err *err) {
    char path[4096], owner[32] = "";
    Status status;
    TRY(statedir_path(self, "lock", path, sizeof path, err));
    TRY(file_create(path, true, &self->lock, err));
    status = file_lock(self->lock, path, err);
    if (status == ST_AGAIN) {
        if (statedir_read(path, owner, sizeof owner, NULL) != ST_OK) owner[0] = 0;
        err_set(err, ST_CONFLICT, "55006", -1, __FILE__, __LINE__,
                "the state directory \"%s\" is in use by process %ld", self->path,
                strtol(owner, NULL, 10));
        return err_hint(err, "one process at a time can use it");
    }
    if (status != ST_OK) return status;
    snprintf(owner, sizeof owner, "%ld\n", process_id());
    TRY(file_truncate(self->lock, path, 0, err));
    return file_write(self->lock, path, owner, strlen(owner), err);
}

/* ---- the store ---- */

static Status statedir_kv_write(Kv *kv, const KvBatch *batch, Err *err) {
    return kv_write(((StateDir *)kv)->db, batch, err);
}

static Status statedir_kv_get(Kv *kv, Span key, Buf *value, bool *is_found, Err *err) {
    return kv_get(((StateDir *)kv)->db, key, value, is_found, err);
}

static Status statedir_kv_scan(Kv *kv, Span prefix, KvVisit *visit, void *ctx, Err *err) {
    return kv_scan(((StateDir *)kv)->db, prefix, visit, ctx, err);
}

static Status statedir_kv_copy(Kv *kv, const char *to, Err *err) {
    return kv_copy(((StateDir *)kv)->db, to, err);
}

static void statedir_kv_close(Kv *kv) {
    StateDir *self = (StateDir *)kv;
    kv_close(self->db);
    file_close(self->lock);
    mem_free(NULL, self->path, strlen(self->path) + 1);
    mem_free(NULL, self, sizeof *self);
}

static void statedir_last_name(uint64_t job, char *out, size_t cap) {
    snprintf(out, cap, "last-%016llx", (unsigned long long)job);
}

static Status statedir_note(Kv *kv, uint64_t job, uint64_t commit, Err *err) {
    char name[32], text[32];
    statedir_last_name(job, name, sizeof name);
    snprintf(text, sizeof text, "%llu\n", (unsigned long long)commit);
    return statedir_write((StateDir *)kv, name, text, false, err);
}

static Status statedir_noted(Kv *kv, uint64_t job, uint64_t *commit, Err *err) {
    const StateDir *self = (const StateDir *)kv;
    char name[32], path[4096], text[64];
    *commit = 0;
    statedir_last_name(job, name, sizeof name);
    TRY(statedir_path(self, name, path, sizeof path, err));
    if (!file_exists(path)) return ST_OK;
    TRY(statedir_read(path, text, sizeof text, err));
    *commit = strtoull(text, NULL, 10);
    return ST_OK;
}

static const KvType statedir_type = {
    .write = statedir_kv_write,
    .get = statedir_kv_get,
    .scan = statedir_kv_scan,
    .copy = statedir_kv_copy,
    .note = statedir_note,
    .noted = statedir_noted,
    .close = statedir_kv_close,
};

/* The directory's identity: made once, kept in the database. */
static Status statedir_identity(StateDir *self, Err *err) {
    static const char key_bytes[] = "\0\0\0\0\0\0\0\0identity";
    Span key = {key_bytes, sizeof key_bytes - 1};
    KvBatch batch;
    Buf value;
    bool is_found;
    Status status;
    buf_init(&value, NULL);
    status = kv_get(self->db, key, &value, &is_found, err);
    if (status == ST_OK && is_found && value.len == sizeof self->kv.identity) {
        memcpy(&self->kv.identity, value.ptr, value.len);
    } else if (status == ST_OK) {
        int64_t seed[3] = {clock_wall_us(), clock_mono_ns(), process_id()};
        self->kv.identity = hash_bytes(seed, sizeof seed, 0);
        kvbatch_init(&batch, NULL);
        kvbatch_put(&batch, key,
                    (Span){(const char *)&self->kv.identity, sizeof self->kv.identity});
        status = kv_write(self->db, &batch, err);
        kvbatch_deinit(&batch);
    }
    buf_deinit(&value);
    return status;
}

static Status statedir_begin(StateDir *self, Err *err) {
    char db[4096], text[64];
    bool is_new;
    TRY(dir_make(self->path, err));
    TRY(statedir_lock(self, err));
    TRY(statedir_check(self, &is_new, err));
    TRY(statedir_path(self, "db", db, sizeof db, err));
    FAULT("store.open");
    if (is_new) {
        snprintf(text, sizeof text, "%s%d\n", statedir_magic, STATEDIR_FORMAT);
        TRY(statedir_write(self, "WEIR", text, true, err));
    }
    FAULT("store.made");
    /* A directory that was made, but whose process ended before its first commit, has no database.
     * */
    TRY(rocks_open(db, true, &self->db, err));
    return statedir_identity(self, err);
}

Status statedir_open(const char *path, Kv **out, Err *err) {
    StateDir *self = mem_zalloc(NULL, sizeof *self);
    Status status;
    self->kv.type = &statedir_type;
    self->lock = -1;
    self->path = mem_alloc(NULL, strlen(path) + 1);
    memcpy(self->path, path, strlen(path) + 1);
    status = statedir_begin(self, err);
    if (status == ST_OK)
        *out = &self->kv;
    else
        statedir_kv_close(&self->kv);
    return status;
}
