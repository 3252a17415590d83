/* bind_match.c -- MATCH_RECOGNIZE: pattern, conditions and measures.
 *
 * Inside, a column stands for its value in some row of the match: of the last row of a variable
 * (A.price), of the current row (price), of the rows that FIRST, LAST, PREV and NEXT lead to. Each
 * becomes a navigation (match.h), and the expression reads the navigations as its columns.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

enum { PATTERN_DEPTH_MAX = 200, MATCH_BACK_MAX = 1000000 };

typedef struct MatchSubset {
    Span name;
    uint64_t vars;
} MatchSubset;

/* How the columns of the expression being bound are meant. */
typedef struct MatchMode {
    bool has_nav; /* inside FIRST or LAST */
    bool from_first, is_final;
    int64_t skip, step;
    bool in_agg;       /* inside an aggregate: columns are the input's own */
    bool has_agg_vars; /* whose variable is known by now */
    uint64_t agg_vars;
} MatchMode;

struct MatchBinding {
    Binder *b;
    Rel rel;
    MatchSpec *spec;
    MatchSubset *subsets;
    uint32_t n_subsets;
    MatchExpr *into;
    MatchMode mode;
};

/* ---- variables ---- */

static int32_t match_var_find(const MatchSpec *spec, Span name) {
    for (uint32_t i = 0; i < spec->n_vars; i++) {
        if (span_eq(spec->vars[i], name)) return (int32_t)i;
    }
    return -1;
}

/* A variable or subset as a set of variables; 0 when it is neither. */
static uint64_t match_vars_of(const MatchBinding *m, Span name) {
    int32_t var = match_var_find(m->spec, name);
    if (var >= 0) return UINT64_C(1) << var;
    for (uint32_t i = 0; i < m->n_subsets; i++) {
        if (span_eq(m->subsets[i].name, name)) return m->subsets[i].vars;
    }
    return 0;
}

static Status match_var_unknown(const MatchBinding *m, const AstIdent *ident, Err *err) {
    Span best = span_nearest(ident->text, m->spec->vars, m->spec->n_vars);
    err_set(err, ST_INVALID, "42P20", bind_pos(m->b, ident->pos), __FILE__, __LINE__,
            "`" SPAN_FMT "` is not a variable of the pattern", SPAN_ARG(ident->text));
    return best.len ? err_hint(err, "did you mean `" SPAN_FMT "`?", SPAN_ARG(best)) : ST_INVALID;
}

/* ---- navigations ---- */

static bool match_nav_eq(const MatchNav *a, const MatchNav *b) {
    if (a->kind != b->kind || a->kind == MATCH_NAV_AGG) return false;
    return a->vars == b->vars && a->from_first == b->from_first && a->is_final == b->is_final &&
           a->skip == b->skip && a->step == b->step && a->col == b->col;
}

/* The expression's column that holds the navigation's value. */
static Expr *match_nav(MatchBinding *m, const MatchNav *nav, int32_t pos) {
    MatchExpr *into = m->into;
    Arena *arena = m->b->arena;
    uint32_t i = 0;
    while (i < into->n_navs && !match_nav_eq(&into->navs[i], nav)) i++;
    if (i == into->n_navs) {
        if (into->n_navs == into->cap_navs) {
            uint32_t cap = into->cap_navs ? into->cap_navs * 2 : 8;
            MatchNav *grown = arena_array(arena, MatchNav, cap);
            if (into->n_navs) memcpy(grown, into->navs, into->n_navs * sizeof *grown);
            into->navs = grown;
            into->cap_navs = cap;
        }
        into->navs[into->n_navs++] = *nav;
        if (-nav->step > m->spec->look_back) m->spec->look_back = -nav->step;
    }
    return expr_column(arena, i, nav->type, pos);
}

static void match_close_expr(const MatchBinding *m, MatchExpr *expr) {
    Field *fields = arena_array(m->b->arena, Field, expr->n_navs);
    for (uint32_t i = 0; i < expr->n_navs; i++)
        fields[i] = (Field){SPAN("nav"), expr->navs[i].type};
    expr->schema = (Schema){expr->n_navs, fields};
}

Status match_bind_name(ExprCtx *ctx, const AstName *name, Expr **out, Err *err) {
    MatchBinding *m = ctx->match;
    Binder *b = m->b;
    AstName column = *name;
    uint64_t vars = MATCH_ANY_VAR;
    NameMatch found;
    MatchNav nav;
    if (name->parts.n > 1 && (vars = match_vars_of(m, name->parts.items[0].text)) != 0) {
        column.parts.items++;
        column.parts.n--;
    } else {
        vars = MATCH_ANY_VAR;
    }
    TRY(scope_resolve(b, &m->rel.scope, &column, false, &found, err));
    if (m->mode.in_agg) {
        if (m->mode.has_agg_vars && m->mode.agg_vars != vars) {
            FAIL(err, ST_INVALID, "42P20", bind_pos(b, name->ast.pos),
                 "an aggregate of a row pattern must take all its columns from one variable");
        }
        m->mode.has_agg_vars = true;
        m->mode.agg_vars = vars;
        *out = expr_column(b->arena, found.col->index, found.col->type, bind_pos(b, name->ast.pos));
    } else {
        nav = (MatchNav){
            .kind = MATCH_NAV_ROW,
            .vars = vars,
            .from_first = m->mode.from_first,
            .is_final = m->mode.is_final,
            .skip = m->mode.skip,
            .step = m->mode.step,
            .col = found.col->index,
            .type = type_with_null(
                b->arena, type_with_attr(b->arena, found.col->type, TIME_ATTR_NONE), true)};
        *out = match_nav(m, &nav, bind_pos(b, name->ast.pos));
    }
    for (int32_t i = found.n_used; i < column.parts.n; i++) {
        TRY(bind_field_named(b, *out, &column.parts.items[i], out, err));
    }
    return ST_OK;
}

/* ---- calls ---- */

static Status match_offset(ExprCtx *ctx, const AstCall *call, int64_t fallback, int64_t *out,
                           Err *err) {
    Expr *expr;
    *out = fallback;
    if (call->args.n < 2) return ST_OK;
    TRY(bind_constant(ctx->b, call->args.items[1], "row pattern", &expr, err));
    if (!expr_const_int(expr, out) || *out < 0 || *out > MATCH_BACK_MAX) {
        FAIL(err, ST_INVALID, "42P20", bind_pos(ctx->b, call->args.items[1]->pos),
             "the offset must be a constant between 0 and %d", MATCH_BACK_MAX);
    }
    return ST_OK;
}

/* FIRST, LAST, PREV and NEXT change how the columns of their argument are meant. */
static Status match_bind_nav(ExprCtx *ctx, const AstCall *call, bool is_logical, bool is_first,
                             Expr **out, Err *err) {
    MatchBinding *m = ctx->match;
    MatchMode saved = m->mode;
    int64_t offset;
    Status status;
    if (call->args.n < 1 || call->args.n > 2) {
        FAIL(err, ST_INVALID, "42883", bind_pos(ctx->b, call->ast.pos),
             SPAN_FMT " takes a column and an offset", SPAN_ARG(ast_name_last(call->name)));
    }
    if (m->mode.in_agg || (is_logical && m->mode.has_nav)) {
        FAIL(err, ST_INVALID, "42P20", bind_pos(ctx->b, call->ast.pos),
             SPAN_FMT " cannot stand inside %s", SPAN_ARG(ast_name_last(call->name)),
             m->mode.in_agg ? "an aggregate" : "FIRST or LAST");
    }
    TRY(match_offset(ctx, call, is_logical ? 0 : 1, &offset, err));
    if (is_logical) {
        m->mode.has_nav = true;
        m->mode.from_first = is_first;
        m->mode.skip = offset;
    } else {
        m->mode.step += is_first ? -offset : offset;
    }
    status = bind_expr(ctx, call->args.items[0], out, err);
    m->mode = saved;
    return status;
}

/* AVG(A.price), COUNT(*), COUNT(A.*): over the rows of one variable, or of all. */
static Status match_bind_agg(ExprCtx *ctx, const AstCall *call, Span name, Expr **out, Err *err) {
    MatchBinding *m = ctx->match;
    MatchMode saved = m->mode;
    MatchNav nav = {.kind = MATCH_NAV_AGG, .is_final = m->mode.is_final};
    Expr **args = arena_array(ctx->b->arena, Expr *, (uint32_t)call->args.n);
    uint32_t n = 0;
    Status status = ST_OK;
    if (m->mode.in_agg || call->filter) {
        return bind_unsupported(ctx->b, call->ast.pos, "this form of aggregate in a row pattern",
                                NULL, err);
    }
    m->mode = (MatchMode){.in_agg = true};
    for (int32_t i = 0; i < call->args.n && status == ST_OK; i++) {
        const AstStar *star = (const AstStar *)call->args.items[i];
        if (star->ast.kind != AST_STAR) {
            status = bind_expr(ctx, call->args.items[i], &args[n++], err);
            continue;
        }
        m->mode.has_agg_vars = true;
        m->mode.agg_vars = star->of ? match_vars_of(m, ast_name_last(star->of)) : MATCH_ANY_VAR;
        if (!m->mode.agg_vars) status = match_var_unknown(m, &star->of->parts.items[0], err);
    }
    nav.vars = m->mode.has_agg_vars ? m->mode.agg_vars : MATCH_ANY_VAR;
    m->mode = saved;
    TRY(status);
    TRY(agg_bind(ctx->b->arena, name, args, n, call->quantifier == QUANTIFIER_DISTINCT, false,
                 bind_pos(ctx->b, call->ast.pos), &nav.agg, err));
    nav.type = nav.agg.type;
    *out = match_nav(m, &nav, bind_pos(ctx->b, call->ast.pos));
    return ST_OK;
}

static Status match_bind_classifier(ExprCtx *ctx, const AstCall *call, Expr **out, Err *err) {
    MatchBinding *m = ctx->match;
    MatchNav nav = {.kind = MATCH_NAV_CLASSIFIER,
                    .vars = MATCH_ANY_VAR,
                    .from_first = m->mode.from_first,
                    .is_final = m->mode.is_final,
                    .skip = m->mode.skip,
                    .step = m->mode.step,
                    .type = &type_string};
    if (call->args.n == 1 && call->args.items[0]->kind == AST_NAME) {
        const AstName *name = (const AstName *)call->args.items[0];
        nav.vars = match_vars_of(m, name->parts.items[0].text);
        if (!nav.vars) return match_var_unknown(m, &name->parts.items[0], err);
    } else if (call->args.n) {
        FAIL(err, ST_INVALID, "42883", bind_pos(ctx->b, call->ast.pos),
             "CLASSIFIER takes a variable or nothing");
    }
    *out = match_nav(m, &nav, bind_pos(ctx->b, call->ast.pos));
    return ST_OK;
}

Status match_bind_call(ExprCtx *ctx, const AstCall *call, Span name, bool *is_handled, Expr **out,
                       Err *err) {
    MatchBinding *m = ctx->match;
    int32_t pos = bind_pos(ctx->b, call->ast.pos);
    *is_handled = true;
    if (span_is_nocase(name, "FIRST")) return match_bind_nav(ctx, call, true, true, out, err);
    if (span_is_nocase(name, "LAST")) return match_bind_nav(ctx, call, true, false, out, err);
    if (span_is_nocase(name, "PREV")) return match_bind_nav(ctx, call, false, true, out, err);
    if (span_is_nocase(name, "NEXT")) return match_bind_nav(ctx, call, false, false, out, err);
    if (span_is_nocase(name, "CLASSIFIER")) return match_bind_classifier(ctx, call, out, err);
    if (span_is_nocase(name, "MATCH_NUMBER")) {
        MatchNav nav = {.kind = MATCH_NAV_NUMBER, .type = &type_bigint};
        *out = match_nav(m, &nav, pos);
        return ST_OK;
    }
    if (span_is_nocase(name, "MATCH_ROWTIME") || span_is_nocase(name, "MATCH_PROCTIME")) {
        const Type *type = m->rel.node->schema.fields[m->spec->order_cols[0]].type;
        MatchNav nav = {.kind = MATCH_NAV_TIME, .type = type};
        *out = match_nav(m, &nav, pos);
        return ST_OK;
    }
    if (agg_is_name(name)) return match_bind_agg(ctx, call, name, out, err);
    *is_handled = false;
    return ST_OK;
}

Status match_bind_final(ExprCtx *ctx, const Ast *arg, bool is_final, Expr **out, Err *err) {
    MatchMode saved = ctx->match->mode;
    Status status;
    ctx->match->mode.is_final = is_final;
    status = bind_expr(ctx, arg, out, err);
    ctx->match->mode = saved;
    return status;
}

/* ---- the pattern ---- */

static Status match_add_var(MatchBinding *m, Span **vars, const AstIdent *ident, uint32_t *out,
                            Err *err) {
    int32_t known = match_var_find(m->spec, ident->text);
    if (known < 0 && m->spec->n_vars == MATCH_VARS_MAX) {
        FAIL(err, ST_LIMIT, "54001", bind_pos(m->b, ident->pos),
             "a pattern has at most %d variables", MATCH_VARS_MAX);
    }
    if (known < 0) {
        known = (int32_t)m->spec->n_vars;
        (*vars)[m->spec->n_vars++] = ident->text;
    }
    *out = (uint32_t)known;
    return ST_OK;
}

static Status match_pattern(MatchBinding *m, Span **vars, const AstPattern *ast, int depth,
                            MatchPattern **out, Err *err) {
    static const MatchPatternKind kinds[] = {
        [PATTERN_VARIABLE] = MATCH_VAR,       [PATTERN_SEQUENCE] = MATCH_SEQUENCE,
        [PATTERN_ALTERNATION] = MATCH_EITHER, [PATTERN_PERMUTE] = MATCH_PERMUTE,
        [PATTERN_EXCLUDE] = MATCH_EXCLUDE,    [PATTERN_QUANTIFIED] = MATCH_REPEAT,
        [PATTERN_START] = MATCH_AT_START,     [PATTERN_END] = MATCH_AT_END,
        [PATTERN_EMPTY] = MATCH_NOTHING,
    };
    MatchPattern *pattern = arena_new(m->b->arena, MatchPattern);
    if (depth > PATTERN_DEPTH_MAX) {
        FAIL(err, ST_LIMIT, "54001", bind_pos(m->b, ast->ast.pos),
             "the row pattern is nested too deeply");
    }
    *pattern = (MatchPattern){.kind = kinds[ast->pattern],
                              .min = ast->min,
                              .max = ast->max,
                              .is_reluctant = ast->is_reluctant};
    if (ast->pattern == PATTERN_QUANTIFIED && ast->max >= 0 && ast->max < ast->min) {
        FAIL(err, ST_INVALID, "42601", bind_pos(m->b, ast->ast.pos),
             "the bounds {%d,%d} of the quantifier are reversed", ast->min, ast->max);
    }
    if (ast->pattern == PATTERN_VARIABLE)
        TRY(match_add_var(m, vars, &ast->variable, &pattern->var, err));
    pattern->n_items = (uint32_t)ast->items.n;
    pattern->items = arena_array(m->b->arena, MatchPattern *, pattern->n_items);
    for (uint32_t i = 0; i < pattern->n_items; i++) {
        TRY(match_pattern(m, vars, (const AstPattern *)ast->items.items[i], depth + 1,
                          &pattern->items[i], err));
    }
    *out = pattern;
    return ST_OK;
}

static Status match_subsets(MatchBinding *m, const AstMatch *ast, Err *err) {
    m->subsets = arena_array(m->b->arena, MatchSubset, (uint32_t)ast->subsets.n);
    for (int32_t i = 0; i < ast->subsets.n; i++) {
        const AstSubset *subset = (const AstSubset *)ast->subsets.items[i];
        uint64_t vars = 0;
        for (int32_t k = 0; k < subset->variables.n; k++) {
            int32_t var = match_var_find(m->spec, subset->variables.items[k].text);
            if (var < 0) return match_var_unknown(m, &subset->variables.items[k], err);
            vars |= UINT64_C(1) << var;
        }
        m->subsets[m->n_subsets++] = (MatchSubset){subset->name.text, vars};
    }
    return ST_OK;
}

/* ---- partition and order ---- */

static Status match_column(const MatchBinding *m, const Ast *ast, const char *clause, uint32_t *out,
                           Err *err) {
    NameMatch found;
    if (ast->kind != AST_NAME) {
        return bind_unsupported(m->b, ast->pos, "an expression in this clause",
                                "name a column; compute it in a subquery before", err);
    }
    TRY(scope_resolve(m->b, &m->rel.scope, (const AstName *)ast, false, &found, err));
    if (found.n_used != ((const AstName *)ast)->parts.n) {
        return bind_unsupported(m->b, ast->pos, clause, "select the field in a subquery before",
                                err);
    }
    *out = found.col->index;
    return ST_OK;
}

static Status match_order(MatchBinding *m, const AstMatch *ast, Err *err) {
    uint32_t n = (uint32_t)ast->order_by.n;
    uint32_t *cols = arena_array(m->b->arena, uint32_t, n);
    KeyOrder *orders = arena_array(m->b->arena, KeyOrder, n);
    const Type *time;
    for (uint32_t i = 0; i < n; i++) {
        const AstOrderItem *item = (const AstOrderItem *)ast->order_by.items[i];
        TRY(match_column(m, item->expr, "a field in ORDER BY", &cols[i], err));
        orders[i] = bind_key_order(item);
    }
    time = n ? m->rel.node->schema.fields[cols[0]].type : NULL;
    if (!n || time->attr == TIME_ATTR_NONE || orders[0].is_desc) {
        int32_t pos = n ? ((const AstOrderItem *)ast->order_by.items[0])->expr->pos : ast->ast.pos;
        err_set(err, ST_INVALID, "42P20", bind_pos(m->b, pos), __FILE__, __LINE__,
                "MATCH_RECOGNIZE must be ordered by a time attribute first, ascending");
        return err_hint(
            err,
            "ORDER BY the column that its table declares WATERMARK FOR, or one that is PROCTIME()");
    }
    m->spec->order_cols = cols;
    m->spec->orders = orders;
    m->spec->n_order = n;
    m->spec->is_proctime = time->attr == TIME_ATTR_PROCTIME;
    return ST_OK;
}

/* ---- conditions and measures ---- */

static Status match_expr(MatchBinding *m, const Ast *ast, const char *clause, bool is_condition,
                         bool is_final, MatchExpr *out, Err *err) {
    ExprCtx ctx = {.b = m->b, .rel = &m->rel, .clause = clause, .match = m};
    m->into = out;
    m->mode = (MatchMode){.is_final = is_final};
    TRY(is_condition ? bind_condition(&ctx, ast, &out->expr, err)
                     : bind_expr(&ctx, ast, &out->expr, err));
    match_close_expr(m, out);
    return ST_OK;
}

static Status match_defines(MatchBinding *m, const AstMatch *ast, Err *err) {
    m->spec->defines = arena_array(m->b->arena, MatchExpr, m->spec->n_vars);
    for (int32_t i = 0; i < ast->defines.n; i++) {
        const AstDefine *define = (const AstDefine *)ast->defines.items[i];
        int32_t var = match_var_find(m->spec, define->name.text);
        if (var < 0) return match_var_unknown(m, &define->name, err);
        if (m->spec->defines[var].expr) {
            FAIL(err, ST_INVALID, "42712", bind_pos(m->b, define->name.pos),
                 "variable `" SPAN_FMT "` is defined twice", SPAN_ARG(define->name.text));
        }
        TRY(match_expr(m, define->condition, "DEFINE", true, false, &m->spec->defines[var], err));
    }
    return ST_OK;
}

/* Rows go out when their match is found, behind their time: only MATCH_ROWTIME() of one row
 * per match is a time attribute of the output. */
static void match_put_field(const MatchBinding *m, Field *fields, uint32_t *n, Span name,
                            const Type *type, bool keeps_time) {
    if (!keeps_time && type_is_rowtime(type))
        type = type_with_attr(m->b->arena, type, TIME_ATTR_NONE);
    fields[(*n)++] = (Field){name, type};
}

/* The output columns: partition, [order, ] measures [, the rest]. */
static Status match_output(MatchBinding *m, const AstMatch *ast, Node *node, Err *err) {
    MatchSpec *spec = m->spec;
    const Schema *in = &m->rel.node->schema;
    bool is_all = spec->rows != MATCH_ROWS_ONE;
    uint32_t n_measures = (uint32_t)ast->measures.n;
    Field *fields = arena_array(m->b->arena, Field, in->n_fields * 2 + n_measures);
    bool *is_used = arena_array(m->b->arena, bool, in->n_fields);
    uint32_t *rest = arena_array(m->b->arena, uint32_t, in->n_fields);
    uint32_t n = 0;
    for (uint32_t i = 0; i < spec->n_partition; i++) {
        uint32_t col = spec->partition[i];
        match_put_field(m, fields, &n, in->fields[col].name, in->fields[col].type, false);
        is_used[col] = true;
    }
    for (uint32_t i = 0; i < spec->n_order && is_all; i++) {
        uint32_t col = spec->order_cols[i];
        if (!is_used[col])
            match_put_field(m, fields, &n, in->fields[col].name, in->fields[col].type, false);
        is_used[col] = true;
    }
    spec->measures = arena_array(m->b->arena, MatchExpr, n_measures);
    spec->n_measures = n_measures;
    for (uint32_t i = 0; i < n_measures; i++) {
        const AstMeasure *measure = (const AstMeasure *)ast->measures.items[i];
        TRY(match_expr(m, measure->expr, "MEASURES", false, !is_all, &spec->measures[i], err));
        match_put_field(m, fields, &n, measure->name.text, spec->measures[i].expr->type, !is_all);
    }
    for (uint32_t i = 0; i < in->n_fields && is_all; i++) {
        if (is_used[i]) continue;
        rest[spec->n_rest++] = i;
        match_put_field(m, fields, &n, in->fields[i].name, in->fields[i].type, false);
    }
    spec->rest_cols = rest;
    node_set_schema(m->b->arena, node, fields, n);
    return ST_OK;
}

static Status match_skip(MatchBinding *m, const AstMatch *ast, Err *err) {
    static const MatchSkip skips[] = {[SKIP_DEFAULT] = MATCH_SKIP_PAST,
                                      [SKIP_PAST_LAST_ROW] = MATCH_SKIP_PAST,
                                      [SKIP_TO_NEXT_ROW] = MATCH_SKIP_NEXT,
                                      [SKIP_TO_FIRST] = MATCH_SKIP_FIRST,
                                      [SKIP_TO_LAST] = MATCH_SKIP_LAST};
    m->spec->skip = skips[ast->skip];
    if (m->spec->skip != MATCH_SKIP_FIRST && m->spec->skip != MATCH_SKIP_LAST) return ST_OK;
    m->spec->skip_vars = match_vars_of(m, ast->skip_to.text);
    return m->spec->skip_vars ? ST_OK : match_var_unknown(m, &ast->skip_to, err);
}

static Status match_within(MatchBinding *m, const AstMatch *ast, Err *err) {
    Expr *expr;
    if (!ast->within) return ST_OK;
    TRY(bind_constant(m->b, ast->within, "WITHIN", &expr, err));
    if (expr->type->kind != TYPE_INTERVAL_DS || !expr_const_int(expr, &m->spec->within_us) ||
        m->spec->within_us <= 0) {
        FAIL(err, ST_INVALID, "42P20", bind_pos(m->b, ast->within->pos),
             "WITHIN needs an interval of days to seconds above zero");
    }
    return ST_OK;
}

Status bind_match(Binder *b, const AstMatch *ast, const Scope *outer, Rel *out, Err *err) {
    static const MatchRows rows[] = {[MATCH_ROWS_DEFAULT] = MATCH_ROWS_ONE,
                                     [MATCH_ONE_ROW] = MATCH_ROWS_ONE,
                                     [MATCH_ALL_ROWS] = MATCH_ROWS_ALL,
                                     [MATCH_ALL_ROWS_SHOW_EMPTY] = MATCH_ROWS_ALL,
                                     [MATCH_ALL_ROWS_OMIT_EMPTY] = MATCH_ROWS_ALL_NO_EMPTY,
                                     [MATCH_ALL_ROWS_WITH_UNMATCHED] = MATCH_ROWS_ALL_UNMATCHED};
    MatchBinding m = {.b = b, .spec = arena_new(b->arena, MatchSpec)};
    Span *vars = arena_array(b->arena, Span, MATCH_VARS_MAX);
    uint32_t *partition = arena_array(b->arena, uint32_t, (uint32_t)ast->partition_by.n);
    MatchPattern *pattern = NULL;
    Node *node;
    TRY(bind_from(b, ast->input, outer, &m.rel, err));
    if (!m.rel.node->is_append) {
        return bind_unsupported(b, ast->ast.pos,
                                "MATCH_RECOGNIZE over rows that are updated or taken back",
                                "match the events before they are aggregated", err);
    }
    m.spec->rows = rows[ast->rows];
    for (int32_t i = 0; i < ast->partition_by.n; i++) {
        TRY(match_column(&m, ast->partition_by.items[i], "a field in PARTITION BY", &partition[i],
                         err));
    }
    m.spec->partition = partition;
    m.spec->n_partition = (uint32_t)ast->partition_by.n;
    TRY(match_order(&m, ast, err));
    m.spec->vars = vars;
    TRY(match_pattern(&m, &vars, ast->pattern, 0, &pattern, err));
    m.spec->pattern = pattern;
    TRY(match_subsets(&m, ast, err));
    TRY(match_skip(&m, ast, err));
    TRY(match_within(&m, ast, err));
    TRY(match_defines(&m, ast, err));
    node = node_new(b->arena, NODE_MATCH, &m.rel.node, 1);
    node->match = m.spec;
    node->pos = bind_pos(b, ast->ast.pos);
    TRY(match_output(&m, ast, node, err));
    node_properties(b->arena, node);
    return bind_aliased(b, node, ast->alias, (Span){0}, out, err);
}
