/* slab.h -- memory of state tables: blocks of a power of two from a pool that all tables share, and
 * slabs that cut them into pieces of any size with free lists. Steps that add and drop as much as
 * the steps before them reach malloc no more. Not for other directories.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_SLAB_H
#define WEIR_SLAB_H

#include "base/base.h"

enum {
    POOL_MIN_LOG = 8, /* 256 bytes */
    POOL_MAX_LOG = 40,
    SLAB_STEP = 16,    /* sizes are rounded up to this; pieces are aligned to it */
    SLAB_SMALL = 1024, /* above: sizes are rounded up to powers of two */
    SLAB_CLASSES = SLAB_SMALL / SLAB_STEP + 1,
    SLAB_LARGE_LOG = 48,
};

/* What was allocated, to free it in the end. */
typedef struct PoolRaw {
    void *ptr;
    size_t size;
} PoolRaw;
typedef struct PoolFree {
    struct PoolFree *next;
} PoolFree;
typedef struct Pool {
    Mem *mem;
    PoolFree *free[POOL_MAX_LOG + 1];
    PoolRaw *raws;
    uint32_t n_raws, cap_raws;
    size_t size;  /* bytes allocated */
    bool is_huge; /* much memory comes in huge pages: for what is read at random all the time */
} Pool;

void pool_init(Pool *pool, Mem *mem, bool is_huge);
void pool_deinit(Pool *pool); /* every block has been given back */
/* 1 << log bytes, aligned to a cache line; not zeroed. */
void *pool_get(Pool *pool, uint32_t log);
void pool_put(Pool *pool, void *block, uint32_t log);

typedef struct SlabFree {
    struct SlabFree *next;
} SlabFree;
typedef struct SlabChunk SlabChunk;
typedef struct Slab {
    Pool *pool;
    char *at, *end;
    SlabChunk *chunks;
    uint32_t next_log;               /* size of the next chunk */
    SlabFree *free[SLAB_CLASSES];    /* pieces given back, by size */
    SlabFree *large[SLAB_LARGE_LOG]; /* same, by the logarithm of the size */
} Slab;

void slab_init(Slab *slab, Pool *pool);
void slab_deinit(Slab *slab); /* all pieces at once */
void *slab_get_slow(Slab *slab, size_t size);
void slab_put(Slab *slab, void *piece, size_t size);

/* A piece of at least `size` bytes, aligned to 16; not zeroed. Give it back with the same size. */
static inline void *slab_get(Slab *slab, size_t size) {
    size = (size + SLAB_STEP - 1) & ~(size_t)(SLAB_STEP - 1);
    if (__builtin_expect(size <= SLAB_SMALL, 1)) {
        SlabFree *piece = slab->free[size / SLAB_STEP];
        if (piece) {
            slab->free[size / SLAB_STEP] = piece->next;
            return piece;
        }
        if ((size_t)(slab->end - slab->at) >= size) {
            void *fresh = slab->at;
            slab->at += size;
            return fresh;
        }
    }
    return slab_get_slow(slab, size);
}

#endif
