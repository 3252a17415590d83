/* conn_stdin.c -- standard input as a table.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/inbuf.h"
#include "os/os.h"

typedef struct StdinSource {
    Source source;
    InBuf in;
    bool is_ended, is_begun;
    uint64_t size; /* when it is a file, else 0 */
} StdinSource;

static Status stdin_open(Source *source, Err *err) {
    StdinSource *self = (StdinSource *)source;
    FileInfo info;
    inbuf_init(&self->in, source->spec.mem, INBUF_CHUNK);
    TRY(file_fstat(0, "standard input", &info, err));
    if (info.is_regular) self->size = info.size;
    return ST_OK;
}

/* Reads once; ST_AGAIN: nothing came. */
static Status stdin_read(StdinSource *self, Err *err) {
    char *to;
    size_t cap;
    size_t got;
    WaitFd wait = {.fd = 0};
    /* A terminal or pipe must not block the other sources. */
    if (!wait_fds(&wait, 1, 0)) return ST_AGAIN;
    TRY(inbuf_room(&self->in, "standard input", &to, &cap, err));
    TRY(file_read(0, "standard input", to, cap, &got, err));
    inbuf_added(&self->in, got);
    self->is_ended = got == 0;
    return ST_OK;
}

static Status stdin_poll(Source *source, Chunk *chunk, Err *err) {
    StdinSource *self = (StdinSource *)source;
    if (self->is_ended && !self->in.has_more) return ST_END;
    if (!self->in.has_more) TRY(stdin_read(self, err));
    *chunk = (Chunk){
        .bytes = inbuf_span(&self->in),
        .offset = self->in.offset,
        .at_end = self->is_ended,
        .is_split_end = self->is_ended,
        .is_new_file = !self->is_begun,
        .name = "standard input",
    };
    self->is_begun = true;
    return ST_OK;
}

static void stdin_consumed(Source *source, const Chunk *chunk, size_t len) {
    (void)chunk;
    inbuf_consume(&((StdinSource *)source)->in, len);
}

static int stdin_wake_fd(const Source *source) {
    return ((const StdinSource *)source)->is_ended ? -1 : 0;
}

static bool stdin_progress(const Source *source, uint64_t *done, uint64_t *total) {
    const StdinSource *self = (const StdinSource *)source;
    *done = self->in.offset;
    *total = self->size;
    return self->size > 0;
}

static void stdin_close(Source *source) {
    inbuf_deinit(&((StdinSource *)source)->in);
}

static bool stdin_is_bounded(const Options *options) {
    (void)options;
    return true; /* it ends when the writer closes it */
}

static const OptionSpec stdin_options[] = {
    {"format", OPT_STRING, NULL, NULL, true, false, "How the bytes become rows."},
    {NULL, OPT_STRING, NULL, NULL, false, false, NULL},
};
static const SourceType stdin_source = {
    .size = sizeof(StdinSource),
    .open = stdin_open,
    .poll = stdin_poll,
    .consumed = stdin_consumed,
    .wake_fd = stdin_wake_fd,
    .progress = stdin_progress,
    .close = stdin_close,
};

const ConnType conn_stdin = {
    .name = "stdin",
    .traits = CONN_SOURCE | CONN_NEEDS_FORMAT,
    .options = stdin_options,
    .source = &stdin_source,
    .is_bounded = stdin_is_bounded,
    .help = "Reads records from standard input until it is closed.",
    .guarantee = "at most once: bytes that were read are gone after a crash",
};
