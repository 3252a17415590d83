/* main.c -- the program: finds the command and runs it; signals.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

volatile sig_atomic_t cli_signal;
volatile sig_atomic_t cli_resized;
static weir_engine *volatile cli_engine;

static void on_stop(int number) {
    static const char again[] = "\nweir: stopped at once; sinks may lack the last rows\n";
    if (cli_signal || !cli_engine) {
        if (cli_signal && write(2, again, sizeof again - 1) < 0) _exit(128 + number);
        _exit(128 + number);
    }
    cli_signal = number;
    weir_cancel(cli_engine);
}

static void on_resize(int number) {
    (void)number;
    cli_resized = 1;
}

void cli_catch_signals(weir_engine *engine) {
    struct sigaction stop = {.sa_handler = on_stop}, resize = {.sa_handler = on_resize};
    cli_engine = engine;
    if (!engine) return;
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGWINCH, &resize, NULL);
}

/* The SQLSTATE stands at the end of the first line: the docs explain each. */
void cli_error(const weir_error *error) {
    size_t first = strcspn(error->text, "\n");
    Text text = {0};
    str_add(&text, error->text, first);
    str_addf(&text, " [%s]", error->sqlstate);
    str_adds(&text, error->text + first);
    err_write(text.ptr, text.len);
    str_free(&text);
}

static void cli_log(void *ctx, weir_log_level level, const char *text) {
    const Args *args = ctx;
    Text line = {0};
    if (args->is_quiet || level < (args->is_verbose ? WEIR_LOG_INFO : WEIR_LOG_WARN)) return;
    str_addf(&line, "weir: %s\n", text);
    err_write(line.ptr, line.len);
    str_free(&line);
}

static bool cli_set(weir_engine *engine, const char *key, const char *value) {
    weir_error error;
    if (!value || weir_set(engine, key, value, &error) == WEIR_OK) return true;
    cli_error(&error);
    return false;
}

/* -D NAME=VALUE defines ${NAME}; the name of a setting sets it too. */
static bool cli_define(weir_engine *engine, const char *text) {
    weir_error error;
    size_t n = strcspn(text, "=");
    char *name = strndup(text, n);
    bool good = weir_define(engine, name, text + n + 1, &error) == WEIR_OK;
    if (!good) cli_error(&error);
    if (good && strchr(name, '.')) good = cli_set(engine, name, text + n + 1);
    free(name);
    return good;
}

weir_engine *cli_open_engine(const Args *args) {
    weir_options options = {.time_zone = args->zone,
                            .base_dir = args->base_dir,
                            .state_dir = args->state_dir,
                            .is_batch = args->is_batch,
                            .workers = (uint32_t)args->n_workers,
                            .log = cli_log,
                            .log_ctx = (void *)args};
    weir_engine *engine;
    weir_error error;
    bool good;
    if (weir_open(&options, &engine, &error) != WEIR_OK) {
        cli_error(&error);
        return NULL;
    }
    good = cli_set(engine, "weir.memory-limit", args->memory) &&
           cli_set(engine, "weir.step-rows", args->step_rows) &&
           cli_set(engine, "weir.profile", args->is_profiled ? "true" : NULL);
    for (int i = 0; i < args->n_defines && good; i++) good = cli_define(engine, args->defines[i]);
    if (good) return engine;
    weir_close(engine);
    return NULL;
}

/* ---- the SQL text ---- */

static char *read_all(int fd, size_t *len) {
    Text text = {0};
    char part[65536];
    ssize_t n;
    str_add(&text, "", 0);
    while ((n = read(fd, part, sizeof part)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0) str_add(&text, part, (size_t)n);
    *len = text.len;
    if (n == 0) return text.ptr;
    str_free(&text);
    return NULL;
}

char *cli_read_sql(const Args *args, size_t *len, const char **name) {
    bool is_stdin = args->file && strcmp(args->file, "-") == 0;
    char *text;
    int fd;
    *name = "-e";
    if (args->sql) {
        *len = strlen(args->sql);
        return strdup(args->sql);
    }
    *name = is_stdin ? "standard input" : args->file;
    fd = is_stdin ? 0 : open(args->file, O_RDONLY | O_CLOEXEC);
    text = fd < 0 ? NULL : read_all(fd, len);
    if (!text) {
        Text line = {0};
        str_addf(&line, "weir: cannot read %s: %s\n", *name, strerror(errno));
        err_write(line.ptr, line.len);
        str_free(&line);
    }
    if (fd > 0) close(fd);
    return text;
}

/* ---- commands that only print ---- */

static void main_write(void *ctx, const char *text, size_t len) {
    (void)ctx;
    out_write(text, len);
}

int cmd_doc(const Args *args) {
    weir_error error;
    const char *help, *topic;
    Text out = {0};
    if (args->file) {
        if (weir_doc(args->file, main_write, NULL, &error) == WEIR_OK) return EXIT_DONE;
        cli_error(&error);
        return EXIT_USAGE;
    }
    for (size_t i = 0; (topic = weir_doc_topic(i, &help)); i++)
        str_addf(&out, "weir doc %-12s %s\n", topic, help);
    out_write(out.ptr, out.len);
    str_free(&out);
    return EXIT_DONE;
}

int cmd_state(const Args *args) {
    weir_error error;
    if (args->n_more != 1) {
        static const char usage[] = "weir: state needs list, show or verify, and a directory\n";
        err_write(usage, sizeof usage - 1);
        return EXIT_USAGE;
    }
    if (weir_state(args->file, args->more[0], main_write, NULL, &error) == WEIR_OK)
        return EXIT_DONE;
    cli_error(&error);
    return EXIT_FAILED;
}

static void check_error(void *ctx, const weir_error *error) {
    (void)ctx;
    cli_error(error);
}

int cmd_check(const Args *args) {
    size_t len, n;
    const char *name;
    char *sql = cli_read_sql(args, &len, &name);
    weir_engine *engine;
    Text line = {0};
    if (!sql) return EXIT_USAGE;
    engine = cli_open_engine(args);
    if (!engine) {
        free(sql);
        return EXIT_USAGE;
    }
    n = weir_check(engine, sql, len, name, check_error, NULL);
    if (!args->is_quiet) {
        str_addf(&line, n ? "%zu error%s\n" : "no errors\n", n, n == 1 ? "" : "s");
        err_write(line.ptr, line.len);
    }
    str_free(&line);
    weir_close(engine);
    free(sql);
    return n ? EXIT_SQL : EXIT_DONE;
}

int cmd_explain(const Args *args) {
    size_t len;
    const char *name;
    char *sql = cli_read_sql(args, &len, &name);
    weir_engine *engine;
    weir_error error;
    weir_status status;
    if (!sql) return EXIT_USAGE;
    engine = cli_open_engine(args);
    if (!engine) {
        free(sql);
        return EXIT_USAGE;
    }
    status = weir_explain(engine, sql, len, name, main_write, NULL, &error);
    if (status != WEIR_OK) cli_error(&error);
    weir_close(engine);
    free(sql);
    return status == WEIR_OK ? EXIT_DONE : EXIT_SQL;
}

int main(int argc, char **argv) {
    Args args;
    int code = EXIT_USAGE;
    const char *first = argc > 1 ? argv[1] : "";
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 || strcmp(first, "help") == 0) {
        args_help(argc > 2 ? argv[2] : NULL);
        return EXIT_DONE;
    }
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0) {
        out_write("weir ", 5);
        out_write(weir_version(), strlen(weir_version()));
        out_write("\n", 1);
        return EXIT_DONE;
    }
    if (strcmp(first, "completion") == 0 && argc == 3) {
        if (args_completion(argv[2])) return EXIT_DONE;
        err_write("weir: there is completion for bash and zsh\n", 43);
        return EXIT_USAGE;
    }
    if (!args_parse(&args, argc, argv)) return EXIT_USAGE;
    for (const CommandSpec *spec = cli_commands; spec->name; spec++) {
        if (strcmp(spec->name, args.command) != 0) continue;
        if (args.wants_help) args_help(spec->name);
        code = args.wants_help ? EXIT_DONE : spec->run(&args);
    }
    free(args.more);
    return code;
}
