/* kv.c -- batches, and the store in memory: a sorted array, good for the sizes of tests.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/kv.h"

/* ---- batches ---- */

void kvbatch_init(KvBatch *batch, Mem *mem) {
    buf_init(&batch->ops, mem);
    batch->n = 0;
}

void kvbatch_deinit(KvBatch *batch) {
    buf_deinit(&batch->ops);
}

void kvbatch_reset(KvBatch *batch) {
    buf_reset(&batch->ops);
    batch->n = 0;
}

static void kvbatch_add(KvBatch *batch, KvKind kind, Span key, Span value) {
    KvOp op = {kind, (uint32_t)key.len, (uint32_t)value.len};
    assert(key.len <= UINT32_MAX && value.len <= UINT32_MAX);
    buf_put(&batch->ops, &op, sizeof op);
    buf_span(&batch->ops, key);
    buf_span(&batch->ops, value);
    batch->n++;
}

void kvbatch_put(KvBatch *batch, Span key, Span value) {
    kvbatch_add(batch, KV_PUT, key, value);
}

void kvbatch_delete(KvBatch *batch, Span key) {
    kvbatch_add(batch, KV_DELETE, key, (Span){NULL, 0});
}

void kvbatch_delete_prefix(KvBatch *batch, Span prefix) {
    kvbatch_add(batch, KV_DELETE_PREFIX, prefix, (Span){NULL, 0});
}

bool kvbatch_next(const KvBatch *batch, size_t *at, KvKind *kind, Span *key, Span *value) {
    KvOp op;
    if (*at == batch->ops.len) return false;
    memcpy(&op, batch->ops.ptr + *at, sizeof op);
    *kind = (KvKind)op.kind;
    *key = (Span){batch->ops.ptr + *at + sizeof op, op.key_len};
    *value = (Span){key->ptr + op.key_len, op.value_len};
    *at += sizeof op + op.key_len + op.value_len;
    return true;
}

/* ---- any store ---- */

Status kv_write(Kv *kv, const KvBatch *batch, Err *err) {
    return kv->type->write(kv, batch, err);
}

Status kv_get(Kv *kv, Span key, Buf *value, bool *is_found, Err *err) {
    return kv->type->get(kv, key, value, is_found, err);
}

Status kv_scan(Kv *kv, Span prefix, KvVisit *visit, void *ctx, Err *err) {
    return kv->type->scan(kv, prefix, visit, ctx, err);
}

Status kv_copy(Kv *kv, const char *to, Err *err) {
    if (kv->type->copy) return kv->type->copy(kv, to, err);
    FAIL(err, ST_UNSUPPORTED, "0A000", -1, "a store in memory cannot be copied");
}

Status kv_note(Kv *kv, uint64_t job, uint64_t commit, Err *err) {
    return kv->type->note ? kv->type->note(kv, job, commit, err) : ST_OK;
}

Status kv_noted(Kv *kv, uint64_t job, uint64_t *commit, Err *err) {
    *commit = 0;
    return kv->type->noted ? kv->type->noted(kv, job, commit, err) : ST_OK;
}

void kv_close(Kv *kv) {
    if (kv) kv->type->close(kv);
}

/* ---- in memory ---- */

typedef struct KvPair {
    char *bytes; /* key, value */
    size_t key_len, value_len;
} KvPair;

typedef struct KvMemory {
    Kv kv;
    KvPair *pairs; /* by key */
    size_t n, cap;
} KvMemory;

static int kvpair_cmp(const KvPair *pair, Span key) {
    size_t len = pair->key_len < key.len ? pair->key_len : key.len;
    int order = len ? memcmp(pair->bytes, key.ptr, len) : 0;
    return order ? order : (pair->key_len > key.len) - (pair->key_len < key.len);
}

/* The first pair whose key is not below. */
static size_t kvmemory_bound(const KvMemory *self, Span key) {
    size_t from = 0, to = self->n;
    while (from < to) {
        size_t mid = (from + to) / 2;
        if (kvpair_cmp(&self->pairs[mid], key) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

static void kvpair_free(const KvPair *pair) {
    mem_free(NULL, pair->bytes, pair->key_len + pair->value_len);
}

static void kvmemory_put(KvMemory *self, Span key, Span value) {
    size_t at = kvmemory_bound(self, key);
    KvPair pair = {mem_alloc(NULL, key.len + value.len), key.len, value.len};
    if (key.len) memcpy(pair.bytes, key.ptr, key.len);
    if (value.len) memcpy(pair.bytes + key.len, value.ptr, value.len);
    if (at < self->n && kvpair_cmp(&self->pairs[at], key) == 0) {
        kvpair_free(&self->pairs[at]);
        self->pairs[at] = pair;
        return;
    }
    if (self->n == self->cap) {
        size_t cap = self->cap ? 2 * self->cap : 64;
        self->pairs = mem_realloc(NULL, self->pairs, sizeof *self->pairs * self->cap,
                                  sizeof *self->pairs * cap);
        self->cap = cap;
    }
    memmove(self->pairs + at + 1, self->pairs + at, sizeof *self->pairs * (self->n - at));
    self->pairs[at] = pair;
    self->n++;
}

static bool kvpair_begins(const KvPair *pair, Span prefix) {
    return pair->key_len >= prefix.len &&
           (!prefix.len || memcmp(pair->bytes, prefix.ptr, prefix.len) == 0);
}

static void kvmemory_delete(KvMemory *self, Span key, bool is_prefix) {
    size_t from = kvmemory_bound(self, key), to = from;
    while (to < self->n && (is_prefix ? kvpair_begins(&self->pairs[to], key)
                                      : to == from && kvpair_cmp(&self->pairs[to], key) == 0))
        kvpair_free(&self->pairs[to++]);
    memmove(self->pairs + from, self->pairs + to, sizeof *self->pairs * (self->n - to));
    self->n -= to - from;
}

static Status kvmemory_write(Kv *kv, const KvBatch *batch, Err *err) {
    KvMemory *self = (KvMemory *)kv;
    size_t at = 0;
    KvKind kind;
    Span key, value;
    (void)err;
    while (kvbatch_next(batch, &at, &kind, &key, &value)) {
        if (kind == KV_PUT)
            kvmemory_put(self, key, value);
        else
            kvmemory_delete(self, key, kind == KV_DELETE_PREFIX);
    }
    return ST_OK;
}

static Status kvmemory_get(Kv *kv, Span key, Buf *value, bool *is_found, Err *err) {
    const KvMemory *self = (const KvMemory *)kv;
    size_t at = kvmemory_bound(self, key);
    (void)err;
    *is_found = at < self->n && kvpair_cmp(&self->pairs[at], key) == 0;
    if (!*is_found) return ST_OK;
    buf_reset(value);
    buf_put(value, self->pairs[at].bytes + key.len, self->pairs[at].value_len);
    return ST_OK;
}

static Status kvmemory_scan(Kv *kv, Span prefix, KvVisit *visit, void *ctx, Err *err) {
    const KvMemory *self = (const KvMemory *)kv;
    for (size_t i = kvmemory_bound(self, prefix); i < self->n; i++) {
        const KvPair *pair = &self->pairs[i];
        if (!kvpair_begins(pair, prefix)) break;
        TRY(visit(ctx, (Span){pair->bytes, pair->key_len},
                  (Span){pair->bytes + pair->key_len, pair->value_len}, err));
    }
    return ST_OK;
}

static void kvmemory_close(Kv *kv) {
    KvMemory *self = (KvMemory *)kv;
    for (size_t i = 0; i < self->n; i++) kvpair_free(&self->pairs[i]);
    mem_free(NULL, self->pairs, sizeof *self->pairs * self->cap);
    mem_free(NULL, self, sizeof *self);
}

static const KvType kv_memory_type = {
    .write = kvmemory_write,
    .get = kvmemory_get,
    .scan = kvmemory_scan,
    .close = kvmemory_close,
    .is_immediate = true,
};

Kv *kv_memory(void) {
    KvMemory *self = mem_zalloc(NULL, sizeof *self);
    self->kv.type = &kv_memory_type;
    return &self->kv;
}
