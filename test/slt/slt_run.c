/* slt_run.c -- runs the records of a file in one mode and reports what differs.
 *
 * Fed rows and watermarks wait here until the next `step`. Then the mode decides how they reach the
 * engine: all in one step, one row a step, or in random groups. A watermark always starts a new
 * step, so that no mode can make a row late that is not late in another. Since `delta` compares net
 * changes between `step` verbs, the same expected rows hold in every mode.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "slt.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const Mode slt_modes[] = {
    {.name = "plain", .help = "as written: a `step` takes everything fed"},
    {.name = "row", .help = "one row a step", .rows_max = 1},
    {.name = "shake1", .help = "random steps, first seed", .rows_max = 5, .seed = 1},
    {.name = "shake2", .help = "random steps, second seed", .rows_max = 3, .seed = 2},
    {.name = "batch-once", .help = "all input in one step; ends as a plain run", .is_oracle = true},
    {.name = "batch",
     .help = "all input in batch mode; ends as a plain run",
     .is_oracle = true,
     .is_batch = true},
    {.name = "workers2", .help = "two workers; small steps need no threads", .n_workers = 2},
    {.name = "batch-workers4",
     .help = "all input at once, four workers, always with threads; ends as a plain run",
     .is_oracle = true,
     .n_workers = 4,
     .always_threads = true},
    {.name = "restart", .help = "a restart after every step", .restarts = true},
    {.name = "restart-row", .help = "the same, one row a step", .rows_max = 1, .restarts = true},
    {.name = "restart-workers2",
     .help = "the same, with two workers",
     .restarts = true,
     .n_workers = 2},
};
const size_t slt_n_modes = sizeof slt_modes / sizeof *slt_modes;

typedef struct Event {
    const Record *record; /* feed, watermark or end */
    size_t i_row;         /* of a feed */
} Event;

typedef struct Target {
    char name[128];
    Lines changes; /* everything that `delta` saw of it */
} Target;

typedef struct Run {
    const SltFile *file;
    const Mode *mode;
    Engine *engine;
    Event *events;
    size_t n_events, cap_events;
    Target *targets;
    size_t n_targets;
    uint32_t rng;
    long limit_allocs, limit_bytes; /* of the next step; -1 = none */
    bool is_lenient;                /* results are not compared (the oracle's two runs) */
    int pass;                       /* of a batch run: definitions, input, queries */
    Lines *got;
    Outcome *outcome;
} Run;

static void fail(Run *run, const Record *record, const char *what, const char *text) {
    run->outcome->failed = true;
    text_printf(&run->outcome->report, "  %s:%d: %s\n", run->file->path, record->line, what);
    for (const char *line = text; line && *line;) {
        size_t len = strcspn(line, "\n");
        text_printf(&run->outcome->report, "    %.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
}

static void split_lines(const char *text, Lines *lines) {
    while (text && *text) {
        size_t len = strcspn(text, "\n");
        lines_add(lines, text, len);
        text += len + (text[len] == '\n');
    }
}

static void compare(Run *run, const Record *record, const char *what, const Lines *expected,
                    const Lines *actual) {
    if (lines_equal(expected, actual)) return;
    Text text = {0};
    text_printf(&text, "%s: expected (-) and actual (+) rows differ", what);
    fail(run, record, text.ptr, NULL);
    lines_diff(expected, actual, &run->outcome->report);
    text_free(&text);
}

static void copy_lines(const Lines *from, Lines *to) {
    for (size_t i = 0; i < from->n; i++) lines_add(to, from->items[i], strlen(from->items[i]));
}

/* ---- errors ---- */

/* An error that the file expects, or does not. */
static void check_error(Run *run, const Record *record, EngineError *error) {
    bool is_expected = record->n_args > 0 && strcmp(record->arg[0], "error") == 0;
    const char *state = record->n_args > 1 ? record->arg[1] : "";
    Lines actual = {0};
    split_lines(error->text.ptr, &actual);
    if (run->got && is_expected) copy_lines(&actual, &run->got[record - run->file->records]);
    if (!is_expected) {
        fail(run, record, "unexpected error", error->text.ptr);
    } else if (state[0] && strcmp(state, error->sqlstate) != 0) {
        Text what = {0};
        text_printf(&what, "expected SQLSTATE %s, got %s", state, error->sqlstate);
        fail(run, record, what.ptr, error->text.ptr);
        text_free(&what);
    } else if (record->has_result) {
        compare(run, record, "error text", &record->rows, &actual);
    }
    lines_free(&actual);
}

static void check_success(Run *run, const Record *record) {
    if (record->n_args > 0 && strcmp(record->arg[0], "error") == 0)
        fail(run, record, "expected an error, but it succeeded", NULL);
}

/* ---- steps ---- */

static uint32_t run_random(Run *run) {
    run->rng = run->rng * 1664525u + 1013904223u;
    return run->rng >> 16;
}

static bool one_step(Run *run, const Record *record, EngineError *error) {
    uint64_t before = engine_allocs(run->engine);
    if (!engine_step(run->engine, error)) return false;
    uint64_t n_allocs = engine_allocs(run->engine) - before;
    Text what = {0};
    if (run->limit_allocs >= 0 && n_allocs > (uint64_t)run->limit_allocs)
        text_printf(&what, "a step called malloc %llu times, more than %ld",
                    (unsigned long long)n_allocs, run->limit_allocs);
    else if (run->limit_bytes >= 0 && engine_bytes(run->engine) > (uint64_t)run->limit_bytes)
        text_printf(&what, "%llu bytes were in use, more than %ld",
                    (unsigned long long)engine_bytes(run->engine), run->limit_bytes);
    if (what.ptr) fail(run, record, what.ptr, NULL);
    text_free(&what);
    return true;
}

static bool feed_event(Run *run, const Event *event, EngineError *error) {
    const Record *record = event->record;
    if (record->verb == VERB_WATERMARK)
        return engine_watermark(run->engine, record->arg[0], record->arg[1], error);
    if (record->verb == VERB_END)
        return engine_end(run->engine, record->n_args ? record->arg[0] : NULL, error);
    return engine_feed(run->engine, record->arg[0], record->rows.items[event->i_row], error);
}

/* Hands all waiting events to the engine and steps until they are taken. */
static bool take_events(Run *run, const Record *record, EngineError *error) {
    uint32_t n_fed = 0, n_max = run->mode->rows_max;
    for (size_t i = 0; i < run->n_events; i++) {
        const Event *event = &run->events[i];
        bool is_row = event->record->verb == VERB_FEED;
        uint32_t n_now = run->mode->seed ? 1 + run_random(run) % n_max : n_max;
        if (n_fed > 0 && (!is_row || (n_max && n_fed >= n_now))) {
            if (!one_step(run, record, error)) return false;
            n_fed = 0;
        }
        if (!feed_event(run, event, error)) {
            run->n_events = 0;
            return false;
        }
        n_fed += is_row;
    }
    run->n_events = 0;
    return one_step(run, record, error);
}

/* Hands all waiting events to the engine without a step. */
static void feed_all(Run *run) {
    EngineError error = {0};
    for (size_t i = 0; i < run->n_events; i++)
        if (!feed_event(run, &run->events[i], &error)) {
            fail(run, run->events[i].record, "unexpected error", error.text.ptr);
            break;
        }
    run->n_events = 0;
    text_free(&error.text);
}

static void run_step(Run *run, const Record *record) {
    EngineError error = {0};
    bool good = take_events(run, record, &error);
    int n_more = record->n_args == 1 ? atoi(record->arg[0]) - 1 : 0;
    while (good && n_more-- > 0) good = one_step(run, record, &error);
    if (good)
        check_success(run, record);
    else
        check_error(run, record, &error);
    run->limit_allocs = run->limit_bytes = -1;
    text_free(&error.text);
}

static void add_event(Run *run, const Record *record, size_t i_row) {
    if (run->n_events == run->cap_events) {
        run->cap_events = run->cap_events ? run->cap_events * 2 : 64;
        run->events = realloc(run->events, run->cap_events * sizeof *run->events);
        if (!run->events) exit(71);
    }
    run->events[run->n_events++] = (Event){record, i_row};
}

/* ---- results ---- */

static bool has_word(const Record *record, const char *word) {
    for (int i = 0; i < record->n_args; i++)
        if (strcmp(record->arg[i], word) == 0) return true;
    return false;
}

static void run_query(Run *run, const Record *record) {
    EngineError error = {0};
    Lines rows = {0}, expected = {0};
    if (!engine_query(run->engine, record->sql, &rows, &error)) {
        check_error(run, record, &error);
    } else {
        if (run->got) copy_lines(&rows, &run->got[record - run->file->records]);
        copy_lines(&record->rows, &expected);
        if (!has_word(record, "nosort")) lines_sort(&expected), lines_sort(&rows);
        if (!run->is_lenient) compare(run, record, "query", &expected, &rows);
    }
    lines_free(&rows);
    lines_free(&expected);
    text_free(&error.text);
}

static Target *find_target(Run *run, const char *name) {
    for (size_t i = 0; i < run->n_targets; i++)
        if (strcmp(run->targets[i].name, name) == 0) return &run->targets[i];
    run->targets = realloc(run->targets, (run->n_targets + 1) * sizeof *run->targets);
    if (!run->targets) exit(71);
    Target *target = &run->targets[run->n_targets++];
    *target = (Target){0};
    snprintf(target->name, sizeof target->name, "%s", name);
    return target;
}

static void run_delta(Run *run, const Record *record) {
    EngineError error = {0};
    Lines changes = {0}, folded = {0}, expected = {0};
    if (!engine_delta(run->engine, record->arg[0], &changes, &error)) {
        fail(run, record, "unexpected error", error.text.ptr);
    } else {
        copy_lines(&changes, &find_target(run, record->arg[0])->changes);
        lines_fold(&changes, &folded);
        if (run->got) copy_lines(&folded, &run->got[record - run->file->records]);
        lines_fold(&record->rows, &expected);
        lines_sort(&expected);
        lines_sort(&folded);
        if (!run->is_lenient) compare(run, record, "delta", &expected, &folded);
    }
    lines_free(&changes);
    lines_free(&folded);
    lines_free(&expected);
    text_free(&error.text);
}

/* Every change, in order. How changes are spread over steps is up to the batch modes. */
static void run_changes(Run *run, const Record *record) {
    EngineError error = {0};
    Lines changes = {0};
    if (!engine_changes(run->engine, record->arg[0], &changes, &error)) {
        fail(run, record, "unexpected error", error.text.ptr);
    } else {
        if (run->got) copy_lines(&changes, &run->got[record - run->file->records]);
        if (!run->is_lenient) compare(run, record, "changes", &record->rows, &changes);
    }
    lines_free(&changes);
    text_free(&error.text);
}

/* ---- files ---- */

static void run_file(Run *run, const Record *record) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", engine_dir(run->engine), record->arg[0]);
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        mkdir(path, 0777);
        *slash = '/';
    }
    FILE *out = fopen(path, "w");
    if (!out) {
        fail(run, record, "the file cannot be made", NULL);
        return;
    }
    for (size_t i = 0; i < record->rows.n; i++) fprintf(out, "%s\n", record->rows.items[i]);
    fclose(out);
}

/* Adds the lines of a file, or of all files below a directory, each with its directory before it;
 * files whose names begin with '_' are only named. */
static void list_lines(const char *path, const char *below, Lines *rows) {
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, alphasort);
    FILE *in = n < 0 ? fopen(path, "r") : NULL;
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    while (in && (len = getline(&line, &cap, in)) >= 0) {
        Text text = {0};
        while (len > 0 && line[len - 1] == '\n') len--;
        text_printf(&text, "%s%s%.*s", below, *below ? ": " : "", (int)len, line);
        lines_add(rows, text.ptr, text.len);
        text_free(&text);
    }
    free(line);
    if (in) fclose(in);
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        char inner[512], inner_below[512];
        snprintf(inner, sizeof inner, "%s/%s", path, name);
        snprintf(inner_below, sizeof inner_below, "%s%s%s", below, *below ? "/" : "", name);
        if (name[0] == '_')
            lines_add(rows, inner_below, strlen(inner_below));
        else if (name[0] != '.')
            list_lines(inner, entries[i]->d_type == DT_DIR ? inner_below : below, rows);
        free(entries[i]);
    }
    if (n >= 0) free(entries);
}

static void run_cat(Run *run, const Record *record) {
    char path[512];
    Lines rows = {0}, expected = {0};
    snprintf(path, sizeof path, "%s/%s", engine_dir(run->engine), record->arg[0]);
    list_lines(path, "", &rows);
    if (run->got) copy_lines(&rows, &run->got[record - run->file->records]);
    copy_lines(&record->rows, &expected);
    if (!has_word(record, "nosort")) lines_sort(&expected), lines_sort(&rows);
    compare(run, record, "cat", &expected, &rows);
    lines_free(&rows);
    lines_free(&expected);
}

/* ---- records ---- */

static bool named(const char list[][32], int n, const char *name) {
    for (int i = 0; i < n; i++) {
        size_t len = strlen(list[i]);
        /* "shake" stands for all modes whose names begin so. */
        if (strncmp(list[i], name, len) == 0) return true;
    }
    return false;
}

static bool starts_with(const char *sql, const char *word) {
    if (!sql) return false;
    sql += strspn(sql, " \n");
    return strncasecmp(sql, word, strlen(word)) == 0;
}

static bool is_left_out(const Run *run, const Record *record) {
    const char *mode = run->mode->name;
    if (record->n_only_if && !named(record->only_if, record->n_only_if, mode)) return true;
    /* A plan for several workers has exchanges: files that look at them say onlyif. */
    if (run->mode->n_workers && !record->n_only_if && starts_with(record->sql, "EXPLAIN"))
        return true;
    return named(record->skip_if, record->n_skip_if, mode);
}

static void run_statement(Run *run, const Record *record) {
    EngineError error = {0};
    if (engine_execute(run->engine, record->sql, &error))
        check_success(run, record);
    else
        check_error(run, record, &error);
    text_free(&error.text);
}

static void run_settime(Run *run, const Record *record) {
    EngineError error = {0};
    if (!engine_settime(run->engine, record->arg[0], &error))
        fail(run, record, "unexpected error", error.text.ptr);
    text_free(&error.text);
}

static bool starts_job(const char *sql) {
    return starts_with(sql, "INSERT") || starts_with(sql, "EXECUTE") || starts_with(sql, "BEGIN");
}

/* In batch mode a query ends where its input ends, so definitions and input come first. */
static int pass_of(const Record *record) {
    if (record->verb == VERB_STATEMENT) return starts_job(record->sql) ? 2 : 0;
    return record->verb == VERB_FILE || record->verb == VERB_DELTA || record->verb == VERB_CHANGES
               ? 0
               : 1;
}

static bool run_record(Run *run, const Record *record) {
    bool is_oracle = run->mode->is_oracle;
    if (run->mode->is_batch && pass_of(record) != run->pass) return record->verb != VERB_HALT;
    switch (record->verb) {
    case VERB_STATEMENT: run_statement(run, record); break;
    case VERB_QUERY:
        if (!is_oracle) run_query(run, record);
        break;
    case VERB_FEED:
        for (size_t i = 0; i < record->rows.n; i++) add_event(run, record, i);
        break;
    case VERB_WATERMARK:
    case VERB_END: add_event(run, record, 0); break;
    case VERB_STEP:
        if (!is_oracle) run_step(run, record);
        break;
    case VERB_DELTA:
        if (is_oracle)
            find_target(run, record->arg[0]);
        else
            run_delta(run, record);
        break;
    case VERB_CHANGES:
        if (!is_oracle) run_changes(run, record);
        break;
    case VERB_LIMIT:
        if (strcmp(record->arg[0], "allocs") == 0)
            run->limit_allocs = atol(record->arg[1]);
        else
            run->limit_bytes = atol(record->arg[1]);
        break;
    case VERB_SETTIME: run_settime(run, record); break;
    case VERB_FILE: run_file(run, record); break;
    case VERB_CAT:
        if (!is_oracle && !run->is_lenient) run_cat(run, record);
        break;
    case VERB_RESTART: fail(run, record, "restart: state is not durable yet", NULL); break;
    case VERB_HALT: return false;
    }
    return !run->outcome->failed || run->got != NULL;
}

static void run_records(Run *run) {
    for (size_t i = 0; i < run->file->n_records; i++) {
        const Record *record = &run->file->records[i];
        if (is_left_out(run, record)) continue;
        if (!run_record(run, record)) break;
    }
}

static void run_file_records(Run *run) {
    const Record *records = run->file->records;
    bool is_batch = run->mode->is_batch;
    for (size_t i = 0; i < run->file->n_records; i++)
        if ((records[i].verb == VERB_DELTA || records[i].verb == VERB_CHANGES) && !is_batch)
            engine_follow(run->engine, records[i].arg[0]);
    for (run->pass = 0; run->pass < (is_batch ? 3 : 1) && !run->outcome->failed; run->pass++) {
        run_records(run);
        if (is_batch && run->pass == 1) feed_all(run);
    }
}

static void run_free(Run *run) {
    if (run->engine) engine_close(run->engine);
    for (size_t i = 0; i < run->n_targets; i++) lines_free(&run->targets[i].changes);
    free(run->targets);
    free(run->events);
}

/* Everything that a table or view holds when a batch run has ended, as changes. */
static bool batch_rows(Run *run, const char *name, Lines *rows, EngineError *error) {
    Lines found = {0};
    char sql[192];
    snprintf(sql, sizeof sql, "SELECT * FROM %s", name);
    bool good = engine_query(run->engine, sql, &found, error);
    for (size_t i = 0; i < found.n; i++) {
        Text text = {0};
        text_printf(&text, "+1%s%s", found.items[i][0] ? " " : "", found.items[i]);
        lines_add(rows, text.ptr, text.len);
        text_free(&text);
    }
    lines_free(&found);
    return good;
}

static void compare_target(Run *plain, Run *batch, const Record *last, const char *name) {
    Lines folded[2] = {{0}, {0}};
    Run *runs[] = {plain, batch};
    EngineError error = {0};
    for (int i = 0; i < 2; i++) {
        Lines *changes = &find_target(runs[i], name)->changes;
        bool good = runs[i]->mode->is_batch ? batch_rows(runs[i], name, changes, &error)
                                            : engine_delta(runs[i]->engine, name, changes, &error);
        if (!good) fail(batch, last, name, error.text.ptr);
        lines_fold(changes, &folded[i]);
        lines_sort(&folded[i]);
    }
    compare(batch, last, name, &folded[0], &folded[1]);
    lines_free(&folded[0]);
    lines_free(&folded[1]);
    text_free(&error.text);
}

static bool is_select(const char *sql) {
    sql += strspn(sql, " (\n");
    return strncasecmp(sql, "SELECT", 6) == 0 || strncasecmp(sql, "WITH", 4) == 0 ||
           strncasecmp(sql, "VALUES", 6) == 0;
}

static void compare_query(Run *plain, Run *batch, const Record *record) {
    Lines rows[2] = {{0}, {0}};
    Run *runs[] = {plain, batch};
    EngineError error = {0};
    for (int i = 0; i < 2; i++) {
        if (!engine_query(runs[i]->engine, record->sql, &rows[i], &error))
            fail(batch, record, i ? "error at the end, all at once" : "error at the end",
                 error.text.ptr);
        lines_sort(&rows[i]);
    }
    if (!error.text.ptr) compare(batch, record, "query at the end", &rows[0], &rows[1]);
    lines_free(&rows[0]);
    lines_free(&rows[1]);
    text_free(&error.text);
}

/* Ends all inputs of both runs and compares, folded, everything that the file looks at. */
static void compare_ends(Run *plain, Run *batch) {
    const Record last = {.verb = VERB_END, .line = (int)plain->file->lines.n};
    EngineError error = {0};
    Run *runs[] = {plain, batch};
    for (int i = 0; i < 2; i++) {
        add_event(runs[i], &last, 0);
        if (!take_events(runs[i], &last, &error)) {
            fail(batch, &last, "unexpected error at the end of input", error.text.ptr);
            text_free(&error.text);
            return;
        }
    }
    for (size_t t = 0; t < batch->n_targets; t++)
        compare_target(plain, batch, &last, batch->targets[t].name);
    for (size_t i = 0; i < batch->file->n_records; i++) {
        const Record *record = &batch->file->records[i];
        if (record->verb == VERB_QUERY && !is_left_out(batch, record) && is_select(record->sql))
            compare_query(plain, batch, record);
    }
    text_free(&error.text);
}

void slt_run(const SltFile *file, const Mode *mode, Lines *got, Outcome *outcome) {
    Run run = {.file = file,
               .mode = mode,
               .rng = mode->seed,
               .limit_allocs = -1,
               .limit_bytes = -1,
               .got = got,
               .outcome = outcome};
    if (mode->refused) {
        outcome->skipped = true;
        return;
    }
    run.engine = engine_open(mode);
    run_file_records(&run);
    if (mode->is_oracle && !outcome->failed) {
        Run plain = {.file = file,
                     .mode = &slt_modes[0],
                     .limit_allocs = -1,
                     .limit_bytes = -1,
                     .is_lenient = true,
                     .outcome = outcome};
        plain.engine = engine_open(plain.mode);
        run_file_records(&plain);
        compare_ends(&plain, &run);
        run_free(&plain);
    }
    run_free(&run);
}
