/* progress.c -- the progress bar of bounded runs and the closing summary, both on standard error.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli.h"

#include <string.h>

enum { FIRST_US = 500000, DRAW_US = 100000, BAR = 24 };

void progress_begin(Progress *progress, bool is_on) {
    *progress = (Progress){.is_on = is_on, .begin_us = cli_now_us()};
}

void progress_clear(Progress *progress) {
    if (progress->is_shown) err_write("\r\033[K", 4);
    progress->is_shown = false;
}

static void progress_bar(Text *line, uint64_t done, uint64_t total) {
    size_t full = total ? (size_t)((double)done / (double)total * BAR) : 0;
    if (full > BAR) full = BAR;
    str_adds(line, "[");
    str_pad(line, full, "=");
    if (full < BAR) str_adds(line, ">");
    str_pad(line, full < BAR ? BAR - full - 1 : 0, " ");
    str_addf(line, "] %3d%%  ", (int)((double)done / (double)total * 100));
}

void progress_draw(Progress *progress, weir_engine *engine) {
    int64_t now = cli_now_us();
    uint64_t rows = 0, done = 0, total = 0, elapsed;
    weir_query *query;
    Text line = {0};
    if (!progress->is_on || now - progress->begin_us < FIRST_US) return;
    if (now - progress->drawn_us < DRAW_US) return;
    progress->drawn_us = now;
    for (size_t i = 0; (query = weir_query_at(engine, i)); i++) {
        weir_stats stats;
        if (weir_query_state(query) != WEIR_QUERY_RUNNING) continue;
        weir_query_stats(query, &stats);
        rows += stats.rows_in;
        done += stats.progress_done;
        total += stats.progress_total;
    }
    elapsed = (uint64_t)(now - progress->begin_us);
    if (total) {
        progress_bar(&line, done, total);
        text_bytes(&line, done);
        str_adds(&line, " of ");
        text_bytes(&line, total);
        str_adds(&line, "  ");
    }
    text_count(&line, rows);
    str_adds(&line, " rows  ");
    text_count(&line, (uint64_t)((double)rows / ((double)elapsed / 1e6)));
    str_adds(&line, " rows/s");
    if (total && done && done < total) {
        str_adds(&line, "  ");
        text_duration(&line, (uint64_t)((double)elapsed * (double)(total - done) / (double)done));
        str_adds(&line, " left");
    }
    size_t used, n = text_fit(line.ptr, line.len, (size_t)term_size().columns - 1, &used);
    err_write("\r\033[K", 4);
    err_write(line.ptr, n);
    progress->is_shown = true;
    str_free(&line);
}

/* ---- summary ---- */

void totals_add(Totals *totals, const weir_query *query) {
    weir_stats stats;
    const char *reason;
    uint64_t count;
    weir_query_stats(query, &stats);
    totals->stats.rows_in += stats.rows_in;
    totals->stats.rows_out += stats.rows_out;
    totals->stats.rows_late += stats.rows_late;
    totals->stats.rows_bad += stats.rows_bad;
    totals->stats.rows_dead += stats.rows_dead;
    totals->stats.rows_dropped += stats.rows_dropped;
    totals->stats.bytes_in += stats.bytes_in;
    totals->stats.steps += stats.steps;
    totals->stats.memory_peak += stats.memory_peak;
    totals->n_queries++;
    for (size_t i = 0; weir_query_bad(query, i, &reason, &count); i++) {
        str_adds(&totals->reasons, totals->reasons.len ? "; " : "");
        text_count(&totals->reasons, count);
        str_addf(&totals->reasons, " x %s", reason);
    }
}

static void totals_count(Text *line, uint64_t n, const char *what) {
    str_adds(line, ", ");
    text_count(line, n);
    str_addf(line, " %s", what);
}

void totals_print(Totals *totals, bool is_stopped, int64_t elapsed_us) {
    const weir_stats *stats = &totals->stats;
    Text line = {0};
    str_adds(&line, is_stopped ? "weir: stopped: " : "weir: ");
    text_count(&line, stats->rows_in);
    str_addf(&line, " row%s in", stats->rows_in == 1 ? "" : "s");
    totals_count(&line, stats->rows_out, "out");
    totals_count(&line, stats->rows_late, "late");
    totals_count(&line, stats->rows_bad, "bad");
    if (totals->reasons.len) str_addf(&line, " (%s)", totals->reasons.ptr);
    if (stats->rows_dead) totals_count(&line, stats->rows_dead, "kept as dead letters");
    if (stats->rows_dropped) totals_count(&line, stats->rows_dropped, "dropped for a NULL");
    str_adds(&line, "; ");
    text_duration(&line, (uint64_t)elapsed_us);
    if (stats->rows_in && elapsed_us > 0) {
        str_adds(&line, ", ");
        text_count(&line, (uint64_t)((double)stats->rows_in / ((double)elapsed_us / 1e6)));
        str_adds(&line, " rows/s");
    }
    if (stats->bytes_in) {
        str_adds(&line, ", ");
        text_bytes(&line, stats->bytes_in);
    }
    str_adds(&line, "\n");
    err_write(line.ptr, line.len);
    str_free(&line);
    str_free(&totals->reasons);
}
