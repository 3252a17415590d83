/* fmt_regex.c -- the format 'regex': a record is a line, a pattern finds the columns in it. Groups
 * (?<name>...) fill the columns of their names; without any named group, group n fills column n.
 *
 * The pattern is found anywhere in the line (anchor it with ^ and $), and what a group holds is
 * converted as in csv; a group that takes no part in the match is NULL. PCRE2 with its compiler;
 * what a hostile pattern may cost a line is limited, and a line that exceeds it is a bad record.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/textcol.h"

#include "weir_config.h"

#if WEIR_HAVE_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    REGEX_MATCH_LIMIT = 1000000,
    REGEX_DEPTH_LIMIT = 10000,
    REGEX_HEAP_LIMIT = 16 * 1024, /* KiB */
    REGEX_JIT_STACK = 512 * 1024, /* bytes */
    REGEX_PATTERN_MAX = 64 * 1024
};

typedef struct RegexReader {
    Decoder decoder;
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    bool has_jit;
    bool ignores;
    bool is_latin1;
    TextCol *cols;    /* by output column */
    uint32_t *groups; /* by output column */
    TextCtx ctx;
} RegexReader;

/* ---- opening ---- */

static Status regex_open_code(RegexReader *regex, Err *err) {
    const Options *opts = regex->decoder.spec.options;
    Span pattern = opt_str(opts, "pattern");
    uint32_t flags = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
    PCRE2_SIZE at;
    int code;
    if (opt_bool(opts, "ignore-case")) flags |= PCRE2_CASELESS;
    if (pattern.len > REGEX_PATTERN_MAX) {
        FAIL(err, ST_LIMIT, "54000", opt_pos(opts, "pattern"),
             "regex.pattern is longer than %d bytes", REGEX_PATTERN_MAX);
    }
    regex->code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, flags, &code, &at, NULL);
    if (!regex->code) {
        PCRE2_UCHAR text[128];
        pcre2_get_error_message(code, text, sizeof text);
        err_set(err, ST_INVALID, "2201B", opt_pos(opts, "pattern"), __FILE__, __LINE__,
                "regex.pattern: %s at character %u", (const char *)text, (unsigned)at + 1);
        return err_detail(err, "pattern: " SPAN_FMT, SPAN_ARG(pattern));
    }
    regex->match = pcre2_match_data_create_from_pattern(regex->code, NULL);
    regex->context = pcre2_match_context_create(NULL);
    if (!regex->match || !regex->context) mem_on_oom(sizeof *regex);
    pcre2_set_match_limit(regex->context, REGEX_MATCH_LIMIT);
    pcre2_set_depth_limit(regex->context, REGEX_DEPTH_LIMIT);
    pcre2_set_heap_limit(regex->context, REGEX_HEAP_LIMIT);
    /* Without leave to write code into memory the interpreter does the same, slower. */
    regex->has_jit = pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE) == 0;
    if (regex->has_jit) {
        regex->stack = pcre2_jit_stack_create(32 * 1024, REGEX_JIT_STACK, NULL);
        if (regex->stack) pcre2_jit_stack_assign(regex->context, NULL, regex->stack);
    }
    return ST_OK;
}

/* The number of the group that fills the column; 0: there is none. */
static uint32_t regexfmt_group(const RegexReader *regex, uint32_t n_names, uint32_t n_groups,
                               int32_t column, Span name) {
    PCRE2_SPTR table;
    uint32_t entry_size;
    if (n_names == 0) return (uint32_t)column < n_groups ? (uint32_t)column + 1 : 0;
    pcre2_pattern_info(regex->code, PCRE2_INFO_NAMETABLE, &table);
    pcre2_pattern_info(regex->code, PCRE2_INFO_NAMEENTRYSIZE, &entry_size);
    for (uint32_t i = 0; i < n_names; i++, table += entry_size) {
        if (span_is(name, (const char *)table + 2)) return (uint32_t)table[0] << 8 | table[1];
    }
    return 0;
}

/* Every physical column of the table needs a group, used or not: a slip must not wait for its
 * query. */
static Status regex_map(RegexReader *regex, Arena *arena, Err *err) {
    const DecodeSpec *spec = &regex->decoder.spec;
    int32_t pos = opt_pos(spec->options, "pattern");
    uint32_t n_names, n_groups;
    pcre2_pattern_info(regex->code, PCRE2_INFO_NAMECOUNT, &n_names);
    pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &n_groups);
    regex->groups = arena_array(arena, uint32_t, spec->out->n_fields + 1);
    for (uint32_t i = 0; i < spec->table->n_fields; i++) {
        Field field = spec->table->fields[i];
        uint32_t group = regexfmt_group(regex, n_names, n_groups, (int32_t)i, field.name);
        if (field.type->kind == TYPE_MAP || field.type->kind == TYPE_MULTISET ||
            field.type->kind == TYPE_ROW || field.type->kind == TYPE_ARRAY) {
            FAIL(err, ST_UNSUPPORTED, "0A000", pos,
                 "column '" SPAN_FMT "': a group of a regex is a single value",
                 SPAN_ARG(field.name));
        }
        if (!group && n_names) {
            err_set(err, ST_INVALID, "42703", pos, __FILE__, __LINE__,
                    "regex.pattern has no group for column '" SPAN_FMT "'", SPAN_ARG(field.name));
            return err_hint(err, "(?<" SPAN_FMT ">...)", SPAN_ARG(field.name));
        }
        if (!group) {
            err_set(err, ST_INVALID, "42703", pos, __FILE__, __LINE__,
                    "regex.pattern has %u groups, but the table has %u columns", n_groups,
                    spec->table->n_fields);
            return err_hint(err, "group n fills column n; (?:...) makes no group");
        }
        for (uint32_t k = 0; k < spec->out->n_fields; k++) {
            if (spec->indexes[k] == (int32_t)i) regex->groups[k] = group;
        }
    }
    return ST_OK;
}

static void regex_close(Decoder *decoder) {
    RegexReader *regex = (RegexReader *)decoder;
    pcre2_jit_stack_free(regex->stack);
    pcre2_match_context_free(regex->context);
    pcre2_match_data_free(regex->match);
    pcre2_code_free(regex->code);
}

static Status regex_open(Decoder *decoder, Arena *arena, Err *err) {
    RegexReader *regex = (RegexReader *)decoder;
    const DecodeSpec *spec = &decoder->spec;
    Status status;
    regex->ignores = opt_bool(spec->options, "ignore-parse-errors");
    regex->is_latin1 = opt_is(spec->options, "charset", "ISO-8859-1");
    regex->ctx.null_literal = opt_str(spec->options, "null-literal");
    regex->cols = arena_array(arena, TextCol, spec->out->n_fields + 1);
    status = regex_open_code(regex, err);
    if (status == ST_OK) status = regex_map(regex, arena, err);
    if (status == ST_OK) {
        status = textcol_open(regex->cols, spec->out, spec, &regex->ctx, arena, err);
    }
    if (status) regex_close(decoder);
    return status;
}

/* ---- reading ---- */

/* Where the value is in the line; 0 when it was re-coded. */
static uint32_t regex_at(Span line, Span value) {
    bool is_inside = value.ptr >= line.ptr && value.ptr <= line.ptr + line.len;
    return is_inside ? (uint32_t)(value.ptr - line.ptr) : 0;
}

static Status regex_report(RegexReader *regex, Span line, size_t offset, int32_t column, Span value,
                           const char *sqlstate, const char *reason, bool is_kept, Err *err) {
    BadRecord bad = {.bytes = line,
                     .offset = offset,
                     .line = regex->decoder.n_lines + 1,
                     .value = value,
                     .at = regex_at(line, value),
                     .sqlstate = sqlstate,
                     .reason = reason,
                     .is_ignored = regex->ignores,
                     .is_kept = is_kept};
    if (column >= 0) bad.column = regex->cols[column].name;
    return decode_bad(&regex->decoder, &bad, err);
}

static const char *regex_reason(int code) {
    switch (code) {
    case PCRE2_ERROR_NOMATCH: return "the line does not match regex.pattern";
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
    case PCRE2_ERROR_JIT_STACKLIMIT: return "matching regex.pattern takes too long on this line";
    default: return "matching regex.pattern failed";
    }
}

/* The groups of a match into the columns. *is_row is false when the record was bad and skipped. */
static Status regex_put(RegexReader *regex, Span line, Span whole, size_t offset, BatchBuilder *out,
                        bool *is_row, Err *err) {
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(regex->match);
    *is_row = false;
    for (uint32_t c = 0; c < out->n_cols; c++) {
        const TextCol *col = &regex->cols[c];
        size_t from = ends[2 * regex->groups[c]], to = ends[2 * regex->groups[c] + 1];
        bool is_set = from != PCRE2_UNSET, is_kept = regex->ignores && !col->is_required;
        Span text = {whole.ptr + (is_set ? from : 0), is_set ? to - from : 0};
        TextError bad = TEXT_OK;
        if (is_set) {
            bad = textcol_append(&regex->ctx, col, text, &out->cols[c]);
        } else if (col->is_required) {
            bad = TEXT_NULL;
        } else {
            colb_null(&out->cols[c]);
        }
        if (FAST_LIKELY(!bad)) continue;
        TRY(regex_report(regex, line, offset, (int32_t)c, text, text_sqlstate(bad),
                         text_reason(bad), is_kept, err));
        if (!is_kept) return ST_OK;
        colb_null(&out->cols[c]);
    }
    *is_row = true;
    return ST_OK;
}

/* The line as UTF-8; *good is false when it cannot be. */
static Span regex_text(RegexReader *regex, Span line, bool *good) {
    char *to;
    size_t n = 0;
    *good = true;
    regex->ctx.is_ascii = true; /* checked here for all columns */
    if (utf8_is_ascii(line)) return line;
    if (!regex->is_latin1) {
        *good = utf8_is_valid(line);
        return line;
    }
    to = arena_alloc(regex->ctx.arena, line.len * 2 + CHUNK_PADDING);
    for (size_t i = 0; i < line.len; i++) n += utf8_encode(to + n, (unsigned char)line.ptr[i]);
    return (Span){to, n};
}

static Status regex_line(RegexReader *regex, Span line, size_t offset, BatchBuilder *out,
                         Err *err) {
    bool is_row, is_text;
    Span text = regex_text(regex, line, &is_text);
    PCRE2_SPTR p = (PCRE2_SPTR)text.ptr;
    int found;
    if (FAST_UNLIKELY(!is_text)) {
        Span rest = {line.ptr + utf8_valid_len(line), 0};
        return regex_report(regex, line, offset, -1, rest, "22021",
                            "not valid UTF-8 (see 'regex.charset')", false, err);
    }
    found = regex->has_jit
                ? pcre2_jit_match(regex->code, p, text.len, 0, 0, regex->match, regex->context)
                : pcre2_match(regex->code, p, text.len, 0, PCRE2_NO_UTF_CHECK, regex->match,
                              regex->context);
    if (FAST_UNLIKELY(found < 0)) {
        return regex_report(regex, line, offset, -1, (Span){NULL, 0}, "22P02", regex_reason(found),
                            false, err);
    }
    TRY(regex_put(regex, line, text, offset, out, &is_row, err));
    if (is_row) {
        batchb_row_end(out, 1);
    } else {
        batchb_truncate(out);
    }
    return ST_OK;
}

static Status regex_decode(Decoder *decoder, Span in, bool at_end, uint32_t max_rows,
                           BatchBuilder *out, size_t *consumed, Err *err) {
    RegexReader *regex = (RegexReader *)decoder;
    size_t at = 0;
    regex->ctx.arena = out->arena;
    while (at < in.len && out->n_rows < max_rows) {
        const char *newline = memchr(in.ptr + at, '\n', in.len - at);
        Span line = {in.ptr + at, newline ? (size_t)(newline - in.ptr) - at : in.len - at};
        size_t next = at + line.len + (newline != NULL);
        if (!newline && !at_end) break;
        if (line.len && line.ptr[line.len - 1] == '\r') line.len--;
        if (line.len) TRY(regex_line(regex, line, at, out, err));
        decoder->n_lines++;
        at = next;
    }
    *consumed = at;
    return ST_OK;
}

static void regex_save(const Decoder *decoder, Buf *out) {
    record_put_i64(out, ((const RegexReader *)decoder)->ctx.year.year);
    record_put_i64(out, ((const RegexReader *)decoder)->ctx.year.month);
    record_put_i64(out, ((const RegexReader *)decoder)->ctx.year.now_us);
}

static void regex_load(Decoder *decoder, Record *in) {
    ((RegexReader *)decoder)->ctx.year.year = (int32_t)record_i64(in);
    ((RegexReader *)decoder)->ctx.year.month = (int32_t)record_i64(in);
    ((RegexReader *)decoder)->ctx.year.now_us = record_i64(in);
}

static void regex_reset(Decoder *decoder) {
    ((RegexReader *)decoder)->ctx.year.year = 0;
}
#else
typedef Decoder RegexReader;

static Status regex_open(Decoder *decoder, Arena *arena, Err *err) {
    (void)decoder;
    (void)arena;
    FAIL(err, ST_UNSUPPORTED, "0A000", -1, "format 'regex' is not in this build (no PCRE2)");
}
#define regex_decode NULL
#define regex_reset NULL
#define regex_close NULL
#endif

static const OptionSpec regex_options[] = {
    {"pattern", OPT_STRING, .is_required = true,
     .help = "Perl's (and nearly Java's) syntax; (?<name>...) fills the column of that name"},
    {"ignore-case", OPT_BOOL, "false", .help = "letters match in either case"},
    {"ignore-parse-errors", OPT_BOOL, "false",
     .help = "a line that does not match is skipped, a group that cannot be converted becomes "
             "NULL; both are counted"},
    {"null-literal", OPT_STRING, .help = "the text that stands for NULL, such as -"},
    {"charset", OPT_ENUM, "UTF-8", "UTF-8|ISO-8859-1", .help = "of the lines"},
    TEXTCOL_OPTIONS,
    {NULL},
};

const FormatType fmt_regex = {
    .name = "regex",
    .traits = FORMAT_SOURCE | FORMAT_TEXT_LINES,
    .decoder_size = sizeof(RegexReader),
    .options = regex_options,
    .help = "lines taken apart by a regular expression: logs as tables",
    .open_decoder = regex_open,
    .decode = regex_decode,
    .reset = regex_reset,
    .save = regex_save,
    .load = regex_load,
    .close_decoder = regex_close,
};
