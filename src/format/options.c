/* options.c -- the WITH clause: one table of typed options for a connector or a format checks what
 * the user wrote before anything runs, so that reading an option cannot fail.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/format.h"

enum { OPTION_NAMES_MAX = 96 }; /* considered for "did you mean" */

/* The pair of this name; the last one when it was given twice. */
static const OptionPair *option_find(const Options *opts, const char *name) {
    size_t prefix_len = strlen(opts->prefix);
    Span want = span_of(name);
    for (uint32_t i = opts->n; i-- > 0;) {
        Span key = opts->pairs[i].key;
        if (key.len != prefix_len + want.len || !span_starts_with(key, opts->prefix)) continue;
        if (memcmp(key.ptr + prefix_len, want.ptr, want.len) == 0) return &opts->pairs[i];
    }
    return NULL;
}

/* The table's row for a name without prefix: an exact one before a prefix row. */
static const OptionSpec *option_spec(const OptionSpec *specs, Span name) {
    const OptionSpec *best = NULL;
    for (const OptionSpec *spec = specs; spec && spec->name; spec++) {
        if (!spec->is_prefix && span_is(name, spec->name)) return spec;
        if (spec->is_prefix && span_starts_with(name, spec->name) &&
            name.len > strlen(spec->name)) {
            best = spec;
        }
    }
    return best;
}

bool opt_has(const Options *opts, const char *name) {
    return option_find(opts, name) != NULL;
}

Span opt_str(const Options *opts, const char *name) {
    const OptionPair *pair = option_find(opts, name);
    const OptionSpec *spec;
    if (pair) return pair->value;
    spec = option_spec(opts->specs, span_of(name));
    return span_of(spec ? spec->fallback : NULL);
}

int32_t opt_pos(const Options *opts, const char *name) {
    const OptionPair *pair = option_find(opts, name);
    return pair ? pair->pos : -1;
}

bool opt_is(const Options *opts, const char *name, const char *value) {
    return span_is_nocase(opt_str(opts, name), value);
}

bool opt_bool(const Options *opts, const char *name) {
    return opt_is(opts, name, "true");
}

int64_t opt_int(const Options *opts, const char *name) {
    int64_t value = 0;
    (void)num_parse_i64(opt_str(opts, name), &value); /* proved by options_check */
    return value;
}

int64_t opt_duration_us(const Options *opts, const char *name) {
    int64_t us = 0;
    (void)!duration_parse(opt_str(opts, name), &us);
    return us;
}

int64_t opt_size(const Options *opts, const char *name) {
    int64_t bytes = 0;
    (void)!size_parse(opt_str(opts, name), &bytes);
    return bytes;
}

/* ---- durations and sizes ---- */

typedef struct Unit {
    const char *names; /* separated by blanks */
    int64_t factor;
} Unit;

static const Unit duration_units[] = {
    {"ms milli millis millisecond milliseconds", 1000},
    {"s sec secs second seconds", 1000000},
    {"m min mins minute minutes", 60000000},
    {"h hour hours", INT64_C(3600000000)},
    {"d day days", INT64_C(86400000000)},
    {"us \xc2\xb5s micro micros microsecond microseconds", 1},
    {"ns nano nanos nanosecond nanoseconds", 0}, /* divides by 1000 */
    {NULL, 0},
};
static const Unit size_units[] = {
    {"b bytes", 1},
    {"k kb kibibytes", INT64_C(1) << 10},
    {"m mb mebibytes", INT64_C(1) << 20},
    {"g gb gibibytes", INT64_C(1) << 30},
    {"t tb tebibytes", INT64_C(1) << 40},
    {NULL, 0},
};

static const Unit *unit_find(const Unit *units, Span name) {
    for (; units->names; units++) {
        Span rest = span_of(units->names);
        while (rest.len) {
            const char *blank = memchr(rest.ptr, ' ', rest.len);
            size_t len = blank ? (size_t)(blank - rest.ptr) : rest.len;
            if (span_eq_nocase(name, (Span){rest.ptr, len})) return units;
            rest.ptr += blank ? len + 1 : len;
            rest.len -= blank ? len + 1 : len;
        }
    }
    return NULL;
}

/* "<digits>[ ][unit]"; without a unit it is the first one of the table. */
static Status quantity_parse(Span text, const Unit *units, int64_t *out) {
    const Unit *unit = units;
    Span digits, name;
    int64_t count;
    text = span_trim(text);
    digits = (Span){text.ptr, 0};
    while (digits.len < text.len && text.ptr[digits.len] >= '0' && text.ptr[digits.len] <= '9') {
        digits.len++;
    }
    if (digits.len == 0 || num_parse_i64(digits, &count) != NUM_OK) return ST_INVALID;
    name = span_trim((Span){text.ptr + digits.len, text.len - digits.len});
    if (name.len) unit = unit_find(units, name);
    if (!unit) return ST_INVALID;
    if (unit->factor == 0) {
        *out = count / 1000;
        return ST_OK;
    }
    if (__builtin_mul_overflow(count, unit->factor, &count)) return ST_INVALID;
    *out = count;
    return ST_OK;
}

Status duration_parse(Span text, int64_t *us) {
    return quantity_parse(text, duration_units, us);
}

Status size_parse(Span text, int64_t *bytes) {
    return quantity_parse(text, size_units, bytes);
}

/* ---- checks ---- */

static bool option_enum_has(const char *values, Span value) {
    while (*values) {
        size_t len = strcspn(values, "|");
        if (span_eq_nocase(value, (Span){values, len})) return true;
        values += len + (values[len] == '|');
    }
    return false;
}

static Status option_check_value(const OptionPair *pair, const OptionSpec *spec, Err *err) {
    int64_t ignored;
    const char *want = NULL;
    switch (spec->kind) {
    case OPT_STRING: break;
    case OPT_BOOL:
        if (!span_is_nocase(pair->value, "true") && !span_is_nocase(pair->value, "false")) {
            want = "true or false";
        }
        break;
    case OPT_INT:
        if (num_parse_i64(pair->value, &ignored) != NUM_OK) want = "an integer";
        break;
    case OPT_DURATION:
        if (duration_parse(pair->value, &ignored)) want = "a duration such as '500 ms' or '10 s'";
        break;
    case OPT_SIZE:
        if (size_parse(pair->value, &ignored)) want = "a size such as '64 kb' or '128 mb'";
        break;
    case OPT_ENUM:
        if (!option_enum_has(spec->values, pair->value)) {
            err_set(err, ST_INVALID, "22023", pair->pos, __FILE__, __LINE__,
                    "option '" SPAN_FMT "' cannot be '" SPAN_FMT "'", SPAN_ARG(pair->key),
                    SPAN_ARG(pair->value));
            return err_hint(err, "one of: %s", spec->values);
        }
        break;
    }
    if (!want) return ST_OK;
    FAIL(err, ST_INVALID, "22023", pair->pos,
         "option '" SPAN_FMT "' must be %s, not '" SPAN_FMT "'", SPAN_ARG(pair->key), want,
         SPAN_ARG(pair->value));
}

static Status option_unknown(const OptionPair *pair, const OptionSet *sets, uint32_t n_sets,
                             const char *what, Err *err) {
    char text[OPTION_NAMES_MAX][96];
    Span names[OPTION_NAMES_MAX], near;
    uint32_t n = 0;
    for (uint32_t s = 0; s < n_sets; s++) {
        for (const OptionSpec *spec = sets[s].specs; spec && spec->name; spec++) {
            if (n == OPTION_NAMES_MAX || spec->is_prefix) continue;
            snprintf(text[n], sizeof text[n], "%s%s", sets[s].prefix, spec->name);
            names[n] = span_of(text[n]);
            n++;
        }
    }
    err_set(err, ST_INVALID, "22023", pair->pos, __FILE__, __LINE__,
            "unknown option '" SPAN_FMT "' for %s", SPAN_ARG(pair->key), what);
    near = span_nearest(pair->key, names, n);
    if (near.ptr) return err_hint(err, "did you mean '" SPAN_FMT "'?", SPAN_ARG(near));
    return ST_INVALID;
}

static Status options_check_pair(const OptionPair *pair, const OptionSet *sets, uint32_t n_sets,
                                 const char *what, Err *err) {
    for (uint32_t s = 0; s < n_sets; s++) {
        size_t prefix_len = strlen(sets[s].prefix);
        const OptionSpec *spec;
        if (!span_starts_with(pair->key, sets[s].prefix)) continue;
        spec = option_spec(sets[s].specs,
                           (Span){pair->key.ptr + prefix_len, pair->key.len - prefix_len});
        if (spec) return option_check_value(pair, spec, err);
    }
    return option_unknown(pair, sets, n_sets, what, err);
}

Status options_check(const OptionPair *pairs, uint32_t n, const OptionSet *sets, uint32_t n_sets,
                     const char *what, Err *err) {
    for (uint32_t i = 0; i < n; i++) TRY(options_check_pair(&pairs[i], sets, n_sets, what, err));
    for (uint32_t s = 0; s < n_sets; s++) {
        Options opts = {.n = n, .pairs = pairs, .prefix = sets[s].prefix, .specs = sets[s].specs};
        for (const OptionSpec *spec = sets[s].specs; spec && spec->name; spec++) {
            if (!spec->is_required || opt_has(&opts, spec->name)) continue;
            FAIL(err, ST_INVALID, "22023", -1, "option '%s%s' is required for %s", sets[s].prefix,
                 spec->name, what);
        }
    }
    return ST_OK;
}
