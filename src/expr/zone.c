/* zone.c -- time zones: names, fixed offsets, the system's zone files (TZif), and the two lookups.
 *
 * libc's zone is one a process and locked, so weir reads the files itself. A zone is immutable once
 * read and kept for the process's life; the list of zones is the only thing behind a lock.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/zone_private.h"

#include "os/os.h"

#include <pthread.h>
#include <unistd.h>

enum { ZONE_FILE_MAX = 1 << 20, ZONE_NAME_MAX = 64 };
#define ZONE_TIME_MAX (INT64_C(1) << 40) /* seconds: 34,000 years */

static const ZonePart zone_utc_part = {0, false, "UTC"};
const Zone zone_utc = {.name = {"UTC", 3}, .parts = &zone_utc_part};

/* ---- lookups ---- */

/* How many of the n ascending values are <= x. */
static uint32_t zone_count_until(const int64_t *values, uint32_t n, int64_t x) {
    const int64_t *base = values;
    while (n > 0) {
        uint32_t half = n / 2;
        if (base[half] <= x) {
            base += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return (uint32_t)(base - values);
}

/* Moves a second far in the future back into the written-out cycle. */
static int64_t zone_wrap(const Zone *zone, int64_t seconds, const int64_t *starts) {
    if (!zone->is_cyclic || seconds <= starts[zone->n - 1]) return seconds;
    int64_t beyond = seconds - starts[zone->n - 1];
    return seconds - (beyond + ZONE_CYCLE - 1) / ZONE_CYCLE * ZONE_CYCLE;
}

ZonePart zone_part_at(const Zone *zone, int64_t utc_us) {
    if (zone->n == 0) return zone->parts[0];
    int64_t seconds = zone_wrap(zone, civil_floor_div(utc_us, US_PER_SECOND), zone->starts);
    return zone->parts[zone_count_until(zone->starts, zone->n, seconds)];
}

Span zone_name(const Zone *zone) {
    return zone->name;
}

/* The ends of time, 292,000 years from here, do not move. */
static int64_t zone_shift(int64_t us, int64_t by) {
    int64_t shifted;
    return __builtin_add_overflow(us, by, &shifted) ? us : shifted;
}

int64_t zone_to_local(const Zone *zone, int64_t utc_us) {
    return zone_shift(utc_us, zone_part_at(zone, utc_us).offset * US_PER_SECOND);
}

int64_t zone_to_utc(const Zone *zone, int64_t local_us) {
    if (zone->n == 0) return zone_shift(local_us, -zone->parts[0].offset * US_PER_SECOND);
    int64_t local = civil_floor_div(local_us, US_PER_SECOND);
    uint32_t part =
        zone_count_until(zone->local_starts, zone->n, zone_wrap(zone, local, zone->local_starts));
    return zone_shift(local_us, -zone->parts[part].offset * US_PER_SECOND);
}

/* ---- zone files ---- */

void zone_list_add(ZoneList *list, int64_t start, ZonePart part) {
    if (list->n == list->cap) {
        uint32_t cap = list->cap * 2;
        int64_t *starts = arena_array(list->arena, int64_t, cap);
        ZonePart *parts = arena_array(list->arena, ZonePart, cap + 1);
        memcpy(starts, list->starts, list->n * sizeof *starts);
        memcpy(parts, list->parts, (list->n + 1) * sizeof *parts);
        list->starts = starts;
        list->parts = parts;
        list->cap = cap;
    }
    list->starts[list->n++] = start;
    list->parts[list->n] = part;
}

static int64_t tzif_int(const char *p, int bytes) { /* big-endian, signed */
    uint64_t value = (uint64_t)(int64_t)(int8_t)p[0];
    for (int i = 1; i < bytes; i++) value = value << 8 | (unsigned char)p[i];
    return (int64_t)value;
}

/* The counts of one block, in the file's order. */
typedef struct TzifHeader {
    char version;
    size_t n_isut, n_isstd, n_leap, n_time, n_type, n_char;
} TzifHeader;

static bool tzif_header(Span bytes, TzifHeader *h) {
    if (bytes.len < 44 || memcmp(bytes.ptr, "TZif", 4) != 0) return false;
    size_t *counts[] = {&h->n_isut, &h->n_isstd, &h->n_leap, &h->n_time, &h->n_type, &h->n_char};
    h->version = bytes.ptr[4];
    for (int i = 0; i < 6; i++) {
        int64_t count = tzif_int(bytes.ptr + 20 + 4 * i, 4);
        if (count < 0 || count > ZONE_FILE_MAX) return false;
        *counts[i] = (size_t)count;
    }
    return true;
}

static size_t tzif_block_len(const TzifHeader *h, size_t time_len) {
    return 44 + h->n_time * (time_len + 1) + h->n_type * 6 + h->n_char +
           h->n_leap * (time_len + 4) + h->n_isstd + h->n_isut;
}

/* The type with the given number; false when it or its abbreviation is outside the file. */
static bool tzif_part(Arena *arena, const TzifHeader *h, const char *types, size_t index,
                      ZonePart *out) {
    if (index >= h->n_type) return false;
    const char *type = types + 6 * index;
    const char *names = types + 6 * h->n_type;
    size_t at = (unsigned char)type[5];
    if (at >= h->n_char) return false;
    out->offset = (int32_t)tzif_int(type, 4);
    out->is_dst = type[4] != 0;
    out->abbrev = arena_strndup(arena, names + at, strnlen(names + at, h->n_char - at));
    return out->offset > -90000 && out->offset < 93600;
}

static bool tzif_read(ZoneList *list, Span bytes, bool *is_cyclic) {
    TzifHeader h;
    if (!tzif_header(bytes, &h)) return false;
    size_t time_len = 4;
    if (h.version >= '2') { /* the second block has 64-bit times */
        size_t skip = tzif_block_len(&h, 4);
        if (skip > bytes.len) return false;
        bytes = (Span){bytes.ptr + skip, bytes.len - skip};
        if (!tzif_header(bytes, &h)) return false;
        time_len = 8;
    }
    size_t len = tzif_block_len(&h, time_len);
    if (len > bytes.len || h.n_type == 0) return false;
    const char *times = bytes.ptr + 44;
    const char *indexes = times + h.n_time * time_len;
    const char *types = indexes + h.n_time;
    if (!tzif_part(list->arena, &h, types, 0, &list->parts[0])) return false;
    for (size_t i = 0; i < h.n_time; i++) {
        ZonePart part;
        int64_t start = tzif_int(times + i * time_len, (int)time_len);
        if (!tzif_part(list->arena, &h, types, (unsigned char)indexes[i], &part)) return false;
        if (list->n && start <= list->starts[list->n - 1]) return false;
        /* Fat files begin with a formal transition at the dawn of time. */
        if (start > ZONE_TIME_MAX) return false;
        if (start < -ZONE_TIME_MAX) {
            list->parts[0] = part;
        } else {
            zone_list_add(list, start, part);
        }
    }
    Span footer = {bytes.ptr + len, bytes.len - len};
    if (time_len == 4 || footer.len < 2 || footer.ptr[0] != '\n') return true;
    const char *end = memchr(footer.ptr + 1, '\n', footer.len - 1);
    if (!end || end == footer.ptr + 1) return true;
    Span rule = {footer.ptr + 1, (size_t)(end - footer.ptr - 1)};
    int64_t after = list->n ? list->starts[list->n - 1] : INT64_MIN;
    return zone_rule_expand(list, rule, after, is_cyclic);
}

Status zone_parse(Arena *arena, Span name, Span bytes, const Zone **out, Err *err) {
    ZoneList list = {.arena = arena, .cap = 64};
    list.starts = arena_array(arena, int64_t, list.cap);
    list.parts = arena_array(arena, ZonePart, list.cap + 1);
    Zone *zone = arena_new(arena, Zone);
    if (!tzif_read(&list, bytes, &zone->is_cyclic))
        FAIL(err, ST_CORRUPT, "22023", -1, "the file of time zone \"%.*s\" is not valid",
             SPAN_ARG(name));
    int64_t *local = arena_array(arena, int64_t, list.n + 1);
    for (uint32_t i = 0; i < list.n; i++) {
        /* In a gap and in an overlap the old offset counts, as in java.time; the new one from where
         * both agree. */
        int32_t before = list.parts[i].offset, now = list.parts[i + 1].offset;
        local[i] = list.starts[i] + (before > now ? before : now);
    }
    zone->name = span_copy(arena, name);
    zone->n = list.n;
    zone->starts = list.starts;
    zone->local_starts = local;
    zone->parts = list.parts;
    *out = zone;
    return ST_OK;
}

/* ---- names ---- */

typedef struct ZoneCache {
    pthread_mutex_t lock;
    StrMap map; /* of const Zone, by name */
    Arena arena;
    bool is_ready;
} ZoneCache;
static ZoneCache zone_cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const char *zone_dir(void) {
    const char *dir = getenv("TZDIR");
    return dir && *dir ? dir : "/usr/share/zoneinfo";
}

/* Reads a whole small file into the arena; false when there is none. */
static bool zone_read_file(Arena *arena, const char *path, Span *out) {
    Err ignored;
    int fd;
    if (file_open_read(path, &fd, &ignored) != ST_OK) return false;
    char *bytes = arena_alloc(arena, ZONE_FILE_MAX);
    size_t len = 0, got = 1;
    Status status = ST_OK;
    while (status == ST_OK && got > 0 && len < ZONE_FILE_MAX) {
        status = file_read(fd, path, bytes + len, ZONE_FILE_MAX - len, &got, &ignored);
        if (status == ST_OK) len += got;
    }
    file_close(fd);
    *out = (Span){bytes, len};
    return status == ST_OK && got == 0;
}

/* A name is words of letters, digits, _ + - with slashes between: never a way out of the
 * directory. */
static bool zone_is_name(Span name) {
    if (name.len == 0 || name.len > ZONE_NAME_MAX || name.ptr[0] == '/') return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_letter = ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9');
        if (!is_letter && c != '_' && c != '+' && c != '-' && c != '/') return false;
    }
    return true;
}

/* "+05:30", "GMT+8", "UTC-01:00", "UT+1"; "Z", "GMT", "UT" are UTC under their own names. */
static bool zone_parse_fixed(Span name, int32_t *offset) {
    static const char *const prefixes[] = {"UTC", "GMT", "UT", ""};
    for (int i = 0; i < 4; i++) {
        size_t len = strlen(prefixes[i]);
        if (!span_starts_with(name, prefixes[i])) continue;
        Span rest = {name.ptr + len, name.len - len};
        if (rest.len == 0) return *offset = 0, len > 0;
        if (civil_parse_offset(rest, offset)) return len == 0 || rest.ptr[0] != 'Z';
    }
    return false;
}

static const Zone *zone_make_fixed(Arena *arena, Span name, int32_t offset) {
    Zone *zone = arena_new(arena, Zone);
    ZonePart *part = arena_new(arena, ZonePart);
    zone->name = span_copy(arena, name);
    part->offset = offset;
    part->abbrev = arena_strndup(arena, name.ptr, name.len);
    zone->parts = part;
    return zone;
}

/* The nearest name from the system's list of zones; empty when it has none. */
static Span zone_nearest(Arena *arena, Span name) {
    Span text, names[600];
    size_t n = 0;
    if (!zone_read_file(arena, arena_printf(arena, "%s/zone1970.tab", zone_dir()), &text) &&
        !zone_read_file(arena, arena_printf(arena, "%s/zone.tab", zone_dir()), &text))
        return (Span){0};
    const char *p = text.ptr, *end = text.ptr + text.len;
    while (p < end && n < sizeof names / sizeof names[0]) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        if (!stop) stop = end;
        const char *field = p;
        for (int i = 0; i < 2 && field; i++) {
            field = memchr(field, '\t', (size_t)(stop - field));
            if (field) field++;
        }
        if (field && *p != '#') {
            const char *tab = memchr(field, '\t', (size_t)(stop - field));
            names[n++] = (Span){field, (size_t)((tab ? tab : stop) - field)};
        }
        p = stop + 1;
    }
    return span_nearest(name, names, n);
}

static Status zone_fail_unknown(Span name, Err *err) {
    Arena arena;
    arena_init(&arena, NULL);
    Span near = zone_nearest(&arena, name);
    err_set(err, ST_INVALID, "22023", -1, __FILE__, __LINE__, "time zone \"%.*s\" is not known",
            SPAN_ARG(name));
    if (near.len) {
        err_hint(err, "did you mean \"%.*s\"?", SPAN_ARG(near));
    } else {
        err_hint(err, "zones are named like 'Europe/Berlin', 'UTC' or 'GMT+01:00'");
    }
    arena_deinit(&arena);
    return ST_INVALID;
}

static Status zone_load(Arena *arena, Span name, const Zone **out, Err *err) {
    int32_t offset;
    if (zone_parse_fixed(name, &offset)) {
        *out = zone_make_fixed(arena, name, offset);
        return ST_OK;
    }
    if (!zone_is_name(name)) return zone_fail_unknown(name, err);
    Arena scratch;
    Span bytes;
    arena_init(&scratch, NULL);
    char *path = arena_printf(&scratch, "%s/%.*s", zone_dir(), SPAN_ARG(name));
    Status status = zone_read_file(&scratch, path, &bytes)
                        ? zone_parse(arena, name, bytes, out, err)
                        : zone_fail_unknown(name, err);
    arena_deinit(&scratch);
    return status;
}

/* The machine's own zone: $TZ, else what /etc/localtime links to, else UTC. */
static Span zone_system_name(char *buffer, size_t size) {
    const char *tz = getenv("TZ");
    if (tz && *tz) return span_of(tz[0] == ':' ? tz + 1 : tz);
    ssize_t len = readlink("/etc/localtime", buffer, size - 1);
    if (len <= 0) return SPAN("UTC");
    buffer[len] = '\0';
    const char *at = strstr(buffer, "zoneinfo/");
    return at ? span_of(at + strlen("zoneinfo/")) : SPAN("UTC");
}

Status zone_find(Span name, const Zone **out, Err *err) {
    char buffer[256];
    if (name.len == 0 || span_is_nocase(name, "default"))
        name = zone_system_name(buffer, sizeof buffer);
    if (span_is(name, "UTC") || span_is(name, "Etc/UTC")) {
        *out = &zone_utc;
        return ST_OK;
    }
    pthread_mutex_lock(&zone_cache.lock);
    if (!zone_cache.is_ready) {
        arena_init(&zone_cache.arena, NULL);
        strmap_init(&zone_cache.map, NULL, false);
        zone_cache.is_ready = true;
    }
    Zone *known = strmap_find(&zone_cache.map, name);
    Status status = ST_OK;
    *out = known;
    if (!known) {
        status = zone_load(&zone_cache.arena, name, out, err);
        if (status == ST_OK) strmap_put(&zone_cache.map, name, (void *)(uintptr_t)*out);
    }
    pthread_mutex_unlock(&zone_cache.lock);
    return status;
}
