/* slab.c -- the block pool and the slabs on top of it. See slab.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/slab.h"

enum { CACHE_LINE = 64, CHUNK_LOG_MIN = 9, CHUNK_LOG_MAX = 18 };

/* Lies in the cache line before a block. */
struct PoolBlock {
    PoolBlock *next;
    void *raw;
};

struct SlabChunk {
    SlabChunk *next;
    uint64_t size;
    uint32_t log; /* 0 = not from the pool: `size` bytes of counted memory */
};

static PoolBlock *pool_head(void *block) {
    return (PoolBlock *)((char *)block - CACHE_LINE);
}

void pool_init(Pool *pool, Mem *mem) {
    *pool = (Pool){.mem = mem};
}

void pool_deinit(Pool *pool) {
    for (uint32_t log = POOL_MIN_LOG; log <= POOL_MAX_LOG; log++) {
        PoolBlock *head = pool->free[log];
        while (head) {
            PoolBlock *next = head->next;
            mem_free(pool->mem, head->raw, ((size_t)1 << log) + 2 * CACHE_LINE);
            head = next;
        }
        pool->free[log] = NULL;
    }
}

void *pool_get(Pool *pool, uint32_t log) {
    PoolBlock *head = pool->free[log];
    char *raw, *block;
    assert(log >= POOL_MIN_LOG && log <= POOL_MAX_LOG);
    if (head) {
        pool->free[log] = head->next;
        return (char *)head + CACHE_LINE;
    }
    raw = mem_alloc(pool->mem, ((size_t)1 << log) + 2 * CACHE_LINE);
    block = (char *)(((uintptr_t)raw + 2 * CACHE_LINE - 1) & ~(uintptr_t)(CACHE_LINE - 1));
    pool_head(block)->raw = raw;
    return block;
}

void pool_put(Pool *pool, void *block, uint32_t log) {
    PoolBlock *head;
    if (!block) return;
    head = pool_head(block);
    head->next = pool->free[log];
    pool->free[log] = head;
}

void slab_init(Slab *slab, Pool *pool) {
    *slab = (Slab){.pool = pool, .next_log = CHUNK_LOG_MIN};
}

void slab_deinit(Slab *slab) {
    SlabChunk *chunk = slab->chunks;
    while (chunk) {
        SlabChunk *next = chunk->next;
        if (chunk->log)
            pool_put(slab->pool, chunk, chunk->log);
        else
            mem_free(slab->pool->mem, chunk, chunk->size);
        chunk = next;
    }
    slab_init(slab, slab->pool);
}

static void slab_chunk(Slab *slab) {
    uint32_t log = slab->next_log;
    SlabChunk *chunk = pool_get(slab->pool, log);
    *chunk = (SlabChunk){.next = slab->chunks, .size = (uint64_t)1 << log, .log = log};
    slab->chunks = chunk;
    slab->at = (char *)chunk + CACHE_LINE;
    slab->end = (char *)chunk + chunk->size;
    if (log < CHUNK_LOG_MAX) slab->next_log = log + 1;
}

static uint32_t slab_large_log(size_t size) {
    return 64 - (uint32_t)__builtin_clzll(size - 1);
}

void *slab_get_slow(Slab *slab, size_t size) {
    if (size <= SLAB_SMALL) {
        while ((size_t)(slab->end - slab->at) < size) {
            /* The rest of the chunk becomes a free piece, so that it is not lost. */
            size_t rest = (size_t)(slab->end - slab->at) & ~(size_t)(SLAB_STEP - 1);
            if (rest >= sizeof(SlabFree)) slab_put(slab, slab->at, rest);
            slab_chunk(slab);
        }
        slab->at += size;
        return slab->at - size;
    }
    uint32_t log = slab_large_log(size);
    SlabFree *piece = slab->large[log];
    if (piece) {
        slab->large[log] = piece->next;
        return piece;
    }
    uint64_t bytes = CACHE_LINE + ((uint64_t)1 << log);
    SlabChunk *chunk = mem_alloc(slab->pool->mem, bytes);
    *chunk = (SlabChunk){.next = slab->chunks, .size = bytes};
    slab->chunks = chunk;
    return (char *)chunk + CACHE_LINE;
}

void slab_put(Slab *slab, void *piece, size_t size) {
    SlabFree *freed = piece;
    if (!piece) return;
    size = (size + SLAB_STEP - 1) & ~(size_t)(SLAB_STEP - 1);
    if (size == 0) return;
    SlabFree **list =
        size <= SLAB_SMALL ? &slab->free[size / SLAB_STEP] : &slab->large[slab_large_log(size)];
    freed->next = *list;
    *list = freed;
}
