/* cli.h -- the parts of the program, shared by the files of this directory. The program uses the
 * library through weir.h only.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_CLI_H
#define WEIR_CLI_H

#include <signal.h>
#include <weir.h>

/* Documented in `weir --help`; scripts rely on them. */
typedef enum ExitCode {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,   /* a query failed while it ran */
    EXIT_USAGE = 2,    /* wrong command line */
    EXIT_SQL = 3,      /* the SQL text is wrong: nothing, or not all of it, was run */
    EXIT_STOPPED = 130 /* Ctrl-C; 143 after SIGTERM: stopped in good order */
} ExitCode;

/* ---- command line (args.c) ---- */

typedef enum OutputMode {
    OUTPUT_AUTO,
    OUTPUT_TABLE,
    OUTPUT_CSV,
    OUTPUT_JSON,
    OUTPUT_TABLEAU,
    OUTPUT_CHANGELOG
} OutputMode;

typedef struct Args {
    const char *command; /* "run" */
    const char *file;    /* positional argument; "-" = standard input */
    const char **more;   /* further positional arguments */
    int n_more;
    const char *sql;         /* -e */
    const char *defines[64]; /* -D name=value */
    int n_defines;
    OutputMode output;
    const char *memory, *zone, *step_rows, *base_dir, *state_dir;
    long n_workers; /* 0 = not given */
    bool is_quiet, is_verbose, is_batch, wants_help, is_profiled, shows_progress;
} Args;

typedef struct CommandSpec {
    const char *name;
    const char *args;    /* "FILE | -e SQL | -" */
    const char *help;    /* one line */
    const char *details; /* text and examples */
    const char *options; /* letters of the options that it takes */
    int (*run)(const Args *args);
} CommandSpec;
extern const CommandSpec cli_commands[];

/* Reads the command line; complains on standard error and returns false when it is wrong. */
bool args_parse(Args *args, int argc, char **argv);
void args_help(const char *command);     /* NULL: the whole program */
bool args_completion(const char *shell); /* false: not a shell that it knows */

/* ---- texts of SQL files that are built in ---- */

typedef struct SqlText {
    const char *name; /* the file's, without .sql */
    const char *text;
} SqlText;
extern const SqlText bench_nexmark[]; /* bench/sql/nexmark, ended by a NULL name */

/* What `weir bench nexmark` needs on disk: a directory for what q10 writes, and the side input of
 * q13. bench_files.c; removed again by bench_files_remove. */
bool bench_files_make(char *dir, size_t cap);
void bench_files_remove(const char *dir);

/* ---- commands ---- */

int cmd_run(const Args *args);
int cmd_check(const Args *args);
int cmd_explain(const Args *args);
int cmd_bench(const Args *args);
int cmd_doc(const Args *args);
int cmd_state(const Args *args);

/* Opens an engine as the arguments say; complains and returns NULL when that fails. */
weir_engine *cli_open_engine(const Args *args);
/* The SQL text of the arguments: -e, a file or standard input. NULL after complaining. */
char *cli_read_sql(const Args *args, size_t *len, const char **name);
void cli_error(const weir_error *error);

/* ---- signals (main.c) ---- */

/* The engine that Ctrl-C and SIGTERM stop; NULL = the program ends at once. */
void cli_catch_signals(weir_engine *engine);
extern volatile sig_atomic_t cli_signal;  /* the first one that came, 0 = none */
extern volatile sig_atomic_t cli_resized; /* the terminal has another size */

/* ---- text (cli_text.c) ---- */

/* Text that grows; always ends with NUL once something was added. */
typedef struct Text {
    char *ptr;
    size_t len, cap;
} Text;
void str_add(Text *str, const char *bytes, size_t len);
void str_adds(Text *str, const char *text);
void str_addf(Text *str, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_pad(Text *str, size_t n, const char *with);
void str_free(Text *str);

/* Columns that a terminal needs for UTF-8 text: 2 for wide characters, 0 for combining ones. */
size_t text_width(const char *text, size_t len);
/* Bytes of the longest start of the text that fits in `width` columns; *used = columns. */
size_t text_fit(const char *text, size_t len, size_t width, size_t *used);
/* Adds the text in exactly `width` columns: padded, or cut with "...". Control characters are
 * shown as spaces. */
void text_cell(Text *out, const char *text, size_t len, size_t width, bool is_right);
void text_count(Text *out, uint64_t n);     /* 1,234,567 */
void text_bytes(Text *out, uint64_t n);     /* 12.3 MB */
void text_duration(Text *out, uint64_t us); /* 1.23 s, 2 min 03 s */

/* ---- terminal (term.c) ---- */

typedef struct TermSize {
    int rows, columns;
} TermSize;
bool term_is_out(void); /* standard output is a terminal */
bool term_is_err(void);
TermSize term_size(void);
bool term_has_utf8(void);
bool term_has_color(void);
/* Writes all of it to standard output; ends the program quietly when nobody reads any more. */
void out_write(const char *bytes, size_t len);
void err_write(const char *bytes, size_t len);

/* ---- showing rows (view_*.c) ---- */

/* How a SELECT is shown. begin sees the columns, rows what came, end what is left. */
typedef struct View View;
typedef struct ViewType {
    bool is_kept; /* asks for the whole table, not for changes */
    void (*begin)(View *, weir_rows *);
    void (*rows)(View *, weir_rows *);
    void (*end)(View *, weir_rows *); /* rows: the last state when is_kept, else NULL */
} ViewType;
struct View {
    const ViewType *type;
    weir_query *query;
    weir_engine *engine;
    bool with_op; /* rows have a row kind to show */
    bool is_batch;
    size_t n_columns;
    size_t *widths;
    bool *is_right;
    uint64_t n_rows;
    int lines_drawn; /* live table */
    int64_t drawn_us;
    OutputMode mode;
};
extern const ViewType view_lines, view_tableau, view_append, view_live, view_final;
const ViewType *view_choose(OutputMode mode, weir_query *query, bool is_batch);
void view_free(View *view);

/* A whole answer (SHOW, DESCRIBE, EXPLAIN) at once. OUTPUT_AUTO: csv, but one text as it is. */
void view_answer(OutputMode mode, weir_rows *rows);

/* ---- progress and summary (progress.c) ---- */

typedef struct Progress {
    bool is_on, is_shown;
    int64_t begin_us, drawn_us;
} Progress;
void progress_begin(Progress *progress, bool is_on);
void progress_draw(Progress *progress, weir_engine *engine); /* at most ten times a second */
void progress_clear(Progress *progress);

/* Adds up what queries did. */
typedef struct Totals {
    weir_stats stats;
    Text reasons; /* "2 expected a number, 1 ..." */
    int n_queries;
} Totals;
void totals_add(Totals *totals, const weir_query *query);
void totals_print(Totals *totals, bool is_stopped, int64_t elapsed_us);

int64_t cli_now_us(void); /* monotonic */

#endif
