/* dom_path.c -- SQL/JSON paths: compiled to steps, run by going down the tree.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/dom.h"

typedef enum StepKind {
    STEP_NAME,
    STEP_ITEMS,
    STEP_SLICE,
    STEP_WILD,
    STEP_DEEP,
    STEP_FILTER
} StepKind;

/* [?(@.a > 1 && @.b == 'x' || @.c)]: tests in order; has_or begins a new alternative. */
typedef enum FilterOp {
    FILTER_EXISTS,
    FILTER_EQ,
    FILTER_NE,
    FILTER_LE,
    FILTER_GE,
    FILTER_LT,
    FILTER_GT
} FilterOp;

typedef struct PathFilter PathFilter;
struct PathFilter {
    const DomPath *path; /* from the element */
    FilterOp op;
    const DomNode *value;
    bool has_or;
    PathFilter *next;
};

typedef struct PathStep {
    StepKind kind;
    Span name;
    int64_t *items; /* ITEMS: indexes, negative ones from the end; SLICE: from and to */
    uint32_t n_items;
    bool has_from, has_to;
    const PathFilter *filter;
} PathStep;

struct DomPath {
    bool is_lax, is_definite; /* definite: at most one value */
    PathStep *steps;
    uint32_t n;
};

typedef struct PathReader {
    Arena *arena;
    Span text; /* for errors */
    const char *at, *end;
    bool in_filter; /* operators end a name */
} PathReader;

static Status path_bad(const PathReader *r, const char *what, Err *err) {
    FAIL(err, ST_INVALID, "2203F", -1, "the JSON path '%.*s' is not valid: %s", SPAN_ARG(r->text),
         what);
}

static bool path_accept(PathReader *r, const char *token) {
    size_t len = strlen(token);
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, token, len) != 0) return false;
    r->at += len;
    return true;
}

static void path_skip(PathReader *r) {
    while (r->at < r->end && *r->at == ' ') r->at++;
}

static bool path_int(PathReader *r, int64_t *out) {
    const char *from = r->at;
    if (r->at < r->end && *r->at == '-') r->at++;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') r->at++;
    return num_parse_i64((Span){from, (size_t)(r->at - from)}, out) == NUM_OK;
}

/* 'name' or "name"; a backslash takes the next character as it is. */
static bool path_quoted(PathReader *r, Span *out) {
    char quote = *r->at++;
    char *to = arena_alloc(r->arena, (size_t)(r->end - r->at) + 1);
    size_t n = 0;
    for (; r->at < r->end; r->at++) {
        if (*r->at == quote) {
            r->at++;
            *out = (Span){to, n};
            return true;
        }
        if (*r->at == '\\' && r->at + 1 < r->end) r->at++;
        to[n++] = *r->at;
    }
    return false;
}

/* from:to, each of them optional. */
static bool path_slice(PathReader *r, PathStep *step, bool has_first) {
    step->kind = STEP_SLICE;
    step->has_from = has_first;
    step->has_to = path_int(r, &step->items[1]);
    return true;
}

static Status path_steps(PathReader *r, DomPath *path, Err *err);

/* The value that an element is compared with. */
static Status path_filter_value(PathReader *r, PathFilter *filter, Err *err) {
    const char *from = r->at;
    DomNode *node;
    if (r->at < r->end && (*r->at == '\'' || *r->at == '"')) {
        node = arena_new(r->arena, DomNode);
        node->kind = DOM_STRING;
        if (!path_quoted(r, &node->text)) return path_bad(r, "a quote is not closed", err);
        filter->value = node;
        return ST_OK;
    }
    while (r->at < r->end && !strchr(" )&|", *r->at)) r->at++;
    filter->value = dom_parse(r->arena, (Span){from, (size_t)(r->at - from)});
    if (filter->value && dom_is_scalar(filter->value)) return ST_OK;
    return path_bad(r, "a text, a number, true, false or null expected", err);
}

static Status path_filter_test(PathReader *r, PathFilter *filter, Err *err) {
    static const char *const ops[] = {"==", "!=", "<=", ">=", "<", ">"};
    DomPath *path = arena_new(r->arena, DomPath);
    path_skip(r);
    if (!path_accept(r, "@")) {
        FAIL(err, ST_UNSUPPORTED, "0A000", -1,
             "this filter of a JSON path is not supported: '%.*s'", SPAN_ARG(r->text));
    }
    path->is_lax = path->is_definite = true;
    path->steps = arena_array(r->arena, PathStep, (size_t)(r->end - r->at) + 2);
    TRY(path_steps(r, path, err));
    filter->path = path;
    path_skip(r);
    for (int i = 0; i < 6 && filter->op == FILTER_EXISTS; i++)
        if (path_accept(r, ops[i])) filter->op = (FilterOp)(FILTER_EQ + i);
    path_skip(r);
    if (filter->op != FILTER_EXISTS) TRY(path_filter_value(r, filter, err));
    path_skip(r);
    return ST_OK;
}

/* Behind "[?". */
static Status path_filter(PathReader *r, PathStep *step, Err *err) {
    PathFilter *filter = arena_new(r->arena, PathFilter);
    step->kind = STEP_FILTER;
    step->filter = filter;
    path_skip(r);
    if (!path_accept(r, "(")) return path_bad(r, "'(' expected", err);
    r->in_filter = true;
    for (;;) {
        TRY(path_filter_test(r, filter, err));
        bool has_or = path_accept(r, "||");
        if (!has_or && !path_accept(r, "&&")) break;
        filter->next = arena_new(r->arena, PathFilter);
        filter = filter->next;
        filter->has_or = has_or;
    }
    r->in_filter = false;
    if (path_accept(r, ")")) return ST_OK;
    FAIL(err, ST_UNSUPPORTED, "0A000", -1, "this filter of a JSON path is not supported: '%.*s'",
         SPAN_ARG(r->text));
}

/* Behind "[". */
static Status path_bracket(PathReader *r, PathStep *step, Err *err) {
    step->items = arena_array(r->arena, int64_t, (size_t)(r->end - r->at) + 2);
    path_skip(r);
    if (r->at < r->end && *r->at == '?' && !r->in_filter) {
        r->at++;
        TRY(path_filter(r, step, err));
    } else if (path_accept(r, "*")) {
        step->kind = STEP_WILD;
    } else if (r->at < r->end && (*r->at == '\'' || *r->at == '"')) {
        step->kind = STEP_NAME;
        if (!path_quoted(r, &step->name)) return path_bad(r, "a quote is not closed", err);
    } else if (path_accept(r, ":")) {
        path_slice(r, step, false);
    } else {
        step->kind = STEP_ITEMS;
        do {
            path_skip(r);
            if (!path_int(r, &step->items[step->n_items++]))
                return path_bad(r, "an index expected", err);
            path_skip(r);
        } while (path_accept(r, ","));
        if (step->n_items == 1 && path_accept(r, ":")) path_slice(r, step, true);
    }
    path_skip(r);
    if (!path_accept(r, "]")) return path_bad(r, "']' expected", err);
    return ST_OK;
}

/* Behind "." or "..": a name, * or a bracket. */
static Status path_name(PathReader *r, PathStep *step, Err *err) {
    const char *from = r->at;
    if (path_accept(r, "[")) return path_bracket(r, step, err);
    if (path_accept(r, "*")) {
        step->kind = STEP_WILD;
        return ST_OK;
    }
    while (r->at < r->end && !strchr(r->in_filter ? ".[( )=!<>&|" : ".[( ", *r->at)) r->at++;
    if (r->at < r->end && *r->at == '(')
        FAIL(err, ST_UNSUPPORTED, "0A000", -1, "functions in JSON paths are not supported: '%.*s'",
             SPAN_ARG(r->text));
    step->kind = STEP_NAME;
    step->name = (Span){from, (size_t)(r->at - from)};
    if (step->name.len == 0) return path_bad(r, "a name expected", err);
    return ST_OK;
}

static Status path_steps(PathReader *r, DomPath *path, Err *err) {
    while (r->at < r->end && *r->at != ' ' && !(r->in_filter && strchr(")=!<>&|", *r->at))) {
        PathStep *step = &path->steps[path->n++];
        if (path_accept(r, "..")) {
            step->kind = STEP_DEEP;
            path->is_definite = false;
            step = &path->steps[path->n++];
            TRY(path_name(r, step, err));
        } else if (path_accept(r, ".")) {
            TRY(path_name(r, step, err));
        } else if (path_accept(r, "[")) {
            TRY(path_bracket(r, step, err));
        } else {
            return path_bad(r, "'.' or '[' expected", err);
        }
        bool is_one = step->kind == STEP_NAME || (step->kind == STEP_ITEMS && step->n_items == 1);
        path->is_definite &= is_one;
    }
    path_skip(r);
    return r->at == r->end || r->in_filter ? ST_OK : path_bad(r, "more text than a path", err);
}

Status dom_path_compile(Arena *arena, Span text, const DomPath **out, Err *err) {
    DomPath *path = arena_new(arena, DomPath);
    Span copy = span_copy(arena, text); /* names point into it */
    PathReader r = {.arena = arena, .text = copy, .at = copy.ptr, .end = copy.ptr + copy.len};
    path->is_definite = true;
    path->steps = arena_array(arena, PathStep, copy.len + 2);
    path_skip(&r);
    if (path_accept(&r, "lax ")) {
        path->is_lax = true;
    } else {
        path_accept(&r, "strict ");
    }
    path_skip(&r);
    if (!path_accept(&r, "$")) return path_bad(&r, "it begins with $", err);
    TRY(path_steps(&r, path, err));
    *out = path;
    return ST_OK;
}

bool dom_path_is_lax(const DomPath *path) {
    return path->is_lax;
}

bool dom_path_is_definite(const DomPath *path) {
    return path->is_definite;
}

/* ---- running ---- */

typedef struct PathRun {
    Arena *arena;
    const DomPath *path;
    DomNode *found; /* an array of copies */
    DomNode **tail;
} PathRun;

static void path_walk(PathRun *run, uint32_t step, const DomNode *node);

static void path_items(PathRun *run, uint32_t i, const DomNode *node) {
    const PathStep *step = &run->path->steps[i];
    if (node->kind != DOM_ARRAY) return;
    for (uint32_t k = 0; k < step->n_items; k++) {
        int64_t index = step->items[k] < 0 ? step->items[k] + node->n : step->items[k];
        const DomNode *child = node->first;
        for (int64_t at = 0; child && at < index; at++) child = child->next;
        if (child && index >= 0) path_walk(run, i + 1, child);
    }
}

static void path_range(PathRun *run, uint32_t i, const DomNode *node) {
    const PathStep *step = &run->path->steps[i];
    int64_t from = step->has_from ? step->items[0] : 0,
            to = step->has_to ? step->items[1] : node->n;
    int64_t at = 0;
    if (node->kind != DOM_ARRAY) return;
    if (from < 0) from += node->n;
    if (to < 0) to += node->n;
    for (const DomNode *child = node->first; child; child = child->next, at++) {
        if (at >= from && at < to) path_walk(run, i + 1, child);
    }
}

/* Values of different kinds have no order; only equal kinds are equal. */
static bool path_compares(const DomNode *a, FilterOp op, const DomNode *b) {
    int order = 0;
    double x, y;
    if (a->kind != b->kind) return op == FILTER_NE;
    if (a->kind == DOM_NUMBER) {
        if (num_parse_f64(a->text, &x) != NUM_OK || num_parse_f64(b->text, &y) != NUM_OK)
            return false;
        order = (x > y) - (x < y);
    } else if (a->kind == DOM_STRING) {
        order = span_cmp(a->text, b->text);
    } else if (!dom_is_scalar(a) || (op != FILTER_EQ && op != FILTER_NE)) {
        return false;
    }
    switch (op) {
    case FILTER_EQ: return order == 0;
    case FILTER_NE: return order != 0;
    case FILTER_LE: return order <= 0;
    case FILTER_GE: return order >= 0;
    case FILTER_LT: return order < 0;
    default: return order > 0;
    }
}

static bool path_passes(PathRun *run, const PathFilter *filter, const DomNode *node) {
    bool passes = true;
    for (; filter; filter = filter->next) {
        bool is_error;
        if (filter->has_or && passes) return true;
        if (filter->has_or) passes = true;
        if (!passes) continue;
        const DomNode *value = dom_path_find(run->arena, filter->path, node, &is_error);
        passes = value &&
                 (filter->op == FILTER_EXISTS || path_compares(value, filter->op, filter->value));
    }
    return passes;
}

/* The elements of an array that pass; an object that passes itself. */
static void path_filtered(PathRun *run, uint32_t i, const DomNode *node) {
    const PathFilter *filter = run->path->steps[i].filter;
    if (node->kind == DOM_OBJECT && path_passes(run, filter, node)) path_walk(run, i + 1, node);
    if (node->kind != DOM_ARRAY) return;
    for (const DomNode *child = node->first; child; child = child->next)
        if (path_passes(run, filter, child)) path_walk(run, i + 1, child);
}

/* Every value below, and the node itself. */
static void path_deep(PathRun *run, uint32_t i, const DomNode *node) {
    path_walk(run, i + 1, node);
    for (const DomNode *child = node->first; child; child = child->next) path_deep(run, i, child);
}

static void path_walk(PathRun *run, uint32_t i, const DomNode *node) {
    if (i == run->path->n) {
        DomNode *copy = arena_new(run->arena, DomNode);
        *copy = *node;
        copy->next = NULL;
        *run->tail = copy;
        run->tail = &copy->next;
        run->found->n++;
        return;
    }
    const PathStep *step = &run->path->steps[i];
    switch (step->kind) {
    case STEP_NAME: {
        const DomNode *hit = NULL; /* of equal names the last one counts */
        for (const DomNode *child = node->kind == DOM_OBJECT ? node->first : NULL; child;
             child = child->next)
            if (span_eq(child->key, step->name)) hit = child;
        if (hit) path_walk(run, i + 1, hit);
        break;
    }
    case STEP_ITEMS: path_items(run, i, node); break;
    case STEP_SLICE: path_range(run, i, node); break;
    case STEP_WILD:
        for (const DomNode *child = node->first; child; child = child->next)
            path_walk(run, i + 1, child);
        break;
    case STEP_FILTER: path_filtered(run, i, node); break;
    case STEP_DEEP: path_deep(run, i, node); break;
    }
}

const DomNode *dom_path_find(Arena *arena, const DomPath *path, const DomNode *root,
                             bool *is_error) {
    PathRun run = {.arena = arena, .path = path};
    run.found = arena_new(arena, DomNode);
    run.found->kind = DOM_ARRAY;
    run.tail = &run.found->first;
    path_walk(&run, 0, root);
    *is_error = false;
    if (!path->is_definite) return run.found;
    *is_error = !path->is_lax && run.found->n == 0;
    return run.found->first;
}
