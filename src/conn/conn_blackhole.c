/* conn_blackhole.c -- takes rows and does nothing with them: for benchmarks.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/conn.h"

static Status blackhole_write(Sink *sink, const Batch *batch, const uint8_t *kinds, Err *err) {
    (void)sink, (void)batch, (void)kinds, (void)err;
    return ST_OK;
}

static const OptionSpec blackhole_options[] = {{NULL, OPT_STRING, NULL, NULL, false, false, NULL}};
static const SinkType blackhole_sink = {.size = sizeof(Sink), .write = blackhole_write};

const ConnType conn_blackhole = {
    .name = "blackhole",
    .traits = CONN_SINK | CONN_ROWS | CONN_BY_KEY,
    .options = blackhole_options,
    .sink = &blackhole_sink,
    .help = "Swallows every row; for measuring a query without its output.",
    .guarantee = "nothing is kept",
};
