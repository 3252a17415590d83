/* match_program.h -- row patterns compiled to a little machine, and its runs over rows. Not for
 * other directories.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_MATCH_PROGRAM_H
#define WEIR_MATCH_PROGRAM_H

#include "op/op.h"

typedef enum MatchCode {
    CODE_VAR,   /* take a row as variable x, or fail */
    CODE_SPLIT, /* go on at x; when that fails, at y */
    CODE_JUMP,  /* to x */
    CODE_MARK,  /* remember the row in slot x */
    CODE_CHECK, /* fail when no row was taken since the mark in slot x: loops end */
    CODE_HIDE,  /* rows from here are excluded from the output (x = 1), or no longer (x = 0) */
    CODE_START, /* the first row of the partition */
    CODE_END,   /* behind its last row */
    CODE_DONE
} MatchCode;
typedef struct MatchInstr {
    MatchCode code;
    uint32_t x, y;
} MatchInstr;

typedef struct MatchProgram {
    MatchInstr *code;
    uint32_t n, cap, n_slots;
} MatchProgram;
/* 54001 when the pattern unfolds to too many instructions. */
Status match_compile(const MatchPattern *pattern, Arena *arena, MatchProgram *out,
                     Err *err) WARN_UNUSED;

/* A row of a match. */
typedef struct MatchStep {
    uint8_t var;
    bool is_hidden;
} MatchStep;

typedef struct Matcher Matcher;
/* Is row `row` acceptable as variable var, after the steps so far? ST_AGAIN: that depends on
 * rows which are not there yet. */
typedef Status MatchTest(void *ctx, const Matcher *matcher, uint32_t var, uint32_t row,
                         bool *is_true, Err *err);

typedef struct MatchChoice MatchChoice;
struct Matcher {
    const MatchProgram *program;
    Mem *mem;
    MatchTest *test;
    void *ctx;
    uint32_t n_rows;     /* of the partition that are there */
    bool is_first_known; /* row 0 is the first row of the partition */
    bool is_final;       /* what is not there will not come */
    bool is_pure;        /* conditions look at the row itself, not at the match so far */
    bool is_timed;       /* but for the time that the match has taken */
    uint32_t n_ahead;    /* rows behind the last one that measures look at */
    uint32_t start;      /* of the match */
    MatchStep *steps;    /* of the rows from start */
    uint32_t n_steps, cap_steps;
    MatchChoice *stack;
    uint32_t n_stack, cap_stack;
    uint32_t *marks; /* rows taken when the mark was passed */
    uint32_t pc;     /* where match_again goes on */
    bool is_hiding;
    /* Of a pure search that takes long: which (row, instruction) were tried already, and failed. */
    uint64_t *tried;
    uint32_t tried_rows, tried_words; /* rows it covers, words a row */
    uint32_t tried_end;               /* behind the last row that was tried */
    uint32_t n_tried_cap;
};

/* A search that waits for rows, put aside. */
typedef struct MatchSaved {
    MatchStep *steps;
    MatchChoice *stack;
    uint32_t *marks;
    uint32_t n_steps, cap_steps, n_stack, cap_stack, pc;
    bool is_hiding;
} MatchSaved;

/* Looks for the preferred match that begins at row `start`. ST_OK: found, steps tell it.
 * ST_NOT_FOUND: there is none. ST_AGAIN: more rows decide; never when is_final. Others: err. */
Status match_run(Matcher *matcher, uint32_t start, Err *err) WARN_UNUSED;
/* Goes on with a search that answered ST_AGAIN: the matcher is as it was left, but for n_rows,
 * is_final, and start, which has moved with the partition's rows. */
Status match_again(Matcher *matcher, Err *err) WARN_UNUSED;
void match_save(Matcher *matcher, MatchSaved *saved);
void match_restore(Matcher *matcher, MatchSaved *saved);
void match_drop(Matcher *matcher, MatchSaved *saved);
/* Forgets what was tried: rows have other numbers, or their conditions another answer. */
void match_forget(Matcher *matcher);
/* Adds a step for as long as its own condition is asked; the caller takes it back. */
void match_take(Matcher *matcher, uint32_t var);
void match_deinit(Matcher *matcher);

#endif
