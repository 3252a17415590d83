/* bind_domain.c -- subqueries that name columns of the query around them, without loops over rows:
 * the different values of those columns (the domain) are joined to the subquery's FROM, its groups,
 * partitions, limits and set operations count for each value by itself, and its result is joined to
 * the rows around by the values (Neumann and Kemper, "Unnesting Arbitrary Queries").
 *
 * A query is bound twice: first to learn which columns it looks at and which of its parts do, then
 * with a domain of just these, in just these parts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

Status domain_equal(Binder *b, Expr *left, Expr *right, Expr **out, Err *err) {
    Expr *args[2] = {left, right};
    bool is_plain = !left->type->is_nullable && !right->type->is_nullable;
    return expr_call(b->arena, is_plain ? SPAN("=") : SPAN("IS NOT DISTINCT FROM"), args, 2,
                     left->pos, out, err);
}

bool domain_wants(const Binder *b, const Scope *outer, const Ast *owner) {
    const Domain *domain = outer ? b->domain : NULL;
    if (!domain) return false;
    for (uint32_t i = 0; i < domain->n_owners; i++) {
        if (domain->owners[i] == owner) return true;
    }
    return domain->is_collecting;
}

Node *domain_append(Binder *b, Node *node) {
    return bind_join_node(b, JOINOP_INNER, node, b->domain->node, NULL, node->pos);
}

void domain_carry(Binder *b, Rel *rel, const Scope *outer, const Ast *owner) {
    rel->scope.outer = outer;
    rel->scope.owner = owner;
    if (rel->scope.domain) return;
    rel->scope.domain = b->domain;
    rel->scope.domain_at = rel->node->schema.n_fields;
    rel->node = domain_append(b, rel->node);
}

static void domain_add_owner(Binder *b, Domain *domain, const Ast *owner) {
    for (uint32_t i = 0; i < domain->n_owners; i++) {
        if (domain->owners[i] == owner) return;
    }
    if (domain->n_owners == domain->cap_owners) {
        uint32_t cap = domain->cap_owners ? domain->cap_owners * 2 : 8;
        const Ast **owners = arena_array(b->arena, const Ast *, cap);
        if (domain->n_owners) memcpy(owners, domain->owners, domain->n_owners * sizeof *owners);
        domain->owners = owners;
        domain->cap_owners = cap;
    }
    domain->owners[domain->n_owners++] = owner;
}

uint32_t domain_column(Binder *b, const Scope *scope, uint32_t around) {
    Domain *domain = scope->domain;
    if (domain->is_collecting) {
        domain->is_used[around] = true;
        domain_add_owner(b, domain, scope->owner);
    }
    return scope->domain_at + domain->place[around];
}

/* The domain of what was looked at. */
static void domain_settle(Binder *b, Domain *domain, Node *around) {
    uint32_t n = around->schema.n_fields, kept = 0;
    uint32_t *cols = arena_array(b->arena, uint32_t, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!domain->is_used[i]) continue;
        domain->place[i] = kept;
        cols[kept++] = i;
    }
    domain->is_collecting = false;
    domain->n = kept;
    domain->around = arena_array(b->arena, Expr *, kept);
    for (uint32_t i = 0; i < kept; i++) {
        domain->around[i] = bind_strip_attr(b->arena, node_column(b->arena, around, cols[i], -1));
    }
    if (kept) domain->node = bind_distinct(b, node_keep(b->arena, around, cols, kept));
}

Status bind_correlated(Binder *b, const AstQuery *query, const Rel *around, Node **out,
                       Domain **found, Err *err) {
    Domain *domain = arena_new(b->arena, Domain), *saved = b->domain;
    uint32_t n = around->node->schema.n_fields;
    const CteScope *ctes = b->ctes;
    Status status;
    *domain = (Domain){.is_collecting = true, .node = around->node, .n = n};
    domain->is_used = arena_array(b->arena, bool, n);
    domain->place = arena_array(b->arena, uint32_t, n);
    for (uint32_t i = 0; i < n; i++) domain->place[i] = i;
    *found = NULL;
    b->domain = domain;
    status = bind_query(b, query, &around->scope, out, err);
    if (status == ST_OK) {
        domain_settle(b, domain, around->node);
        if (!domain->n) b->domain = NULL;
        status = bind_query(b, query, domain->n ? &around->scope : NULL, out, err);
    }
    if (status == ST_OK && domain->n) {
        assert(b->has_domain);
        *found = domain;
    }
    b->domain = saved;
    b->ctes = ctes;
    b->has_domain = false;
    return status;
}

/* What a result of no rows is: COUNT says 0, others NULL. */
static Status domain_of_none(Binder *b, Expr *result, const Type *type, Expr **out, Err *err) {
    Expr *args[2] = {result, NULL};
    *out = result;
    if (type->is_nullable || !type_is_integer(type)) return ST_OK;
    args[1] = expr_const_i64(b->arena, type_with_null(b->arena, type, false), 0, result->pos);
    return expr_call(b->arena, SPAN("COALESCE"), args, 2, result->pos, out, err);
}

Status domain_every(Binder *b, const Domain *domain, Node **agg, Err *err) {
    Node *node = *agg, *join;
    uint32_t n = node->schema.n_fields, k = domain->n;
    Expr **equal = arena_array(b->arena, Expr *, k);
    Expr **exprs = arena_array(b->arena, Expr *, n);
    Span *names = arena_array(b->arena, Span, n);
    uint32_t *key = arena_array(b->arena, uint32_t, k);
    assert(node->agg.n_keys == k);
    for (uint32_t i = 0; i < k; i++) {
        key[i] = i;
        Expr *right = expr_column(b->arena, k + i, node->schema.fields[i].type, -1);
        TRY(domain_equal(b, node_column(b->arena, domain->node, i, -1), right, &equal[i], err));
    }
    join =
        bind_join_node(b, JOINOP_LEFT, domain->node, node, expr_and(b->arena, equal, k), node->pos);
    for (uint32_t i = 0; i < n; i++) {
        names[i] = node->schema.fields[i].name;
        exprs[i] = node_column(b->arena, join, i < k ? i : k + i, -1);
        if (i >= k) TRY(domain_of_none(b, exprs[i], node->schema.fields[i].type, &exprs[i], err));
    }
    *agg = node_project(b->arena, join, exprs, names, n);
    (*agg)->key = key; /* the join does not know yet what it is joined by */
    (*agg)->n_key = k;
    return ST_OK;
}
