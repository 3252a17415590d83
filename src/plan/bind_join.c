/* bind_join.c -- joins in FROM. The condition stays whole here; rule_join_keys finds the equal
 * columns in it and in WHERE.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

static JoinOp join_op(AstJoinKind kind) {
    switch (kind) {
    case JOIN_LEFT: return JOINOP_LEFT;
    case JOIN_RIGHT: return JOINOP_RIGHT;
    case JOIN_FULL: return JOINOP_FULL;
    default: return JOINOP_INNER;
    }
}

/* Columns of the same name on both sides are told apart by a number, in plans only. */
static Span join_unique_name(Arena *arena, const Field *fields, uint32_t n, Span name) {
    Span unique = name;
    for (uint32_t i = 0;; i++) {
        bool is_taken = false;
        for (uint32_t j = 0; j < n && !is_taken; j++) is_taken = span_eq(fields[j].name, unique);
        if (!is_taken) return unique;
        unique = span_of(arena_printf(arena, SPAN_FMT "%u", SPAN_ARG(name), i));
    }
}

/* Both sides' columns; the side that may be missing is nullable, and times no longer order the
 * rows. */
Node *bind_join_node(Binder *b, JoinOp kind, Node *left, Node *right, Expr *condition,
                     int32_t pos) {
    Node *inputs[2] = {left, right};
    Node *node = node_new(b->arena, NODE_JOIN, inputs, 2);
    bool only_left = kind == JOINOP_SEMI || kind == JOINOP_ANTI;
    bool left_null = kind == JOINOP_RIGHT || kind == JOINOP_FULL;
    bool right_null = kind == JOINOP_LEFT || kind == JOINOP_FULL;
    uint32_t n_left = left->schema.n_fields;
    uint32_t n = n_left + (only_left ? 0 : right->schema.n_fields);
    Field *fields = arena_array(b->arena, Field, n);
    for (uint32_t i = 0; i < n; i++) {
        const Field *field =
            i < n_left ? &left->schema.fields[i] : &right->schema.fields[i - n_left];
        const Type *type = field->type;
        if (i < n_left ? left_null : right_null) type = type_with_null(b->arena, type, true);
        fields[i] = (Field){join_unique_name(b->arena, fields, i, field->name), type};
    }
    node->schema = (Schema){.n_fields = n, .fields = fields};
    node->join.kind = kind;
    node->join.residual = condition;
    node->join.left_ttl_us = node->join.right_ttl_us = bind_setting_us(b, "table.exec.state.ttl");
    node->pos = pos;
    node_properties(b->arena, node);
    return node;
}

/* ---- USING and NATURAL ---- */

typedef struct JoinPair {
    Span name;
    const ScopeCol *left, *right;
} JoinPair;

static const ScopeCol *join_find_col(const Scope *scope, Span name, uint32_t *n) {
    const ScopeCol *found = NULL;
    *n = 0;
    for (uint32_t i = 0; i < scope->n_cols; i++) {
        if (scope->cols[i].is_hidden || !span_eq(scope->cols[i].name, name)) continue;
        found = &scope->cols[i];
        ++*n;
    }
    return found;
}

static Status join_pair(const Binder *b, const AstIdent *name, const Rel *left, const Rel *right,
                        JoinPair *out, Err *err) {
    uint32_t n_left, n_right;
    out->name = name->text;
    out->left = join_find_col(&left->scope, name->text, &n_left);
    out->right = join_find_col(&right->scope, name->text, &n_right);
    if (!n_left || !n_right) {
        FAIL(err, ST_INVALID, "42703", bind_pos(b, name->pos),
             "column `" SPAN_FMT "` of USING does not exist on the %s side", SPAN_ARG(name->text),
             n_left ? "right" : "left");
    }
    if (n_left > 1 || n_right > 1) {
        FAIL(err, ST_INVALID, "42702", bind_pos(b, name->pos),
             "column `" SPAN_FMT "` of USING is ambiguous on the %s side", SPAN_ARG(name->text),
             n_left > 1 ? "left" : "right");
    }
    return ST_OK;
}

/* The columns that both sides are matched on. */
static Status join_pairs(Binder *b, const AstJoin *join, const Rel *left, const Rel *right,
                         JoinPair **out, uint32_t *n, Err *err) {
    uint32_t max = join->is_natural ? left->scope.n_cols : (uint32_t)join->using_columns.n;
    JoinPair *pairs = arena_array(b->arena, JoinPair, max);
    *n = 0;
    *out = pairs;
    for (int32_t i = 0; i < join->using_columns.n; i++) {
        TRY(join_pair(b, &join->using_columns.items[i], left, right, &pairs[(*n)++], err));
    }
    for (uint32_t i = 0; i < left->scope.n_cols && join->is_natural; i++) {
        AstIdent name = {.text = left->scope.cols[i].name, .pos = join->ast.pos};
        uint32_t n_right;
        if (left->scope.cols[i].is_hidden) continue;
        join_find_col(&right->scope, name.text, &n_right);
        if (n_right) TRY(join_pair(b, &name, left, right, &pairs[(*n)++], err));
    }
    return ST_OK;
}

static Status join_pair_condition(Binder *b, const AstJoin *join, const JoinPair *pairs, uint32_t n,
                                  uint32_t n_left, Expr **out, Err *err) {
    Expr **equal = arena_array(b->arena, Expr *, n);
    int32_t pos = bind_pos(b, join->ast.pos);
    for (uint32_t i = 0; i < n; i++) {
        Expr *args[2] = {
            expr_column(b->arena, pairs[i].left->index, pairs[i].left->type, pos),
            expr_column(b->arena, n_left + pairs[i].right->index, pairs[i].right->type, pos)};
        TRY(expr_call(b->arena, SPAN("="), args, 2, pos, &equal[i], err));
    }
    *out = expr_and(b->arena, equal, n);
    return ST_OK;
}

/* Merged columns come first; the two that were merged are reached through their tables only. */
static Status join_merge_scope(Binder *b, JoinOp kind, const JoinPair *pairs, uint32_t n,
                               uint32_t n_left, Rel *rel, Err *err) {
    Scope *scope = &rel->scope;
    ScopeCol *cols = arena_array(b->arena, ScopeCol, scope->n_cols + n);
    Expr **both = arena_array(b->arena, Expr *, n);
    Span *names = arena_array(b->arena, Span, n);
    uint32_t n_node = rel->node->schema.n_fields;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t left = pairs[i].left->index, right = n_left + pairs[i].right->index;
        uint32_t index = kind == JOINOP_RIGHT ? right : kind == JOINOP_FULL ? n_node + i : left;
        Expr *args[2] = {node_column(b->arena, rel->node, left, -1),
                         node_column(b->arena, rel->node, right, -1)};
        TRY(expr_call(b->arena, SPAN("COALESCE"), args, 2, rel->node->pos, &both[i], err));
        names[i] = pairs[i].name;
        cols[i] = (ScopeCol){.name = pairs[i].name,
                             .rel = REL_NONE,
                             .index = index,
                             .type = kind == JOINOP_FULL ? both[i]->type
                                                         : rel->node->schema.fields[index].type};
    }
    for (uint32_t i = 0; i < scope->n_cols; i++) {
        ScopeCol *col = &cols[n + i];
        *col = scope->cols[i];
        for (uint32_t j = 0; j < n; j++) {
            if (span_eq(col->name, pairs[j].name)) col->is_hidden = true;
        }
    }
    if (kind == JOINOP_FULL) rel->node = node_append(b->arena, rel->node, both, names, n);
    scope->cols = cols;
    scope->n_cols += n;
    return ST_OK;
}

/* ---- joins ---- */

static Status join_inputs_check(const Binder *b, const AstJoin *join, Err *err) {
    bool is_cross = join->join == JOIN_CROSS || join->join == JOIN_COMMA;
    if (is_cross || join->on || join->using_columns.n || join->is_natural) return ST_OK;
    err_set(err, ST_INVALID, "42601", bind_pos(b, join->ast.pos), __FILE__, __LINE__,
            "this JOIN has no condition");
    return err_hint(err, "add ON a.id = b.id, or write CROSS JOIN");
}

static Status join_duplicate_alias(const Binder *b, const AstJoin *join, const Scope *left,
                                   const Scope *right, Err *err) {
    for (uint32_t i = 0; i < left->n_rels; i++) {
        for (uint32_t j = 0; j < right->n_rels; j++) {
            if (!left->rels[i].alias.len || !span_eq(left->rels[i].alias, right->rels[j].alias)) {
                continue;
            }
            err_set(err, ST_INVALID, "42712", bind_pos(b, join->right->pos), __FILE__, __LINE__,
                    "table name `" SPAN_FMT "` is used twice in FROM",
                    SPAN_ARG(right->rels[j].alias));
            return err_hint(err, "give one of them another name: ... AS other");
        }
    }
    return ST_OK;
}

static const AstTableRef *join_versioned(const AstJoin *join) {
    const AstTableRef *ref = (const AstTableRef *)join->right;
    return ref->ast.kind == AST_TABLE_REF && ref->as_of ? ref : NULL;
}

/* The scan of the one table that the right side is made of, or NULL. */
static const Node *join_looked_up(const Node *node) {
    while (node->kind == NODE_FILTER || node->kind == NODE_PROJECT) node = node->inputs[0];
    return node->kind == NODE_SCAN ? node : NULL;
}

/* A table that can be asked by key, or a file that can be read beforehand? */
static bool join_is_lookup(const Node *right) {
    const Node *scan = join_looked_up(right);
    const ConnType *conn = scan ? scan->scan.table->conn : NULL;
    if (!conn) return false;
    if (conn_has_lookup(conn, scan->scan.options)) return true;
    return (conn->traits & CONN_LOOKUP) && scan->is_bounded && scan->is_append;
}

/* As of processing time: each row meets what the table holds when the row comes. */
static Status join_as_of_now(Binder *b, const AstJoin *join, Node *node, Err *err) {
    if (node->join.kind != JOINOP_INNER && node->join.kind != JOINOP_LEFT) {
        return bind_unsupported(b, join->ast.pos, "this kind of join as of processing time",
                                "use JOIN or LEFT JOIN", err);
    }
    node->kind = join_is_lookup(node->inputs[1]) ? NODE_LOOKUP_JOIN : NODE_PROCTIME_JOIN;
    node_properties(b->arena, node);
    return ST_OK;
}

/* The times of versions are behind the watermark: mere timestamps from here on, as in Flink. */
static void join_drop_right_times(Binder *b, Node *node) {
    Field *fields = arena_array(b->arena, Field, node->schema.n_fields);
    memcpy(fields, node->schema.fields, node->schema.n_fields * sizeof *fields);
    for (uint32_t i = node->inputs[0]->schema.n_fields; i < node->schema.n_fields; i++)
        fields[i].type = type_with_attr(b->arena, fields[i].type, TIME_ATTR_NONE);
    node->schema.fields = fields;
}

/* JOIN t FOR SYSTEM_TIME AS OF left.time: each row meets the version of its time. */
static Status join_as_of(Binder *b, const AstJoin *join, Rel *left, Node *node, Err *err) {
    const AstTableRef *ref = join_versioned(join);
    const Node *right = node->inputs[1];
    ExprCtx ctx = {.b = b, .rel = left, .clause = "FOR SYSTEM_TIME AS OF"};
    Expr *time;
    if (!ref) return ST_OK;
    TRY(bind_expr(&ctx, ref->as_of, &time, err));
    if (time->type->attr == TIME_ATTR_PROCTIME) return join_as_of_now(b, join, node, err);
    if (time->kind != EXPR_COLUMN || time->type->attr == TIME_ATTR_NONE) {
        err_set(err, ST_INVALID, "42P20", bind_pos(b, ref->as_of->pos), __FILE__, __LINE__,
                "FOR SYSTEM_TIME AS OF needs a time attribute of the left input");
        return err_hint(err, "name the column that its table declares WATERMARK FOR");
    }
    if (node->join.kind != JOINOP_INNER && node->join.kind != JOINOP_LEFT) {
        return bind_unsupported(b, join->ast.pos, "this kind of temporal join",
                                "use JOIN or LEFT JOIN", err);
    }
    if (right->rowtime_col < 0) {
        err_set(err, ST_INVALID, "42P20", bind_pos(b, ref->ast.pos), __FILE__, __LINE__,
                "a versioned table needs a time attribute");
        return err_hint(err, "add WATERMARK FOR the time of its versions to the table");
    }
    node->kind = NODE_TEMPORAL_JOIN;
    node->join.left_time = time->column;
    node->join.right_time = (uint32_t)right->rowtime_col;
    join_drop_right_times(b, node);
    node_properties(b->arena, node);
    return ST_OK;
}

/* The condition of ON. Subqueries in it add columns to the rows of an inner join. */
static Status join_on(Binder *b, const AstJoin *join, const Rel *left, const Rel *right, Rel *out,
                      Expr **condition, Err *err) {
    ExprCtx ctx = {.b = b, .rel = out, .clause = "ON"};
    Node *pairs =
        bind_join_node(b, JOINOP_INNER, left->node, right->node, NULL, bind_pos(b, join->ast.pos));
    out->node = pairs;
    TRY(bind_condition(&ctx, join->on, condition, err));
    if (out->node == pairs) {
        out->node = NULL;
        return ST_OK;
    }
    if (join_op(join->join) != JOINOP_INNER || join_versioned(join)) {
        return bind_unsupported(b, join->on->pos, "a subquery in the condition of this join",
                                "join the subquery first, and compare its columns", err);
    }
    out->node = node_filter(b->arena, out->node, *condition);
    return ST_OK;
}

/* Both sides may carry the columns of the domain around: then they are about the same values. The
 * side whose rows come out alone needs them. */
static void join_domains(Binder *b, const AstJoin *join, Rel *left, Rel *right,
                         const Scope *outer) {
    JoinOp kind = join_op(join->join);
    bool needs_left = kind != JOINOP_RIGHT && right->scope.domain && !left->scope.domain;
    bool needs_right = kind != JOINOP_INNER && kind != JOINOP_LEFT && left->scope.domain;
    if (domain_wants(b, outer, &join->ast) && kind != JOINOP_RIGHT) {
        domain_carry(b, left, outer, &join->ast);
        needs_right = kind == JOINOP_FULL;
    } else if (needs_left && kind != JOINOP_INNER) {
        domain_carry(b, left, outer, &join->ast);
    }
    if (needs_right || (kind == JOINOP_RIGHT && domain_wants(b, outer, &join->ast))) {
        domain_carry(b, right, outer, &join->ast);
    }
}

/* The columns of the domain in the output, and the condition that both sides speak of one value. */
static Status join_domain_condition(Binder *b, const Rel *left, const Rel *right, Scope *scope,
                                    Expr **condition, Err *err) {
    const Domain *domain = left->scope.domain;
    uint32_t n_left = left->node->schema.n_fields, n = 0;
    Expr **conds;
    if (!domain) {
        scope->domain = right->scope.domain;
        scope->domain_at = n_left + right->scope.domain_at;
        if (scope->domain) scope->owner = right->scope.owner;
        return ST_OK;
    }
    if (!right->scope.domain) return ST_OK;
    conds = arena_array(b->arena, Expr *, domain->n + 1);
    for (uint32_t i = 0; i < domain->n; i++) {
        uint32_t at = right->scope.domain_at + i;
        Expr *mine = node_column(b->arena, left->node, left->scope.domain_at + i, -1);
        Expr *other = expr_column(b->arena, n_left + at, right->node->schema.fields[at].type, -1);
        TRY(domain_equal(b, mine, other, &conds[n++], err));
    }
    if (*condition) conds[n++] = *condition;
    *condition = expr_and(b->arena, conds, n);
    return ST_OK;
}

/* ---- LATERAL ---- */

/* JOIN LATERAL (query): bound for all values that it looks at, joined by these. */
static Status join_lateral(Binder *b, const AstJoin *join, const Rel *left, Rel *right,
                           Expr **condition, Err *err) {
    const AstDerived *derived = (const AstDerived *)join->right;
    JoinOp kind = join_op(join->join);
    Domain *domain;
    Node shown;
    uint32_t n_left = left->node->schema.n_fields, n;
    Expr **conds;
    if (kind != JOINOP_INNER && kind != JOINOP_LEFT) {
        return bind_unsupported(b, join->ast.pos, "this kind of join with LATERAL",
                                "use CROSS JOIN LATERAL or LEFT JOIN LATERAL ... ON", err);
    }
    if (derived->sample) {
        return bind_unsupported(b, derived->sample->ast.pos, "TABLESAMPLE of a LATERAL subquery",
                                NULL, err);
    }
    TRY(bind_correlated(b, (const AstQuery *)derived->query, left, &right->node, &domain, err));
    shown = *right->node;
    n = shown.schema.n_fields -= domain ? domain->n : 0;
    {
        Node *node = right->node;
        TRY(bind_aliased(b, &shown, derived->alias, (Span){0}, right, err));
        right->node = node;
    }
    if (!domain) return ST_OK;
    conds = arena_array(b->arena, Expr *, domain->n);
    for (uint32_t i = 0; i < domain->n; i++) {
        const Type *type = right->node->schema.fields[n + i].type;
        TRY(domain_equal(b, domain->around[i], expr_column(b->arena, n_left + n + i, type, -1),
                         &conds[i], err));
    }
    *condition = expr_and(b->arena, conds, domain->n);
    return ST_OK;
}

static bool join_is_lateral(const AstJoin *join) {
    return join->right->kind == AST_DERIVED && ((const AstDerived *)join->right)->is_lateral;
}

/* ---- all of it ---- */

static Status join_inputs(Binder *b, const AstJoin *join, const Scope *outer, Rel *left, Rel *right,
                          Expr **lateral, Err *err) {
    if (join_is_lateral(join)) {
        if (domain_wants(b, outer, &join->ast)) domain_carry(b, left, outer, &join->ast);
        TRY(join_lateral(b, join, left, right, lateral, err));
    } else if (join_versioned(join)) {
        TRY(bind_versioned(b, join_versioned(join), right, err));
    } else {
        TRY(bind_from(b, join->right, outer, right, err));
    }
    TRY(join_inputs_check(b, join, err));
    TRY(join_duplicate_alias(b, join, &left->scope, &right->scope, err));
    if (outer && b->domain) join_domains(b, join, left, right, outer);
    return ST_OK;
}

Status bind_join(Binder *b, const AstJoin *join, const Scope *outer, Rel *out, Err *err) {
    Rel right = {0}, left = {0};
    Expr *condition = NULL, *both[2] = {NULL, NULL};
    JoinPair *pairs = NULL;
    JoinOp kind = join_op(join->join);
    uint32_t n_pairs = 0, n_left;
    TRY(bind_from(b, join->left, outer, &left, err));
    left.scope.outer = outer;
    if (bind_is_elements(join->right)) {
        *out = left;
        return bind_elements(b, join, join->right, outer, out, err);
    }
    TRY(join_inputs(b, join, outer, &left, &right, &both[0], err));
    n_left = left.node->schema.n_fields;
    out->scope = scope_join(b->arena, &left.scope, &right.scope, n_left);
    out->scope.outer = outer;
    out->node = NULL;
    TRY(join_domain_condition(b, &left, &right, &out->scope, &both[0], err));
    if (join->on) {
        TRY(join_on(b, join, &left, &right, out, &condition, err));
    } else {
        TRY(join_pairs(b, join, &left, &right, &pairs, &n_pairs, err));
        TRY(join_pair_condition(b, join, pairs, n_pairs, n_left, &condition, err));
    }
    if (out->node) { /* filtered behind subqueries */
        if (both[0]) out->node = node_filter(b->arena, out->node, both[0]);
        return ST_OK;
    }
    both[1] = condition;
    if (!both[0]) {
        both[0] = condition;
        both[1] = NULL;
    }
    condition = expr_and(b->arena, both, both[1] ? 2 : both[0] ? 1 : 0);
    out->node =
        bind_join_node(b, kind, left.node, right.node, condition, bind_pos(b, join->ast.pos));
    out->node->join.left_ttl_us = bind_state_ttl(b, &left.scope, out->node->join.left_ttl_us);
    out->node->join.right_ttl_us = bind_state_ttl(b, &right.scope, out->node->join.right_ttl_us);
    TRY(join_as_of(b, join, &left, out->node, err));
    scope_retype(b->arena, &out->scope, &out->node->schema);
    if (n_pairs) TRY(join_merge_scope(b, kind, pairs, n_pairs, n_left, out, err));
    return ST_OK;
}
