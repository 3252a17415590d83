/* conn_filesystem.c -- files and directories as tables: the options of Flink's filesystem
 * connector, and a few of our own.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/fs.h"

static const OptionSpec filesystem_options[] = {
    {"path", OPT_STRING, NULL, NULL, true, false,
     "A file, a directory (with what is below it), or a pattern with * ? [ ] { }."},
    {"format", OPT_STRING, NULL, NULL, true, false, "How the bytes become rows."},
    {"source.monitor-interval", OPT_DURATION, NULL, NULL, false, false,
     "Look for new files this often, for ever; without it the files are read once."},
    {"source.path.regex-pattern", OPT_STRING, NULL, NULL, false, false,
     "Read only files whose whole path matches."},
    {"source.report-statistics", OPT_ENUM, "all", "all|none", false, false,
     "Accepted; plans do not depend on it."},
    {"source.compression", OPT_ENUM, "auto", "auto|none|gzip|zstd", false, false,
     "How the files are packed; auto goes by the extension (.gz, .zst)."},
    {"source.follow", OPT_BOOL, "false", NULL, false, false,
     "Keep reading as the files grow, through rotation and truncation, as tail -F does."},
    {"source.follow.start", OPT_ENUM, "begin", "begin|end", false, false,
     "Where a followed file begins."},
    {"lookup.cache", OPT_ENUM, "FULL", "FULL|NONE", false, false,
     "In a lookup join: FULL reads the files once and keeps them, NONE reads them in every step."},
    {"lookup.full-cache.reload-strategy", OPT_ENUM, "PERIODIC", "PERIODIC", false, false,
     "When files that are kept are read again."},
    {"lookup.full-cache.periodic-reload.interval", OPT_DURATION, NULL, NULL, false, false,
     "Read them again after this long; never, without it."},
    {"lookup.full-cache.periodic-reload.schedule-mode", OPT_ENUM, "FIXED_DELAY",
     "FIXED_DELAY|FIXED_RATE", false, false,
     "Whether the interval counts from the end of the last reading or from its beginning."},
    {"lookup.max-retries", OPT_INT, "3", NULL, false, false,
     "Accepted; a file that cannot be read stops the query."},
    {"lookup.async", OPT_BOOL, "false", NULL, false, false,
     "Accepted; nothing is waited for once the files are read."},
    {"partition.default-name", OPT_STRING, "__DEFAULT_PARTITION__", NULL, false, false,
     "Directory value of NULL and empty partition columns."},
    {"partition.time-extractor.kind", OPT_ENUM, "default", "default", false, false,
     "How a partition's time is found."},
    {"partition.time-extractor.timestamp-pattern", OPT_STRING, NULL, NULL, false, false,
     "Text of the partition's time, with $column for the values: '$dt $hour:00:00'."},
    {"partition.time-extractor.timestamp-formatter", OPT_ENUM, "yyyy-MM-dd HH:mm:ss",
     "yyyy-MM-dd HH:mm:ss", false, false, "The form of that text."},
    {"sink.rolling-policy.file-size", OPT_SIZE, "128 mb", NULL, false, false,
     "A part file of this size is closed."},
    {"sink.rolling-policy.rollover-interval", OPT_DURATION, "30 min", NULL, false, false,
     "A part file that has been open this long is closed."},
    {"sink.rolling-policy.inactivity-interval", OPT_DURATION, "30 min", NULL, false, false,
     "A part file that nothing was written to for this long is closed."},
    {"sink.rolling-policy.check-interval", OPT_DURATION, "1 min", NULL, false, false,
     "How often the two are checked."},
    {"sink.partition-commit.trigger", OPT_ENUM, "process-time", "process-time|partition-time",
     false, false,
     "Commit a partition by the clock since it was made, or when the watermark passes its time."},
    {"sink.partition-commit.delay", OPT_DURATION, "0 s", NULL, false, false,
     "Wait this much longer."},
    {"sink.partition-commit.watermark-time-zone", OPT_STRING, "UTC", NULL, false, false,
     "The zone that partition times are in."},
    {"sink.partition-commit.policy.kind", OPT_STRING, NULL, NULL, false, false,
     "What a commit does: 'success-file' writes an empty file."},
    {"sink.partition-commit.success-file.name", OPT_STRING, "_SUCCESS", NULL, false, false,
     "Its name."},
    {"sink.shuffle-by-partition.enable", OPT_BOOL, "false", NULL, false, false,
     "Accepted; one writer has each partition."},
    {"auto-compaction", OPT_ENUM, "false", "false", false, false,
     "Only false: files are not merged afterwards."},
    {"sink.parallelism", OPT_INT, NULL, NULL, false, false, "Accepted; one writer is enough."},
    {NULL, OPT_STRING, NULL, NULL, false, false, NULL},
};

static const ConnMeta filesystem_metadata[] = {
    {"file.path", &type_string, false, "Full path of the file."},
    {"file.name", &type_string, false, "Its last part."},
    {"file.size", &type_bigint, false, "Bytes, when it was opened."},
    {"file.modification-time", &type_timestamp_ltz3, false, "When it was last changed."},
    {NULL, NULL, false, NULL},
};

static bool filesystem_is_bounded(const Options *options) {
    return !opt_has(options, "source.monitor-interval") && !opt_bool(options, "source.follow");
}

const ConnType conn_filesystem = {
    .name = "filesystem",
    .traits = CONN_SOURCE | CONN_SINK | CONN_NEEDS_FORMAT | CONN_LOOKUP | CONN_PARTITIONS,
    .options = filesystem_options,
    .metadata = filesystem_metadata,
    .source = &fs_source,
    .sink = &fs_sink,
    .is_bounded = filesystem_is_bounded,
    .help = "Reads files, directories and growing logs; writes part files, by partition.",
    .guarantee = "a finished file is complete and synced; an unfinished one is hidden",
};
