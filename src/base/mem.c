/* mem.c -- counted malloc and the bump allocator on top of it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

enum { EXIT_NO_MEMORY = 71, CHUNK_MIN = 4096, CHUNK_MAX = 1 << 20, ALIGN = 16 };

struct ArenaChunk {
    ArenaChunk *next;
    size_t size; /* of data, in bytes */
    _Alignas(16) char data[];
};

static void oom_exit(size_t size) {
    char line[96];
    int n =
        snprintf(line, sizeof line, "weir: out of memory: the system refused %zu bytes\n", size);
    if (n > 0 && write(2, line, (size_t)n) < 0) _exit(EXIT_NO_MEMORY);
    _exit(EXIT_NO_MEMORY);
}

void (*mem_on_oom)(size_t size) = oom_exit;

static void mem_count(Mem *mem, size_t added, size_t removed) {
    if (!mem) return;
    mem->n_allocs += added > 0;
    mem->used = mem->used + added - removed;
    if (mem->used > mem->peak) mem->peak = mem->used;
    if (mem->limit && mem->used > mem->limit) mem->is_exceeded = true;
}

void *mem_alloc(Mem *mem, size_t size) {
    void *ptr = malloc(size ? size : 1);
    if (!ptr) mem_on_oom(size);
    mem_count(mem, size, 0);
    return ptr;
}

void *mem_zalloc(Mem *mem, size_t size) {
    void *ptr = calloc(1, size ? size : 1);
    if (!ptr) mem_on_oom(size);
    mem_count(mem, size, 0);
    return ptr;
}

void *mem_realloc(Mem *mem, void *ptr, size_t old_size, size_t new_size) {
    void *grown = realloc(ptr, new_size ? new_size : 1);
    if (!grown) mem_on_oom(new_size);
    mem_count(mem, new_size, old_size);
    return grown;
}

void *mem_alloc_huge(Mem *mem, size_t size) {
    void *ptr = NULL;
    assert(size % MEM_HUGE == 0);
    if (posix_memalign(&ptr, MEM_HUGE, size) != 0) mem_on_oom(size);
#ifdef MADV_HUGEPAGE
    /* Advice: where it is not taken, ordinary pages do. */
    (void)!madvise(ptr, size, MADV_HUGEPAGE);
#endif
    mem_count(mem, size, 0);
    return ptr;
}

void mem_free(Mem *mem, void *ptr, size_t size) {
    if (!ptr) return;
    free(ptr);
    mem_count(mem, 0, size);
}

Status mem_check(const Mem *mem, Err *err) {
    if (!mem || !mem->is_exceeded) return ST_OK;
    err_set(err, ST_LIMIT, "53200", -1, __FILE__, __LINE__,
            "the query needs more memory than its limit of %zu bytes", mem->limit);
    return err_hint(err, "raise --memory, or bound the state with a window or a tighter filter");
}

void arena_init(Arena *arena, Mem *mem) {
    *arena = (Arena){.mem = mem};
}

void arena_deinit(Arena *arena) {
    ArenaChunk *chunk = arena->first;
    while (chunk) {
        ArenaChunk *next = chunk->next;
        mem_free(arena->mem, chunk, sizeof *chunk + chunk->size);
        chunk = next;
    }
    *arena = (Arena){.mem = arena->mem};
}

static void arena_use(Arena *arena, ArenaChunk *chunk) {
    arena->now = chunk;
    arena->at = chunk ? chunk->data : NULL;
    arena->end = chunk ? chunk->data + chunk->size : NULL;
}

void arena_reset(Arena *arena) {
    arena_use(arena, arena->first);
}

/* The next kept chunk that is large enough, or a new one behind `now`. */
static void arena_grow(Arena *arena, size_t size) {
    ArenaChunk *chunk = arena->now ? arena->now->next : arena->first;
    size_t want = arena->now ? arena->now->size * 2 : CHUNK_MIN;
    while (chunk && chunk->size < size) {
        arena->now = chunk;
        chunk = chunk->next;
    }
    if (!chunk) {
        if (want > CHUNK_MAX) want = CHUNK_MAX;
        if (want < size) want = size;
        chunk = mem_alloc(arena->mem, sizeof *chunk + want);
        chunk->size = want;
        chunk->next = arena->now ? arena->now->next : NULL;
        if (arena->now)
            arena->now->next = chunk;
        else
            arena->first = chunk;
    }
    arena_use(arena, chunk);
}

void *arena_alloc(Arena *arena, size_t size) {
    char *ptr;
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (__builtin_expect((size_t)(arena->end - arena->at) < size, 0)) arena_grow(arena, size);
    if (!arena->at) arena_grow(arena, size);
    ptr = arena->at;
    arena->at += size;
    return ptr;
}

void *arena_zalloc(Arena *arena, size_t size) {
    return memset(arena_alloc(arena, size), 0, size);
}

void arena_trim(Arena *arena, void *ptr, size_t size, size_t used) {
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    used = (used + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    assert(used <= size);
    if ((char *)ptr + size == arena->at) arena->at = (char *)ptr + used;
}

char *arena_strndup(Arena *arena, const char *text, size_t len) {
    char *copy = arena_alloc(arena, len + 1);
    if (len) memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *arena_strdup(Arena *arena, const char *text) {
    return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(Arena *arena, const char *fmt, ...) {
    va_list args;
    va_list again;
    int n;
    char *text;
    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    text = arena_alloc(arena, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    return text;
}
