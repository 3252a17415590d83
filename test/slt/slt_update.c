/* slt_update.c -- writes actual results into a .slt file, for authors: read the diff before you
 * commit it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "slt.h"

#include <stdlib.h>
#include <string.h>

static bool wants_result(const Record *record, const Lines *got) {
    if (record->verb == VERB_QUERY || record->verb == VERB_DELTA || record->verb == VERB_CHANGES ||
        record->verb == VERB_CAT)
        return true;
    bool is_error = record->n_args > 0 && strcmp(record->arg[0], "error") == 0;
    return is_error && (got->n > 0 || record->has_result);
}

/* Results that compare as equal keep the order that their author gave them. */
static bool is_equal(const Record *record, const Lines *got) {
    Lines expected = {0}, actual = {0};
    bool is_delta = record->verb == VERB_DELTA;
    for (int i = 0; i < record->n_args; i++)
        if (strcmp(record->arg[i], "nosort") == 0) return false;
    if (record->verb == VERB_STATEMENT || record->verb == VERB_STEP || record->verb == VERB_CHANGES)
        return false;
    for (size_t i = 0; !is_delta && i < record->rows.n; i++)
        lines_add(&expected, record->rows.items[i], strlen(record->rows.items[i]));
    for (size_t i = 0; i < got->n; i++) lines_add(&actual, got->items[i], strlen(got->items[i]));
    if (is_delta) lines_fold(&record->rows, &expected);
    lines_sort(&expected);
    lines_sort(&actual);
    bool equal = lines_equal(&expected, &actual);
    lines_free(&expected);
    lines_free(&actual);
    return equal;
}

bool slt_update(const SltFile *file, const Lines *got, Text *error) {
    Text text = {0};
    size_t at = 0; /* lines written so far */
    for (size_t i = 0; i < file->n_records; i++) {
        const Record *record = &file->records[i];
        if (!wants_result(record, &got[i]) || is_equal(record, &got[i])) continue;
        size_t first = (size_t)record->rows_first - 1;
        for (; at < first; at++) text_printf(&text, "%s\n", file->lines.items[at]);
        if (record->sql && !record->has_result) text_printf(&text, "----\n");
        for (size_t row = 0; row < got[i].n; row++) text_printf(&text, "%s\n", got[i].items[row]);
        at = (size_t)record->rows_end - 1;
    }
    for (; at < file->lines.n; at++) text_printf(&text, "%s\n", file->lines.items[at]);
    FILE *out = fopen(file->path, "w");
    bool good = out && fwrite(text.ptr ? text.ptr : "", 1, text.len, out) == text.len;
    if (out && fclose(out) != 0) good = false;
    if (!good) text_printf(error, "%s: cannot be written\n", file->path);
    text_free(&text);
    return good;
}
