/* bind_ttl.c -- the hint STATE_TTL('t' = '1 d'): how long a join or an aggregate keeps the state of
 * the table t, where that is the whole of an input.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

static bool ttl_names(const ScopeRel *rel, Span key) {
    return span_eq_nocase(rel->alias, key) || (rel->table.len && span_eq_nocase(rel->table, key));
}

/* Calls back for each pair of the SELECT's STATE_TTL hints until one says true. */
static const AstOption *ttl_find(const Binder *b, const Scope *scope, bool want_match) {
    for (int32_t i = 0; b->hints && i < b->hints->n; i++) {
        const AstHint *hint = (const AstHint *)b->hints->items[i];
        if (!span_is_nocase(hint->name.text, "STATE_TTL")) continue;
        for (int32_t k = 0; k < hint->args.n; k++) {
            const AstOption *option = (const AstOption *)hint->args.items[k];
            bool is_match = false;
            if (option->ast.kind != AST_OPTION) continue;
            for (uint32_t r = 0; r < scope->n_rels && !is_match; r++)
                is_match = ttl_names(&scope->rels[r], option->key);
            if (is_match == want_match) return option;
        }
    }
    return NULL;
}

int64_t bind_state_ttl(const Binder *b, const Scope *scope, int64_t otherwise) {
    const AstOption *option = scope->n_rels == 1 ? ttl_find(b, scope, true) : NULL;
    int64_t us;
    return option && duration_parse(option->value, &us) == ST_OK ? us : otherwise;
}

Status bind_state_ttl_check(const Binder *b, const Scope *scope, Err *err) {
    const AstOption *option = ttl_find(b, scope, false);
    int64_t us;
    if (option) {
        err_set(err, ST_INVALID, "42P01", bind_pos(b, option->ast.pos), __FILE__, __LINE__,
                "The options of following hints cannot match the name of input tables or views: "
                "`" SPAN_FMT "` in `STATE_TTL`",
                SPAN_ARG(option->key));
        return err_hint(err, "a key is the name or the alias of a table in FROM");
    }
    for (int32_t i = 0; b->hints && i < b->hints->n; i++) {
        const AstHint *hint = (const AstHint *)b->hints->items[i];
        if (!span_is_nocase(hint->name.text, "STATE_TTL")) continue;
        for (int32_t k = 0; k < hint->args.n; k++) {
            option = (const AstOption *)hint->args.items[k];
            if (option->ast.kind == AST_OPTION && duration_parse(option->value, &us) == ST_OK)
                continue;
            err_set(err, ST_INVALID, "22023", bind_pos(b, option->ast.pos), __FILE__, __LINE__,
                    "STATE_TTL takes 'table' = 'duration' pairs");
            return err_hint(err, "write STATE_TTL('orders' = '1 d', 'payments' = '12 h')");
        }
    }
    return ST_OK;
}
