/* test_op_edges.c -- where rows enter and leave the graph: watermarks and lateness of splits, and
 * row kinds of the net change; filter, project, union and values in between.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- input ---- */

typedef struct InputRig {
    Harness h;
    Node *node;
    HarnessStage *stage;
    Table table;
} InputRig;

static Expr *call2(Harness *h, const char *name, Expr *a, Expr *b) {
    Expr *args[2] = {a, b}, *out = NULL;
    if (expr_call(&h->arena, span_of(name), args, 2, -1, &out, &h->err) != ST_OK)
        fail_msg("%s", h->err.message);
    return out;
}

/* Decoded: v BIGINT, ts; output: ts as row time, v + 1; watermark ts - 5 ms; v > 0 pushed down. */
static void rig_open(InputRig *rig) {
    Harness *h = &rig->h;
    Node *node;
    Expr **exprs;
    harness_init(h, 0);
    node = harness_node(h, NODE_SCAN, "ts:r v1:i", NULL, NULL);
    exprs = arena_array(&h->arena, Expr *, 2);
    exprs[0] = expr_column(&h->arena, 1, node->schema.fields[0].type, -1);
    exprs[1] = call2(h, "+", expr_column(&h->arena, 0, &type_bigint, -1),
                     expr_const_i64(&h->arena, &type_bigint, 1, -1));
    node->exprs = exprs;
    node->n_exprs = 2;
    node->is_append = true;
    rig->table = (Table){.name = SPAN("t")};
    node->scan.table = &rig->table;
    node->scan.decoded = *harness_schema(h, "v:i ts:r");
    node->scan.rowtime = 0;
    node->scan.watermark = call2(h, "-", expr_column(&h->arena, 0, &type_timestamp3, -1),
                                 expr_const_i64(&h->arena, &type_interval_ds, 5000, -1));
    node->scan.predicate = call2(h, ">", expr_column(&h->arena, 0, &type_bigint, -1),
                                 expr_const_i64(&h->arena, &type_bigint, 0, -1));
    rig->node = node;
    harness_open(h, node);
    rig->stage = &h->stages[0];
}

static Status rig_push(InputRig *rig, int32_t split, const char *rows) {
    Harness *h = &rig->h;
    BatchBuilder b;
    Batch batch;
    batchb_init(&b, &h->batch, &rig->node->scan.decoded, 8);
    while (*rows) {
        char *end;
        colb_i64(&b.cols[0], strtoll(rows, &end, 10));
        if (end[1] == '~') {
            colb_null(&b.cols[1]);
            end += 2;
        } else {
            colb_i64(&b.cols[1], strtoll(end + 1, &end, 10) * 1000);
        }
        rows = end + (*end == ' ');
        batchb_row_end(&b, 1);
    }
    batch = *batchb_finish(&b);
    batch.split = split;
    return input_push(rig->stage->op, &rig->stage->ctx, &batch, &rig->stage->out, &h->err);
}

static int64_t rig_watermark_ms(const InputRig *rig) {
    int64_t wm = input_watermark(rig->stage->op);
    return wm == WATERMARK_NONE || wm == WATERMARK_MAX ? wm : wm / 1000;
}

static void test_input(void **state) {
    InputRig rig = {0};
    (void)state;
    rig_open(&rig);
    assert_true(rig_watermark_ms(&rig) == WATERMARK_NONE);
    /* Rows that the predicate drops move the watermark, which is Flink's plus one millisecond. */
    assert_int_equal(rig_push(&rig, 0, "1,10 0,30 2,12 3,40"), ST_OK);
    harness_expect_take(&rig.h, "+1 10|2\n+1 12|3\n+1 40|4\n");
    assert_int_equal(rig_watermark_ms(&rig), 36);
    /* A second split holds the minimum back; no split goes back, and nor does the minimum. */
    input_split(rig.stage->op, &rig.stage->ctx, 1, SPLIT_ACTIVE);
    assert_int_equal(rig_push(&rig, 1, "1,100"), ST_OK);
    assert_int_equal(rig_watermark_ms(&rig), 36);
    assert_int_equal(rig_push(&rig, 0, "1,70"), ST_OK);
    assert_int_equal(rig_watermark_ms(&rig), 66);
    input_split(rig.stage->op, &rig.stage->ctx, 0, SPLIT_IDLE);
    assert_int_equal(rig_watermark_ms(&rig), 96);
    assert_int_equal(rig_push(&rig, 0, "1,71"), ST_OK);
    assert_int_equal(rig_watermark_ms(&rig), 96);
    input_split(rig.stage->op, &rig.stage->ctx, 0, SPLIT_ENDED);
    assert_int_equal(rig_push(&rig, 1, "1,110"), ST_OK);
    assert_int_equal(rig_watermark_ms(&rig), 106);
    input_end(rig.stage->op);
    assert_true(rig_watermark_ms(&rig) == WATERMARK_MAX);
    harness_free(&rig.h);
}

typedef struct WmSpy {
    Out out;
    int64_t wm[8];
    uint32_t n;
    bool has;
} WmSpy;

static Status spy_deliver(Out *out, const Batch *batch, Err *err) {
    WmSpy *spy = (WmSpy *)(void *)out;
    (void)err;
    spy->has = batch->row_wm != NULL;
    spy->n = batch->n_rows;
    for (uint32_t i = 0; i < batch->n_rows && spy->has; i++)
        spy->wm[i] = batch->row_wm[batch_row(batch, i)] / 1000;
    return ST_OK;
}

/* W(row) is the watermark of the row's own split just before it; carried only when needed. */
static void test_lateness(void **state) {
    InputRig rig = {0};
    WmSpy spy = {.out = {spy_deliver}};
    (void)state;
    rig_open(&rig);
    Harness *h = &rig.h;
    Batch batch;
    BatchBuilder b;
    static const int64_t times[4] = {20, 30, 10, 40}, values[4] = {1, 1, 1, 1};
    for (int round = 0; round < 2; round++) {
        batchb_init(&b, &h->batch, &rig.node->scan.decoded, 8);
        for (int i = 0; i < 4; i++) {
            int64_t ts = round ? times[i] : 10 + i;
            colb_i64(&b.cols[0], values[i]);
            colb_i64(&b.cols[1], ts * 1000);
            batchb_row_end(&b, 1);
        }
        batch = *batchb_finish(&b);
        batch.split = 0;
        assert_int_equal(input_push(rig.stage->op, &rig.stage->ctx, &batch, &spy.out, &h->err),
                         ST_OK);
        assert_int_equal(spy.n, 4);
        assert_int_equal(spy.has, round == 1);
    }
    assert_int_equal(spy.wm[0], 9); /* 13 - 5 + 1 */
    assert_int_equal(spy.wm[1], 16);
    assert_int_equal(spy.wm[2], 26); /* behind */
    assert_int_equal(spy.wm[3], 26);
    assert_int_equal(rig_push(&rig, 0, "1,~"), ST_INVALID);
    assert_non_null(strstr(h->err.message, "RowTime field should not be null"));
    harness_free(h);
}

/* ---- output ---- */

typedef struct Sunk {
    Buf text;
} Sunk;

static Status sunk_rows(void *ctx, const Batch *batch, const uint8_t *kinds, Err *err) {
    static const char *const texts[] = {"+I", "-U", "+U", "-D"};
    Sunk *sunk = ctx;
    (void)err;
    assert_null(batch->sel);
    assert_null(batch->weights);
    for (uint32_t i = 0; i < batch->n_rows; i++)
        buf_printf(&sunk->text, "%s(%lld,%lld) ", texts[kinds ? kinds[i] : 0],
                   (long long)batch->cols[0].i64[i], (long long)batch->cols[1].i64[i]);
    return ST_OK;
}

static void expect_sunk(Sunk *sunk, const char *expected) {
    assert_string_equal(buf_cstr(&sunk->text), expected);
    buf_reset(&sunk->text);
}

static Node *sink_node(Harness *h, Node *in, bool with_key) {
    static const uint32_t key = 0;
    Node *node = harness_node(h, NODE_SINK, "k:i v:i", in, NULL);
    node->sink.key = with_key ? &key : NULL;
    node->sink.n_key = with_key;
    return node;
}

static Op *sink_op(Harness *h) {
    for (uint32_t i = 0; i < h->n_stages; i++)
        if (strcmp(h->stages[i].op->type->name, "output") == 0) return h->stages[i].op;
    fail_msg("no sink");
    return NULL;
}

static void test_output(void **state) {
    (void)state;
    for (int mode = 0; mode < 4; mode++) { /* no key, key, upsert, final */
        Harness h;
        Sunk sunk;
        harness_init(&h, (uint64_t)mode * 3);
        Node *in = harness_input(&h, "k:i v:i", false), *sink = sink_node(&h, in, mode > 0);
        sink->sink.is_upsert = mode == 2;
        sink->sink.is_final = mode == 3;
        harness_open(&h, sink);
        buf_init(&sunk.text, NULL);
        output_set(sink_op(&h), sunk_rows, &sunk);
        harness_row(&h, in, 1, "1|10");
        harness_row(&h, in, 2, "2|20");
        harness_step(&h);
        harness_row(&h, in, 1, "3|30");
        harness_row(&h, in, -1, "1|10");
        harness_row(&h, in, -1, "3|30");
        harness_row(&h, in, 1, "1|11");
        harness_row(&h, in, -1, "2|20");
        harness_step(&h);
        expect_sunk(&sunk, mode == 0   ? "+I(1,10) +I(2,20) +I(2,20) -D(1,10) +I(1,11) -D(2,20) "
                           : mode == 1 ? "+I(1,10) +I(2,20) +I(2,20) -U(1,10) +U(1,11) -D(2,20) "
                           : mode == 2 ? "+I(1,10) +I(2,20) +I(2,20) +U(1,11) -D(2,20) "
                                       : "");
        harness_end(&h);
        expect_sunk(&sunk, mode == 3 ? "+I(1,11) +I(2,20) " : "");
        buf_deinit(&sunk.text);
        harness_free(&h);
    }
}

/* Behind an aggregate, changes of a key come side by side and need no gathering; the result is the
 * same, also where batches are cut between the two rows. */
static void test_output_pairs(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        Harness h;
        Sunk sunk;
        AggCall call;
        Expr *key;
        Buf expected;
        int64_t sums[5] = {0}, counts[5] = {0};
        harness_init(&h, seed);
        Node *in = harness_input(&h, "k:i v:i", false);
        Node *agg = harness_node(&h, NODE_AGGREGATE, "k:i s:i", in, NULL);
        Node *sink = sink_node(&h, agg, true);
        key = harness_col(&h, in, 0);
        call = harness_call(&h, "SUM", harness_col(&h, in, 1), NULL, false);
        agg->exprs = &key;
        agg->n_exprs = agg->agg.n_keys = 1;
        agg->agg.calls = &call;
        agg->agg.n_calls = 1;
        harness_open(&h, sink);
        buf_init(&sunk.text, NULL);
        buf_init(&expected, NULL);
        output_set(sink_op(&h), sunk_rows, &sunk);
        for (int step = 0; step < 20; step++) {
            int64_t old[5], had[5];
            int order[5], n = 0;
            memcpy(old, sums, sizeof old);
            memcpy(had, counts, sizeof had);
            for (int i = 0; i < 4; i++) {
                char text[32];
                int k = (int)harness_below(&h, 5), v = (int)harness_below(&h, 3);
                bool is_minus = counts[k] > 0 && harness_below(&h, 2);
                bool is_known = false;
                /* Only the sum and the count are checked, so any value may be taken back. */
                sums[k] += is_minus ? -v : v;
                counts[k] += is_minus ? -1 : 1;
                for (int o = 0; o < n; o++) is_known = is_known || order[o] == k;
                if (!is_known) order[n++] = k;
                snprintf(text, sizeof text, "%d|%d", k, v);
                harness_row(&h, in, is_minus ? -1 : 1, text);
            }
            harness_step(&h);
            for (int o = 0; o < n; o++) {
                int k = order[o];
                if (!counts[k]) sums[k] = 0; /* the group starts anew */
                if (had[k] && counts[k] && old[k] == sums[k]) continue;
                if (had[k])
                    buf_printf(&expected, "%s(%d,%lld) ", counts[k] ? "-U" : "-D", k,
                               (long long)old[k]);
                if (counts[k])
                    buf_printf(&expected, "%s(%d,%lld) ", had[k] ? "+U" : "+I", k,
                               (long long)sums[k]);
            }
            expect_sunk(&sunk, buf_cstr(&expected));
            buf_reset(&expected);
        }
        buf_deinit(&sunk.text);
        buf_deinit(&expected);
        harness_free(&h);
    }
}

/* ---- linear operators ---- */

static void test_linear(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 10; seed++) {
        Harness h;
        harness_init(&h, seed);
        Node *a = harness_input(&h, "x:i s:s", false), *b = harness_input(&h, "y:i t:s", false);
        Node *both = harness_node(&h, NODE_UNION, "x:i s:s", a, b);
        Node *filter = harness_node(&h, NODE_FILTER, "x:i s:s", both, NULL);
        Node *swap = harness_node(&h, NODE_PROJECT, "s:s x:i", filter, NULL);
        Node *sum = harness_node(&h, NODE_PROJECT, "s:s z:i", swap, NULL);
        Expr *pred = call2(&h, "<", harness_col(&h, both, 0),
                           expr_const_i64(&h.arena, &type_bigint, 10, -1));
        Expr *swapped[2] = {harness_col(&h, filter, 1), harness_col(&h, filter, 0)};
        Expr *summed[2] = {harness_col(&h, swap, 0),
                           call2(&h, "+", harness_col(&h, swap, 1), harness_col(&h, swap, 1))};
        filter->exprs = &pred;
        filter->n_exprs = 1;
        swap->exprs = swapped;
        sum->exprs = summed;
        swap->n_exprs = sum->n_exprs = 2;
        harness_open(&h, sum);
        harness_row(&h, a, 1, "4|four and a long text");
        harness_row(&h, a, -2, "11|x");
        harness_row(&h, b, -2, "5|five");
        harness_row(&h, b, 1, "~|null");
        harness_row(&h, b, 1, "6|~");
        harness_step(&h);
        harness_expect_take(&h, "+1 four and a long text|8\n-2 five|10\n+1 ~|12\n");
        harness_free(&h);
    }
}

static void test_values(void **state) {
    static const int64_t numbers[3] = {7, 8, 9};
    Column col = {.type = &type_bigint, .n_rows = 3, .i64 = numbers};
    Harness h;
    (void)state;
    harness_init(&h, 1);
    Node *node = harness_node(&h, NODE_VALUES, "x:i", NULL, NULL);
    node->values.cols = &col;
    node->values.n_rows = 3;
    harness_open(&h, node);
    harness_step(&h);
    harness_expect_take(&h, "+1 7\n+1 8\n+1 9\n");
    harness_step(&h);
    harness_expect_take(&h, "");
    assert_true(h.stages[0].watermark == WATERMARK_MAX);
    harness_free(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_input),  cmocka_unit_test(test_lateness),
        cmocka_unit_test(test_output), cmocka_unit_test(test_output_pairs),
        cmocka_unit_test(test_linear), cmocka_unit_test(test_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
