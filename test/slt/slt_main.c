/* slt_main.c -- finds .slt files and runs each in a process of its own, in all modes, a few at a
 * time: a crash or an endless loop in one is a failure of that file.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "slt.h"

#include <errno.h>
#include <fts.h>
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_MAX = 64 };

typedef struct Args {
    const char *filter, *mode;
    int n_jobs, seconds_max;
    bool is_update, is_verbose, is_list;
} Args;

typedef struct Job {
    pid_t pid;
    int fd; /* reads the report, then a line "#counts passed failed skipped" */
    const char *path;
    Text output;
} Job;

typedef struct Totals {
    int passed, failed, skipped, n_files;
} Totals;

static const char usage[] =
    "weir-slt [OPTIONS] [FILE|DIRECTORY]...   runs .slt files (default: test)\n"
    "  --filter TEXT   only files whose path contains TEXT\n"
    "  --mode NAME     only this mode\n"
    "  --update        write the results of a plain run into the files\n"
    "  --timeout SEC   for one file in all modes (60)\n"
    "  -jN             N files at a time\n"
    "  --list          the modes\n"
    "  -v              name every file\n";

static bool mode_chosen(const Args *args, const Mode *mode) {
    return !args->mode || strcmp(args->mode, mode->name) == 0;
}

/* ---- in the child ---- */

static int update_file(const SltFile *file) {
    Lines *got = calloc(file->n_records + 1, sizeof *got);
    Outcome outcome = {0};
    Text error = {0};
    if (!got) exit(71);
    slt_run(file, &slt_modes[0], got, &outcome);
    if (slt_update(file, got, &error)) {
        printf("updated %s\n", file->path);
    } else {
        printf("%s", error.ptr);
        outcome.skipped = true;
    }
    for (size_t i = 0; i < file->n_records; i++) lines_free(&got[i]);
    free(got);
    text_free(&outcome.report);
    text_free(&error);
    return outcome.skipped;
}

/* The first mode that fails is reported in full, others that fail the same way by name. */
static void run_modes(const Args *args, const SltFile *file, Totals *totals) {
    Text first = {0}, also = {0};
    for (size_t i = 0; i < slt_n_modes; i++) {
        const Mode *mode = &slt_modes[i];
        Outcome outcome = {0};
        if (!mode_chosen(args, mode)) continue;
        slt_run(file, mode, NULL, &outcome);
        bool is_same = first.ptr && outcome.failed && strcmp(first.ptr, outcome.report.ptr) == 0;
        if (is_same)
            text_printf(&also, " %s", mode->name);
        else if (outcome.failed)
            printf("FAIL %s [%s]\n%s", file->path, mode->name, outcome.report.ptr);
        if (outcome.failed && !first.ptr) text_printf(&first, "%s", outcome.report.ptr);
        totals->failed += outcome.failed;
        /* A mode that does not exist yet is not a test that was left out. */
        totals->skipped += outcome.skipped && !mode->refused;
        totals->passed += !outcome.failed && !outcome.skipped;
        text_free(&outcome.report);
    }
    if (also.ptr) printf("  the same in:%s\n", also.ptr);
    text_free(&first);
    text_free(&also);
}

static void run_child(const Args *args, const char *path) {
    SltFile file;
    Text error = {0};
    Totals totals = {0};
    alarm((unsigned)args->seconds_max);
    if (!slt_parse(&file, path, &error)) {
        printf("FAIL %s\n  %s", path, error.ptr);
        totals.failed = 1;
    } else if (args->is_update) {
        totals.failed = update_file(&file);
        totals.passed = !totals.failed;
    } else {
        run_modes(args, &file, &totals);
    }
    printf("#counts %d %d %d\n", totals.passed, totals.failed, totals.skipped);
    fflush(stdout);
    /* exit, not _exit: a sanitizer reports leaks there. */
    slt_file_free(&file);
    text_free(&error);
    exit(0);
}

/* ---- in the parent ---- */

static void start_job(const Args *args, Job *job, const char *path) {
    int ends[2];
    fflush(stdout);
    if (pipe(ends) != 0 || (job->pid = fork()) < 0) {
        fprintf(stderr, "weir-slt: %s\n", strerror(errno));
        exit(1);
    }
    if (job->pid == 0) {
        close(ends[0]);
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        close(ends[1]);
        run_child(args, path);
    }
    close(ends[1]);
    job->fd = ends[0];
    job->path = path;
    job->output = (Text){0};
}

static void finish_job(const Args *args, Job *job, Totals *totals) {
    int status, passed = 0, failed = 0, skipped = 0;
    waitpid(job->pid, &status, 0);
    close(job->fd);
    text_add(&job->output, "", 0);
    char *counts = strstr(job->output.ptr, "#counts ");
    bool is_whole = counts && sscanf(counts, "#counts %d %d %d", &passed, &failed, &skipped) == 3;
    if (is_whole) {
        char *line_end = strchr(counts, '\n');
        memmove(counts, line_end + 1, strlen(line_end + 1) + 1);
    }
    if (!is_whole || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        printf("FAIL %s: ", job->path);
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
            printf("no end after %d s\n", args->seconds_max);
        else if (WIFSIGNALED(status))
            printf("killed by signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
        else
            printf("exit code %d\n", WEXITSTATUS(status));
        failed += failed == 0;
    }
    if (job->output.ptr[0])
        printf("%s", job->output.ptr);
    else if (args->is_verbose)
        printf("ok   %s\n", job->path);
    fflush(stdout);
    totals->passed += passed;
    totals->failed += failed;
    totals->skipped += skipped;
    totals->n_files++;
    text_free(&job->output);
    job->pid = 0;
}

/* Reads what the running jobs print; finishes those that closed their end. */
static void wait_jobs(const Args *args, Job *jobs, Totals *totals) {
    struct pollfd fds[JOBS_MAX];
    char bytes[65536];
    for (int i = 0; i < args->n_jobs; i++)
        fds[i] = (struct pollfd){.fd = jobs[i].pid ? jobs[i].fd : -1, .events = POLLIN};
    if (poll(fds, (nfds_t)args->n_jobs, -1) < 0) return;
    for (int i = 0; i < args->n_jobs; i++) {
        if (!fds[i].revents) continue;
        ssize_t len = read(jobs[i].fd, bytes, sizeof bytes);
        if (len > 0)
            text_add(&jobs[i].output, bytes, (size_t)len);
        else
            finish_job(args, &jobs[i], totals);
    }
}

static void run_all(const Args *args, const Lines *paths, Totals *totals) {
    Job jobs[JOBS_MAX] = {0};
    size_t next = 0;
    for (;;) {
        int n_running = 0;
        for (int i = 0; i < args->n_jobs; i++) {
            if (!jobs[i].pid && next < paths->n) start_job(args, &jobs[i], paths->items[next++]);
            n_running += jobs[i].pid != 0;
        }
        if (n_running == 0) return;
        wait_jobs(args, jobs, totals);
    }
}

static void find_files(const Args *args, char **roots, Lines *paths) {
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    FTSENT *entry;
    while (tree && (entry = fts_read(tree))) {
        size_t len = strlen(entry->fts_path);
        if (entry->fts_info == FTS_NS) {
            fprintf(stderr, "weir-slt: %s: %s\n", entry->fts_path, strerror(entry->fts_errno));
            exit(2);
        }
        if (entry->fts_info != FTS_F || len < 4 || strcmp(entry->fts_path + len - 4, ".slt") != 0)
            continue;
        if (!args->filter || strstr(entry->fts_path, args->filter))
            lines_add(paths, entry->fts_path, len);
    }
    if (tree) fts_close(tree);
    lines_sort(paths);
}

static void list_modes(void) {
    for (size_t i = 0; i < slt_n_modes; i++)
        printf("%-10s %s%s%s%s\n", slt_modes[i].name, slt_modes[i].help,
               slt_modes[i].refused ? " (not yet: " : "",
               slt_modes[i].refused ? slt_modes[i].refused : "", slt_modes[i].refused ? ")" : "");
}

static int parse_args(int argc, char **argv, Args *args) {
    static const struct option options[] = {
        {"filter", required_argument, NULL, 'f'}, {"mode", required_argument, NULL, 'm'},
        {"update", no_argument, NULL, 'u'},       {"timeout", required_argument, NULL, 't'},
        {"list", no_argument, NULL, 'l'},         {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},         {0}};
    int option;
    while ((option = getopt_long(argc, argv, "f:m:ut:lvhj:", options, NULL)) != -1) {
        switch (option) {
        case 'f': args->filter = optarg; break;
        case 'm': args->mode = optarg; break;
        case 'u': args->is_update = true; break;
        case 't': args->seconds_max = atoi(optarg); break;
        case 'l': args->is_list = true; break;
        case 'v': args->is_verbose = true; break;
        case 'j': args->n_jobs = atoi(optarg); break;
        case 'h': printf("%s", usage); exit(0);
        default: fprintf(stderr, "%s", usage); exit(2);
        }
    }
    if (args->n_jobs < 1) args->n_jobs = 1;
    if (args->n_jobs > JOBS_MAX) args->n_jobs = JOBS_MAX;
    return optind;
}

int main(int argc, char **argv) {
    Args args = {.n_jobs = 1, .seconds_max = 60};
    Lines paths = {0};
    Totals totals = {0};
    char *fallback[] = {"test", NULL};
    int first = parse_args(argc, argv, &args);
    if (args.is_list) {
        list_modes();
        return 0;
    }
    bool is_known = !args.mode;
    for (size_t i = 0; i < slt_n_modes; i++) is_known |= mode_chosen(&args, &slt_modes[i]);
    if (!is_known) {
        fprintf(stderr, "weir-slt: no mode '%s'; see --list\n", args.mode);
        return 2;
    }
    find_files(&args, argv[first] ? argv + first : fallback, &paths);
    run_all(&args, &paths, &totals);
    printf("%d files: %d passed, %d failed, %d skipped\n", totals.n_files, totals.passed,
           totals.failed, totals.skipped);
    lines_free(&paths);
    return totals.failed > 0;
}
