/* deparse_query.c -- queries, FROM and MATCH_RECOGNIZE as text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/deparse.h"

static void deparse_put_hints(AstList hints, Buf *out) {
    if (!hints.n) return;
    buf_puts(out, " /*+ ");
    deparse_list(hints, out);
    buf_puts(out, " */");
}

static void deparse_put_hint(const AstHint *hint, Buf *out) {
    deparse_ident(&hint->name, out);
    if (hint->args.n) deparse_parens(hint->args, out);
}

static void deparse_put_query(const AstQuery *query, Buf *out) {
    if (query->with.n) {
        buf_puts(out, query->is_recursive ? "WITH RECURSIVE " : "WITH ");
        deparse_list(query->with, out);
        buf_putc(out, ' ');
    }
    if (query->body->kind == AST_QUERY) {
        deparse_subquery(query->body, out);
    } else {
        deparse_node(query->body, out);
    }
    deparse_clauses("ORDER BY", query->order_by, out);
    deparse_clause("LIMIT", query->limit, out);
    deparse_clause("OFFSET", query->offset, out);
    deparse_clause("EMIT", query->emit ? &query->emit->ast : NULL, out);
    deparse_clause("ON LATE", query->on_late ? &query->on_late->ast : NULL, out);
}

static void deparse_put_cte(const AstCte *cte, Buf *out) {
    deparse_ident(&cte->name, out);
    if (cte->columns.n) {
        buf_putc(out, ' ');
        deparse_idents(cte->columns, out);
    }
    buf_puts(out, " AS ");
    deparse_subquery(cte->query, out);
}

static void deparse_put_quantifier(AstQuantifier quantifier, Buf *out) {
    if (quantifier == QUANTIFIER_ALL) buf_puts(out, " ALL");
    if (quantifier == QUANTIFIER_DISTINCT) buf_puts(out, " DISTINCT");
}

static void deparse_put_select(const AstSelect *select, Buf *out) {
    buf_puts(out, "SELECT");
    deparse_put_hints(select->hints, out);
    deparse_put_quantifier(select->quantifier, out);
    buf_putc(out, ' ');
    deparse_list(select->items, out);
    deparse_clause("FROM", select->from, out);
    deparse_clause("WHERE", select->where, out);
    if (select->has_group_by) {
        buf_puts(out, " GROUP BY");
        deparse_put_quantifier(select->group_quantifier, out);
        buf_putc(out, ' ');
        deparse_list(select->group_by, out);
    }
    deparse_clause("HAVING", select->having, out);
    deparse_clauses("WINDOW", select->windows, out);
    deparse_clause("QUALIFY", select->qualify, out);
}

/* The operand of a set operation; INTERSECT (2) binds tighter than UNION and EXCEPT (1). */
static int deparse_setop_level(const Ast *node) {
    if (node->kind == AST_QUERY) return 0;
    if (node->kind != AST_SETOP) return 3;
    return ((const AstSetOp *)node)->op == SETOP_INTERSECT ? 2 : 1;
}

static void deparse_put_operand(const Ast *node, int level, Buf *out) {
    if (deparse_setop_level(node) < level) {
        deparse_subquery(node, out);
    } else {
        deparse_node(node, out);
    }
}

static void deparse_put_setop(const AstSetOp *setop, Buf *out) {
    static const char *const words[] = {" UNION", " INTERSECT", " EXCEPT"};
    int level = deparse_setop_level(&setop->ast);
    deparse_put_operand(setop->left, level, out);
    buf_puts(out, words[setop->op]);
    buf_puts(out, setop->is_all ? " ALL " : " ");
    deparse_put_operand(setop->right, level + 1, out);
}

static void deparse_put_values(const AstValues *values, Buf *out) {
    buf_puts(out, "VALUES ");
    for (int32_t i = 0; i < values->rows.n; i++) {
        const Ast *row = values->rows.items[i];
        if (i) buf_puts(out, ", ");
        if (row->kind == AST_ROW) {
            deparse_node(row, out);
        } else {
            deparse_subquery(row, out);
        }
    }
}

static void deparse_put_grouping(const AstGrouping *group, Buf *out) {
    static const char *const words[] = {"", "GROUPING SETS ", "CUBE ", "ROLLUP "};
    buf_puts(out, words[group->grouping]);
    deparse_parens(group->items, out);
}

static void deparse_put_emit(const AstEmit *emit, Buf *out) {
    const char *comma = "";
    if (emit->early_every) {
        buf_puts(out, "EARLY EVERY ");
        deparse_node(emit->early_every, out);
        comma = ", ";
    }
    if (emit->on_close) {
        buf_printf(out, "%sON CLOSE", comma);
        comma = ", ";
    }
    if (emit->on_update) buf_printf(out, "%sON UPDATE", comma);
}

static void deparse_put_late(const AstOnLate *late, Buf *out) {
    switch (late->action) {
    case LATE_DROP: buf_puts(out, "DROP"); break;
    case LATE_FAIL: buf_puts(out, "FAIL"); break;
    case LATE_INTO:
        buf_puts(out, "INTO ");
        deparse_name(late->table, out);
        break;
    case LATE_REVISE:
        buf_puts(out, "REVISE");
        deparse_clause("WITHIN", late->within, out);
        break;
    }
}

bool deparse_query_node(const Ast *node, Buf *out) {
    switch (node->kind) {
    case AST_QUERY: deparse_put_query((const AstQuery *)node, out); break;
    case AST_CTE: deparse_put_cte((const AstCte *)node, out); break;
    case AST_SELECT: deparse_put_select((const AstSelect *)node, out); break;
    case AST_SELECT_ITEM: {
        const AstSelectItem *item = (const AstSelectItem *)node;
        deparse_node(item->expr, out);
        if (!item->alias.text.ptr) break;
        buf_puts(out, " AS ");
        deparse_ident(&item->alias, out);
        break;
    }
    case AST_SETOP: deparse_put_setop((const AstSetOp *)node, out); break;
    case AST_VALUES: deparse_put_values((const AstValues *)node, out); break;
    case AST_TABLE_QUERY:
        buf_puts(out, "TABLE ");
        deparse_name(((const AstTableQuery *)node)->table, out);
        break;
    case AST_GROUPING: deparse_put_grouping((const AstGrouping *)node, out); break;
    case AST_WINDOW_DEF:
        deparse_ident(&((const AstWindowDef *)node)->name, out);
        buf_puts(out, " AS ");
        deparse_node(&((const AstWindowDef *)node)->spec->ast, out);
        break;
    case AST_EMIT: deparse_put_emit((const AstEmit *)node, out); break;
    case AST_ON_LATE: deparse_put_late((const AstOnLate *)node, out); break;
    case AST_HINT: deparse_put_hint((const AstHint *)node, out); break;
    default: return false;
    }
    return true;
}

/* -- FROM -- */

static void deparse_put_alias(const AstAlias *alias, Buf *out) {
    if (!alias) return;
    buf_puts(out, " AS ");
    deparse_ident(&alias->name, out);
    if (!alias->columns.n) return;
    buf_putc(out, ' ');
    deparse_idents(alias->columns, out);
}

static void deparse_put_sample(const AstSample *sample, Buf *out) {
    if (!sample) return;
    buf_printf(out, " TABLESAMPLE %s (", sample->is_system ? "SYSTEM" : "BERNOULLI");
    deparse_node(sample->percent, out);
    buf_putc(out, ')');
    if (!sample->seed) return;
    buf_puts(out, " REPEATABLE (");
    deparse_node(sample->seed, out);
    buf_putc(out, ')');
}

static void deparse_put_table_ref(const AstTableRef *table, Buf *out) {
    deparse_name(table->name, out);
    deparse_put_hints(table->hints, out);
    deparse_clause("FOR SYSTEM_TIME AS OF", table->as_of, out);
    deparse_put_sample(table->sample, out);
    deparse_put_alias(table->alias, out);
}

static void deparse_put_join(const AstJoin *join, Buf *out) {
    static const char *const words[] = {",",          " CROSS JOIN", " JOIN",
                                        " LEFT JOIN", " RIGHT JOIN", " FULL JOIN"};
    deparse_node(join->left, out);
    if (join->is_natural) buf_puts(out, " NATURAL");
    buf_puts(out, words[join->join]);
    buf_putc(out, ' ');
    if (join->right->kind == AST_JOIN && join->join != JOIN_COMMA) {
        deparse_subquery(join->right, out);
    } else {
        deparse_node(join->right, out);
    }
    deparse_clause("ON", join->on, out);
    if (!join->using_columns.n) return;
    buf_puts(out, " USING ");
    deparse_idents(join->using_columns, out);
}

static void deparse_put_unnest(const AstUnnest *unnest, Buf *out) {
    buf_puts(out, unnest->is_lateral ? "LATERAL UNNEST" : "UNNEST");
    deparse_parens(unnest->args, out);
    if (unnest->with_ordinality) buf_puts(out, " WITH ORDINALITY");
    deparse_put_alias(unnest->alias, out);
}

static void deparse_put_times(const AstPattern *pattern, Buf *out) {
    if (pattern->min == 0 && pattern->max == -1) {
        buf_putc(out, '*');
    } else if (pattern->min == 1 && pattern->max == -1) {
        buf_putc(out, '+');
    } else if (pattern->min == 0 && pattern->max == 1) {
        buf_putc(out, '?');
    } else if (pattern->max == -1) {
        buf_printf(out, "{%d,}", pattern->min);
    } else if (pattern->min == pattern->max) {
        buf_printf(out, "{%d}", pattern->min);
    } else {
        buf_printf(out, "{%d,%d}", pattern->min, pattern->max);
    }
    if (pattern->is_reluctant) buf_putc(out, '?');
}

static void deparse_put_pattern_item(const Ast *node, AstPatternKind within, Buf *out) {
    AstPatternKind kind = ((const AstPattern *)node)->pattern;
    bool needs_parens = kind == PATTERN_ALTERNATION || kind == within ||
                        (within == PATTERN_QUANTIFIED && kind == PATTERN_SEQUENCE);
    if (needs_parens) {
        deparse_subquery(node, out);
    } else {
        deparse_node(node, out);
    }
}

static void deparse_put_pattern(const AstPattern *pattern, Buf *out) {
    AstList items = pattern->items;
    switch (pattern->pattern) {
    case PATTERN_VARIABLE: deparse_ident(&pattern->variable, out); break;
    case PATTERN_START: buf_putc(out, '^'); break;
    case PATTERN_END: buf_putc(out, '$'); break;
    case PATTERN_EMPTY: buf_puts(out, "()"); break;
    case PATTERN_PERMUTE:
        buf_puts(out, "PERMUTE");
        deparse_parens(items, out);
        break;
    case PATTERN_EXCLUDE:
        buf_puts(out, "{- ");
        deparse_node(items.items[0], out);
        buf_puts(out, " -}");
        break;
    case PATTERN_QUANTIFIED:
        deparse_put_pattern_item(items.items[0], PATTERN_QUANTIFIED, out);
        deparse_put_times(pattern, out);
        break;
    default:
        for (int32_t i = 0; i < items.n; i++) {
            if (i) buf_puts(out, pattern->pattern == PATTERN_ALTERNATION ? " | " : " ");
            deparse_put_pattern_item(items.items[i], pattern->pattern, out);
        }
        break;
    }
}

static void deparse_put_match_clauses(const AstMatch *match, Buf *out) {
    static const char *const rows[] = {
        "",
        " ONE ROW PER MATCH",
        " ALL ROWS PER MATCH",
        " ALL ROWS PER MATCH SHOW EMPTY MATCHES",
        " ALL ROWS PER MATCH OMIT EMPTY MATCHES",
        " ALL ROWS PER MATCH WITH UNMATCHED ROWS",
    };
    static const char *const skips[] = {
        "",
        " AFTER MATCH SKIP PAST LAST ROW",
        " AFTER MATCH SKIP TO NEXT ROW",
        " AFTER MATCH SKIP TO FIRST ",
        " AFTER MATCH SKIP TO LAST ",
    };
    size_t start = out->len;
    deparse_clauses("PARTITION BY", match->partition_by, out);
    deparse_clauses("ORDER BY", match->order_by, out);
    deparse_clauses("MEASURES", match->measures, out);
    buf_puts(out, rows[match->rows]);
    buf_puts(out, skips[match->skip]);
    if (match->skip_to.text.ptr) deparse_ident(&match->skip_to, out);
    buf_puts(out, " PATTERN (");
    memmove(out->ptr + start, out->ptr + start + 1, out->len - start - 1); /* the first blank */
    out->len--;
}

static void deparse_put_match(const AstMatch *match, Buf *out) {
    deparse_node(match->input, out);
    buf_puts(out, " MATCH_RECOGNIZE (");
    deparse_put_match_clauses(match, out);
    deparse_node(&match->pattern->ast, out);
    buf_putc(out, ')');
    deparse_clause("WITHIN", match->within, out);
    deparse_clauses("SUBSET", match->subsets, out);
    deparse_clauses("DEFINE", match->defines, out);
    buf_putc(out, ')');
    deparse_put_alias(match->alias, out);
}

static void deparse_put_derived(const AstDerived *derived, Buf *out) {
    if (derived->is_lateral) buf_puts(out, "LATERAL ");
    deparse_subquery(derived->query, out);
    deparse_put_sample(derived->sample, out);
    deparse_put_alias(derived->alias, out);
}

bool deparse_table_node(const Ast *node, Buf *out) {
    switch (node->kind) {
    case AST_TABLE_REF: deparse_put_table_ref((const AstTableRef *)node, out); break;
    case AST_TABLE_FN: {
        const AstTableFn *table = (const AstTableFn *)node;
        buf_puts(out, table->is_lateral ? "LATERAL TABLE(" : "TABLE(");
        deparse_node(&table->call->ast, out);
        buf_putc(out, ')');
        deparse_put_alias(table->alias, out);
        break;
    }
    case AST_DERIVED: deparse_put_derived((const AstDerived *)node, out); break;
    case AST_UNNEST: deparse_put_unnest((const AstUnnest *)node, out); break;
    case AST_JOIN: deparse_put_join((const AstJoin *)node, out); break;
    case AST_SAMPLE: deparse_put_sample((const AstSample *)node, out); break;
    case AST_ALIAS: deparse_put_alias((const AstAlias *)node, out); break;
    case AST_MATCH: deparse_put_match((const AstMatch *)node, out); break;
    case AST_MEASURE:
        deparse_node(((const AstMeasure *)node)->expr, out);
        buf_puts(out, " AS ");
        deparse_ident(&((const AstMeasure *)node)->name, out);
        break;
    case AST_PATTERN: deparse_put_pattern((const AstPattern *)node, out); break;
    case AST_SUBSET:
        deparse_ident(&((const AstSubset *)node)->name, out);
        buf_puts(out, " = ");
        deparse_idents(((const AstSubset *)node)->variables, out);
        break;
    case AST_DEFINE:
        deparse_ident(&((const AstDefine *)node)->name, out);
        buf_puts(out, " AS ");
        deparse_node(((const AstDefine *)node)->condition, out);
        break;
    default: return false;
    }
    return true;
}
