/* conn_print.c -- writes rows as Flink's print connector does: `+I[1, null, Hi]`, one a line.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/conn.h"
#include "os/os.h"

typedef struct PrintSink {
    Sink sink;
    Buf out;
    Span prefix;
    int fd;
} PrintSink;

enum { PRINT_BUFFER = 64 << 10 };

static Status print_open(Sink *sink, Err *err) {
    PrintSink *self = (PrintSink *)sink;
    (void)err;
    self->prefix = opt_str(sink->spec.options, "print-identifier");
    self->fd = opt_bool(sink->spec.options, "standard-error") ? 2 : 1;
    buf_init(&self->out, sink->spec.mem);
    return ST_OK;
}

static Status print_seal(Sink *sink, Err *err) {
    PrintSink *self = (PrintSink *)sink;
    if (self->out.len) {
        TRY(file_write(self->fd, self->fd == 1 ? "standard output" : "standard error",
                       self->out.ptr, self->out.len, err));
    }
    buf_reset(&self->out);
    return ST_OK;
}

static Status print_write(Sink *sink, const Batch *batch, const uint8_t *kinds, Err *err) {
    PrintSink *self = (PrintSink *)sink;
    for (uint32_t row = 0; row < batch->n_rows; row++) {
        if (self->prefix.len) {
            buf_span(&self->out, self->prefix);
            buf_puts(&self->out, "> ");
        }
        buf_puts(&self->out, row_kind_text[kinds ? kinds[row] : ROW_INSERT]);
        buf_putc(&self->out, '[');
        for (uint32_t col = 0; col < batch->n_cols; col++) {
            if (col) buf_put(&self->out, ", ", 2);
            value_print(&batch->cols[col], row, TEXT_PRINT, sink->spec.zone, &self->out);
        }
        buf_put(&self->out, "]\n", 2);
        if (self->out.len >= PRINT_BUFFER) TRY(print_seal(sink, err));
    }
    return ST_OK;
}

static void print_close(Sink *sink) {
    buf_deinit(&((PrintSink *)sink)->out);
}

static const OptionSpec print_options[] = {
    {"print-identifier", OPT_STRING, NULL, NULL, false, false,
     "Text before every row, followed by \"> \"."},
    {"standard-error", OPT_BOOL, "false", NULL, false, false,
     "Write to standard error instead of standard output."},
    {"sink.parallelism", OPT_INT, NULL, NULL, false, false, "Accepted; one writer is enough."},
    {NULL, OPT_STRING, NULL, NULL, false, false, NULL},
};
static const SinkType print_sink = {
    .size = sizeof(PrintSink),
    .open = print_open,
    .write = print_write,
    .seal = print_seal,
    .finish = print_seal,
    .close = print_close,
};

const ConnType conn_print = {
    .name = "print",
    .traits = CONN_SINK | CONN_ROWS | CONN_BY_KEY,
    .options = print_options,
    .sink = &print_sink,
    .help = "Writes each change as a line, in exactly the text of Flink's print connector.",
    .guarantee = "at least once: a restart prints the rows since the last commit again",
};
