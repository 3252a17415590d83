/* mem.h -- counted memory and arenas.
 *
 * Mem is one budget (a query's). Allocation through it never returns NULL: going over the limit
 * sets a sticky flag that the step loop and growing operators turn into ST_LIMIT with mem_check(),
 * and a failing malloc ends the process with a named reason through the out-of-memory hook. So code
 * that builds plans and batches needs no NULL checks, and a query overshoots its budget by at most
 * what one step allocates.
 *
 * Arena is a bump allocator: everything in it dies together. arena_reset keeps the memory, so a
 * step that is like the one before it allocates nothing.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_MEM_H
#define WEIR_MEM_H

#include "base/err.h"

#include <stdatomic.h>
#include <stddef.h>

typedef struct Mem {
    size_t used, peak; /* bytes */
    size_t limit;      /* 0 = unlimited */
    uint64_t n_allocs; /* calls that reached malloc: a test asserts that steps do not move it */
    bool is_exceeded;  /* sticky */
} Mem;

/* mem may be NULL: then nothing is counted. Sizes are the caller's to remember; free takes the same
 * size. */
void *mem_alloc(Mem *mem, size_t size);
void *mem_zalloc(Mem *mem, size_t size);
void *mem_realloc(Mem *mem, void *ptr, size_t old_size, size_t new_size);
void mem_free(Mem *mem, void *ptr, size_t size);
/* A multiple of MEM_HUGE bytes, aligned to it, on huge pages where the system has them: for memory
 * that is read at random. Not zeroed; freed with mem_free. */
enum { MEM_HUGE = 2 << 20 };
void *mem_alloc_huge(Mem *mem, size_t size);

/* ST_LIMIT, SQLSTATE 53200, naming the limit, once the budget has been exceeded. */
Status mem_check(const Mem *mem, Err *err) WARN_UNUSED;

/* Called when malloc fails; must not return. The default prints one line on standard error and
 * exits with 71. */
extern void (*mem_on_oom)(size_t size);

typedef struct ArenaChunk ArenaChunk;
typedef struct Arena {
    Mem *mem;
    ArenaChunk *first, *now; /* chunks in use order; those after `now` are kept for reuse */
    char *at, *end;          /* free part of `now` */
} Arena;

void arena_init(Arena *arena, Mem *mem);
void arena_deinit(Arena *arena);
void arena_reset(Arena *arena);

/* Where an arena is; arena_rewind frees (keeps for reuse) all that was allocated since. */
typedef struct ArenaMark {
    ArenaChunk *now;
    char *at, *end;
} ArenaMark;
static inline ArenaMark arena_mark(const Arena *arena) {
    return (ArenaMark){arena->now, arena->at, arena->end};
}
static inline void arena_rewind(Arena *arena, ArenaMark mark) {
    if (!mark.now) {
        arena_reset(arena);
        return;
    }
    arena->now = mark.now;
    arena->at = mark.at;
    arena->end = mark.end;
}

/* Memory is aligned to 16 bytes; arena_zalloc's is zeroed. size 0 gives a valid pointer. */
void *arena_alloc(Arena *arena, size_t size);
void *arena_zalloc(Arena *arena, size_t size);
/* Gives back the unused end of the block ptr of `size` bytes, when nothing was allocated after it.
 */
void arena_trim(Arena *arena, void *ptr, size_t size, size_t used);
char *arena_strdup(Arena *arena, const char *text);
char *arena_strndup(Arena *arena, const char *text, size_t len); /* adds a NUL */
char *arena_printf(Arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define arena_new(arena, T) ((T *)arena_zalloc((arena), sizeof(T)))
#define arena_array(arena, T, n) ((T *)arena_zalloc((arena), sizeof(T) * (size_t)(n)))

#endif
