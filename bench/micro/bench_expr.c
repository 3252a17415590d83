/* bench_expr.c -- nanoseconds a row of key encoding, expressions and filters over batches of 2,048
 * rows that stay in the cache. Prints one JSON line a case, the fastest of the rounds.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/expr.h"

#include <stdio.h>
#include <time.h>

enum { ROUNDS = 7, BATCHES = 400 };

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint64_t bench_rng = 88172645463325252u;
static uint64_t bench_next(void) {
    bench_rng ^= bench_rng << 13, bench_rng ^= bench_rng >> 7, bench_rng ^= bench_rng << 17;
    return bench_rng;
}

typedef struct Data {
    Arena plan, scratch;
    Column cols[6];
    Field fields[6];
    Schema schema;
    Batch batch;
    ExprEnv env;
} Data;

static const Type not_null_bigint = {.kind = TYPE_BIGINT}, not_null_double = {.kind = TYPE_DOUBLE};

/* a BIGINT NOT NULL, b BIGINT with NULLs, c DOUBLE, d short STRING, e long STRING,
 * f DECIMAL(10, 2) */
static void data_make(Data *d) {
    const Type *types[6] = {&not_null_bigint, &type_bigint, &not_null_double,
                            &type_string,     &type_string, NULL};
    ColBuilder b[6];
    types[5] = type_decimal(&d->plan, 10, 2);
    for (int i = 0; i < 6; i++) colb_init(&b[i], &d->plan, types[i], BATCH_ROWS);
    for (uint32_t i = 0; i < BATCH_ROWS; i++) {
        uint64_t r = bench_next();
        char text[64];
        colb_i64(&b[0], (int64_t)(r % 1000000));
        if (r % 10 == 0)
            colb_null(&b[1]);
        else
            colb_i64(&b[1], (int64_t)(r % 1000));
        colb_f64(&b[2], (double)(r % 1000) / 10);
        colb_str(&b[3], text, (size_t)snprintf(text, sizeof text, "ch-%u", (unsigned)(r % 100)));
        colb_str(&b[4], text,
                 (size_t)snprintf(text, sizeof text, "https://example.com/item/%u",
                                  (unsigned)(r % 10000)));
        colb_i128(&b[5], (Int128)(r % 1000000));
    }
    for (int i = 0; i < 6; i++) {
        colb_finish(&b[i], &d->cols[i]);
        d->fields[i] = (Field){span_of("x"), types[i]};
    }
    d->schema = (Schema){6, d->fields};
    d->batch = (Batch){.schema = &d->schema,
                       .n_rows = BATCH_ROWS,
                       .n_phys = BATCH_ROWS,
                       .n_cols = 6,
                       .cols = d->cols};
}

static Expr *column(Data *d, uint32_t i) {
    return expr_column(&d->plan, i, d->fields[i].type, -1);
}
static Expr *big(Data *d, int64_t v) {
    return expr_const_i64(&d->plan, &not_null_bigint, v, -1);
}
static Expr *text(Data *d, const char *v) {
    return expr_const_str(&d->plan, &type_string, span_of(v), -1);
}
static Expr *decimal(Data *d, int64_t v, int precision, int scale) {
    Int128 *value = arena_new(&d->plan, Int128);
    Column col = {.type = type_decimal(&d->plan, precision, scale), .n_rows = 1, .i128 = value};
    *value = v;
    return expr_const(&d->plan, &col, -1);
}
static Expr *call(Data *d, const char *name, Expr *x, Expr *y) {
    Expr *args[2] = {x, y}, *out = NULL;
    Err err = ERR_INIT;
    if (expr_call(&d->plan, span_of(name), args, 2, -1, &out, &err) != ST_OK) {
        fprintf(stderr, "%s: %s\n", name, err.message);
    }
    return out;
}

static void report(const char *name, double best) {
    printf("{\"bench\":\"expr\",\"case\":\"%s\",\"ns_row\":%.2f}\n", name, best);
}

/* Runs a program over the batch; as a filter when is_filter. */
static void run_program(Data *d, const char *name, Expr *expr, bool is_filter) {
    Program *program;
    double best = 1e9;
    Err err = ERR_INIT;
    expr = expr_fold(&d->plan, expr, &d->env);
    if (program_compile(&program, &expr, 1, &d->plan, &err) != ST_OK) return;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_ns(), ns;
        for (int i = 0; i < BATCHES; i++) {
            Status status;
            arena_reset(&d->scratch);
            if (is_filter) {
                const uint32_t *sel;
                uint32_t n;
                status = program_select(program, &d->batch, &d->env, &d->scratch, &sel, &n, &err);
            } else {
                Column out;
                status = program_eval(program, &d->batch, &d->env, &d->scratch, &out, &err);
            }
            if (status != ST_OK) {
                fprintf(stderr, "%s: %s\n", name, err.message);
                return;
            }
        }
        ns = (now_ns() - start) / ((double)BATCHES * BATCH_ROWS);
        if (ns < best) best = ns;
    }
    report(name, best);
    program_free(program);
}

static void run_keys(Data *d, const char *name, const uint32_t *cols, uint32_t n_cols) {
    Column keys[4];
    double best = 1e9;
    for (uint32_t i = 0; i < n_cols; i++) keys[i] = d->cols[cols[i]];
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_ns(), ns;
        for (int i = 0; i < BATCHES; i++) {
            RowKeys out;
            arena_reset(&d->scratch);
            rowkey_encode(&d->scratch, keys, n_cols, NULL, BATCH_ROWS, &out);
        }
        ns = (now_ns() - start) / ((double)BATCHES * BATCH_ROWS);
        if (ns < best) best = ns;
    }
    report(name, best);
}

static void all_keys(Data *d) {
    run_keys(d, "key BIGINT", (const uint32_t[]){0}, 1);
    run_keys(d, "key BIGINT with NULLs", (const uint32_t[]){1}, 1);
    run_keys(d, "key short STRING", (const uint32_t[]){3}, 1);
    run_keys(d, "key long STRING", (const uint32_t[]){4}, 1);
    run_keys(d, "key BIGINT, DOUBLE", (const uint32_t[]){0, 2}, 2);
    run_keys(d, "key BIGINT, STRING", (const uint32_t[]){0, 3}, 2);
}

static void all_programs(Data *d) {
    Expr *a = column(d, 0), *b = column(d, 1), *c = column(d, 2), *s = column(d, 3);
    Expr *price = column(d, 5);
    run_program(d, "a + b", call(d, "+", a, b), false);
    run_program(d, "a * 7", call(d, "*", a, big(d, 7)), false);
    run_program(d, "a % 123", call(d, "%", a, big(d, 123)), false);
    run_program(d, "c * c", call(d, "*", c, c), false);
    run_program(d, "a * 0.908", call(d, "*", a, decimal(d, 908, 4, 3)), false);
    run_program(d, "price * 0.908", call(d, "*", price, decimal(d, 908, 4, 3)), false);
    run_program(d, "price + price", call(d, "+", price, price), false);
    run_program(d, "price / 3", call(d, "/", price, decimal(d, 3, 1, 0)), false);
    run_program(d, "a < b", call(d, "<", a, b), false);
    run_program(d, "s = 'ch-7'", call(d, "=", s, text(d, "ch-7")), false);
    run_program(d, "where a < 500000", call(d, "<", a, big(d, 500000)), true);
    run_program(d, "where a % 123 = 0", call(d, "=", call(d, "%", a, big(d, 123)), big(d, 0)),
                true);
    run_program(d, "where s = 'ch-7'", call(d, "=", s, text(d, "ch-7")), true);
    run_program(d, "where a < 500000 and b > 10 and s <> 'ch-7'",
                call(d, "AND",
                     call(d, "AND", call(d, "<", a, big(d, 500000)), call(d, ">", b, big(d, 10))),
                     call(d, "<>", s, text(d, "ch-7"))),
                true);
}

int main(void) {
    static Data d;
    arena_init(&d.plan, NULL);
    arena_init(&d.scratch, NULL);
    data_make(&d);
    all_keys(&d);
    all_programs(&d);
    arena_deinit(&d.plan);
    arena_deinit(&d.scratch);
    return 0;
}
