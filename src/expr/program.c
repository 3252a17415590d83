/* program.c -- compiling expressions into a graph, and running it over a batch.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/program.h"

#include "expr/cast.h"

static bool pnode_same(const PNode *node, const Expr *expr, PNode *const *args) {
    const Expr *e = node->expr;
    if (e->kind != expr->kind || e->n_args != expr->n_args || e->column != expr->column ||
        e->fn != expr->fn || e->is_try != expr->is_try) {
        return false;
    }
    if (e->kind == EXPR_CONST) return expr_eq(e, expr);
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (node->args[i] != args[i]) return false;
    }
    return type_eq_exact(e->type, expr->type);
}

/* Equal nodes have equal hashes. Constants are told apart by their key bytes. */
static uint64_t pnode_hash(const Program *p, const Expr *expr, PNode *const *args) {
    uint64_t h = hash_u64((uint64_t)expr->kind << 32 | expr->column, (uint64_t)(uintptr_t)expr->fn);
    for (uint32_t i = 0; i < expr->n_args; i++) h = hash_u64(args[i]->id, h);
    if (expr->kind == EXPR_CONST) {
        Arena scratch;
        RowKeys keys;
        arena_init(&scratch, p->arena->mem);
        rowkey_encode(&scratch, expr->value, 1, NULL, 1, &keys);
        h = hash_u64(keys.hashes[0], h);
        arena_deinit(&scratch);
    }
    return h;
}

/* The slot of an equal node, or the free one where it belongs. */
static uint32_t program_slot(const Program *p, const Expr *expr, PNode *const *args,
                             uint64_t hash) {
    uint32_t at = (uint32_t)hash & (p->n_slots - 1);
    for (; p->slots[at]; at = (at + 1) & (p->n_slots - 1)) {
        const PNode *node = p->nodes[p->slots[at] - 1];
        if (node->hash == hash && pnode_same(node, expr, args)) return at;
    }
    return at;
}

static void program_grow(Program *p) {
    PNode **nodes = arena_array(p->arena, PNode *, p->cap ? p->cap * 2 : 16);
    if (p->n_nodes) memcpy(nodes, p->nodes, sizeof *nodes * p->n_nodes);
    p->nodes = nodes;
    p->cap = p->cap ? p->cap * 2 : 16;
    p->n_slots = p->cap * 2;
    p->slots = arena_array(p->arena, uint32_t, p->n_slots);
    for (uint32_t i = 0; i < p->n_nodes; i++) {
        uint32_t at = (uint32_t)p->nodes[i]->hash & (p->n_slots - 1);
        while (p->slots[at]) at = (at + 1) & (p->n_slots - 1);
        p->slots[at] = i + 1;
    }
}

/* Without its arguments. */
static bool pnode_is_cheap(const Expr *e) {
    return e->kind == EXPR_COLUMN || e->kind == EXPR_CONST || e->kind == EXPR_FIELD ||
           (e->kind == EXPR_CALL && (e->fn->traits & FN_OPERATOR) &&
            phys_width(type_phys(e->type)) > 0 && type_phys(e->type) != PHYS_STR);
}

static void pnode_traits(PNode *node) {
    const Expr *e = node->expr;
    bool is_volatile = e->kind == EXPR_CALL && (e->fn->traits & FN_VOLATILE);
    node->is_const = e->kind != EXPR_COLUMN && !is_volatile;
    node->is_cheap = pnode_is_cheap(e);
    node->can_fail =
        (e->kind == EXPR_CALL && (e->fn->traits & FN_CAN_FAIL)) ||
        (e->kind == EXPR_CAST && !e->is_try && cast_can_fail(e->args[0]->type, e->type));
    for (uint32_t i = 0; i < node->n_args; i++) {
        node->is_const &= node->args[i]->is_const;
        node->is_cheap &= node->args[i]->is_cheap;
        node->can_fail |= node->args[i]->can_fail;
    }
    if (e->kind == EXPR_CALL && e->n_args == 2) node->cmp = compare_op(e->fn->name);
}

static Status program_node(Program *p, const Expr *expr, PNode **out, Err *err) {
    PNode **args = arena_array(p->arena, PNode *, expr->n_args);
    bool is_volatile = expr->kind == EXPR_CALL && (expr->fn->traits & FN_VOLATILE);
    PNode *node;
    uint64_t hash;
    uint32_t slot;
    for (uint32_t i = 0; i < expr->n_args; i++) TRY(program_node(p, expr->args[i], &args[i], err));
    if (p->n_nodes == p->cap) program_grow(p);
    hash = pnode_hash(p, expr, args);
    slot = program_slot(p, expr, args, hash);
    if (p->slots[slot] && !is_volatile) {
        *out = p->nodes[p->slots[slot] - 1];
        return ST_OK;
    }
    node = arena_new(p->arena, PNode);
    *node =
        (PNode){.expr = expr, .args = args, .n_args = expr->n_args, .id = p->n_nodes, .hash = hash};
    pnode_traits(node);
    if (expr->kind == EXPR_CALL && expr->fn->prepare) {
        Status status = expr->fn->prepare(p->arena, expr, &node->prepared, err);
        if (status != ST_OK && err && err->pos < 0) err->pos = expr->pos;
        TRY(status);
    }
    p->slots[slot] = p->n_nodes + 1; /* of two volatile ones the last */
    p->nodes[p->n_nodes++] = node;
    *out = node;
    return ST_OK;
}

Status program_compile(Program **out, Expr *const *exprs, uint32_t n_exprs, Arena *arena,
                       Err *err) {
    Program *p = arena_new(arena, Program);
    Status status = ST_OK;
    p->arena = arena;
    p->roots = arena_array(arena, PNode *, n_exprs);
    p->n_roots = n_exprs;
    for (uint32_t i = 0; i < n_exprs && status == ST_OK; i++) {
        status = program_node(p, exprs[i], &p->roots[i], err);
    }
    if (status != ST_OK) {
        program_free(p);
        return status;
    }
    *out = p;
    return ST_OK;
}

bool program_only_picks(const Program *program) {
    for (uint32_t i = 0; i < program->n_nodes; i++) {
        ExprKind kind = program->nodes[i]->expr->kind;
        if (kind != EXPR_COLUMN && kind != EXPR_FIELD && kind != EXPR_CONST) return false;
    }
    return true;
}

bool program_is_light(const Program *program) {
    for (uint32_t i = 0; i < program->n_nodes; i++) {
        const PNode *node = program->nodes[i];
        ExprKind kind = node->expr->kind;
        if (node->can_fail) return false;
        if (!pnode_is_cheap(node->expr) && kind != EXPR_CASE && kind != EXPR_AND && kind != EXPR_OR)
            return false;
    }
    return true;
}

void program_free(Program *program) {
    if (!program) return;
    for (uint32_t i = 0; i < program->n_nodes; i++) {
        PNode *node = program->nodes[i];
        if (!node->prepared || !node->expr->fn->unprepare) continue;
        node->expr->fn->unprepare(node->prepared);
        node->prepared = NULL;
    }
}

Status program_eval(Program *program, const Batch *in, const ExprEnv *env, Arena *scratch,
                    Column *outs, Err *err) {
    Frame f;
    if (in->n_rows == 0) { /* not even a constant may fail without a row */
        for (uint32_t i = 0; i < program->n_roots; i++) {
            outs[i] = col_null(scratch, program->roots[i]->expr->type, 0);
        }
        return ST_OK;
    }
    frame_init(&f, program, in, env, scratch);
    for (uint32_t i = 0; i < program->n_roots; i++) {
        const Column *value;
        TRY(frame_eval(&f, program->roots[i], &value, err));
        outs[i] = *value;
    }
    return ST_OK;
}
