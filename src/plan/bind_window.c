/* bind_window.c -- windows: the table functions TUMBLE, HOP and CUMULATE, and the older form that
 * groups by TUMBLE(ts, size). Both become a NODE_WINDOW; rule_window_agg fuses it with the
 * aggregate above.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

typedef struct WindowParam {
    const char *name; /* of the argument: DATA => TABLE t */
    bool is_required;
} WindowParam;

enum { WINDOW_PARAMS_MAX = 5 };

typedef struct WindowFn {
    const char *name;
    WindowKind kind;
    uint32_t n_params;
    WindowParam params[WINDOW_PARAMS_MAX];
    const char *usage;
} WindowFn;

static const WindowFn window_fns[] = {
    {"TUMBLE",
     WINDOW_TUMBLE,
     4,
     {{"DATA", true}, {"TIMECOL", true}, {"SIZE", true}, {"OFFSET", false}},
     "TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' MINUTE)"},
    {"HOP",
     WINDOW_HOP,
     5,
     {{"DATA", true}, {"TIMECOL", true}, {"SLIDE", true}, {"SIZE", true}, {"OFFSET", false}},
     "HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE): slide, then size"},
    {"CUMULATE",
     WINDOW_CUMULATE,
     5,
     {{"DATA", true}, {"TIMECOL", true}, {"STEP", true}, {"SIZE", true}, {"OFFSET", false}},
     "CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '1' DAY): step, then size"},
    {"SESSION",
     WINDOW_SESSION,
     3,
     {{"DATA", true}, {"TIMECOL", true}, {"GAP", true}},
     "SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '10' MINUTE)"},
};

static const WindowFn *window_fn_find(Span name) {
    for (size_t i = 0; i < sizeof window_fns / sizeof *window_fns; i++) {
        if (span_is_nocase(name, window_fns[i].name)) return &window_fns[i];
    }
    return NULL;
}

/* ---- arguments ---- */

static Status window_args(const Binder *b, const AstCall *call, const WindowFn *fn,
                          const Ast **args, Err *err) {
    uint32_t n_positional = 0;
    for (int32_t i = 0; i < call->args.n; i++) {
        const Ast *arg = call->args.items[i];
        uint32_t at = fn->n_params;
        if (arg->kind == AST_NAMED_ARG) {
            const AstNamedArg *named = (const AstNamedArg *)arg;
            for (at = 0; at < fn->n_params; at++) {
                if (span_is_nocase(named->name.text, fn->params[at].name)) break;
            }
            if (at == fn->n_params) {
                err_set(err, ST_INVALID, "42883", bind_pos(b, arg->pos), __FILE__, __LINE__,
                        "%s has no argument `" SPAN_FMT "`", fn->name, SPAN_ARG(named->name.text));
                return err_hint(err, "write %s", fn->usage);
            }
            arg = named->value;
        } else if (n_positional < fn->n_params) {
            at = n_positional++;
        }
        if (at == fn->n_params || args[at]) {
            err_set(err, ST_INVALID, "42883", bind_pos(b, arg->pos), __FILE__, __LINE__,
                    "%s has one argument too many", fn->name);
            return err_hint(err, "write %s", fn->usage);
        }
        args[at] = arg;
    }
    for (uint32_t i = 0; i < fn->n_params; i++) {
        if (args[i] || !fn->params[i].is_required) continue;
        err_set(err, ST_INVALID, "42883", bind_pos(b, call->ast.pos), __FILE__, __LINE__,
                "%s needs its argument %s", fn->name, fn->params[i].name);
        return err_hint(err, "write %s", fn->usage);
    }
    return ST_OK;
}

static Status window_interval(Binder *b, const Ast *ast, const char *name, bool may_be_any,
                              int64_t *out, Err *err) {
    Expr *expr;
    TRY(bind_constant(b, ast, name, &expr, err));
    if (expr->type->kind != TYPE_INTERVAL_DS || !expr_const_int(expr, out)) {
        err_set(err, ST_INVALID, "42804", bind_pos(b, ast->pos), __FILE__, __LINE__,
                "the %s of a window is an interval of days to seconds, not %s", name,
                type_text(b->arena, expr->type));
        return err_hint(err, "write INTERVAL '10' MINUTE; months and years have no fixed length");
    }
    if (*out <= 0 && !may_be_any) {
        FAIL(err, ST_INVALID, "22023", bind_pos(b, ast->pos), "the %s of a window must be positive",
             name);
    }
    return ST_OK;
}

static Status window_time_check(const Binder *b, const Node *in, uint32_t col, int32_t pos,
                                Err *err) {
    const Field *field = &in->schema.fields[col];
    if (field->type->attr != TIME_ATTR_NONE) return ST_OK;
    /* All windows of a batch are over at its end. */
    if (b->env->is_batch &&
        (field->type->kind == TYPE_TIMESTAMP || field->type->kind == TYPE_TIMESTAMP_LTZ)) {
        return ST_OK;
    }
    err_set(err, ST_INVALID, "42804", pos, __FILE__, __LINE__,
            "a window needs a time attribute; `" SPAN_FMT "` is %s", SPAN_ARG(field->name),
            type_text(b->arena, field->type));
    if (field->type->kind == TYPE_TIMESTAMP || field->type->kind == TYPE_TIMESTAMP_LTZ) {
        return err_hint(err,
                        "add WATERMARK FOR `" SPAN_FMT "` AS `" SPAN_FMT
                        "` - INTERVAL '5' SECOND to its table, or use a PROCTIME() column",
                        SPAN_ARG(field->name), SPAN_ARG(field->name));
    }
    return err_hint(err, "declare WATERMARK FOR a TIMESTAMP(3) column of the table, or a "
                         "PROCTIME() column");
}

static Status window_sizes_check(const WindowSpec *spec, int32_t pos, Err *err) {
    if (spec->kind == WINDOW_CUMULATE && spec->size % spec->slide != 0) {
        err_set(err, ST_INVALID, "22023", pos, __FILE__, __LINE__,
                "the size of CUMULATE must be a whole number of steps");
        return err_hint(err, "choose a step that divides the size");
    }
    return ST_OK;
}

/* ---- the node ---- */

/* Time columns of the result: bounds are wall-clock times, the window's own time keeps the
 * attribute. */
static Node *window_node(Binder *b, Node *in, const WindowSpec *spec, int32_t pos) {
    Node *node = node_new(b->arena, NODE_WINDOW, &in, 1);
    uint32_t n = in->schema.n_fields;
    Field *fields = arena_array(b->arena, Field, n + 3);
    const Type *time = in->schema.fields[spec->time_col].type;
    const Type *bound = type_with_null(b->arena, &type_timestamp3, false);
    const Type *window_time = type_with_attr(
        b->arena, time->kind == TYPE_TIMESTAMP_LTZ ? &type_timestamp_ltz3 : &type_timestamp3,
        (TimeAttr)time->attr);
    for (uint32_t i = 0; i < n; i++) {
        fields[i] = in->schema.fields[i];
        /* Rows of a window are told apart by its time from here on. */
        if (type_is_rowtime(fields[i].type)) {
            fields[i].type = type_with_attr(b->arena, fields[i].type, TIME_ATTR_NONE);
        }
    }
    fields[n] = (Field){SPAN("window_start"), bound};
    fields[n + 1] = (Field){SPAN("window_end"), bound};
    fields[n + 2] = (Field){SPAN("window_time"), type_with_null(b->arena, window_time, false)};
    node->schema = (Schema){.n_fields = n + 3, .fields = fields};
    node->window = *spec;
    node->window.is_local = time->kind == TYPE_TIMESTAMP_LTZ;
    node->pos = pos;
    node_properties(b->arena, node);
    return node;
}

/* ---- table functions ---- */

static Status window_input(Binder *b, const Ast *arg, WindowKind kind, Node **out, Err *err) {
    const AstTableArg *table = (const AstTableArg *)arg;
    const Table *found;
    if (arg->kind == AST_SUBQUERY) {
        return bind_query(b, (const AstQuery *)((const AstSubquery *)arg)->query, NULL, out, err);
    }
    if (arg->kind == AST_QUERY) return bind_query(b, (const AstQuery *)arg, NULL, out, err);
    if (arg->kind != AST_TABLE_ARG) {
        err_set(err, ST_INVALID, "42601", bind_pos(b, arg->pos), __FILE__, __LINE__,
                "the first argument of a window function is a table");
        return err_hint(err, "write TABLE t, or a query in parentheses");
    }
    if (table->order_by.n || (table->partition_by.n && kind != WINDOW_SESSION)) {
        return bind_unsupported(b, arg->pos,
                                table->order_by.n ? "ORDER BY in a window function"
                                                  : "PARTITION BY in this window function",
                                "group by the columns instead", err);
    }
    if (table->query) return bind_query(b, (const AstQuery *)table->query, NULL, out, err);
    return bind_table(b, table->table, NULL, out, &found, err);
}

/* SESSION(TABLE t PARTITION BY k, ...). */
static Status window_partition(Binder *b, const Ast *arg, Node *in, WindowSpec *spec, Err *err) {
    const AstTableArg *table = (const AstTableArg *)arg;
    Rel rel = {.node = in};
    ExprCtx ctx = {.b = b, .rel = &rel, .clause = "PARTITION BY"};
    uint32_t *cols;
    if (arg->kind != AST_TABLE_ARG || !table->partition_by.n) return ST_OK;
    TRY(scope_of_node(b, in, table->table ? ast_name_last(table->table) : (Span){0}, NULL,
                      &rel.scope, err));
    cols = arena_array(b->arena, uint32_t, (uint32_t)table->partition_by.n);
    for (int32_t i = 0; i < table->partition_by.n; i++) {
        Expr *expr;
        TRY(bind_expr(&ctx, table->partition_by.items[i], &expr, err));
        if (expr->kind != EXPR_COLUMN) {
            return bind_unsupported(b, table->partition_by.items[i]->pos,
                                    "an expression in PARTITION BY of a window function",
                                    "compute the column in a subquery", err);
        }
        cols[i] = expr->column;
    }
    spec->partition = cols;
    spec->n_partition = (uint32_t)table->partition_by.n;
    return ST_OK;
}

static Status window_descriptor(Binder *b, const Ast *arg, const Node *in, uint32_t *col,
                                Err *err) {
    const AstDescriptor *descriptor = (const AstDescriptor *)arg;
    Rel rel = {.node = (Node *)(uintptr_t)in};
    ExprCtx ctx = {.b = b, .rel = &rel, .clause = "DESCRIPTOR"};
    Expr *expr;
    if (arg->kind != AST_DESCRIPTOR || descriptor->columns.n != 1) {
        err_set(err, ST_INVALID, "42601", bind_pos(b, arg->pos), __FILE__, __LINE__,
                "a window function needs one time column");
        return err_hint(err, "write DESCRIPTOR(ts)");
    }
    TRY(scope_of_node(b, in, (Span){0}, NULL, &rel.scope, err));
    TRY(bind_expr(&ctx, descriptor->columns.items[0], &expr, err));
    if (expr->kind != EXPR_COLUMN) {
        return bind_unsupported(b, descriptor->columns.items[0]->pos,
                                "a nested field as time column",
                                "add it to the table as a computed column with a watermark", err);
    }
    *col = expr->column;
    return window_time_check(b, in, *col, bind_pos(b, descriptor->columns.items[0]->pos), err);
}

static Status window_spec(Binder *b, const WindowFn *fn, const Ast *const *args, Node *in,
                          WindowSpec *spec, Err *err) {
    *spec = (WindowSpec){.kind = fn->kind};
    TRY(window_descriptor(b, args[1], in, &spec->time_col, err));
    spec->is_proctime = in->schema.fields[spec->time_col].type->attr == TIME_ATTR_PROCTIME;
    for (uint32_t i = 2; i < fn->n_params; i++) {
        const char *name = fn->params[i].name;
        if (!args[i]) continue;
        if (strcmp(name, "SIZE") == 0 || strcmp(name, "GAP") == 0) {
            TRY(window_interval(b, args[i], "size", false, &spec->size, err));
        } else if (strcmp(name, "OFFSET") == 0) {
            TRY(window_interval(b, args[i], "offset", true, &spec->offset, err));
        } else {
            TRY(window_interval(b, args[i], fn->kind == WINDOW_HOP ? "slide" : "step", false,
                                &spec->slide, err));
        }
    }
    if (fn->kind == WINDOW_TUMBLE || fn->kind == WINDOW_SESSION) spec->slide = spec->size;
    return window_sizes_check(spec, bind_pos(b, args[2]->pos), err);
}

Status bind_window_fn(Binder *b, const AstTableFn *fn, Rel *out, Err *err) {
    Span name = ast_name_last(fn->call->name);
    const WindowFn *window = window_fn_find(name);
    const Ast *args[WINDOW_PARAMS_MAX] = {0};
    int32_t pos = bind_pos(b, fn->call->ast.pos);
    WindowSpec spec;
    Node *in;
    if (!window) {
        return bind_unsupported(b, fn->call->ast.pos,
                                arena_printf(b->arena, "table function " SPAN_FMT, SPAN_ARG(name)),
                                "known are TUMBLE, HOP, CUMULATE, SESSION, TO_CHANGELOG and "
                                "FROM_CHANGELOG",
                                err);
    }
    TRY(window_args(b, fn->call, window, args, err));
    TRY(window_input(b, args[0], window->kind, &in, err));
    TRY(window_spec(b, window, args, in, &spec, err));
    TRY(window_partition(b, args[0], in, &spec, err));
    return bind_aliased(b, window_node(b, in, &spec, pos), fn->alias, (Span){0}, out, err);
}

bool bind_is_window_fn(const AstCall *call) {
    return window_fn_find(ast_name_last(call->name)) != NULL;
}

/* ---- GROUP BY TUMBLE(ts, size) ---- */

bool bind_is_group_window(const Ast *ast) {
    const AstCall *call = (const AstCall *)ast;
    if (ast->kind != AST_CALL || call->name->parts.n != 1 || call->args.n < 2) return false;
    if (call->args.items[0]->kind == AST_TABLE_ARG) return false;
    return window_fn_find(ast_name_last(call->name)) != NULL;
}

Status bind_group_window(ExprCtx *ctx, const AstCall *call, Err *err) {
    Binder *b = ctx->b;
    const WindowFn *fn = window_fn_find(ast_name_last(call->name));
    int32_t pos = bind_pos(b, call->ast.pos);
    bool has_slide = fn->kind == WINDOW_HOP || fn->kind == WINDOW_CUMULATE;
    WindowSpec spec = {.kind = fn->kind};
    Expr *time;
    uint32_t n = ctx->rel->node->schema.n_fields;
    if (fn->kind == WINDOW_CUMULATE || call->args.n > 3 || (!has_slide && call->args.n > 2)) {
        return bind_unsupported(
            b, call->ast.pos, arena_printf(b->arena, "GROUP BY %s with these arguments", fn->name),
            "use the table function", err);
    }
    if (ctx->window->call) {
        FAIL(err, ST_INVALID, "42803", pos, "GROUP BY has two windows");
    }
    if (has_slide && call->args.n != 3) {
        FAIL(err, ST_INVALID, "42883", pos, "HOP in GROUP BY needs a time, a slide and a size");
    }
    TRY(bind_expr(ctx, call->args.items[0], &time, err));
    if (time->kind != EXPR_COLUMN || time->type->attr == TIME_ATTR_NONE) {
        err_set(err, ST_INVALID, "42804", bind_pos(b, call->args.items[0]->pos), __FILE__, __LINE__,
                "%s groups by a time attribute; this is %s", fn->name,
                type_text(b->arena, time->type));
        return err_hint(err, "add WATERMARK FOR the column to its table, or use PROCTIME()");
    }
    spec.time_col = time->column;
    spec.is_proctime = time->type->attr == TIME_ATTR_PROCTIME;
    TRY(window_interval(b, call->args.items[call->args.n - 1], "size", false, &spec.size, err));
    spec.slide = spec.size;
    spec.by_group_keys = fn->kind == WINDOW_SESSION;
    if (has_slide) TRY(window_interval(b, call->args.items[1], "slide", false, &spec.slide, err));
    ctx->rel->node = window_node(b, ctx->rel->node, &spec, pos);
    scope_retype(b->arena, &ctx->rel->scope, &ctx->rel->node->schema);
    *ctx->window = (GroupWindow){
        .call = call, .kind = fn->kind, .start_col = n, .end_col = n + 1, .time_col = n + 2};
    return ST_OK;
}

/* "TUMBLE_START": the window function and what of it is asked. */
static const WindowFn *window_auxiliary(Span name, char *what) {
    static const struct {
        const char *suffix;
        char what;
    } suffixes[] = {{"_START", 's'}, {"_END", 'e'}, {"_ROWTIME", 't'}, {"_PROCTIME", 'p'}};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t len = strlen(suffixes[i].suffix);
        Span tail, head;
        if (name.len <= len) continue;
        tail = (Span){name.ptr + name.len - len, len};
        head = (Span){name.ptr, name.len - len};
        if (!span_is_nocase(tail, suffixes[i].suffix)) continue;
        *what = suffixes[i].what;
        return window_fn_find(head);
    }
    return NULL;
}

/* Does the call name the very window of GROUP BY? */
static bool window_same_args(const AstCall *a, const AstCall *b) {
    if (a->args.n != b->args.n) return false;
    for (int32_t i = 0; i < a->args.n; i++) {
        if (!ast_equal(a->args.items[i], b->args.items[i])) return false;
    }
    return true;
}

Status bind_group_window_call(ExprCtx *ctx, const AstCall *call, Span name, bool *is_handled,
                              Expr **out, Err *err) {
    Binder *b = ctx->b;
    char what = 0;
    const WindowFn *fn = window_auxiliary(name, &what);
    const GroupWindow *window = ctx->window;
    int32_t pos = bind_pos(b, call->ast.pos);
    uint32_t col;
    *is_handled = false;
    if (!fn) return ST_OK;
    *is_handled = true;
    if (!window || !window->call || window->kind != fn->kind ||
        !window_same_args(window->call, call)) {
        err_set(err, ST_INVALID, "42803", pos, __FILE__, __LINE__,
                SPAN_FMT " asks for a window that is not in GROUP BY", SPAN_ARG(name));
        return err_hint(err,
                        "repeat the window of GROUP BY with the same arguments: GROUP BY "
                        "%s(ts, ...)",
                        fn->name);
    }
    col = what == 's' ? window->start_col : what == 'e' ? window->end_col : window->time_col;
    *out = node_column(b->arena, ctx->rel->node, col, pos);
    if (what == 't' && !type_is_rowtime((*out)->type)) {
        FAIL(err, ST_INVALID, "42804", pos,
             "%s_ROWTIME needs a window on event time; this one is on processing time", fn->name);
    }
    if (what == 'p' && (*out)->type->attr != TIME_ATTR_PROCTIME) {
        /* In a window on event time, the processing time is the clock's. */
        TRY(expr_call(b->arena, SPAN("PROCTIME"), NULL, 0, pos, out, err));
    }
    return ST_OK;
}
