/* functions.c -- all functions and aggregates, from the tables that the build has found, and what
 * kernels call.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/functions.h"

#include <pthread.h>

/* Generated from the names of the files fn_*.c and agg_*.c. */
extern const Fn *const fn_registry[];
extern const Agg *const agg_registry[];

enum { FUNCTIONS_MAX = 1024, AGGREGATES_MAX = 256 };

/* Written once, before anything reads them. */
static const Fn *functions_fn[FUNCTIONS_MAX];
static const Agg *functions_agg[AGGREGATES_MAX];
static uint32_t functions_n_fn, functions_n_agg;
static pthread_once_t functions_once = PTHREAD_ONCE_INIT;

static void functions_collect(void) {
    for (uint32_t t = 0; fn_registry[t]; t++) {
        for (const Fn *fn = fn_registry[t]; fn->name; fn++) {
            assert(functions_n_fn < FUNCTIONS_MAX);
            functions_fn[functions_n_fn++] = fn;
        }
    }
    for (uint32_t t = 0; agg_registry[t]; t++) {
        for (const Agg *agg = agg_registry[t]; agg->name; agg++) {
            assert(functions_n_agg < AGGREGATES_MAX);
            functions_agg[functions_n_agg++] = agg;
        }
    }
}

const Fn *const *fn_all(uint32_t *n) {
    pthread_once(&functions_once, functions_collect);
    *n = functions_n_fn;
    return functions_fn;
}

const Agg *const *agg_all(uint32_t *n) {
    pthread_once(&functions_once, functions_collect);
    *n = functions_n_agg;
    return functions_agg;
}

bool agg_is_name(Span name) {
    uint32_t n;
    const Agg *const *all = agg_all(&n);
    for (uint32_t i = 0; i < n; i++) {
        if (span_is_nocase(name, all[i]->name)) return true;
    }
    return false;
}

bool agg_is_within_group(Span name) {
    uint32_t n;
    const Agg *const *all = agg_all(&n);
    for (uint32_t i = 0; i < n; i++) {
        if (all[i]->traits & AGG_WITHIN_GROUP && span_is_nocase(name, all[i]->name)) return true;
    }
    return false;
}

const char *functions_nearest(Arena *arena, Span name) {
    uint32_t n_fn, n_agg, n = 0;
    const Fn *const *fns = fn_all(&n_fn);
    const Agg *const *aggs = agg_all(&n_agg);
    Span *names = arena_array(arena, Span, n_fn + n_agg), nearest, upper;
    char *text = arena_strndup(arena, name.ptr, name.len);
    for (size_t i = 0; i < name.len; i++) {
        if (text[i] >= 'a' && text[i] <= 'z') text[i] = (char)(text[i] - 'a' + 'A');
    }
    upper = (Span){text, name.len};
    for (uint32_t i = 0; i < n_fn; i++) {
        if (fns[i]->name[0] >= 'A' && fns[i]->name[0] <= 'Z') names[n++] = span_of(fns[i]->name);
    }
    for (uint32_t i = 0; i < n_agg; i++) names[n++] = span_of(aggs[i]->name);
    nearest = span_nearest(upper, names, n);
    return nearest.len ? arena_strndup(arena, nearest.ptr, nearest.len) : NULL;
}

void fn_make_null(FnCtx *ctx, Column *out, uint32_t row) {
    uint32_t n_words = bit_words(out->n_rows);
    uint64_t *valid;
    assert(row < out->n_rows);
    if (!ctx->owns_valid) { /* the arguments' bitmap, or none: shared, so it is copied first */
        valid = arena_alloc(ctx->scratch, sizeof *valid * n_words);
        if (out->valid)
            memcpy(valid, out->valid, sizeof *valid * n_words);
        else
            memset(valid, 0xff, sizeof *valid * n_words);
        out->valid = valid;
        ctx->owns_valid = true;
    }
    bit_clear((uint64_t *)(uintptr_t)out->valid, row);
}
