/* slab.c -- the block pool and the slabs on top of it. See slab.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/slab.h"

enum {
    CACHE_LINE = 64,
    CHUNK_LOG_MIN = 9,
    CHUNK_LOG_MAX = 18,
    HUGE_FROM = 4 << 20, /* from this size on, memory comes in huge pages */
};

struct SlabChunk {
    SlabChunk *next;
    uint32_t log;
};

void pool_init(Pool *pool, Mem *mem, bool is_huge) {
    *pool = (Pool){.mem = mem, .is_huge = is_huge};
}

void pool_deinit(Pool *pool) {
    for (uint32_t i = 0; i < pool->n_raws; i++)
        mem_free(pool->mem, pool->raws[i].ptr, pool->raws[i].size);
    mem_free(pool->mem, pool->raws, sizeof *pool->raws * pool->cap_raws);
    pool_init(pool, pool->mem, pool->is_huge);
}

static char *pool_raw(Pool *pool, size_t size, bool is_huge) {
    void *ptr = is_huge ? mem_alloc_huge(pool->mem, size) : mem_alloc(pool->mem, size);
    if (pool->n_raws == pool->cap_raws) {
        uint32_t cap = pool->cap_raws ? 2 * pool->cap_raws : 16;
        pool->raws = mem_realloc(pool->mem, pool->raws, sizeof *pool->raws * pool->cap_raws,
                                 sizeof *pool->raws * cap);
        pool->cap_raws = cap;
    }
    pool->raws[pool->n_raws++] = (PoolRaw){ptr, size};
    pool->size += size;
    return ptr;
}

void *pool_get(Pool *pool, uint32_t log) {
    PoolFree *block = pool->free[log];
    size_t size = (size_t)1 << log;
    char *raw;
    assert(log >= POOL_MIN_LOG && log <= POOL_MAX_LOG);
    if (block) {
        pool->free[log] = block->next;
        return block;
    }
    if (pool->is_huge && pool->size >= HUGE_FROM && log >= CHUNK_LOG_MAX - 2) {
        size_t huge = size < MEM_HUGE ? MEM_HUGE : size;
        raw = pool_raw(pool, huge, true);
        for (size_t at = size; at < huge; at += size) pool_put(pool, raw + at, log);
        return raw;
    }
    raw = pool_raw(pool, size + CACHE_LINE, false);
    return (char *)(((uintptr_t)raw + CACHE_LINE - 1) & ~(uintptr_t)(CACHE_LINE - 1));
}

void pool_put(Pool *pool, void *block, uint32_t log) {
    PoolFree *freed = block;
    if (!block) return;
    freed->next = pool->free[log];
    pool->free[log] = freed;
}

void slab_init(Slab *slab, Pool *pool) {
    *slab = (Slab){.pool = pool, .next_log = CHUNK_LOG_MIN};
}

void slab_deinit(Slab *slab) {
    SlabChunk *chunk = slab->chunks;
    while (chunk) {
        SlabChunk *next = chunk->next;
        pool_put(slab->pool, chunk, chunk->log);
        chunk = next;
    }
    slab_init(slab, slab->pool);
}

static char *slab_chunk(Slab *slab, uint32_t log) {
    SlabChunk *chunk = pool_get(slab->pool, log);
    *chunk = (SlabChunk){.next = slab->chunks, .log = log};
    slab->chunks = chunk;
    return (char *)chunk + CACHE_LINE;
}

/* Large pieces are chunks of their own. */
static uint32_t slab_large_log(size_t size) {
    return 64 - (uint32_t)__builtin_clzll(size + CACHE_LINE - 1);
}

void *slab_get_slow(Slab *slab, size_t size) {
    SlabFree *piece;
    uint32_t log;
    if (size <= SLAB_SMALL) {
        while ((size_t)(slab->end - slab->at) < size) {
            /* The rest of the chunk becomes a free piece, so that it is not lost. */
            size_t rest = (size_t)(slab->end - slab->at) & ~(size_t)(SLAB_STEP - 1);
            if (rest) slab_put(slab, slab->at, rest);
            slab->at = slab_chunk(slab, slab->next_log);
            slab->end = slab->at + ((size_t)1 << slab->next_log) - CACHE_LINE;
            if (slab->next_log < CHUNK_LOG_MAX) slab->next_log++;
        }
        slab->at += size;
        return slab->at - size;
    }
    log = slab_large_log(size);
    piece = slab->large[log];
    if (!piece) return slab_chunk(slab, log);
    slab->large[log] = piece->next;
    return piece;
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
