/* rocks.c -- commits in RocksDB: one column family, a log that is synced with every batch.
 *
 * The library is loaded when the first state directory is opened, so that a run without one neither
 * needs it nor pays for it. Its C interface is stable; the calls used are listed below.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/rocks.h"

#include "os/os.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

typedef struct RocksHandle RocksHandle; /* any of the library's objects */
enum {
    ROCKS_RECOVER_POINT_IN_TIME = 2,
    ROCKS_LZ4 = 4,
    ROCKS_WRITE_BUFFER = 32 << 20,
    ROCKS_OPEN_FILES = 256,
    ROCKS_LOGS = 2,
    ROCKS_LOG_WARN = 2,
};

/* X(result, name, parameters) */
#define ROCKS_CALLS(X)                                                                            \
    X(RocksHandle *, options_create, (void))                                                      \
    X(void, options_destroy, (RocksHandle *))                                                     \
    X(void, options_set_create_if_missing, (RocksHandle *, unsigned char))                        \
    X(void, options_set_wal_recovery_mode, (RocksHandle *, int))                                  \
    X(void, options_set_compression, (RocksHandle *, int))                                        \
    X(void, options_set_write_buffer_size, (RocksHandle *, size_t))                               \
    X(void, options_set_max_open_files, (RocksHandle *, int))                                     \
    X(void, options_set_keep_log_file_num, (RocksHandle *, size_t))                               \
    X(void, options_set_info_log_level, (RocksHandle *, int))                                     \
    X(RocksHandle *, open, (RocksHandle *, const char *, char **))                                \
    X(void, close, (RocksHandle *))                                                               \
    X(void, free, (void *))                                                                       \
    X(RocksHandle *, writeoptions_create, (void))                                                 \
    X(void, writeoptions_destroy, (RocksHandle *))                                                \
    X(void, writeoptions_set_sync, (RocksHandle *, unsigned char))                                \
    X(RocksHandle *, readoptions_create, (void))                                                  \
    X(void, readoptions_destroy, (RocksHandle *))                                                 \
    X(void, readoptions_set_verify_checksums, (RocksHandle *, unsigned char))                     \
    X(RocksHandle *, writebatch_create, (void))                                                   \
    X(void, writebatch_destroy, (RocksHandle *))                                                  \
    X(void, writebatch_clear, (RocksHandle *))                                                    \
    X(void, writebatch_put, (RocksHandle *, const char *, size_t, const char *, size_t))          \
    X(void, writebatch_delete, (RocksHandle *, const char *, size_t))                             \
    X(void, writebatch_delete_range, (RocksHandle *, const char *, size_t, const char *, size_t)) \
    X(void, write, (RocksHandle *, RocksHandle *, RocksHandle *, char **))                        \
    X(char *, get, (RocksHandle *, RocksHandle *, const char *, size_t, size_t *, char **))       \
    X(RocksHandle *, create_iterator, (RocksHandle *, RocksHandle *))                             \
    X(void, iter_destroy, (RocksHandle *))                                                        \
    X(unsigned char, iter_valid, (RocksHandle *))                                                 \
    X(void, iter_seek, (RocksHandle *, const char *, size_t))                                     \
    X(void, iter_next, (RocksHandle *))                                                           \
    X(const char *, iter_key, (RocksHandle *, size_t *))                                          \
    X(const char *, iter_value, (RocksHandle *, size_t *))                                        \
    X(void, iter_get_error, (RocksHandle *, char **))                                             \
    X(RocksHandle *, checkpoint_object_create, (RocksHandle *, char **))                          \
    X(void, checkpoint_create, (RocksHandle *, const char *, uint64_t, char **))                  \
    X(void, checkpoint_object_destroy, (RocksHandle *))

typedef struct RocksLib {
#define ROCKS_MEMBER(result, name, parameters) result(*name) parameters;
    ROCKS_CALLS(ROCKS_MEMBER)
#undef ROCKS_MEMBER
} RocksLib;

typedef struct RocksKv {
    Kv kv;
    char *path;
    RocksHandle *db, *options, *write_options, *read_options, *batch;
    pthread_mutex_t lock; /* queries write from threads of their own */
    bool is_broken;       /* a write failed: nothing more is written */
} RocksKv;

static RocksLib rocks;
static char rocks_problem[256];
static pthread_once_t rocks_once = PTHREAD_ONCE_INIT;

static void rocks_load(void) {
    static const char *const names[] = {"librocksdb.so.7.8", "librocksdb.so.7", "librocksdb.so.8",
                                        "librocksdb.so.9", "librocksdb.so"};
    void *lib = NULL, *call;
    for (size_t i = 0; i < sizeof names / sizeof *names && !lib; i++)
        lib = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!lib) {
        snprintf(rocks_problem, sizeof rocks_problem, "%s", dlerror());
        return;
    }
#define ROCKS_LOAD(result, name, parameters)                                                 \
    call = dlsym(lib, "rocksdb_" #name);                                                     \
    if (!call) snprintf(rocks_problem, sizeof rocks_problem, "it has no rocksdb_%s", #name); \
    memcpy(&rocks.name, &call, sizeof call);
    ROCKS_CALLS(ROCKS_LOAD)
#undef ROCKS_LOAD
}

/* The library's message, which names the file, as an error of ours. */
static Status rocks_fail(const RocksKv *self, char *message, Err *err) {
    bool is_corrupt = strstr(message, "Corruption") != NULL || strstr(message, "checksum") != NULL;
    bool is_full = strstr(message, "No space left") != NULL;
    err_set(err, is_corrupt ? ST_CORRUPT : ST_IO,
            is_corrupt ? "XX001"
            : is_full  ? "53100"
                       : "58030",
            -1, __FILE__, __LINE__, "the state in \"%s\" cannot be %s", self->path,
            is_corrupt ? "read: it is damaged" : "read or written");
    err_detail(err, "%s", message);
    rocks.free(message);
    return err->status;
}

static void rocks_fill_prefix(RocksHandle *batch, Span key) {
    char end[512]; /* the next prefix of that length */
    size_t len = key.len;
    assert(len && len <= sizeof end);
    memcpy(end, key.ptr, len);
    while (len && (unsigned char)end[len - 1] == 0xff) len--;
    assert(len);
    end[len - 1]++;
    rocks.writebatch_delete_range(batch, key.ptr, key.len, end, len);
}

/* A put or a deletion, with its place in the batch: the last of a key wins. */
typedef struct RocksOp {
    Span key, value;
    uint64_t at;
    bool is_put;
} RocksOp;

static int rocks_op_cmp(const void *a, const void *b) {
    const RocksOp *x = a, *y = b;
    size_t len = x->key.len < y->key.len ? x->key.len : y->key.len;
    int order = len ? memcmp(x->key.ptr, y->key.ptr, len) : 0;
    if (!order) order = (x->key.len > y->key.len) - (x->key.len < y->key.len);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* RocksDB takes keys in order twice as fast. Dropped slices go first: a batch tells of them before
 * it tells of what comes under their prefix. */
static void rocks_fill(RocksHandle *batch, const KvBatch *from) {
    RocksOp *ops = mem_alloc(NULL, sizeof *ops * (from->n + 1));
    size_t at = 0, n = 0;
    KvKind kind;
    Span key, value;
    rocks.writebatch_clear(batch);
    while (kvbatch_next(from, &at, &kind, &key, &value)) {
        if (kind == KV_DELETE_PREFIX) {
            rocks_fill_prefix(batch, key);
            continue;
        }
        ops[n] = (RocksOp){key, value, n, kind == KV_PUT};
        n++;
    }
    qsort(ops, n, sizeof *ops, rocks_op_cmp);
    for (size_t i = 0; i < n; i++) {
        const RocksOp *op = &ops[i];
        if (i + 1 < n && span_eq(op->key, ops[i + 1].key)) continue;
        if (op->is_put)
            rocks.writebatch_put(batch, op->key.ptr, op->key.len,
                                 op->value.len ? op->value.ptr : "", op->value.len);
        else
            rocks.writebatch_delete(batch, op->key.ptr, op->key.len);
    }
    mem_free(NULL, ops, sizeof *ops * (from->n + 1));
}

static Status rocks_write_locked(RocksKv *self, const KvBatch *batch, Err *err) {
    char *message = NULL;
    if (self->is_broken)
        FAIL(err, ST_IO, "58030", -1, "the state in \"%s\" was not written before", self->path);
    self->is_broken = true; /* until it is known that it is not */
    rocks_fill(self->batch, batch);
    FAULT_ERROR("store.write", err);
    rocks.write(self->db, self->write_options, self->batch, &message);
    if (message) return rocks_fail(self, message, err);
    FAULT_ERROR("store.written", err);
    self->is_broken = false;
    return ST_OK;
}

static Status rocks_write(Kv *kv, const KvBatch *batch, Err *err) {
    RocksKv *self = (RocksKv *)kv;
    Status status;
    pthread_mutex_lock(&self->lock);
    status = rocks_write_locked(self, batch, err);
    pthread_mutex_unlock(&self->lock);
    return status;
}

static Status rocks_get(Kv *kv, Span key, Buf *value, bool *is_found, Err *err) {
    RocksKv *self = (RocksKv *)kv;
    char *message = NULL;
    size_t len = 0;
    char *bytes = rocks.get(self->db, self->read_options, key.ptr, key.len, &len, &message);
    *is_found = bytes != NULL;
    if (message) return rocks_fail(self, message, err);
    if (!bytes) return ST_OK;
    buf_reset(value);
    buf_put(value, bytes, len);
    rocks.free(bytes);
    return ST_OK;
}

static Status rocks_scan(Kv *kv, Span prefix, KvVisit *visit, void *ctx, Err *err) {
    RocksKv *self = (RocksKv *)kv;
    RocksHandle *iter = rocks.create_iterator(self->db, self->read_options);
    char *message = NULL;
    Status status = ST_OK;
    for (rocks.iter_seek(iter, prefix.len ? prefix.ptr : "", prefix.len);
         status == ST_OK && rocks.iter_valid(iter); rocks.iter_next(iter)) {
        Span key, value;
        key.ptr = rocks.iter_key(iter, &key.len);
        value.ptr = rocks.iter_value(iter, &value.len);
        if (key.len < prefix.len || (prefix.len && memcmp(key.ptr, prefix.ptr, prefix.len) != 0))
            break;
        status = visit(ctx, key, value, err);
    }
    rocks.iter_get_error(iter, &message);
    rocks.iter_destroy(iter);
    if (status != ST_OK) {
        if (message) rocks.free(message);
        return status;
    }
    return message ? rocks_fail(self, message, err) : ST_OK;
}

static Status rocks_copy(Kv *kv, const char *to, Err *err) {
    RocksKv *self = (RocksKv *)kv;
    enum { ALWAYS_FLUSH = 0 };
    char *message = NULL;
    RocksHandle *checkpoint = rocks.checkpoint_object_create(self->db, &message);
    if (!message) rocks.checkpoint_create(checkpoint, to, ALWAYS_FLUSH, &message);
    if (checkpoint) rocks.checkpoint_object_destroy(checkpoint);
    return message ? rocks_fail(self, message, err) : ST_OK;
}

static void rocks_close(Kv *kv) {
    RocksKv *self = (RocksKv *)kv;
    if (self->db) rocks.close(self->db);
    if (self->batch) rocks.writebatch_destroy(self->batch);
    if (self->options) rocks.options_destroy(self->options);
    if (self->write_options) rocks.writeoptions_destroy(self->write_options);
    if (self->read_options) rocks.readoptions_destroy(self->read_options);
    pthread_mutex_destroy(&self->lock);
    mem_free(NULL, self->path, strlen(self->path) + 1);
    mem_free(NULL, self, sizeof *self);
}

static const KvType rocks_type = {
    .write = rocks_write,
    .get = rocks_get,
    .scan = rocks_scan,
    .copy = rocks_copy,
    .close = rocks_close,
};

Status rocks_open(const char *path, bool is_new, Kv **out, Err *err) {
    RocksKv *self;
    char *message = NULL;
    pthread_once(&rocks_once, rocks_load);
    if (rocks_problem[0]) {
        err_set(err, ST_UNSUPPORTED, "0A000", -1, __FILE__, __LINE__,
                "a state directory needs the library RocksDB: %s", rocks_problem);
        return err_hint(err, "Debian: apt install librocksdb7.8");
    }
    self = mem_zalloc(NULL, sizeof *self);
    self->kv.type = &rocks_type;
    pthread_mutex_init(&self->lock, NULL);
    self->path = mem_alloc(NULL, strlen(path) + 1);
    memcpy(self->path, path, strlen(path) + 1);
    self->options = rocks.options_create();
    rocks.options_set_create_if_missing(self->options, is_new);
    rocks.options_set_wal_recovery_mode(self->options, ROCKS_RECOVER_POINT_IN_TIME);
    rocks.options_set_compression(self->options, ROCKS_LZ4);
    rocks.options_set_write_buffer_size(self->options, ROCKS_WRITE_BUFFER);
    rocks.options_set_max_open_files(self->options, ROCKS_OPEN_FILES);
    rocks.options_set_keep_log_file_num(self->options, ROCKS_LOGS);
    rocks.options_set_info_log_level(self->options, ROCKS_LOG_WARN);
    self->write_options = rocks.writeoptions_create();
    rocks.writeoptions_set_sync(self->write_options, 1);
    self->read_options = rocks.readoptions_create();
    rocks.readoptions_set_verify_checksums(self->read_options, 1);
    self->batch = rocks.writebatch_create();
    self->db = rocks.open(self->options, path, &message);
    if (message) {
        Status status = rocks_fail(self, message, err);
        rocks_close(&self->kv);
        return status;
    }
    *out = &self->kv;
    return ST_OK;
}
