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

static void pnode_traits(PNode *node) {
    const Expr *e = node->expr;
    bool is_volatile = e->kind == EXPR_CALL && (e->fn->traits & FN_VOLATILE);
    node->is_const = e->kind != EXPR_COLUMN && !is_volatile;
    node->is_cheap = e->kind == EXPR_COLUMN || e->kind == EXPR_CONST || e->kind == EXPR_FIELD ||
                     (e->kind == EXPR_CALL && (e->fn->traits & FN_OPERATOR) &&
                      phys_width(type_phys(e->type)) > 0 && type_phys(e->type) != PHYS_STR);
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
    for (uint32_t i = 0; i < expr->n_args; i++) TRY(program_node(p, expr->args[i], &args[i], err));
    for (uint32_t i = 0; i < p->n_nodes && !is_volatile; i++) {
        if (!pnode_same(p->nodes[i], expr, args)) continue;
        *out = p->nodes[i];
        return ST_OK;
    }
    node = arena_new(p->arena, PNode);
    *node = (PNode){.expr = expr, .args = args, .n_args = expr->n_args, .id = p->n_nodes};
    pnode_traits(node);
    if (expr->kind == EXPR_CALL && expr->fn->prepare) {
        Status status = expr->fn->prepare(p->arena, expr, &node->prepared, err);
        if (status != ST_OK && err && err->pos < 0) err->pos = expr->pos;
        TRY(status);
    }
    if (p->n_nodes == p->cap) {
        PNode **grown = arena_array(p->arena, PNode *, p->cap ? p->cap * 2 : 16);
        if (p->n_nodes) memcpy(grown, p->nodes, sizeof *grown * p->n_nodes);
        p->nodes = grown;
        p->cap = p->cap ? p->cap * 2 : 16;
    }
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
