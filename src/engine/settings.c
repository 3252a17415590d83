/* settings.c -- the table of settings: what SET takes, with defaults and help. The reference is
 * printed from these rows. A Flink program may set anything that Flink knows; what changes nothing
 * here is listed as such, and unknown names are accepted with a warning. The settings that switch
 * rules of the planner off come from the table of rules.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"

#define USED true
#define ACCEPTED false

static const Setting engine_settings[] = {
    {"execution.checkpointing.interval", SETTING_DURATION, "1 s", NULL, USED,
     "How often a run with a state directory commits."},
    {"execution.runtime-mode", SETTING_ENUM, "streaming", "streaming|batch", USED,
     "streaming: results change as input comes. batch: inputs must end, final rows only."},
    {"parallelism.default", SETTING_INT, "1", NULL, USED,
     "Number of workers: threads that share the work of each query started from now on, at most "
     "one a processor. --workers says it instead."},
    {"pipeline.name", SETTING_STRING, NULL, NULL, USED,
     "The name of the jobs started from now on."},
    {"sql-client.display.max-column-width", SETTING_INT, "30", NULL, USED,
     "Columns wider than this many characters are cut in tables on a terminal and in tableau "
     "mode."},
    {"sql-client.execution.max-table-result.rows", SETTING_INT, "1000000", NULL, USED,
     "Most rows shown of a live table."},
    {"sql-client.execution.result-mode", SETTING_ENUM, "table", "table|changelog|tableau", USED,
     "How a SELECT is shown, unless --output says otherwise."},
    {"sql-client.verbose", SETTING_BOOL, "false", NULL, ACCEPTED, "More text in errors."},
    {"table.display.max-column-width", SETTING_INT, "30", NULL, USED,
     "As sql-client.display.max-column-width."},
    {"table.dml-sync", SETTING_BOOL, "false", NULL, USED,
     "Each INSERT is run to its end before the next statement."},
    {"table.exec.emit.early-fire.delay", SETTING_DURATION, NULL, NULL, USED,
     "Processing time between early results of GROUP BY TUMBLE(...) and HOP(...); 0 = every "
     "change."},
    {"table.exec.emit.early-fire.enabled", SETTING_BOOL, "false", NULL, USED,
     "GROUP BY TUMBLE(...) and HOP(...) show results before the window is over, as EMIT EARLY "
     "does."},
    {"table.exec.emit.late-fire.delay", SETTING_DURATION, NULL, NULL, ACCEPTED,
     "Flink's experimental corrections of windows."},
    {"table.exec.emit.late-fire.enabled", SETTING_BOOL, "false", NULL, ACCEPTED,
     "Flink's experimental corrections of windows."},
    {"table.exec.legacy-cast-behaviour", SETTING_ENUM, "disabled", "enabled|disabled", ACCEPTED,
     "Only Flink's present CAST is implemented."},
    {"table.exec.mini-batch.allow-latency", SETTING_DURATION, "0 ms", NULL, ACCEPTED,
     "Rows are never held back to fill a step: answers come earlier than they may."},
    {"table.exec.mini-batch.enabled", SETTING_BOOL, "false", NULL, USED,
     "Full steps from the start: the changes of a key within a step are folded into one. Without "
     "it the first 256 rows go through one by one, and every change is shown."},
    {"table.exec.mini-batch.size", SETTING_INT, "-1", NULL, USED,
     "Most rows that each source gives in a step when mini-batches are enabled; -1 = as the load "
     "demands."},
    {"table.exec.resource.default-parallelism", SETTING_INT, "-1", NULL, USED,
     "Number of workers, before parallelism.default; -1 leaves it to that."},
    {"table.exec.sink.nested-constraint-enforcer", SETTING_ENUM, "IGNORE",
     "IGNORE|ROWS|ROWS_AND_COLLECTIONS", USED,
     "Whether NOT NULL and lengths also hold for fields of ROWs and elements of collections."},
    {"table.exec.sink.not-null-enforcer", SETTING_ENUM, "ERROR", "ERROR|DROP", USED,
     "What a NULL for a NOT NULL column of a sink does: stop the query, or drop the row."},
    {"table.exec.sink.require-on-conflict", SETTING_BOOL, "true", NULL, USED,
     "Refuse an updating query whose key differs from the sink's key unless ON CONFLICT is given."},
    {"table.exec.sink.type-length-enforcer", SETTING_ENUM, "IGNORE",
     "IGNORE|TRIM_PAD|TRIM-PAD|ERROR", USED,
     "What a value longer than its CHAR, VARCHAR, BINARY or VARBINARY column does."},
    {"table.exec.sink.upsert-materialize", SETTING_ENUM, "AUTO", "AUTO|NONE|FORCE", USED,
     "Whether the rows of each key of a sink are kept, to show the right one: AUTO where the "
     "query's "
     "key differs from the sink's."},
    {"table.exec.source.cdc-events-duplicate", SETTING_BOOL, "false", NULL, USED,
     "Changelog sources may repeat events: rows are folded by the primary key first."},
    {"table.exec.source.idle-timeout", SETTING_DURATION, "0 ms", NULL, USED,
     "A source split that gives nothing for this long no longer holds the watermark back."},
    {"table.exec.state.ttl", SETTING_DURATION, "0 ms", NULL, USED,
     "State that was not written for this time is forgotten; 0 = it is kept."},
    {"table.local-time-zone", SETTING_ZONE, NULL, NULL, USED,
     "The zone of TIMESTAMP_LTZ texts, CURRENT_DATE and the like. Default: the process's zone."},
    {"table.optimizer.agg-phase-strategy", SETTING_ENUM, "AUTO", "AUTO|TWO_PHASE|ONE_PHASE", USED,
     "TWO_PHASE: with several workers, window aggregates with keys are computed by each worker for "
     "its rows and then added up, so that one very frequent key does not make the others wait. "
     "AUTO does so for windows without keys only."},
    {"table.optimizer.distinct-agg.split.enabled", SETTING_BOOL, "false", NULL, ACCEPTED,
     "Divides DISTINCT aggregates among workers."},
    {"table.optimizer.join-reorder-enabled", SETTING_BOOL, "false", NULL, ACCEPTED,
     "Reorders joins."},
    {"table.plan.compile.catalog-objects", SETTING_STRING, "ALL", NULL, ACCEPTED,
     "Compiled plans are Flink's own."},
    {"weir.memory-limit", SETTING_SIZE, NULL, NULL, USED,
     "Most memory that each query started from now on may use; --memory sets it."},
    {"weir.profile", SETTING_BOOL, "false", NULL, USED,
     "Measure the time spent in each operator of the queries started from now on."},
    {"weir.step-rows", SETTING_INT, "0", NULL, USED,
     "Most rows a source gives in a step; 0 = as the load demands."},
};

bool setting_at(uint32_t i, Setting *out) {
    const uint32_t n_own = sizeof engine_settings / sizeof *engine_settings;
    if (i < n_own) {
        *out = engine_settings[i];
        return true;
    }
    *out = (Setting){.kind = SETTING_BOOL, .fallback = "true", .is_used = USED};
    return plan_rule_setting(i - n_own, &out->name, &out->help);
}

bool setting_find(Span name, Setting *out) {
    for (uint32_t i = 0; setting_at(i, out); i++)
        if (span_is(name, out->name)) return true;
    return false;
}

static bool setting_is_int(Span value) {
    size_t i = value.len && (value.ptr[0] == '-' || value.ptr[0] == '+');
    if (i == value.len || value.len - i > 18) return false;
    for (; i < value.len; i++)
        if (value.ptr[i] < '0' || value.ptr[i] > '9') return false;
    return true;
}

/* One of "a|b|c". */
static bool setting_is_one_of(Span value, const char *values) {
    while (*values) {
        size_t n = strcspn(values, "|");
        if (span_eq_nocase(value, (Span){values, n})) return true;
        values += n + (values[n] == '|');
    }
    return false;
}

Status setting_check(const Setting *setting, Span value, int32_t pos, Err *err) {
    const char *want = NULL;
    int64_t number;
    const Zone *zone;
    switch (setting->kind) {
    case SETTING_STRING: return ST_OK;
    case SETTING_BOOL:
        if (!span_is_nocase(value, "true") && !span_is_nocase(value, "false"))
            want = "true or false";
        break;
    case SETTING_INT:
        if (!setting_is_int(value)) want = "a whole number";
        break;
    case SETTING_DURATION:
        if (duration_parse(value, &number) != ST_OK) want = "a duration, such as 500 ms or 10 s";
        break;
    case SETTING_SIZE:
        if (size_parse(value, &number) != ST_OK) want = "a size, such as 64 mb";
        break;
    case SETTING_ENUM:
        if (!setting_is_one_of(value, setting->values)) want = setting->values;
        break;
    case SETTING_ZONE:
        if (zone_find(value, &zone, err) == ST_OK) return ST_OK;
        if (err) err->pos = pos;
        return ST_INVALID;
    }
    if (!want) return ST_OK;
    FAIL(err, ST_INVALID, "22023", pos, "setting '%s' should be %s, not '" SPAN_FMT "'",
         setting->name, want, SPAN_ARG(value));
}
