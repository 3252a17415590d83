/* conn_jdbc.c -- tables of PostgreSQL, under the name and with the options of Flink's connector.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/pg.h"

static const OptionSpec jdbc_options[] = {
    {"url", OPT_STRING, NULL, NULL, true, false,
     "'jdbc:postgresql://host:5432/database'; libpq's parameters may follow a question mark."},
    {"table-name", OPT_STRING, NULL, NULL, true, false,
     "The table in the database, with its schema where it needs one."},
    {"username", OPT_STRING, NULL, NULL, false, false, "Who connects."},
    {"password", OPT_STRING, NULL, NULL, false, false, "With which password."},
    {"driver", OPT_STRING, NULL, NULL, false, false, "Accepted; libpq is the driver."},
    {"connection.max-retry-timeout", OPT_DURATION, "60 s", NULL, false, false,
     "Accepted; a connection attempt takes at most 10 s."},
    {"scan.fetch-size", OPT_INT, "0", NULL, false, false, "Accepted; rows are taken as they come."},
    {"scan.auto-commit", OPT_BOOL, "true", NULL, false, false, "Accepted; a scan is one query."},
    {"lookup.cache", OPT_ENUM, "NONE", "NONE|PARTIAL", false, false,
     "PARTIAL: keeps the answers to keys."},
    {"lookup.partial-cache.max-rows", OPT_INT, NULL, NULL, false, false,
     "At most so many rows are kept."},
    {"lookup.partial-cache.expire-after-write", OPT_DURATION, NULL, NULL, false, false,
     "An answer is kept for so long."},
    {"lookup.partial-cache.expire-after-access", OPT_DURATION, NULL, NULL, false, false,
     "An answer is kept for so long after it was used."},
    {"lookup.partial-cache.cache-missing-key", OPT_BOOL, "true", NULL, false, false,
     "Also that a key has no rows is kept."},
    {"lookup.max-retries", OPT_INT, "3", NULL, false, false,
     "How often a lookup connects again after the connection was lost."},
    {"sink.buffer-flush.max-rows", OPT_INT, "100", NULL, false, false,
     "Accepted; a step is one transaction."},
    {"sink.buffer-flush.interval", OPT_DURATION, "1 s", NULL, false, false,
     "Accepted; a step is one transaction."},
    {"sink.max-retries", OPT_INT, "3", NULL, false, false,
     "Accepted; a lost connection stops the query."},
    {"sink.parallelism", OPT_INT, NULL, NULL, false, false, "Accepted; one writer is enough."},
    {NULL, OPT_STRING, NULL, NULL, false, false, NULL},
};

static bool jdbc_is_bounded(const Options *options) {
    (void)options;
    return true;
}

#if !WEIR_HAVE_LIBPQ
static Status jdbc_absent(Err *err) {
    FAIL(err, ST_UNSUPPORTED, "0A000", -1, "this build of weir has no connector to PostgreSQL");
}
static Status jdbc_no_source(Source *source, Err *err) {
    (void)source;
    return jdbc_absent(err);
}
static Status jdbc_no_sink(Sink *sink, Err *err) {
    (void)sink;
    return jdbc_absent(err);
}
static Status jdbc_no_lookup(Lookup *lookup, Err *err) {
    (void)lookup;
    return jdbc_absent(err);
}
const SourceType pg_source = {.size = sizeof(Source), .open = jdbc_no_source};
const SinkType pg_sink = {.size = sizeof(Sink), .open = jdbc_no_sink};
const LookupType pg_lookup = {.size = sizeof(Lookup), .open = jdbc_no_lookup};
#endif

const ConnType conn_jdbc = {
    .name = "jdbc",
    .traits = CONN_SOURCE | CONN_SINK | CONN_ROWS,
    .options = jdbc_options,
    .source = &pg_source,
    .sink = &pg_sink,
    .lookup = &pg_lookup,
    .is_bounded = jdbc_is_bounded,
    .help = "Reads, writes and looks up rows in tables of PostgreSQL.",
    .guarantee = "as a sink exactly once in durable runs; else a step is one transaction",
};
