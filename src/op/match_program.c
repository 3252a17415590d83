/* match_program.c -- compiles row patterns and searches for matches by backtracking in order of
 * preference.
 *
 * The search keeps its choices on a stack of its own. When it needs a row that is not there yet
 * it stops, and goes on from there when the row has come. Where conditions look only at their own
 * row, a long search remembers what it has tried; others that backtrack without end are stopped by
 * a budget of steps.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/match_program.h"

enum { CODE_MAX = 1 << 16, RUN_STEPS_MAX = 20000000, PERMUTE_MAX = 7 };
/* Steps after which a search is long; most words for a row of what was tried. */
enum { RUN_STEPS_LONG = 4096, TRIED_WORDS_MAX = 16 };

/* ---- compiling ---- */

static Status code_put(MatchProgram *p, Arena *arena, MatchCode code, uint32_t x, uint32_t y,
                       Err *err) {
    if (p->n == CODE_MAX) {
        err_set(err, ST_LIMIT, "54001", -1, __FILE__, __LINE__, "the row pattern is too large");
        return err_hint(err, "use smaller bounds in {min,max}, or fewer variables in PERMUTE");
    }
    if (p->n == p->cap) {
        uint32_t cap = p->cap ? p->cap * 2 : 32;
        MatchInstr *grown = arena_array(arena, MatchInstr, cap);
        if (p->n) memcpy(grown, p->code, p->n * sizeof *grown);
        p->code = grown;
        p->cap = cap;
    }
    p->code[p->n++] = (MatchInstr){code, x, y};
    return ST_OK;
}

static Status code_pattern(MatchProgram *p, Arena *arena, const MatchPattern *pattern, Err *err);

static bool pattern_may_be_empty(const MatchPattern *pattern) {
    bool all = true;
    bool any = false;
    for (uint32_t i = 0; i < pattern->n_items; i++) {
        bool is_empty = pattern_may_be_empty(pattern->items[i]);
        all &= is_empty;
        any |= is_empty;
    }
    switch (pattern->kind) {
    case MATCH_VAR: return false;
    case MATCH_EITHER: return any;
    case MATCH_REPEAT: return pattern->min == 0 || all;
    default: return all;
    }
}

/* x | y | z: the first is preferred. */
static Status code_either(MatchProgram *p, Arena *arena, MatchPattern *const *items, uint32_t n,
                          Err *err) {
    uint32_t split = p->n;
    uint32_t jump;
    if (n == 1) return code_pattern(p, arena, items[0], err);
    TRY(code_put(p, arena, CODE_SPLIT, split + 1, 0, err));
    TRY(code_pattern(p, arena, items[0], err));
    jump = p->n;
    TRY(code_put(p, arena, CODE_JUMP, 0, 0, err));
    p->code[split].y = p->n;
    TRY(code_either(p, arena, items + 1, n - 1, err));
    p->code[jump].x = p->n;
    return ST_OK;
}

/* All orders of the items, those first that keep the order of writing longest. */
static Status code_permute(MatchProgram *p, Arena *arena, MatchPattern **left, uint32_t n,
                           Err *err) {
    uint32_t jumps[PERMUTE_MAX];
    if (!n) return ST_OK;
    for (uint32_t i = 0; i < n; i++) {
        MatchPattern *rest[PERMUTE_MAX];
        uint32_t split = p->n;
        uint32_t n_rest = 0;
        for (uint32_t k = 0; k < n; k++) {
            if (k != i) rest[n_rest++] = left[k];
        }
        if (i + 1 < n) TRY(code_put(p, arena, CODE_SPLIT, split + 1, 0, err));
        TRY(code_pattern(p, arena, left[i], err));
        TRY(code_permute(p, arena, rest, n_rest, err));
        jumps[i] = p->n;
        TRY(code_put(p, arena, CODE_JUMP, 0, 0, err));
        if (i + 1 < n) p->code[split].y = p->n;
    }
    for (uint32_t i = 0; i < n; i++) p->code[jumps[i]].x = p->n;
    return ST_OK;
}

/* item*, or item *? when reluctant. */
static Status code_star(MatchProgram *p, Arena *arena, const MatchPattern *item, bool is_reluctant,
                        Err *err) {
    bool is_empty = pattern_may_be_empty(item);
    uint32_t slot = p->n_slots;
    uint32_t split = p->n;
    p->n_slots += is_empty;
    TRY(code_put(p, arena, CODE_SPLIT, split + 1, 0, err));
    if (is_empty) TRY(code_put(p, arena, CODE_MARK, slot, 0, err));
    TRY(code_pattern(p, arena, item, err));
    if (is_empty) TRY(code_put(p, arena, CODE_CHECK, slot, 0, err));
    TRY(code_put(p, arena, CODE_JUMP, split, 0, err));
    p->code[split].y = p->n;
    if (is_reluctant) p->code[split] = (MatchInstr){CODE_SPLIT, p->n, split + 1};
    return ST_OK;
}

static Status code_repeat(MatchProgram *p, Arena *arena, const MatchPattern *pattern, Err *err) {
    const MatchPattern *item = pattern->items[0];
    uint32_t n_optional = pattern->max < 0 ? 0 : (uint32_t)(pattern->max - pattern->min);
    uint32_t *splits = arena_array(arena, uint32_t, n_optional + 1);
    for (int32_t i = 0; i < pattern->min; i++) TRY(code_pattern(p, arena, item, err));
    if (pattern->max < 0) return code_star(p, arena, item, pattern->is_reluctant, err);
    for (uint32_t i = 0; i < n_optional; i++) {
        splits[i] = p->n;
        TRY(code_put(p, arena, CODE_SPLIT, p->n + 1, 0, err));
        TRY(code_pattern(p, arena, item, err));
    }
    for (uint32_t i = 0; i < n_optional; i++) {
        MatchInstr *split = &p->code[splits[i]];
        split->y = p->n;
        if (pattern->is_reluctant) *split = (MatchInstr){CODE_SPLIT, p->n, splits[i] + 1};
    }
    return ST_OK;
}

static Status code_pattern(MatchProgram *p, Arena *arena, const MatchPattern *pattern, Err *err) {
    switch (pattern->kind) {
    case MATCH_VAR: return code_put(p, arena, CODE_VAR, pattern->var, 0, err);
    case MATCH_SEQUENCE:
        for (uint32_t i = 0; i < pattern->n_items; i++)
            TRY(code_pattern(p, arena, pattern->items[i], err));
        return ST_OK;
    case MATCH_EITHER: return code_either(p, arena, pattern->items, pattern->n_items, err);
    case MATCH_PERMUTE:
        if (pattern->n_items > PERMUTE_MAX) {
            FAIL(err, ST_LIMIT, "54001", -1, "PERMUTE takes at most %d patterns", PERMUTE_MAX);
        }
        return code_permute(p, arena, pattern->items, pattern->n_items, err);
    case MATCH_EXCLUDE:
        TRY(code_put(p, arena, CODE_HIDE, 1, 0, err));
        TRY(code_pattern(p, arena, pattern->items[0], err));
        return code_put(p, arena, CODE_HIDE, 0, 0, err);
    case MATCH_REPEAT: return code_repeat(p, arena, pattern, err);
    case MATCH_AT_START: return code_put(p, arena, CODE_START, 0, 0, err);
    case MATCH_AT_END: return code_put(p, arena, CODE_END, 0, 0, err);
    default: return ST_OK;
    }
}

Status match_compile(const MatchPattern *pattern, Arena *arena, MatchProgram *out, Err *err) {
    *out = (MatchProgram){0};
    TRY(code_pattern(out, arena, pattern, err));
    return code_put(out, arena, CODE_DONE, 0, 0, err);
}

/* ---- running ---- */

/* Where to go on when the present way fails; or a mark to put back first. */
struct MatchChoice {
    uint32_t pc;      /* UINT32_MAX: marks[n_steps] = row */
    uint32_t n_steps; /* rows taken at that point */
    uint32_t row;
    bool is_hiding;
};

static void run_push(Matcher *m, MatchChoice choice) {
    if (m->n_stack == m->cap_stack) {
        uint32_t cap = m->cap_stack ? m->cap_stack * 2 : 64;
        m->stack =
            mem_realloc(m->mem, m->stack, m->cap_stack * sizeof *m->stack, cap * sizeof *m->stack);
        m->cap_stack = cap;
    }
    m->stack[m->n_stack++] = choice;
}

static void run_take(Matcher *m, uint32_t var, bool is_hiding) {
    if (m->n_steps == m->cap_steps) {
        uint32_t cap = m->cap_steps ? m->cap_steps * 2 : 64;
        m->steps =
            mem_realloc(m->mem, m->steps, m->cap_steps * sizeof *m->steps, cap * sizeof *m->steps);
        m->cap_steps = cap;
    }
    m->steps[m->n_steps++] = (MatchStep){(uint8_t)var, is_hiding};
}

void match_take(Matcher *m, uint32_t var) {
    run_take(m, var, false);
}

/* Takes back what was done since the last choice; false when there is none. */
static bool run_back(Matcher *m, uint32_t *pc, bool *is_hiding) {
    while (m->n_stack) {
        MatchChoice choice = m->stack[--m->n_stack];
        if (choice.pc == UINT32_MAX) {
            m->marks[choice.n_steps] = choice.row;
            continue;
        }
        *pc = choice.pc;
        *is_hiding = choice.is_hiding;
        m->n_steps = choice.n_steps;
        return true;
    }
    return false;
}

/* ---- what was tried ---- */

/* From here on (row, instruction) is remembered, so that a search takes at most as many steps as
 * there are rows times instructions: a pure condition fails again where it failed before. */
static void run_try(Matcher *m) {
    uint32_t words = (m->program->n + 63) / 64;
    uint64_t n = (uint64_t)words * m->n_rows;
    if (m->tried_rows || words > TRIED_WORDS_MAX || n > UINT32_MAX) return;
    if (n > m->n_tried_cap) {
        m->tried =
            mem_realloc(m->mem, m->tried, m->n_tried_cap * sizeof *m->tried, n * sizeof *m->tried);
        m->n_tried_cap = (uint32_t)n;
    }
    memset(m->tried, 0, n * sizeof *m->tried);
    m->tried_rows = m->n_rows;
    m->tried_end = 0;
    m->tried_words = words;
}

static bool run_was_tried(Matcher *m, uint32_t row, uint32_t pc) {
    uint64_t *word, bit = UINT64_C(1) << (pc & 63);
    if (row >= m->tried_rows) return false;
    word = &m->tried[(uint64_t)row * m->tried_words + pc / 64];
    if (*word & bit) return true;
    *word |= bit;
    if (row >= m->tried_end) m->tried_end = row + 1;
    return false;
}

/* Forgets what was tried for rows from start to end. */
static void run_untry(Matcher *m, uint32_t end) {
    if (end > m->tried_rows) end = m->tried_rows;
    if (m->start >= end) return;
    memset(m->tried + (uint64_t)m->start * m->tried_words, 0,
           (uint64_t)(end - m->start) * m->tried_words * sizeof *m->tried);
}

void match_forget(Matcher *m) {
    m->tried_rows = 0;
}

/* One instruction; *is_ok = false: this way fails. */
static Status run_instr(Matcher *m, const MatchInstr *instr, uint32_t *pc, bool *is_hiding,
                        bool *is_ok, Err *err) {
    uint32_t row = m->start + m->n_steps;
    *is_ok = true;
    ++*pc;
    switch (instr->code) {
    case CODE_VAR:
        if (row >= m->n_rows) {
            *is_ok = false;
            return m->is_final ? ST_OK : ST_AGAIN;
        }
        if (run_was_tried(m, row, *pc - 1)) {
            *is_ok = false;
            return ST_OK;
        }
        TRY(m->test(m->ctx, m, instr->x, row, is_ok, err));
        if (*is_ok) run_take(m, instr->x, *is_hiding);
        return ST_OK;
    case CODE_SPLIT:
        run_push(m, (MatchChoice){instr->y, m->n_steps, 0, *is_hiding});
        *pc = instr->x;
        return ST_OK;
    case CODE_JUMP: *pc = instr->x; return ST_OK;
    case CODE_MARK:
        run_push(m, (MatchChoice){UINT32_MAX, instr->x, m->marks[instr->x], false});
        m->marks[instr->x] = m->n_steps;
        return ST_OK;
    case CODE_CHECK: *is_ok = m->marks[instr->x] != m->n_steps; return ST_OK;
    case CODE_HIDE: *is_hiding = instr->x; return ST_OK;
    case CODE_START: *is_ok = row == 0 && m->is_first_known; return ST_OK;
    case CODE_END:
        if (row == m->n_rows && !m->is_final) return ST_AGAIN;
        *is_ok = row == m->n_rows;
        return ST_OK;
    default: return ST_OK;
    }
}

/* Goes on until the match is found (ST_OK), there is none, or a row is missing. */
static Status run_on(Matcher *m, Err *err) {
    for (uint32_t n = 0; n < RUN_STEPS_MAX; n++) {
        const MatchInstr *instr = &m->program->code[m->pc];
        uint32_t pc = m->pc;
        bool is_ok;
        if (n == RUN_STEPS_LONG && m->is_pure) run_try(m);
        if (instr->code == CODE_DONE) {
            return m->is_final || m->start + m->n_steps + m->n_ahead <= m->n_rows ? ST_OK
                                                                                  : ST_AGAIN;
        }
        TRY(run_instr(m, instr, &pc, &m->is_hiding, &is_ok, err));
        m->pc = pc;
        if (!is_ok && !run_back(m, &m->pc, &m->is_hiding)) return ST_NOT_FOUND;
    }
    err_set(err, ST_LIMIT, "54001", -1, __FILE__, __LINE__,
            "a row pattern took more than %d steps at one row", RUN_STEPS_MAX);
    return err_hint(
        err, "nested quantifiers over variables that accept the same rows backtrack without end; "
             "make the variables exclude each other, or bound the match with WITHIN");
}

Status match_run(Matcher *m, uint32_t start, Err *err) {
    if (m->is_timed) run_untry(m, m->tried_end);
    m->start = start;
    m->n_steps = m->n_stack = m->pc = 0;
    m->is_hiding = false;
    return match_again(m, err);
}

Status match_again(Matcher *m, Err *err) {
    Status status = run_on(m, err);
    /* What a found match tried has not failed. */
    if (status == ST_OK) run_untry(m, m->start + m->n_steps);
    return status;
}

/* ---- searches put aside ---- */

void match_save(Matcher *m, MatchSaved *saved) {
    uint32_t n_slots = m->program->n_slots;
    *saved = (MatchSaved){.steps = m->steps,
                          .stack = m->stack,
                          .n_steps = m->n_steps,
                          .cap_steps = m->cap_steps,
                          .n_stack = m->n_stack,
                          .cap_stack = m->cap_stack,
                          .pc = m->pc,
                          .is_hiding = m->is_hiding};
    if (n_slots) {
        saved->marks = mem_alloc(m->mem, n_slots * sizeof *saved->marks);
        memcpy(saved->marks, m->marks, n_slots * sizeof *saved->marks);
    }
    m->steps = NULL;
    m->stack = NULL;
    m->n_steps = m->cap_steps = m->n_stack = m->cap_stack = 0;
}

void match_restore(Matcher *m, MatchSaved *saved) {
    uint32_t n_slots = m->program->n_slots;
    mem_free(m->mem, m->steps, m->cap_steps * sizeof *m->steps);
    mem_free(m->mem, m->stack, m->cap_stack * sizeof *m->stack);
    m->steps = saved->steps;
    m->stack = saved->stack;
    m->n_steps = saved->n_steps;
    m->cap_steps = saved->cap_steps;
    m->n_stack = saved->n_stack;
    m->cap_stack = saved->cap_stack;
    m->pc = saved->pc;
    m->is_hiding = saved->is_hiding;
    if (n_slots) {
        memcpy(m->marks, saved->marks, n_slots * sizeof *m->marks);
        mem_free(m->mem, saved->marks, n_slots * sizeof *m->marks);
    }
    *saved = (MatchSaved){0};
}

void match_drop(Matcher *m, MatchSaved *saved) {
    mem_free(m->mem, saved->steps, saved->cap_steps * sizeof *saved->steps);
    mem_free(m->mem, saved->stack, saved->cap_stack * sizeof *saved->stack);
    if (saved->marks) mem_free(m->mem, saved->marks, m->program->n_slots * sizeof *saved->marks);
    *saved = (MatchSaved){0};
}

void match_deinit(Matcher *m) {
    mem_free(m->mem, m->steps, m->cap_steps * sizeof *m->steps);
    mem_free(m->mem, m->stack, m->cap_stack * sizeof *m->stack);
    mem_free(m->mem, m->tried, m->n_tried_cap * sizeof *m->tried);
}
