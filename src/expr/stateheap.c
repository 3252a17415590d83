/* stateheap.c -- bytes of variable size inside aggregate states: powers of two with free lists, cut
 * from chunks that die with the heap.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/expr.h"

enum { VAR_LOG_MIN = 4, VAR_LOG_MAX = 31, HEAP_CHUNK_MIN = 1024, HEAP_CHUNK_MAX = 256 * 1024 };

typedef struct HeapChunk {
    struct HeapChunk *next;
    size_t size;
    _Alignas(16) char bytes[];
} HeapChunk;

typedef struct HeapFree {
    struct HeapFree *next;
} HeapFree;

struct StateHeap {
    Mem *mem;
    HeapChunk *chunks;
    char *at, *end;
    size_t chunk_size;
    HeapFree *free[VAR_LOG_MAX + 1];
};

StateHeap *stateheap_new(Mem *mem) {
    StateHeap *heap = mem_zalloc(mem, sizeof *heap);
    heap->mem = mem;
    heap->chunk_size = HEAP_CHUNK_MIN;
    return heap;
}

void stateheap_free(StateHeap *heap) {
    if (!heap) return;
    while (heap->chunks) {
        HeapChunk *chunk = heap->chunks;
        heap->chunks = chunk->next;
        mem_free(heap->mem, chunk, sizeof *chunk + chunk->size);
    }
    mem_free(heap->mem, heap, sizeof *heap);
}

static void *stateheap_chunk(StateHeap *heap, size_t size) {
    HeapChunk *chunk = mem_alloc(heap->mem, sizeof *chunk + size);
    chunk->size = size;
    chunk->next = heap->chunks;
    heap->chunks = chunk;
    return chunk->bytes;
}

static void *stateheap_get(StateHeap *heap, uint32_t log) {
    size_t size = (size_t)1 << log;
    HeapFree *piece = heap->free[log];
    if (piece) {
        heap->free[log] = piece->next;
        return piece;
    }
    if (size > HEAP_CHUNK_MAX / 4) return stateheap_chunk(heap, size);
    if ((size_t)(heap->end - heap->at) < size) {
        size_t want = heap->chunk_size < 4 * size ? 4 * size : heap->chunk_size;
        heap->at = stateheap_chunk(heap, want);
        heap->end = heap->at + want;
        if (heap->chunk_size < HEAP_CHUNK_MAX) heap->chunk_size *= 2;
    }
    heap->at += size;
    return heap->at - size;
}

static void stateheap_put(StateHeap *heap, void *ptr, uint32_t cap) {
    HeapFree *piece = ptr;
    uint32_t log = 31 - (uint32_t)__builtin_clz(cap);
    piece->next = heap->free[log];
    heap->free[log] = piece;
}

/* Room for len bytes; what is there stays. */
static void statevar_reserve(StateHeap *heap, StateVar *var, uint32_t len) {
    uint32_t log = VAR_LOG_MIN;
    char *ptr;
    if (len <= var->cap) return;
    while (((uint32_t)1 << log) < len) log++;
    ptr = stateheap_get(heap, log);
    if (var->len) memcpy(ptr, var->ptr, var->len);
    if (var->cap) stateheap_put(heap, var->ptr, var->cap);
    var->ptr = ptr;
    var->cap = (uint32_t)1 << log;
}

void statevar_set(StateHeap *heap, StateVar *var, const void *bytes, uint32_t len) {
    var->len = 0;
    statevar_reserve(heap, var, len);
    if (len) memcpy(var->ptr, bytes, len);
    var->len = len;
}

void statevar_append(StateHeap *heap, StateVar *var, const void *bytes, uint32_t len) {
    statevar_reserve(heap, var, var->len + len);
    if (len) memcpy(var->ptr + var->len, bytes, len);
    var->len += len;
}

void statevar_clear(StateHeap *heap, StateVar *var) {
    if (var->cap) stateheap_put(heap, var->ptr, var->cap);
    *var = (StateVar){0};
}
