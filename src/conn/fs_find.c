/* fs_find.c -- the files that a path, a directory, a pattern or a regular expression means.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/fs.h"
#include "weir_config.h"

#include <errno.h>
#include <glob.h>
#if WEIR_HAVE_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif

typedef struct FsWalk {
    const char *dir;
    FsVisit *visit;
    void *ctx;
    void *regex; /* pcre2_code, or NULL: every file */
    unsigned depth;
} FsWalk;

enum { FS_DEPTH_MAX = 64 };

bool fs_has_pattern(Span path) {
    for (size_t i = 0; i < path.len; i++) {
        if (strchr("*?[{", path.ptr[i])) return true;
    }
    return false;
}

#if WEIR_HAVE_PCRE2
static Status fsregex_compile(Span pattern, void **out, Err *err) {
    int code;
    size_t at;
    *out = NULL;
    if (!pattern.len) return ST_OK;
    *out = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C,
                         &code, &at, NULL);
    if (!*out) {
        char text[160];
        pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text);
        FAIL(err, ST_INVALID, "2201B", -1,
             "'source.path.regex-pattern' is wrong at character %zu: %s", at + 1, text);
    }
    return ST_OK;
}

static bool fsregex_matches(void *regex, const char *path) {
    pcre2_match_data *data;
    int rc;
    if (!regex) return true;
    data = pcre2_match_data_create(1, NULL);
    rc = pcre2_match(regex, (PCRE2_SPTR)path, strlen(path), 0, PCRE2_ANCHORED | PCRE2_ENDANCHORED,
                     data, NULL);
    pcre2_match_data_free(data);
    return rc >= 0;
}

static void fsregex_free(void *regex) {
    pcre2_code_free(regex);
}
#else
static Status fsregex_compile(Span pattern, void **out, Err *err) {
    *out = NULL;
    if (!pattern.len) return ST_OK;
    FAIL(err, ST_UNSUPPORTED, "0A000", -1, "'source.path.regex-pattern' needs a build with PCRE2");
}

static bool fsregex_matches(void *regex, const char *path) {
    (void)regex, (void)path;
    return true;
}

static void fsregex_free(void *regex) {
    (void)regex;
}
#endif

static Status fswalk_path(const FsWalk *walk, const char *path, Err *err);

static Status fswalk_entry(void *ctx, const char *name, Err *err) {
    const FsWalk *walk = ctx;
    char path[4096];
    size_t dir_len = strlen(walk->dir);
    if (name[0] == '.' || name[0] == '_') return ST_OK;
    snprintf(path, sizeof path, "%s%s%s", walk->dir,
             dir_len && walk->dir[dir_len - 1] == '/' ? "" : "/", name);
    return fswalk_path(walk, path, err);
}

static Status fswalk_path(const FsWalk *walk, const char *path, Err *err) {
    FileInfo info;
    FsWalk inner = *walk;
    TRY(file_stat(path, &info, err));
    if (!info.is_dir)
        return fsregex_matches(walk->regex, path) ? walk->visit(walk->ctx, path, &info, err)
                                                  : ST_OK;
    inner.dir = path;
    if (++inner.depth > FS_DEPTH_MAX) {
        FAIL(err, ST_LIMIT, "54000", -1, "directories are nested deeper than %d at \"%s\"",
             FS_DEPTH_MAX, path);
    }
    return dir_list(path, fswalk_entry, &inner, err);
}

Status fs_find(const char *path, Span regex, FsVisit *visit, void *ctx, Err *err) {
    FsWalk walk = {.visit = visit, .ctx = ctx};
    Status status;
    glob_t found;
    TRY(fsregex_compile(regex, &walk.regex, err));
    if (file_exists(path) || !fs_has_pattern(span_of(path))) {
        status = fswalk_path(&walk, path, err);
    } else {
        status = ST_OK;
        if (glob(path, GLOB_BRACE, NULL, &found) == 0) {
            for (size_t i = 0; i < found.gl_pathc && status == ST_OK; i++) {
                status = fswalk_path(&walk, found.gl_pathv[i], err);
            }
            globfree(&found);
        }
    }
    fsregex_free(walk.regex);
    return status;
}
