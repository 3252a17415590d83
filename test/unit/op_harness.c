/* op_harness.c -- a small graph of operators for tests. See op_harness.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- setting up ---- */

void harness_init(Harness *h, uint64_t seed) {
    memset(h, 0, sizeof *h);
    arena_init(&h->arena, &h->mem);
    arena_init(&h->scratch, &h->mem);
    arena_init(&h->batch, &h->mem);
    h->state = state_new(&h->mem);
    h->seed = seed;
    h->rng = seed * 0x9e3779b97f4a7c15u + 1;
    h->env = (ExprEnv){.watermark = WATERMARK_NONE};
    h->err = (Err)ERR_INIT;
}

void harness_free(Harness *h) {
    for (uint32_t i = h->n_stages; i-- > 0;)
        if (h->stages[i].op && h->stages[i].op->type->close)
            h->stages[i].op->type->close(h->stages[i].op);
    state_free(h->state);
    for (uint32_t i = 0; i < h->n_rows; i++) free(h->rows[i].text);
    free(h->rows);
    arena_deinit(&h->arena);
    arena_deinit(&h->scratch);
    arena_deinit(&h->batch);
    assert_int_equal(h->mem.used, 0);
}

uint64_t harness_next(Harness *h) {
    h->rng ^= h->rng << 13, h->rng ^= h->rng >> 7, h->rng ^= h->rng << 17;
    return h->rng;
}

uint32_t harness_below(Harness *h, uint32_t n) {
    return (uint32_t)(harness_next(h) % n);
}

const Schema *harness_schema(Harness *h, const char *spec) {
    Schema *schema = arena_new(&h->arena, Schema);
    Field *fields = arena_array(&h->arena, Field, 32);
    char *copy = arena_strdup(&h->arena, spec);
    while (*copy) {
        char *name = copy;
        const Type *type;
        while (*copy != ':') copy++;
        switch (copy[1]) {
        case 'i': type = &type_bigint; break;
        case 's': type = &type_string; break;
        case 't': type = &type_timestamp3; break;
        case 'r': type = type_with_attr(&h->arena, &type_timestamp3, TIME_ATTR_ROWTIME); break;
        case 'b': type = &type_boolean; break;
        case 'd': type = &type_double; break;
        default: type = NULL; assert_non_null(type);
        }
        fields[schema->n_fields++] = (Field){{name, (size_t)(copy - name)}, type};
        copy += 2;
        while (*copy == ' ') copy++;
    }
    schema->fields = fields;
    return schema;
}

static int32_t harness_rowtime(const Schema *schema) {
    for (uint32_t i = 0; i < schema->n_fields; i++)
        if (type_is_rowtime(schema->fields[i].type)) return (int32_t)i;
    return -1;
}

Node *harness_node(Harness *h, NodeKind kind, const char *spec, Node *a, Node *b) {
    Node *node = arena_new(&h->arena, Node);
    node->kind = kind;
    node->schema = *harness_schema(h, spec);
    node->inputs = arena_array(&h->arena, Node *, 2);
    node->inputs[0] = a;
    node->inputs[1] = b;
    node->n_inputs = (a != NULL) + (b != NULL);
    node->rowtime_col = harness_rowtime(&node->schema);
    node->pos = -1;
    return node;
}

Node *harness_input(Harness *h, const char *spec, bool is_append) {
    HarnessInput *input = &h->inputs[h->n_inputs++];
    input->node = harness_node(h, NODE_SCAN, spec, NULL, NULL);
    input->node->is_append = is_append;
    input->watermark = WATERMARK_NONE;
    batchb_init(&input->rows, &h->batch, &input->node->schema, 8);
    return input->node;
}

Expr *harness_col(Harness *h, const Node *input, uint32_t col) {
    return expr_column(&h->arena, col, input->schema.fields[col].type, -1);
}

/* ---- aggregates of the tests ---- */

static Status count_star(AggCtx *ctx, char *const *states, const Column *args, const int32_t *w,
                         uint32_t n, Err *err) {
    (void)ctx, (void)args, (void)err;
    for (uint32_t i = 0; i < n; i++) *(int64_t *)(void *)states[i] += w ? w[i] : 1;
    return ST_OK;
}
static Status count_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *w,
                        uint32_t n, Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++)
        if (!col_is_null(args, i)) *(int64_t *)(void *)states[i] += w ? w[i] : 1;
    return ST_OK;
}
static Status count_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    (void)ctx, (void)err;
    *(int64_t *)(void *)into += *(const int64_t *)(const void *)from;
    return ST_OK;
}
static Status count_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                           Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) colb_i64(out, *(const int64_t *)(const void *)states[i]);
    return ST_OK;
}
typedef struct SumState {
    int64_t n, sum;
} SumState;
static Status sum_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *w,
                      uint32_t n, Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        SumState *s = (SumState *)(void *)states[i];
        if (col_is_null(args, i)) continue;
        s->n += w ? w[i] : 1;
        s->sum += (w ? w[i] : 1) * args->i64[col_at(args, i)];
    }
    return ST_OK;
}
static Status sum_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    const SumState *f = (const SumState *)(const void *)from;
    (void)ctx, (void)err;
    ((SumState *)(void *)into)->n += f->n;
    ((SumState *)(void *)into)->sum += f->sum;
    return ST_OK;
}
static Status sum_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                         Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const SumState *s = (const SumState *)(const void *)states[i];
        if (s->n)
            colb_i64(out, s->sum);
        else
            colb_null(out);
    }
    return ST_OK;
}
/* MIN, MAX and FIRST share a state: n = is there a value. */
static Status pick_add(AggCtx *ctx, char *const *states, const Column *args, uint32_t n, int how) {
    (void)ctx;
    for (uint32_t i = 0; i < n; i++) {
        SumState *s = (SumState *)(void *)states[i];
        int64_t v;
        if (col_is_null(args, i)) continue;
        v = args->i64[col_at(args, i)];
        if (!s->n || (how < 0 && v < s->sum) || (how > 0 && v > s->sum)) s->sum = v;
        s->n = 1;
    }
    return ST_OK;
}
static Status min_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *w,
                      uint32_t n, Err *err) {
    (void)w, (void)err;
    return pick_add(ctx, states, args, n, -1);
}
static Status max_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *w,
                      uint32_t n, Err *err) {
    (void)w, (void)err;
    return pick_add(ctx, states, args, n, 1);
}
static Status first_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *w,
                        uint32_t n, Err *err) {
    (void)w, (void)err;
    return pick_add(ctx, states, args, n, 0);
}
static Status max_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    SumState *a = (SumState *)(void *)into;
    const SumState *b = (const SumState *)(const void *)from;
    (void)ctx, (void)err;
    if (b->n && (!a->n || b->sum > a->sum)) *a = *b;
    return ST_OK;
}
/* LIST: the texts joined by a comma, in order of arrival. */
static Status list_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *w,
                       uint32_t n, Err *err) {
    (void)w, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        StateVar *var = (StateVar *)(void *)states[i];
        const Str *s = &args->str[col_at(args, i)];
        if (col_is_null(args, i)) continue;
        if (var->len) statevar_append(ctx->heap, var, ",", 1);
        statevar_append(ctx->heap, var, str_bytes(s), s->len);
    }
    return ST_OK;
}
static Status list_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    StateVar *a = (StateVar *)(void *)into;
    const StateVar *b = (const StateVar *)(const void *)from;
    (void)err;
    if (b->len && a->len) statevar_append(ctx->heap, a, ",", 1);
    statevar_append(ctx->heap, a, b->ptr, b->len);
    return ST_OK;
}
static Status list_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                          Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const StateVar *var = (const StateVar *)(const void *)states[i];
        if (var->len)
            colb_str(out, var->ptr, var->len);
        else
            colb_null(out);
    }
    return ST_OK;
}

static const Agg harness_aggs[] = {
    {.name = "COUNT*",
     .traits = AGG_LINEAR | AGG_MERGEABLE,
     .state_size = 8,
     .add = count_star,
     .merge = count_merge,
     .result = count_result},
    {.name = "COUNT",
     .traits = AGG_LINEAR | AGG_MERGEABLE,
     .state_size = 8,
     .add = count_add,
     .merge = count_merge,
     .result = count_result},
    {.name = "SUM",
     .traits = AGG_LINEAR | AGG_MERGEABLE,
     .state_size = 16,
     .add = sum_add,
     .merge = sum_merge,
     .result = sum_result},
    {.name = "MIN", .traits = AGG_ORDERED, .state_size = 16, .add = min_add, .result = sum_result},
    {.name = "MAX",
     .traits = AGG_ORDERED | AGG_LAST | AGG_MERGEABLE,
     .state_size = 16,
     .add = max_add,
     .merge = max_merge,
     .result = sum_result},
    {.name = "FIRST",
     .traits = AGG_ARRIVAL_ORDER | AGG_ORDERED,
     .state_size = 16,
     .add = first_add,
     .result = sum_result},
    {.name = "LIST",
     .traits = AGG_ARRIVAL_ORDER | AGG_MERGEABLE,
     .state_size = 16,
     .var_slots = 1,
     .add = list_add,
     .merge = list_merge,
     .result = list_result},
};

AggCall harness_call(Harness *h, const char *name, Expr *arg, Expr *filter, bool is_distinct) {
    AggCall call = {.filter = filter, .is_distinct = is_distinct, .pos = -1};
    for (size_t i = 0; i < sizeof harness_aggs / sizeof harness_aggs[0]; i++)
        if (strcmp(harness_aggs[i].name, name) == 0) call.agg = &harness_aggs[i];
    assert_non_null(call.agg);
    call.type = strcmp(name, "LIST") == 0 ? &type_string : &type_bigint;
    if (arg) {
        call.args = arena_array(&h->arena, Expr *, 1);
        call.args[0] = arg;
        call.n_args = 1;
    }
    return call;
}

/* ---- output ---- */

static void harness_text(const Batch *batch, uint32_t row, char *out, size_t cap) {
    size_t len = 0;
    for (uint32_t c = 0; c < batch->n_cols; c++) {
        const Column *col = &batch->cols[c];
        uint32_t at = col_at(col, row);
        if (c) len += (size_t)snprintf(out + len, cap - len, "|");
        if (col_is_null(col, row)) {
            len += (size_t)snprintf(out + len, cap - len, "~");
            continue;
        }
        switch (type_phys(col->type)) {
        case PHYS_I8: len += (size_t)snprintf(out + len, cap - len, "%d", col->i8[at]); break;
        case PHYS_I32: len += (size_t)snprintf(out + len, cap - len, "%d", col->i32[at]); break;
        case PHYS_I64:
            len += (size_t)snprintf(
                out + len, cap - len, "%lld",
                (long long)(type_is_datetime(col->type) ? col->i64[at] / 1000 : col->i64[at]));
            break;
        case PHYS_F64: len += (size_t)snprintf(out + len, cap - len, "%g", col->f64[at]); break;
        default:
            len += (size_t)snprintf(out + len, cap - len, "%.*s", (int)col->str[at].len,
                                    str_bytes(&col->str[at]));
        }
    }
}

static Status harness_collect(Out *out, const Batch *batch, Err *err) {
    Harness *h = ((HarnessStage *)(void *)out)->h;
    (void)err;
    if (h->is_plain) return ST_OK;
    for (uint32_t i = 0; i < batch->n_rows; i++) {
        char text[512];
        uint32_t row = batch_row(batch, i);
        harness_text(batch, row, text, sizeof text);
        if (h->n_rows == h->cap_rows) {
            h->cap_rows = h->cap_rows ? 2 * h->cap_rows : 64;
            h->rows = realloc(h->rows, sizeof *h->rows * h->cap_rows);
        }
        h->rows[h->n_rows++] = (HarnessRow){strdup(text), batch_weight(batch, row)};
    }
    return ST_OK;
}

static Status harness_deliver(Out *out, const Batch *batch, Err *err) {
    HarnessStage *stage = (HarnessStage *)(void *)out;
    for (uint32_t i = 0; i < stage->n_to; i++) {
        HarnessStage *to = stage->to[i];
        TRY(to->op->type->push(to->op, &to->ctx, stage->ports[i], batch, &to->out, err));
    }
    return stage->n_to ? ST_OK : harness_collect(out, batch, err);
}

/* ---- the graph ---- */

static void harness_connect(HarnessStage *from, HarnessStage *to, uint32_t port) {
    from->to[from->n_to] = to;
    from->ports[from->n_to++] = port;
    to->from[to->n_from++] = from;
}

static HarnessStage *harness_stage(Harness *h, const OpType *type, Node *node) {
    HarnessStage *stage = &h->stages[h->n_stages++];
    assert_true(h->n_stages <= HARNESS_STAGES);
    stage->h = h;
    stage->out.deliver = harness_deliver;
    stage->watermark = WATERMARK_NONE;
    stage->ctx = (OpCtx){.arena = &h->arena,
                         .scratch = &h->scratch,
                         .state = h->state,
                         .name = arena_printf(&h->arena, "%s-%u", type->name, h->n_stages),
                         .mem = &h->mem,
                         .env = &h->env,
                         .watermark = WATERMARK_NONE,
                         .out_watermark = WATERMARK_NONE,
                         .wake_us = INT64_MAX};
    stage->op = arena_zalloc(&h->arena, type->size);
    stage->op->type = type;
    stage->op->node = node;
    if (type->open(stage->op, node, &stage->ctx, &h->err) != ST_OK)
        fail_msg("open of %s: %s", type->name, h->err.message);
    return stage;
}

static HarnessStage *harness_wrap(Harness *h, HarnessStage *end, Node *node) {
    HarnessStage *stage;
    if (h->is_plain) return end;
    if (h->seed) {
        stage = harness_stage(h, &op_shake, node);
        shake_seed(stage->op, harness_next(h));
        harness_connect(end, stage, 0);
        end = stage;
    }
    stage = harness_stage(h, &op_check, node);
    harness_connect(end, stage, 0);
    return stage;
}

static HarnessStage *harness_build(Harness *h, Node *node) {
    HarnessStage *ends[4], *stage;
    const OpType *type;
    for (uint32_t i = 0; i < h->n_inputs; i++) {
        if (h->inputs[i].node != node) continue;
        h->inputs[i].stage.h = h;
        h->inputs[i].stage.out.deliver = harness_deliver;
        h->inputs[i].stage.watermark = WATERMARK_NONE;
        return harness_wrap(h, &h->inputs[i].stage, node);
    }
    for (uint32_t i = 0; i < node->n_inputs; i++) ends[i] = harness_build(h, node->inputs[i]);
    type = op_for(node);
    assert_non_null(type);
    stage = harness_stage(h, type, node);
    for (uint32_t i = 0; i < node->n_inputs; i++) harness_connect(ends[i], stage, i);
    return harness_wrap(h, stage, node);
}

void harness_open(Harness *h, Node *root) {
    harness_build(h, root);
}

static HarnessInput *harness_find(Harness *h, const Node *node) {
    for (uint32_t i = 0; i < h->n_inputs; i++)
        if (h->inputs[i].node == node) return &h->inputs[i];
    fail_msg("no such input");
    return NULL;
}

void harness_row_wm(Harness *h, Node *node, int32_t weight, int64_t wm_ms, const char *text) {
    HarnessInput *input = harness_find(h, node);
    int64_t wm = wm_ms == INT64_MIN ? WATERMARK_NONE : wm_ms * 1000;
    for (uint32_t c = 0; c < input->rows.n_cols; c++) {
        ColBuilder *col = &input->rows.cols[c];
        const char *end = strchr(text, '|');
        size_t len = end ? (size_t)(end - text) : strlen(text);
        int64_t number = strtoll(text, NULL, 10);
        if (len == 1 && text[0] == '~') {
            colb_null(col);
        } else {
            switch (type_phys(col->type)) {
            case PHYS_I8: colb_i8(col, (int8_t)number); break;
            case PHYS_I64:
                colb_i64(col, type_is_datetime(col->type) ? number * 1000 : number);
                break;
            case PHYS_F64: colb_f64(col, strtod(text, NULL)); break;
            default: colb_str(col, text, len);
            }
        }
        text += len + (end != NULL);
    }
    batchb_row_end(&input->rows, weight);
    if (!input->row_wm) input->row_wm = arena_array(&h->batch, int64_t, 65536);
    input->row_wm[input->rows.n_rows - 1] = wm;
    input->n_row_wm += wm != WATERMARK_NONE;
}

void harness_row(Harness *h, Node *node, int32_t weight, const char *text) {
    harness_row_wm(h, node, weight, INT64_MIN, text);
}

void harness_watermark(Harness *h, Node *node, int64_t wm_ms) {
    HarnessInput *input = harness_find(h, node);
    int64_t wm = wm_ms == INT64_MAX ? WATERMARK_MAX : wm_ms * 1000;
    if (wm > input->watermark) input->watermark = wm;
}

static Status harness_push_input(Harness *h, HarnessInput *input) {
    if (input->rows.n_rows) {
        Batch batch = *batchb_finish(&input->rows);
        if (input->n_row_wm) batch.row_wm = input->row_wm;
        TRY(emit(&input->stage.out, &batch, &h->err));
        arena_reset(&h->scratch);
    }
    input->stage.watermark = input->watermark;
    return ST_OK;
}

Status harness_try_step(Harness *h) {
    for (uint32_t i = 0; i < h->n_inputs; i++) TRY(harness_push_input(h, &h->inputs[i]));
    for (uint32_t i = 0; i < h->n_stages; i++) {
        HarnessStage *stage = &h->stages[i];
        int64_t min = WATERMARK_MAX;
        for (uint32_t f = 0; f < stage->n_from; f++)
            if (stage->from[f]->watermark < min) min = stage->from[f]->watermark;
        if (stage->n_from && min > stage->ctx.watermark) stage->ctx.watermark = min;
        stage->ctx.out_watermark = stage->ctx.watermark;
        if (stage->op->type->flush)
            TRY(stage->op->type->flush(stage->op, &stage->ctx, &stage->out, &h->err));
        if (stage->ctx.out_watermark > stage->watermark)
            stage->watermark = stage->ctx.out_watermark;
        arena_reset(&h->scratch);
    }
    h->n_late = 0;
    for (uint32_t i = 0; i < h->n_stages; i++) h->n_late += h->stages[i].ctx.n_late;
    arena_reset(&h->batch);
    for (uint32_t i = 0; i < h->n_inputs; i++) {
        HarnessInput *input = &h->inputs[i];
        batchb_init(&input->rows, &h->batch, &input->node->schema, 8);
        input->row_wm = NULL;
        input->n_row_wm = 0;
    }
    return ST_OK;
}

void harness_step(Harness *h) {
    if (harness_try_step(h) != ST_OK) fail_msg("step: %s", h->err.message);
}

void harness_end(Harness *h) {
    for (uint32_t i = 0; i < h->n_inputs; i++) h->inputs[i].watermark = WATERMARK_MAX;
    harness_step(h);
}

/* ---- results ---- */

static int harness_row_cmp(const void *a, const void *b) {
    return strcmp(((const HarnessRow *)a)->text, ((const HarnessRow *)b)->text);
}

char *harness_net(Harness *h) {
    HarnessRow *rows = malloc(sizeof *rows * (h->n_rows + 1));
    Buf out;
    buf_init(&out, NULL);
    if (h->n_rows) memcpy(rows, h->rows, sizeof *rows * h->n_rows);
    qsort(rows, h->n_rows, sizeof *rows, harness_row_cmp);
    for (uint32_t i = 0; i < h->n_rows;) {
        int64_t weight = 0;
        uint32_t from = i;
        for (; i < h->n_rows && strcmp(rows[i].text, rows[from].text) == 0; i++)
            weight += rows[i].weight;
        if (weight) buf_printf(&out, "%lld %s\n", (long long)weight, rows[from].text);
    }
    free(rows);
    char *text = strdup(buf_cstr(&out));
    buf_deinit(&out);
    return text;
}

char *harness_take(Harness *h) {
    Buf out;
    buf_init(&out, NULL);
    for (uint32_t i = 0; i < h->n_rows; i++) {
        buf_printf(&out, "%+lld %s\n", (long long)h->rows[i].weight, h->rows[i].text);
        free(h->rows[i].text);
    }
    h->n_rows = 0;
    char *text = strdup(buf_cstr(&out));
    buf_deinit(&out);
    return text;
}

void harness_expect_net(Harness *h, const char *expected) {
    char *net = harness_net(h);
    assert_string_equal(net, expected);
    free(net);
}

void harness_expect_take(Harness *h, const char *expected) {
    char *text = harness_take(h);
    assert_string_equal(text, expected);
    free(text);
}
