/* deparse_call.c -- calls, their arguments, windows and orders as text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/deparse.h"
#include "sql/token.h"

/* Words that Flink reserves and that are functions too print bare: COUNT(*), LEFT(a, 1). */
static void deparse_put_function_name(const AstName *name, Buf *out) {
    const AstIdent *part = &name->parts.items[0];
    const SqlKeyword *keyword = sql_keyword_find(part->text);
    bool is_bare = name->parts.n == 1 && !part->is_quoted && keyword &&
                   (!keyword->token || keyword->flags & KEYWORD_CALLABLE);
    if (is_bare) {
        buf_span(out, part->text);
    } else if (name->parts.n == 1 && part->is_quoted) {
        buf_putc(out, '`');
        for (size_t i = 0; i < part->text.len; i++) {
            if (part->text.ptr[i] == '`') buf_putc(out, '`');
            buf_putc(out, part->text.ptr[i]);
        }
        buf_putc(out, '`');
    } else {
        deparse_name(name, out);
    }
}

static void deparse_put_arg(AstList args, int32_t i, const char *before, Buf *out) {
    if (i >= args.n) return;
    buf_puts(out, before);
    deparse_expr(args.items[i], LEVEL_PREDICATE + 1, out);
}

/* The arguments of the forms that have words between them. */
static bool deparse_put_special_args(const AstCall *call, Buf *out) {
    AstList args = call->args;
    switch (call->form) {
    case CALL_EXTRACT:
        deparse_put_arg(args, 0, "", out);
        deparse_put_arg(args, 1, " FROM ", out);
        return true;
    case CALL_POSITION:
        deparse_put_arg(args, 0, "", out);
        deparse_put_arg(args, 1, " IN ", out);
        deparse_put_arg(args, 2, " FROM ", out);
        return true;
    case CALL_SUBSTRING:
        deparse_put_arg(args, 0, "", out);
        deparse_put_arg(args, 1, " FROM ", out);
        deparse_put_arg(args, 2, " FOR ", out);
        return true;
    case CALL_OVERLAY:
        deparse_put_arg(args, 0, "", out);
        deparse_put_arg(args, 1, " PLACING ", out);
        deparse_put_arg(args, 2, " FROM ", out);
        deparse_put_arg(args, 3, " FOR ", out);
        return true;
    case CALL_TRIM:
        deparse_put_arg(args, 0, "", out);
        if (args.n == 3) deparse_put_arg(args, 1, " ", out);
        deparse_put_arg(args, args.n - 1, " FROM ", out);
        return true;
    case CALL_ROUND_TO: /* INTERVAL '1' DAY TO MONTH would be read as an interval */
        deparse_expr(args.items[0], LEVEL_POSTFIX, out);
        deparse_put_arg(args, 1, " TO ", out);
        return true;
    default: return false;
    }
}

static const char *deparse_nulls_text(AstNullTreatment nulls) {
    return nulls == NULLS_IGNORE ? " IGNORE NULLS" : nulls == NULLS_RESPECT ? " RESPECT NULLS" : "";
}

static void deparse_put_call(const AstCall *call, Buf *out) {
    if (call->form == CALL_NO_PARENS) {
        buf_span(out, call->name->parts.items[0].text);
    } else {
        deparse_put_function_name(call->name, out);
        buf_putc(out, '(');
        if (call->quantifier == QUANTIFIER_DISTINCT) buf_puts(out, "DISTINCT ");
        if (call->quantifier == QUANTIFIER_ALL) buf_puts(out, "ALL ");
        if (!deparse_put_special_args(call, out)) deparse_list(call->args, out);
        if (call->json) {
            if (call->args.n) buf_putc(out, ' ');
            deparse_node(&call->json->ast, out);
        }
        deparse_clauses("ORDER BY", call->order_by, out);
        buf_putc(out, ')');
    }
    buf_puts(out, deparse_nulls_text(call->nulls));
    if (call->within_group.n) {
        buf_puts(out, " WITHIN GROUP (ORDER BY ");
        deparse_list(call->within_group, out);
        buf_putc(out, ')');
    }
    if (call->filter) {
        buf_puts(out, " FILTER (WHERE ");
        deparse_node(call->filter, out);
        buf_putc(out, ')');
    }
    if (call->over) {
        buf_puts(out, " OVER ");
        deparse_node(&call->over->ast, out);
    }
}

static void deparse_put_table_arg(const AstTableArg *arg, Buf *out) {
    if (arg->table) {
        buf_puts(out, "TABLE ");
        deparse_name(arg->table, out);
    } else {
        deparse_subquery(arg->query, out);
    }
    if (arg->partition_by.n) {
        buf_puts(out, " PARTITION BY ");
        deparse_parens(arg->partition_by, out);
    }
    if (arg->order_by.n) {
        buf_puts(out, " ORDER BY ");
        deparse_parens(arg->order_by, out);
    }
}

static void deparse_put_behavior(AstJsonBehavior behavior, const Ast *value, const char *on,
                                 Buf *out) {
    static const char *const words[] = {
        [JSON_ON_NULL] = "NULL",
        [JSON_ON_ERROR] = "ERROR",
        [JSON_ON_DEFAULT] = "DEFAULT ",
        [JSON_ON_EMPTY_ARRAY] = "EMPTY ARRAY",
        [JSON_ON_EMPTY_OBJECT] = "EMPTY OBJECT",
        [JSON_ON_TRUE] = "TRUE",
        [JSON_ON_FALSE] = "FALSE",
        [JSON_ON_UNKNOWN] = "UNKNOWN",
    };
    if (!behavior) return;
    buf_puts(out, words[behavior]);
    if (value) deparse_node(value, out);
    buf_printf(out, " ON %s ", on);
}

static void deparse_put_json(const AstJsonClauses *json, Buf *out) {
    static const char *const wrappers[] = {
        [JSON_WRAPPER_NONE] = "",
        [JSON_WRAPPER_WITHOUT] = "WITHOUT ARRAY WRAPPER ",
        [JSON_WRAPPER_CONDITIONAL] = "WITH CONDITIONAL ARRAY WRAPPER ",
        [JSON_WRAPPER_UNCONDITIONAL] = "WITH UNCONDITIONAL ARRAY WRAPPER ",
    };
    if (json->on_null == JSON_NULL_ON_NULL) buf_puts(out, "NULL ON NULL ");
    if (json->on_null == JSON_ABSENT_ON_NULL) buf_puts(out, "ABSENT ON NULL ");
    if (json->returning) {
        buf_puts(out, "RETURNING ");
        deparse_node(&json->returning->ast, out);
        buf_putc(out, ' ');
    }
    buf_puts(out, wrappers[json->wrapper]);
    deparse_put_behavior(json->on_empty, json->empty_default, "EMPTY", out);
    deparse_put_behavior(json->on_error, json->error_default, "ERROR", out);
    if (out->len && out->ptr[out->len - 1] == ' ') out->len--;
}

static void deparse_put_bound(const AstFrameBound *bound, Buf *out) {
    switch (bound->bound) {
    case BOUND_UNBOUNDED_PRECEDING: buf_puts(out, "UNBOUNDED PRECEDING"); return;
    case BOUND_UNBOUNDED_FOLLOWING: buf_puts(out, "UNBOUNDED FOLLOWING"); return;
    case BOUND_CURRENT_ROW: buf_puts(out, "CURRENT ROW"); return;
    default: break;
    }
    deparse_expr(bound->offset, LEVEL_PREDICATE + 1, out);
    buf_puts(out, bound->bound == BOUND_PRECEDING ? " PRECEDING" : " FOLLOWING");
}

static void deparse_put_space(size_t start, Buf *out) {
    if (out->len > start) buf_putc(out, ' ');
}

static void deparse_put_frame(const AstWindowSpec *spec, Buf *out) {
    static const char *const units[] = {"", "ROWS ", "RANGE ", "GROUPS "};
    static const char *const excludes[] = {"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP",
                                           " EXCLUDE TIES"};
    buf_puts(out, units[spec->unit]);
    if (spec->stop) buf_puts(out, "BETWEEN ");
    deparse_node(&spec->start->ast, out);
    deparse_clause("AND", spec->stop ? &spec->stop->ast : NULL, out);
    buf_puts(out, excludes[spec->exclude]);
}

static void deparse_put_window(const AstWindowSpec *spec, Buf *out) {
    size_t start;
    if (spec->is_reference) {
        deparse_ident(&spec->base, out);
        return;
    }
    buf_putc(out, '(');
    start = out->len;
    if (spec->base.text.ptr) deparse_ident(&spec->base, out);
    if (spec->partition_by.n) {
        deparse_put_space(start, out);
        buf_puts(out, "PARTITION BY ");
        deparse_list(spec->partition_by, out);
    }
    if (spec->order_by.n) {
        deparse_put_space(start, out);
        buf_puts(out, "ORDER BY ");
        deparse_list(spec->order_by, out);
    }
    if (spec->unit != FRAME_NONE) {
        deparse_put_space(start, out);
        deparse_put_frame(spec, out);
    }
    buf_putc(out, ')');
}

static void deparse_put_order_item(const AstOrderItem *item, Buf *out) {
    deparse_node(item->expr, out);
    if (item->is_desc) buf_puts(out, " DESC");
    if (item->nulls == NULLS_FIRST) buf_puts(out, " NULLS FIRST");
    if (item->nulls == NULLS_LAST) buf_puts(out, " NULLS LAST");
}

bool deparse_call_node(const Ast *node, Buf *out) {
    switch (node->kind) {
    case AST_CALL: deparse_put_call((const AstCall *)node, out); break;
    case AST_NAMED_ARG:
        deparse_ident(&((const AstNamedArg *)node)->name, out);
        buf_puts(out, " => ");
        deparse_node(((const AstNamedArg *)node)->value, out);
        break;
    case AST_TABLE_ARG: deparse_put_table_arg((const AstTableArg *)node, out); break;
    case AST_MODEL_ARG:
        buf_puts(out, "MODEL ");
        deparse_name(((const AstModelArg *)node)->model, out);
        break;
    case AST_DESCRIPTOR:
        buf_puts(out, "DESCRIPTOR");
        deparse_parens(((const AstDescriptor *)node)->columns, out);
        break;
    case AST_JSON_PAIR:
        buf_puts(out, "KEY ");
        deparse_expr(((const AstJsonPair *)node)->key, LEVEL_PREDICATE + 1, out);
        buf_puts(out, " VALUE ");
        deparse_node(((const AstJsonPair *)node)->value, out);
        break;
    case AST_JSON_CLAUSES: deparse_put_json((const AstJsonClauses *)node, out); break;
    case AST_WINDOW_SPEC: deparse_put_window((const AstWindowSpec *)node, out); break;
    case AST_FRAME_BOUND: deparse_put_bound((const AstFrameBound *)node, out); break;
    case AST_ORDER_ITEM: deparse_put_order_item((const AstOrderItem *)node, out); break;
    default: return false;
    }
    return true;
}
