/* bench_files.c -- the files of `weir bench nexmark`, in a temporary directory.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIDE_ROWS = 10000, OPEN_DIRS_MAX = 16 };

static bool bench_failed(const char *path) {
    Text line = {0};
    str_addf(&line, "weir: cannot write %s: %s\n", path, strerror(errno));
    err_write(line.ptr, line.len);
    str_free(&line);
    return false;
}

bool bench_files_make(char *dir, size_t cap) {
    const char *tmp = getenv("TMPDIR");
    char path[320];
    FILE *file;
    bool good;
    if (snprintf(dir, cap, "%s/weir-bench-XXXXXX", tmp && *tmp ? tmp : "/tmp") >= (int)cap)
        return bench_failed(tmp);
    if (!mkdtemp(dir)) return bench_failed(dir);
    snprintf(path, sizeof path, "%s/side_input.csv", dir);
    file = fopen(path, "w");
    if (!file) return bench_failed(path);
    for (int i = 0; i < SIDE_ROWS; i++) fprintf(file, "%d,%d\n", i, i);
    good = !ferror(file);
    return fclose(file) == 0 && good ? true : bench_failed(path);
}

static int bench_remove(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    remove(path); /* what stays behind lies in a directory for temporary files */
    return 0;
}

void bench_files_remove(const char *dir) {
    nftw(dir, bench_remove, OPEN_DIRS_MAX, FTW_DEPTH | FTW_PHYS);
}
