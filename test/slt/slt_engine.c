/* slt_engine.c -- the runner's view of an engine, made of weir.h and nothing else.
 *
 * A table or view that the file looks at with `delta` is followed by a query of its own, started as
 * soon as the name exists. Relative paths live in a directory that dies with the engine. The clock
 * stands still unless the file sets it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "slt.h"

#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <weir.h>

enum { STEPS_MAX = 10000000, THREAD_ROWS = 5 };

typedef struct Follower {
    char table[128];
    weir_query *query;
} Follower;

typedef struct Feed {
    char table[128];
    weir_feed *feed;
} Feed;

struct Engine {
    weir_engine *engine;
    char dir[64];
    Follower *followers;
    size_t n_followers;
    Feed *feeds;
    size_t n_feeds;
    weir_query **reported; /* failed queries that were told about */
    size_t n_reported;
    uint64_t closed_allocs; /* of queries that are gone */
};

static const int64_t clock_start_us = 1704067200000000; /* 2024-01-01 00:00:00 */

static bool set_error(EngineError *error, const weir_error *from) {
    snprintf(error->sqlstate, sizeof error->sqlstate, "%s", from->sqlstate);
    error->text.len = 0;
    text_printf(&error->text, "%s", from->text[0] ? from->text : from->message);
    return false;
}

static bool set_text(EngineError *error, const char *what, const char *name) {
    weir_error err = {.sqlstate = "XX000"};
    snprintf(err.message, sizeof err.message, "%s %s", what, name);
    return set_error(error, &err);
}

/* ---- open and close ---- */

Engine *engine_open(const Mode *mode) {
    Engine *self = calloc(1, sizeof *self);
    weir_error err;
    if (!self) exit(71);
    const char *tmp = getenv("TMPDIR");
    snprintf(self->dir, sizeof self->dir, "%s/weir-slt-XXXXXX",
             tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    if (!mkdtemp(self->dir)) {
        perror(self->dir);
        exit(1);
    }
    weir_options options = {.time_zone = "UTC",
                            .base_dir = self->dir,
                            .is_batch = mode->is_batch,
                            .step_rows = mode->always_threads ? THREAD_ROWS
                                         : mode->seed         ? 0
                                                              : mode->rows_max,
                            .workers = mode->n_workers,
                            .always_threads = mode->always_threads,
                            .check_batches = true,
                            .restart_steps = mode->restarts,
                            .shake_seed = mode->seed};
    if (weir_open(&options, &self->engine, &err) != WEIR_OK) {
        fprintf(stderr, "weir-slt: %s\n", err.message);
        exit(1);
    }
    weir_set_clock(self->engine, clock_start_us);
    char data[PATH_MAX];
    if (realpath("test/data", data)) weir_define(self->engine, "DATA", data, NULL);
    return self;
}

static int remove_entry(const char *path, const struct stat *info, int flag, struct FTW *walk) {
    (void)info, (void)flag, (void)walk;
    return remove(path);
}

void engine_close(Engine *self) {
    for (size_t i = 0; i < self->n_feeds; i++) weir_feed_close(self->feeds[i].feed);
    weir_close(self->engine);
    nftw(self->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(self->followers);
    free(self->feeds);
    free(self->reported);
    free(self);
}

const char *engine_dir(const Engine *self) {
    return self->dir;
}

/* ---- queries ---- */

static bool was_reported(const Engine *self, const weir_query *query) {
    for (size_t i = 0; i < self->n_reported; i++)
        if (self->reported[i] == query) return true;
    return false;
}

/* True when a query failed since the last look: with its error. */
static bool find_failure(Engine *self, EngineError *error) {
    weir_query *query;
    weir_error err;
    for (size_t i = 0; (query = weir_query_at(self->engine, i)); i++) {
        if (weir_query_state(query) != WEIR_QUERY_FAILED || was_reported(self, query)) continue;
        weir_query_error(query, &err);
        set_error(error, &err);
        self->reported = realloc(self->reported, (self->n_reported + 1) * sizeof query);
        if (!self->reported) exit(71);
        self->reported[self->n_reported++] = query;
        return true;
    }
    return false;
}

bool engine_step(Engine *self, EngineError *error) {
    weir_error err;
    for (int i = 0; i < STEPS_MAX; i++) {
        weir_status status = weir_step(self->engine, 0, &err);
        if (status == WEIR_OK) continue;
        if (status != WEIR_AGAIN && status != WEIR_END) return set_error(error, &err);
        return !find_failure(self, error);
    }
    return set_text(error, "the step does not end after this many:", "10,000,000");
}

static bool step_query(weir_query *query, EngineError *error) {
    weir_error err;
    for (int i = 0; i < STEPS_MAX; i++) {
        weir_status status = weir_query_step(query, 0, &err);
        if (status == WEIR_AGAIN || status == WEIR_END) return true;
        if (status != WEIR_OK) return set_error(error, &err);
    }
    return set_text(error, "the query does not end after this many steps:", "10,000,000");
}

static bool is_utf8(const char *text, size_t len) {
    for (size_t i = 0; i < len;) {
        unsigned char byte = (unsigned char)text[i];
        size_t n = byte < 0x80 ? 1 : byte < 0xc2 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
        if (n == 0 || byte > 0xf4 || i + n > len) return false;
        for (size_t k = 1; k < n; k++)
            if (((unsigned char)text[i + k] & 0xc0) != 0x80) return false;
        i += n;
    }
    return true;
}

/* Quoted unless it is a number, a boolean or NULL; as x'..' when it is not text. */
static void print_value(weir_rows *rows, size_t row, size_t column, Text *line) {
    weir_type type = weir_column_type(rows, column);
    if (weir_value_is_null(rows, row, column)) {
        text_printf(line, "NULL");
        return;
    }
    size_t len;
    const char *text = weir_value_text(rows, row, column, &len);
    if (type >= WEIR_TYPE_BOOLEAN && type <= WEIR_TYPE_DECIMAL) {
        text_add(line, text, len);
        return;
    }
    if (!is_utf8(text, len)) {
        text_add(line, "x'", 2);
        for (size_t i = 0; i < len; i++) text_printf(line, "%02x", (unsigned char)text[i]);
        text_add(line, "'", 1);
        return;
    }
    text_add(line, "'", 1);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\'') text_add(line, "'", 1);
        if (text[i] == '\n')
            text_add(line, "\\n", 2);
        else
            text_add(line, text + i, 1);
    }
    text_add(line, "'", 1);
}

static const char *const kind_names[] = {"+I", "-U", "+U", "-D"};

static void print_row(weir_rows *rows, size_t row, bool with_weight, bool with_kind, Lines *lines) {
    Text line = {0};
    if (with_kind) text_printf(&line, "%s", kind_names[weir_row_kind_of(rows, row)]);
    if (with_weight) text_printf(&line, "%+lld", (long long)weir_row_weight(rows, row));
    for (size_t column = 0; column < weir_rows_columns(rows); column++) {
        if (line.len) text_add(&line, " ", 1);
        print_value(rows, row, column, &line);
    }
    lines_add(lines, line.ptr ? line.ptr : "", line.len);
    text_free(&line);
}

/* EXPLAIN and SHOW CREATE answer with one text of several lines: shown as it is. */
static bool print_plain_text(weir_rows *rows, Lines *lines) {
    size_t len;
    if (weir_rows_count(rows) != 1 || weir_rows_columns(rows) != 1) return false;
    const char *text = weir_value_text(rows, 0, 0, &len);
    if (!text || !memchr(text, '\n', len)) return false;
    while (*text) {
        size_t n = strcspn(text, "\n");
        if (n) lines_add(lines, text, n);
        text += n + (text[n] == '\n');
    }
    return true;
}

static void print_rows(weir_rows *rows, bool with_weight, Lines *lines) {
    if (!with_weight && print_plain_text(rows, lines)) return;
    for (size_t row = 0; row < weir_rows_count(rows); row++) {
        int64_t weight = weir_row_weight(rows, row);
        for (int64_t n = with_weight || weight < 1 ? 1 : weight; n > 0; n--)
            print_row(rows, row, with_weight, false, lines);
    }
}

/* A SELECT answers with what it has when its inputs give nothing more for now. */
static bool answer(Engine *self, weir_query *query, Lines *rows, EngineError *error) {
    weir_error err;
    weir_rows *table;
    weir_query_keep(query);
    bool good = step_query(query, error);
    if (good && weir_query_fetch(query, WEIR_FETCH_TABLE, &table, &err) != WEIR_OK)
        good = set_error(error, &err);
    if (good && rows) print_rows(table, false, rows);
    weir_stats stats;
    weir_query_stats(query, &stats);
    self->closed_allocs += stats.allocations;
    weir_query_close(query);
    return good;
}

/* Starts following those targets that exist by now. */
static void start_followers(Engine *self) {
    for (size_t i = 0; i < self->n_followers; i++) {
        Follower *follower = &self->followers[i];
        char sql[192];
        if (follower->query) continue;
        int len = snprintf(sql, sizeof sql, "SELECT * FROM %s", follower->table);
        if (weir_query_start(self->engine, sql, (size_t)len, &follower->query, NULL) != WEIR_OK)
            follower->query = NULL;
    }
}

void engine_follow(Engine *self, const char *table) {
    for (size_t i = 0; i < self->n_followers; i++)
        if (strcmp(self->followers[i].table, table) == 0) return;
    self->followers = realloc(self->followers, (self->n_followers + 1) * sizeof(Follower));
    if (!self->followers) exit(71);
    Follower *follower = &self->followers[self->n_followers++];
    *follower = (Follower){0};
    snprintf(follower->table, sizeof follower->table, "%s", table);
}

bool engine_query(Engine *self, const char *sql, Lines *rows, EngineError *error) {
    weir_script *script;
    weir_result result;
    weir_error err;
    weir_status status;
    bool good = true;
    if (weir_script_open(self->engine, sql, strlen(sql), NULL, &script, &err) != WEIR_OK)
        return set_error(error, &err);
    while (good && (status = weir_script_next(script, &result, &err)) != WEIR_END) {
        if (status != WEIR_OK)
            good = set_error(error, &err);
        else if (result.kind == WEIR_RESULT_QUERY)
            good = answer(self, result.query, rows, error);
        else if (result.kind == WEIR_RESULT_ROWS && rows)
            print_rows(result.rows, false, rows);
    }
    weir_script_close(script);
    start_followers(self);
    return good && !find_failure(self, error);
}

bool engine_execute(Engine *self, const char *sql, EngineError *error) {
    return engine_query(self, sql, NULL, error);
}

static bool fetch_changes(Engine *self, const char *table, weir_fetch_mode mode, weir_rows **rows,
                          EngineError *error) {
    weir_error err;
    for (size_t i = 0; i < self->n_followers; i++) {
        Follower *follower = &self->followers[i];
        if (strcmp(follower->table, table) != 0) continue;
        if (!follower->query) {
            char sql[192];
            int len = snprintf(sql, sizeof sql, "SELECT * FROM %s", table);
            if (weir_query_start(self->engine, sql, (size_t)len, &follower->query, &err) != WEIR_OK)
                return set_error(error, &err);
        }
        return weir_query_fetch(follower->query, mode, rows, &err) == WEIR_OK ||
               set_error(error, &err);
    }
    return set_text(error, "not followed:", table);
}

bool engine_delta(Engine *self, const char *table, Lines *rows, EngineError *error) {
    weir_rows *changes;
    if (!fetch_changes(self, table, WEIR_FETCH_NET, &changes, error)) return false;
    print_rows(changes, true, rows);
    return true;
}

bool engine_changes(Engine *self, const char *table, Lines *rows, EngineError *error) {
    weir_rows *changes;
    if (!fetch_changes(self, table, WEIR_FETCH_CHANGES, &changes, error)) return false;
    for (size_t row = 0; row < weir_rows_count(changes); row++)
        print_row(changes, row, false, true, rows);
    return true;
}

/* ---- feeds ---- */

static weir_feed *find_feed(Engine *self, const char *table, EngineError *error) {
    weir_error err;
    for (size_t i = 0; i < self->n_feeds; i++)
        if (strcmp(self->feeds[i].table, table) == 0) return self->feeds[i].feed;
    Feed feed = {0};
    snprintf(feed.table, sizeof feed.table, "%s", table);
    if (weir_feed_open(self->engine, table, &feed.feed, &err) != WEIR_OK) {
        set_error(error, &err);
        return NULL;
    }
    self->feeds = realloc(self->feeds, (self->n_feeds + 1) * sizeof feed);
    if (!self->feeds) exit(71);
    self->feeds[self->n_feeds++] = feed;
    return feed.feed;
}

/* The end of the value that starts at p: a quoted text, or up to a blank outside of brackets. */
static const char *value_end(const char *p) {
    int depth = 0;
    bool in_quotes = false;
    for (; *p; p++) {
        if (*p == '\'') in_quotes = !in_quotes;
        if (in_quotes) continue;
        if (*p == '[' || *p == '(') depth++;
        if (*p == ']' || *p == ')') depth--;
        if (*p == ' ' && depth <= 0) break;
    }
    return p;
}

static size_t count_values(const char *row) {
    size_t n = 0;
    while (*row) {
        row = value_end(row);
        n++;
        if (*row) row++;
    }
    return n;
}

static void feed_value(weir_feed *feed, size_t column, const char *text, size_t len) {
    if (len == 4 && memcmp(text, "NULL", 4) == 0) {
        weir_feed_null(feed, column);
    } else if (text[0] == '\'') {
        Text plain = {0};
        for (size_t i = 1; i + 1 < len; i++) {
            text_add(&plain, text + i, 1);
            if (text[i] == '\'') i++;
        }
        weir_feed_text(feed, column, plain.ptr ? plain.ptr : "", plain.len);
        text_free(&plain);
    } else if (memchr(text, '[', len) || memchr(text, '(', len) || memchr(text, '\'', len)) {
        weir_feed_sql(feed, column, text, len);
    } else {
        weir_feed_text(feed, column, text, len);
    }
}

bool engine_feed(Engine *self, const char *table, const char *row, EngineError *error) {
    weir_feed *feed = find_feed(self, table, error);
    weir_error err;
    if (!feed) return false;
    size_t n_columns = weir_feed_columns(feed), n_values = count_values(row);
    int32_t weight = 1;
    if (n_values == n_columns + 1) {
        weight = (int32_t)strtol(row, NULL, 10);
        row = value_end(row);
        row += *row == ' ';
    } else if (n_values != n_columns) {
        return set_text(error, "the row has not as many values as the table has columns:", row);
    }
    for (size_t column = 0; column < n_columns; column++) {
        const char *end = value_end(row);
        feed_value(feed, column, row, (size_t)(end - row));
        row = *end ? end + 1 : end;
    }
    return weir_feed_row(feed, weight, &err) == WEIR_OK || set_error(error, &err);
}

bool engine_watermark(Engine *self, const char *table, const char *time, EngineError *error) {
    weir_feed *feed = find_feed(self, table, error);
    weir_error err;
    int64_t us;
    if (!feed) return false;
    if (weir_parse_timestamp(time, strlen(time), &us, &err) != WEIR_OK ||
        weir_feed_watermark(feed, us, &err) != WEIR_OK)
        return set_error(error, &err);
    return true;
}

/* Without a table: all that were fed so far. */
bool engine_end(Engine *self, const char *table, EngineError *error) {
    weir_error err;
    if (table && !find_feed(self, table, error)) return false;
    for (size_t i = 0; i < self->n_feeds; i++) {
        if (table && strcmp(self->feeds[i].table, table) != 0) continue;
        if (weir_feed_end(self->feeds[i].feed, &err) != WEIR_OK) return set_error(error, &err);
    }
    return true;
}

bool engine_settime(Engine *self, const char *time, EngineError *error) {
    weir_error err;
    int64_t us;
    if (weir_parse_timestamp(time, strlen(time), &us, &err) != WEIR_OK)
        return set_error(error, &err);
    weir_set_clock(self->engine, us);
    return true;
}

/* ---- counters ---- */

uint64_t engine_allocs(const Engine *self) {
    uint64_t n = self->closed_allocs;
    weir_query *query;
    for (size_t i = 0; (query = weir_query_at(self->engine, i)); i++) {
        weir_stats stats;
        weir_query_stats(query, &stats);
        n += stats.allocations;
    }
    return n;
}

uint64_t engine_bytes(const Engine *self) {
    uint64_t most = 0;
    weir_query *query;
    for (size_t i = 0; (query = weir_query_at(self->engine, i)); i++) {
        weir_stats stats;
        weir_query_stats(query, &stats);
        if (stats.memory_peak > most) most = stats.memory_peak;
    }
    return most;
}
