/* slt.h -- the .slt runner: golden SQL files with streaming verbs, each run in several modes.
 *
 * slt_parse.c reads a file into records; slt_run.c executes them against an engine through
 * slt_engine.c, the only file that knows weir.h; slt_text.c says where results differ;
 * slt_update.c writes results back into the file; slt_main.c spreads files over processes.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_SLT_H
#define WEIR_SLT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* ---- growing text and lists of lines ---- */

typedef struct Text {
    char *ptr; /* always ends with NUL, NULL when nothing was ever added */
    size_t len, cap;
} Text;
void text_add(Text *text, const char *bytes, size_t len);
void text_printf(Text *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_free(Text *text);

typedef struct Lines {
    char **items;
    size_t n, cap;
} Lines;
void lines_add(Lines *lines, const char *bytes, size_t len);
void lines_sort(Lines *lines);
void lines_clear(Lines *lines);
void lines_free(Lines *lines);

/* ---- files ---- */

typedef enum Verb {
    VERB_STATEMENT, /* statement ok | statement error SQLSTATE */
    VERB_QUERY,     /* query [types] [rowsort|nosort] */
    VERB_FEED,      /* feed TABLE */
    VERB_STEP,      /* step [N] | step error SQLSTATE */
    VERB_WATERMARK, /* watermark TABLE 'TIMESTAMP' */
    VERB_END,       /* end [TABLE]: its input is over */
    VERB_DELTA,     /* delta VIEW */
    VERB_CHANGES,   /* changes VIEW: every change with its row kind */
    VERB_RESTART,   /* restart: from the last commit */
    VERB_LIMIT,     /* limit allocs|bytes N */
    VERB_SETTIME,   /* settime 'TIMESTAMP': the clock of PROCTIME() */
    VERB_FILE,      /* file NAME [until WORD]: makes a file in the directory of relative paths */
    VERB_CAT,       /* cat NAME [nosort]: what is in a file, or in all files of a directory */
    VERB_HALT       /* halt: what follows is not run */
} Verb;

typedef struct Record {
    Verb verb;
    char arg[3][128]; /* words after the verb */
    int n_args;
    int line;                            /* of the verb, from 1 */
    int sql_line;                        /* of the first line of SQL */
    char *sql;                           /* statement, query */
    bool has_result;                     /* a ---- line is there */
    Lines rows;                          /* fed, or expected */
    int rows_first, rows_end;            /* their lines in the file, end exclusive */
    char only_if[4][32], skip_if[4][32]; /* names of modes or features */
    int n_only_if, n_skip_if;
} Record;

typedef struct SltFile {
    const char *path;
    Lines lines;
    Record *records;
    size_t n_records;
} SltFile;

/* Reads a file; false with a message in *error ("path:line: what"). */
bool slt_parse(SltFile *file, const char *path, Text *error);
void slt_file_free(SltFile *file);

/* ---- engine ---- */

typedef struct Engine Engine;
typedef struct EngineError {
    char sqlstate[8];
    Text text; /* as the program prints it, with position and caret */
} EngineError;

typedef struct Mode Mode;
Engine *engine_open(const Mode *mode);
void engine_close(Engine *engine);
/* The directory that relative paths start in. */
const char *engine_dir(const Engine *engine);
/* engine_delta will be asked for this table: its changes are collected from when it exists. */
void engine_follow(Engine *engine, const char *table);
bool engine_execute(Engine *engine, const char *sql, EngineError *error);
/* Runs a query to its end and adds one line a row. */
bool engine_query(Engine *engine, const char *sql, Lines *rows, EngineError *error);
/* Feeds one row ("[weight] value value ..."); it is taken by the next step. */
bool engine_feed(Engine *engine, const char *table, const char *row, EngineError *error);
bool engine_watermark(Engine *engine, const char *table, const char *time, EngineError *error);
bool engine_end(Engine *engine, const char *table, EngineError *error);
bool engine_step(Engine *engine, EngineError *error);
bool engine_settime(Engine *engine, const char *time, EngineError *error);
/* Adds the net changes that a table or view saw since the last call, "+1 value value" a line. */
bool engine_delta(Engine *engine, const char *table, Lines *rows, EngineError *error);
/* The same, not added up: one line a change, with its row kind, in order. */
bool engine_changes(Engine *engine, const char *table, Lines *rows, EngineError *error);
uint64_t engine_allocs(const Engine *engine); /* calls of malloc so far */
uint64_t engine_bytes(const Engine *engine);  /* most memory in use so far */

/* ---- modes ---- */

struct Mode {
    const char *name;
    const char *help;
    bool restarts;
    const char *refused; /* why it cannot run yet, or NULL */
    uint32_t rows_max;   /* fed rows a step takes, 0 = all */
    uint32_t seed;       /* not 0: steps take a random number of rows */
    uint32_t n_workers;  /* 0 = as the file says */
    bool always_threads; /* and in steps of many rows */
    bool is_oracle;      /* all input at once; results at the end equal those of a plain run */
    bool is_batch;       /* and in batch mode: queries start when all input is there */
};
extern const Mode slt_modes[];
extern const size_t slt_n_modes;

typedef struct Outcome {
    bool failed, skipped;
    Text report; /* what differed, with file:line */
} Outcome;

/* Runs a file in a mode. got (may be NULL; one a record) collects actual results for --update. */
void slt_run(const SltFile *file, const Mode *mode, Lines *got, Outcome *outcome);
/* Rewrites the expected results of a file with what a plain run gave; false when it cannot. */
bool slt_update(const SltFile *file, const Lines *got, Text *error);

/* Adds a diff of expected and actual lines to the report: "-" missing, "+" unexpected. */
/* Adds up the weights of equal rows ("+1 value ..."), in the order of first arrival. */
void lines_fold(const Lines *changes, Lines *folded);
bool lines_equal(const Lines *expected, const Lines *actual);
void lines_diff(const Lines *expected, const Lines *actual, Text *report);

#endif
