/* bench_json.c -- how fast the json format decodes Nexmark's events: flat bids and nested events,
 * all columns and the few that a query needs. Prints millions of events a second, median of the
 * rounds.   bench_json [EVENTS] [ROUNDS]
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/format.h"

#include <stdio.h>
#include <time.h>

enum { CHUNK = 256 * 1024 };

static uint64_t seed = 1;
static uint32_t below(uint32_t n) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % n);
}

static void put_text(Buf *out, uint32_t min, uint32_t max) {
    uint32_t n = min + below(max - min + 1);
    while (n--) buf_putc(out, (char)(below(13) ? 'a' + (char)below(26) : ' '));
}

static void put_bid(Buf *out, uint32_t i) {
    static const char *const hot[] = {"Google", "Facebook", "Baidu", "Apple"};
    buf_printf(out, "{\"auction\":%u,\"bidder\":%u,\"price\":%u,\"channel\":\"",
               1000 + below(100000), 1000 + below(20000), 100 + below(below(2) ? 1000 : 10000000));
    if (below(2)) {
        buf_puts(out, hot[below(4)]);
        buf_puts(out, "\",\"url\":\"https://www.nexmark.com/googl/eeee/xxxx/item.htm?query=1");
    } else {
        buf_printf(out, "channel-%u\",\"url\":\"https://www.nexmark.com/", below(10000));
        put_text(out, 14, 20);
        buf_printf(out, "/item.htm?query=1&channel_id=%u", below(2147483647));
    }
    buf_printf(out, "\",\"dateTime\":\"2024-01-01 %02u:%02u:%02u.%03u\",\"extra\":\"",
               i / 3600000 % 24, i / 60000 % 60, i / 1000 % 60, i % 1000);
    put_text(out, 40, 80);
    buf_puts(out, "\"}");
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static uint64_t run(const FormatType *type, const DecodeSpec *spec, Span input) {
    Arena plan, scratch;
    Decoder *decoder;
    Err err = ERR_INIT;
    uint64_t n = 0;
    arena_init(&plan, NULL);
    arena_init(&scratch, NULL);
    if (decoder_open(type, spec, &plan, &decoder, &err)) return 0;
    for (size_t at = 0, end = 0; at < input.len;) {
        BatchBuilder b;
        size_t used;
        if (end - at < CHUNK / 4) end = input.len - at > CHUNK ? at + CHUNK : input.len;
        batchb_init(&b, &scratch, spec->out, BATCH_ROWS);
        if (type->decode(decoder, (Span){input.ptr + at, end - at}, end == input.len, BATCH_ROWS,
                         &b, &used, &err)) {
            fprintf(stderr, "%s\n", err.message);
            return 0;
        }
        if (used == 0) end = input.len - at > 2 * CHUNK ? at + 2 * CHUNK : input.len;
        n += b.n_rows;
        at += used;
        arena_reset(&scratch);
    }
    decoder_close(decoder);
    arena_deinit(&scratch);
    arena_deinit(&plan);
    return n;
}

static void bench(const char *name, Schema table, Schema out, Span input, int rounds) {
    const FormatType *type = format_find(SPAN("json"));
    Options options = {0, NULL, "", type->options};
    int32_t indexes[16];
    double rates[101];
    uint64_t n = 0;
    DecodeSpec spec = {.table = &table, .out = &out, .indexes = indexes, .options = &options};
    for (uint32_t i = 0; i < out.n_fields; i++) {
        indexes[i] = schema_find(&table, out.fields[i].name);
    }
    for (int r = 0; r < rounds; r++) {
        struct timespec a, b;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
        n = run(type, &spec, input);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
        rates[r] =
            (double)n / ((double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
    }
    qsort(rates, (size_t)rounds, sizeof *rates, compare);
    printf("%-34s %6.2f M events/s  %5.2f GB/s  (%llu events)\n", name, rates[rounds / 2] / 1e6,
           rates[rounds / 2] * (double)input.len / (double)n / 1e9, (unsigned long long)n);
}

int main(int argc, char **argv) {
    uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 500000;
    int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
    Buf flat, nested;
    Arena arena;
    arena_init(&arena, NULL);
    buf_init(&flat, NULL);
    buf_init(&nested, NULL);
    for (uint32_t i = 0; i < n; i++) {
        size_t at = flat.len;
        put_bid(&flat, i);
        buf_puts(&nested, "{\"event_type\":2,\"person\":null,\"auction\":null,\"bid\":");
        buf_put(&nested, flat.ptr + at, flat.len - at);
        buf_puts(&nested, "}\n");
        buf_putc(&flat, '\n');
    }
    memset(buf_reserve(&flat, CHUNK_PADDING), 0, CHUNK_PADDING);
    memset(buf_reserve(&nested, CHUNK_PADDING), 0, CHUNK_PADDING);
    Field bid[] = {{SPAN("auction"), &type_bigint}, {SPAN("bidder"), &type_bigint},
                   {SPAN("price"), &type_bigint},   {SPAN("channel"), &type_string},
                   {SPAN("url"), &type_string},     {SPAN("dateTime"), &type_timestamp3},
                   {SPAN("extra"), &type_string}};
    Field used[] = {bid[0], bid[2]};
    Field person[] = {{SPAN("id"), &type_bigint}, {SPAN("name"), &type_string}};
    const Type *row = type_row(&arena, (Schema){7, bid});
    const Type *pruned = type_row(&arena, (Schema){2, used});
    const Type *others = type_row(&arena, (Schema){2, person});
    Field event[] = {{SPAN("event_type"), &type_int},
                     {SPAN("person"), others},
                     {SPAN("auction"), others},
                     {SPAN("bid"), row}};
    Field event_used[] = {event[0], {SPAN("bid"), pruned}};
    Span flat_text = buf_as_span(&flat), nested_text = buf_as_span(&nested);
    bench("flat, 7 of 7 columns", (Schema){7, bid}, (Schema){7, bid}, flat_text, rounds);
    bench("flat, 2 of 7 columns", (Schema){7, bid}, (Schema){2, used}, flat_text, rounds);
    bench("nested, all columns", (Schema){4, event}, (Schema){4, event}, nested_text, rounds);
    bench("nested, event_type and 2 of bid", (Schema){4, event}, (Schema){2, event_used},
          nested_text, rounds);
    buf_deinit(&flat);
    buf_deinit(&nested);
    arena_deinit(&arena);
    return 0;
}
