/* args.c -- the command line: commands and options are rows of tables, from which parsing, help and
 * the shells' completion are made.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct OptionRow {
    char letter;       /* what CommandSpec.options lists; also "-x" when lower case or D */
    const char *name;  /* "--output" */
    const char *value; /* NULL: takes none */
    const char *help;
} OptionRow;

static const OptionRow args_options[] = {
    {'e', "--execute", "SQL", "run this text instead of a file"},
    {'o', "--output", "HOW",
     "how a SELECT is shown: table, csv, json, tableau, changelog\n"
     "(default: table on a terminal, else csv)"},
    {'D', "--define", "NAME=VALUE",
     "replace ${NAME} in the SQL text; a setting's name sets it too"},
    {'m', "--memory", "SIZE", "most memory each query may use: 512mb, 4gb"},
    {'z', "--timezone", "ZONE", "table.local-time-zone: UTC, Europe/Berlin, +02:00"},
    {'b', "--batch", NULL, "execution.runtime-mode = batch: final rows only"},
    {'C', "--directory", "DIR", "relative paths of tables start here"},
    {'w', "--workers", "N", "threads that share each query's work (default: parallelism.default)"},
    {'S', "--state", "DIR",
     "keep the state of INSERTs in this directory, and go on from it: they survive\n"
     "a crash at any instant (docs/durability.md)"},
    {'s', "--step-rows", "N", "most rows a source gives in a step (default: as load demands)"},
    {'p', "--profile", NULL, "print rows and time of each operator at the end"},
    {'P', "--progress", NULL, "show progress also when standard error is no terminal"},
    {'q', "--quiet", NULL, "no summary, no progress, no notes"},
    {'v', "--verbose", NULL, "say what each statement did"},
    {'h', "--help", NULL, "this text"},
};
enum { N_OPTIONS = sizeof args_options / sizeof *args_options };

const CommandSpec cli_commands[] = {
    {"run", "FILE | -e SQL | -", "run the statements of a file, a text or standard input",
     "INSERTs start in the background as jobs and run side by side, as in Flink; the program ends\n"
     "when all have ended ('table.dml-sync' = 'true' runs each before the next statement). The\n"
     "first Ctrl-C finishes the step, flushes the sinks and says what was done; the second quits.\n"
     "\n"
     "  weir run query.sql\n"
     "  weir run -e \"SELECT 1 + 1\"\n"
     "  weir run -D DIR=/data -o json report.sql | jq .\n"
     "  tail -F app.log | weir run watch.sql\n",
     "eoDmzbCSwspPqvh", cmd_run},
    {"check", "FILE | -e SQL | -", "report every error of a SQL text without running it",
     "  weir check query.sql && weir run query.sql\n", "eDzbCqh", cmd_check},
    {"explain", "FILE | -e SQL | -", "print the plan of every query without running it",
     "  weir explain query.sql\n", "eDzbCwh", cmd_explain},
    {"bench", "FILE... | nexmark [QUERY...]",
     "run SQL files one after the other and print a table of their speed",
     "Each file runs alone in an engine of its own; rows, time, rate and peak memory are shown.\n"
     "`nexmark` stands for the queries of that benchmark: q0 to q23, and m0 to m3 of its\n"
     "MATCH_RECOGNIZE suite, over COUNT events that are made meanwhile (1000000, if not said\n"
     "otherwise) or over a file of them, EVENTS.\n"
     "\n"
     "  weir bench nexmark\n"
     "  weir bench nexmark -D EVENTS=/data/events.json q4 q5\n"
     "  weir bench bench/sql/*.sql\n"
     "  weir bench -D FILE=events.json q0.sql q1.sql\n",
     "DmzbCwsh", cmd_bench},
    {"state", "list|show|verify DIR", "look into a directory of `run --state`",
     "`list` names its queries, `show` their operators and tables too; `verify` reads all of it "
     "and\n"
     "fails when anything is damaged. No process may be using the directory.\n"
     "\n"
     "  weir state show /var/lib/weir/orders\n",
     "h", cmd_state},
    {"doc", "[TOPIC]", "print a chapter of the reference as Markdown",
     "Without a topic lists them.\n"
     "\n"
     "  weir doc functions\n"
     "  weir doc connectors | less\n",
     "h", cmd_doc},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};

static const CommandSpec *args_command(const char *name) {
    for (const CommandSpec *spec = cli_commands; spec->name; spec++)
        if (strcmp(spec->name, name) == 0) return spec;
    return NULL;
}

/* ---- help ---- */

static void help_option(Text *out, const OptionRow *option) {
    Text left = {0};
    const char *help = option->help;
    if (strchr("eoDmzbCSwspPqvh", option->letter) && option->letter != 'P')
        str_addf(&left, "-%c, ", option->letter);
    str_addf(&left, "%s%s%s", option->name, option->value ? " " : "",
             option->value ? option->value : "");
    str_addf(out, "  %-28s", left.ptr);
    while (*help) {
        size_t n = strcspn(help, "\n");
        str_add(out, help, n);
        str_adds(out, "\n");
        help += n + (help[n] == '\n');
        if (*help) str_pad(out, 30, " ");
    }
    str_free(&left);
}

static void help_command(Text *out, const CommandSpec *spec) {
    str_addf(out, "weir %s [options] %s\n  %s\n\n%s\noptions\n", spec->name, spec->args, spec->help,
             spec->details);
    for (int i = 0; i < N_OPTIONS; i++)
        if (strchr(spec->options, args_options[i].letter)) help_option(out, &args_options[i]);
}

static void help_all(Text *out) {
    str_addf(out,
             "weir %s: Flink SQL over streams, in one program\n\n"
             "weir COMMAND [options] [arguments]\n\ncommands\n",
             weir_version());
    for (const CommandSpec *spec = cli_commands; spec->name; spec++)
        str_addf(out, "  %-9s%-20s%s\n", spec->name, spec->args, spec->help);
    str_adds(out, "\n`weir COMMAND --help` says more; `weir --version` prints the version.\n"
                  "\nexamples\n"
                  "  weir run -e \"SELECT TIMESTAMP '2024-01-31 10:00:00' + INTERVAL '1' DAY\"\n"
                  "  weir run logins.sql                   # a Flink SQL file, as it is\n"
                  "  weir run -o csv -e \"$(cat q.sql)\" >out.csv\n"
                  "  weir check q.sql                      # all errors, nothing is run\n"
                  "  weir doc functions | less\n"
                  "\nexit codes\n"
                  "    0  done\n"
                  "    1  a query failed while it ran\n"
                  "    2  the command line is wrong\n"
                  "    3  the SQL text is wrong (check: it has errors)\n"
                  "   71  the system has no memory left\n"
                  "  130  stopped by Ctrl-C, in good order (143: by SIGTERM)\n");
}

void args_help(const char *command) {
    Text out = {0};
    const CommandSpec *spec = command ? args_command(command) : NULL;
    if (spec)
        help_command(&out, spec);
    else
        help_all(&out);
    out_write(out.ptr, out.len);
    str_free(&out);
}

/* ---- parsing ---- */

/* Letters to change, add or leave out until one word is the other; 99 for long words. */
static int args_distance(const char *a, const char *b) {
    int row[32], n = (int)strlen(b);
    if (n > 31 || strlen(a) > 31) return 99;
    for (int j = 0; j <= n; j++) row[j] = j;
    for (int i = 1; *a; a++, i++) {
        int corner = row[0];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int least = corner + (*a != b[j - 1]);
            corner = row[j];
            if (row[j] + 1 < least) least = row[j] + 1;
            if (row[j - 1] + 1 < least) least = row[j - 1] + 1;
            row[j] = least;
        }
    }
    return row[n];
}

/* The option or command that was probably meant; NULL when none is near. */
static const char *args_nearest(const Args *args, const char *word) {
    const CommandSpec *command = args->command ? args_command(args->command) : NULL;
    const char *nearest = NULL;
    int least = 3;
    for (int i = 0; command && i < N_OPTIONS; i++) {
        int distance = args_distance(word, args_options[i].name);
        if (!strchr(command->options, args_options[i].letter) || distance >= least) continue;
        least = distance;
        nearest = args_options[i].name;
    }
    for (const CommandSpec *spec = cli_commands; !command && spec->name; spec++) {
        int distance = args_distance(word, spec->name);
        if (distance >= least) continue;
        least = distance;
        nearest = spec->name;
    }
    return nearest;
}

static bool args_wrong(const Args *args, const char *what, const char *which) {
    const char *nearest = which ? args_nearest(args, which) : NULL;
    Text text = {0};
    str_addf(&text, "weir: %s%s%s\n", what, which ? " " : "", which ? which : "");
    if (nearest) str_addf(&text, "did you mean %s?\n", nearest);
    str_addf(&text, "try: weir %s%s--help\n", args->command ? args->command : "",
             args->command ? " " : "");
    err_write(text.ptr, text.len);
    str_free(&text);
    return false;
}

static bool args_output(Args *args, const char *value) {
    static const struct {
        const char *name;
        OutputMode mode;
    } modes[] = {{"table", OUTPUT_TABLE},
                 {"csv", OUTPUT_CSV},
                 {"json", OUTPUT_JSON},
                 {"tableau", OUTPUT_TABLEAU},
                 {"changelog", OUTPUT_CHANGELOG}};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(modes[i].name, value) != 0) continue;
        args->output = modes[i].mode;
        return true;
    }
    return args_wrong(args, "--output is table, csv, json, tableau or changelog, not", value);
}

static bool args_define(Args *args, const char *value) {
    if (!strchr(value, '=')) return args_wrong(args, "-D needs NAME=VALUE, not", value);
    if (args->n_defines == (int)(sizeof args->defines / sizeof *args->defines))
        return args_wrong(args, "too many -D options", NULL);
    args->defines[args->n_defines++] = value;
    return true;
}

static bool args_set(Args *args, char letter, const char *value) {
    char *end;
    switch (letter) {
    case 'e': args->sql = value; return true;
    case 'o': return args_output(args, value);
    case 'D': return args_define(args, value);
    case 'm': args->memory = value; return true;
    case 'z': args->zone = value; return true;
    case 'C': args->base_dir = value; return true;
    case 'S': args->state_dir = value; return true;
    case 's':
        args->step_rows = value;
        if (strtol(value, &end, 10) < 1 || *end)
            return args_wrong(args, "--step-rows needs a number from 1, not", value);
        return true;
    case 'w':
        args->n_workers = strtol(value, &end, 10);
        if (args->n_workers < 1 || args->n_workers > 64 || *end)
            return args_wrong(args, "--workers needs a number from 1 to 64, not", value);
        return true;
    case 'b': args->is_batch = true; return true;
    case 'p': args->is_profiled = true; return true;
    case 'P': args->shows_progress = true; return true;
    case 'q': args->is_quiet = true; return true;
    case 'v': args->is_verbose = true; return true;
    default: args->wants_help = true; return true;
    }
}

/* The option that arg names; *value is set when it is part of arg: --name=value, -Dname=value. */
static const OptionRow *args_find(const char *arg, const char **value) {
    *value = NULL;
    for (int i = 0; i < N_OPTIONS; i++) {
        const OptionRow *option = &args_options[i];
        size_t n = strlen(option->name);
        if (strncmp(arg, option->name, n) == 0 && (!arg[n] || arg[n] == '=')) {
            if (arg[n]) *value = arg + n + 1;
            return option;
        }
        if (arg[1] != option->letter || arg[1] == '-' || option->letter == 'P') continue;
        if (arg[2] && !option->value) continue;
        if (arg[2]) *value = arg + 2;
        return option;
    }
    return NULL;
}

static bool args_option(Args *args, const CommandSpec *spec, int argc, char **argv, int *i) {
    const char *value, *arg = argv[*i];
    const OptionRow *option = args_find(arg, &value);
    if (!option || !strchr(spec->options, option->letter))
        return args_wrong(args, "there is no option", arg);
    if (!option->value && value) return args_wrong(args, "this option takes no value:", arg);
    if (option->value && !value) {
        if (*i + 1 == argc) return args_wrong(args, "a value is missing behind", arg);
        value = argv[++*i];
    }
    return args_set(args, option->letter, value);
}

bool args_parse(Args *args, int argc, char **argv) {
    const CommandSpec *spec;
    bool only_files = false;
    *args = (Args){.command = argc > 1 ? argv[1] : NULL};
    spec = args->command ? args_command(args->command) : NULL;
    if (!spec) {
        const char *name = args->command;
        args->command = NULL;
        return args_wrong(args, name ? "there is no command" : "a command is missing", name);
    }
    args->more = calloc((size_t)argc, sizeof *args->more);
    for (int i = 2; i < argc; i++) {
        const char *arg = argv[i];
        if (!only_files && strcmp(arg, "--") == 0) {
            only_files = true;
        } else if (!only_files && arg[0] == '-' && arg[1]) {
            if (!args_option(args, spec, argc, argv, &i)) return false;
        } else if (!args->file) {
            args->file = arg;
        } else {
            args->more[args->n_more++] = arg;
        }
    }
    if (args->wants_help) return true;
    if (args->n_more && spec->run != cmd_bench && spec->run != cmd_state)
        return args_wrong(args, "there is nothing to do with", args->more[0]);
    if (args->sql && args->file) return args_wrong(args, "-e and a file exclude each other", NULL);
    if (!args->sql && !args->file && spec->run != cmd_doc)
        return args_wrong(args, "a file, -e SQL or - is missing", NULL);
    return true;
}

/* ---- completion ---- */

static void completion_bash(Text *out) {
    str_adds(out, "# bash completion of weir\n_weir() {\n"
                  "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                  "    case $prev in\n"
                  "    -o|--output) COMPREPLY=($(compgen -W \"table csv json tableau changelog\" "
                  "-- \"$cur\")); return ;;\n"
                  "    doc) COMPREPLY=($(compgen -W \"");
    for (size_t i = 0; weir_doc_topic(i, NULL); i++)
        str_addf(out, "%s%s", i ? " " : "", weir_doc_topic(i, NULL));
    str_adds(out, "\" -- \"$cur\")); return ;;\n    esac\n"
                  "    if [ $COMP_CWORD = 1 ]; then COMPREPLY=($(compgen -W \"");
    for (const CommandSpec *spec = cli_commands; spec->name; spec++)
        str_addf(out, "%s ", spec->name);
    str_adds(out, "--help --version\" -- \"$cur\")); return; fi\n    case $cur in\n"
                  "    -*) COMPREPLY=($(compgen -W \"");
    for (int i = 0; i < N_OPTIONS; i++) str_addf(out, "%s ", args_options[i].name);
    str_adds(out, "\" -- \"$cur\")) ;;\n"
                  "    *) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n    esac\n}\n"
                  "complete -o filenames -F _weir weir\n");
}

static void completion_zsh(Text *out) {
    str_adds(out, "#compdef weir\n_weir() {\n    local -a commands=(\n");
    for (const CommandSpec *spec = cli_commands; spec->name; spec++)
        str_addf(out, "        '%s:%s'\n", spec->name, spec->help);
    str_adds(out, "    )\n    if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
                  "    if [[ $words[2] == doc ]]; then _values topic");
    for (size_t i = 0; weir_doc_topic(i, NULL); i++) str_addf(out, " %s", weir_doc_topic(i, NULL));
    str_adds(out, "; return; fi\n    _arguments \\\n");
    for (int i = 0; i < N_OPTIONS; i++) {
        const OptionRow *option = &args_options[i];
        str_addf(out, "        '%s[%.*s]%s%s%s' \\\n", option->name,
                 (int)strcspn(option->help, "\n[]"), option->help, option->value ? ":" : "",
                 option->value ? option->value : "",
                 option->letter == 'o' ? ":(table csv json tableau changelog)"
                 : option->value       ? ":"
                                       : "");
    }
    str_adds(out, "        '*:file:_files'\n}\n_weir \"$@\"\n");
}

bool args_completion(const char *shell) {
    Text out = {0};
    bool is_zsh = strcmp(shell, "zsh") == 0;
    if (!is_zsh && strcmp(shell, "bash") != 0) return false;
    if (is_zsh)
        completion_zsh(&out);
    else
        completion_bash(&out);
    out_write(out.ptr, out.len);
    str_free(&out);
    return true;
}
