/* slt_parse.c -- reads a .slt file into records.
 *
 * A record is a verb line, then SQL or rows, then for some verbs "----" and expected lines. It ends
 * at an empty line or at the next verb. Lines that start with '#' are comments, except in expected
 * error text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "slt.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct VerbInfo {
    const char *word;
    Verb verb;
    int n_args_min, n_args_max;
    bool has_sql, has_rows;
} VerbInfo;

static const VerbInfo verbs[] = {
    {"statement", VERB_STATEMENT, 1, 2, true, false},
    {"query", VERB_QUERY, 0, 2, true, false},
    {"feed", VERB_FEED, 1, 1, false, true},
    {"step", VERB_STEP, 0, 2, true, false},
    {"watermark", VERB_WATERMARK, 2, 2, false, false},
    {"end", VERB_END, 0, 1, false, false},
    {"delta", VERB_DELTA, 1, 1, false, true},
    {"changes", VERB_CHANGES, 1, 1, false, true},
    {"restart", VERB_RESTART, 0, 0, false, false},
    {"limit", VERB_LIMIT, 2, 2, false, false},
    {"settime", VERB_SETTIME, 1, 1, false, false},
    {"file", VERB_FILE, 1, 3, false, true},
    {"cat", VERB_CAT, 1, 2, false, true},
    {"halt", VERB_HALT, 0, 0, false, false},
};

/* Splits a line into words; '...' is one word, without its quotes. Returns how many there are. */
static int split_words(const char *line, char words[][128], int max) {
    int n = 0;
    while (*line) {
        while (*line == ' ') line++;
        if (!*line) break;
        const char *start = line, *end;
        if (*line == '\'') {
            start++;
            end = strchr(start, '\'');
            if (!end) end = start + strlen(start);
            line = *end ? end + 1 : end;
        } else {
            while (*line && *line != ' ') line++;
            end = line;
        }
        size_t len = (size_t)(end - start);
        if (n == max || len >= sizeof words[0]) return max + 1;
        memcpy(words[n], start, len);
        words[n++][len] = 0;
    }
    return n;
}

/* The verb that a line starts a record with, or NULL. SQL keywords are upper case by custom; what
 * is checked besides the word keeps a line of SQL from being taken for a verb. */
static const VerbInfo *find_verb(const char *line, char words[][128], int *n_words) {
    if (!islower((unsigned char)line[0])) return NULL;
    *n_words = split_words(line, words, 4);
    if (*n_words == 0 || *n_words > 4) return NULL;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        const VerbInfo *info = &verbs[i];
        int n_args = *n_words - 1;
        if (strcmp(words[0], info->word) != 0) continue;
        if (n_args < info->n_args_min || n_args > info->n_args_max) return NULL;
        if (info->verb == VERB_STATEMENT && strcmp(words[1], "ok") != 0 &&
            strcmp(words[1], "error") != 0)
            return NULL;
        if (info->verb == VERB_STEP && n_args > 0 && !isdigit((unsigned char)words[1][0]) &&
            strcmp(words[1], "error") != 0)
            return NULL;
        return info;
    }
    return NULL;
}

static bool is_condition(const char *line) {
    return strncmp(line, "skipif ", 7) == 0 || strncmp(line, "onlyif ", 7) == 0;
}

static bool is_record_end(const char *line) {
    char words[4][128];
    int n_words;
    return line[0] == 0 || is_condition(line) || find_verb(line, words, &n_words) != NULL;
}

static Record *record_add(SltFile *file, const Record *record) {
    file->records = realloc(file->records, (file->n_records + 1) * sizeof *file->records);
    if (!file->records) exit(71);
    file->records[file->n_records] = *record;
    return &file->records[file->n_records++];
}

/* Rows compare without regard to how much space is between values outside of quotes; in front it
 * counts, as plans are trees. */
static void add_row(Lines *rows, const char *line) {
    Text text = {0};
    bool in_quotes = false;
    size_t n_front = strspn(line, " ");
    text_add(&text, line, n_front);
    for (const char *p = line + n_front; *p; p++) {
        if (*p == '\'') in_quotes = !in_quotes;
        if (*p == ' ' && !in_quotes && (p[1] == ' ' || !p[1])) continue;
        text_add(&text, p, 1);
    }
    lines_add(rows, text.ptr ? text.ptr : "", text.len);
    text_free(&text);
}

/* The content of a file, up to an empty line or the word after "until". */
static size_t parse_content(SltFile *file, Record *record, size_t at) {
    const char *until = record->n_args == 3 ? record->arg[2] : "";
    for (; at < file->lines.n; at++) {
        const char *line = file->lines.items[at];
        if (strcmp(line, until) == 0) return at + 1;
        lines_add(&record->rows, line, strlen(line));
    }
    return at;
}

static size_t parse_rows(SltFile *file, Record *record, size_t at, bool is_text) {
    record->rows_first = (int)at + 1;
    while (at < file->lines.n) {
        const char *line = file->lines.items[at];
        if (is_text ? line[0] == 0 : is_record_end(line)) break;
        if (is_text)
            lines_add(&record->rows, line, strlen(line));
        else if (line[0] != '#')
            add_row(&record->rows, line);
        at++;
    }
    record->rows_end = (int)at + 1;
    return at;
}

static size_t parse_sql(SltFile *file, Record *record, size_t at) {
    Text sql = {0};
    record->sql_line = (int)at + 1;
    while (at < file->lines.n) {
        const char *line = file->lines.items[at];
        if (strcmp(line, "----") == 0 || is_record_end(line)) break;
        if (line[0] != '#') text_printf(&sql, "%s%s", sql.len ? "\n" : "", line);
        at++;
    }
    record->sql = sql.ptr ? sql.ptr : strdup("");
    record->rows_first = record->rows_end = (int)at + 1;
    if (at < file->lines.n && strcmp(file->lines.items[at], "----") == 0) {
        record->has_result = true;
        at = parse_rows(file, record, at + 1, record->verb != VERB_QUERY);
    }
    return at;
}

static bool parse_condition(Record *record, const char *line) {
    char words[4][128];
    int n_words = split_words(line, words, 4);
    bool is_only = line[0] == 'o';
    int *n = is_only ? &record->n_only_if : &record->n_skip_if;
    if (n_words < 2 || n_words > 4) return false;
    for (int i = 1; i < n_words; i++) {
        if (words[i][0] == '#') break;
        if (*n == 4 || strlen(words[i]) >= sizeof record->only_if[0]) return false;
        strcpy(is_only ? record->only_if[*n] : record->skip_if[*n], words[i]);
        ++*n;
    }
    return true;
}

static bool read_lines(SltFile *file, const char *path, Text *error) {
    FILE *in = fopen(path, "r");
    if (!in) {
        text_printf(error, "%s: cannot be read\n", path);
        return false;
    }
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    while ((len = getline(&line, &cap, in)) >= 0) {
        while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r')) len--;
        lines_add(&file->lines, line, (size_t)len);
    }
    free(line);
    fclose(in);
    return true;
}

bool slt_parse(SltFile *file, const char *path, Text *error) {
    *file = (SltFile){.path = path};
    if (!read_lines(file, path, error)) return false;
    Record record = {0};
    for (size_t at = 0; at < file->lines.n;) {
        const char *line = file->lines.items[at];
        char words[4][128];
        int n_words;
        const VerbInfo *info = find_verb(line, words, &n_words);
        if (line[0] == 0 || line[0] == '#') {
            at++;
        } else if (is_condition(line)) {
            if (!parse_condition(&record, line)) {
                text_printf(error, "%s:%zu: bad condition: %s\n", path, at + 1, line);
                return false;
            }
            at++;
        } else if (info) {
            record.verb = info->verb;
            record.line = (int)++at;
            record.n_args = n_words - 1;
            for (int i = 1; i < n_words; i++) strcpy(record.arg[i - 1], words[i]);
            Record *added = record_add(file, &record);
            if (info->has_sql) at = parse_sql(file, added, at);
            if (info->verb == VERB_FILE)
                at = parse_content(file, added, at);
            else if (info->has_rows)
                at = parse_rows(file, added, at, false);
            record = (Record){0};
        } else {
            text_printf(error, "%s:%zu: not a verb: %s\n", path, at + 1, line);
            return false;
        }
    }
    return true;
}

void slt_file_free(SltFile *file) {
    for (size_t i = 0; i < file->n_records; i++) {
        free(file->records[i].sql);
        lines_free(&file->records[i].rows);
    }
    free(file->records);
    lines_free(&file->lines);
}
