/* conn_stdout.c -- records to standard output, in any format.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/conn.h"
#include "os/os.h"

typedef struct StdoutSink {
    Sink sink;
    Buf out;
} StdoutSink;

enum { STDOUT_BUFFER = 256 << 10 };

static Status stdout_open(Sink *sink, Err *err) {
    StdoutSink *self = (StdoutSink *)sink;
    buf_init(&self->out, sink->spec.mem);
    return encoder_begin(sink->spec.encoder, &self->out, err);
}

static Status stdout_seal(Sink *sink, Err *err) {
    StdoutSink *self = (StdoutSink *)sink;
    TRY(file_write(1, "standard output", self->out.ptr, self->out.len, err));
    buf_reset(&self->out);
    return ST_OK;
}

static Status stdout_write(Sink *sink, const Batch *batch, const uint8_t *kinds, Err *err) {
    StdoutSink *self = (StdoutSink *)sink;
    Encoder *encoder = sink->spec.encoder;
    TRY(encoder->type->encode(encoder, batch, kinds, 0, batch->n_rows, SPAN("\n"), &self->out, NULL,
                              err));
    return self->out.len >= STDOUT_BUFFER ? stdout_seal(sink, err) : ST_OK;
}

static void stdout_close(Sink *sink) {
    buf_deinit(&((StdoutSink *)sink)->out);
}

static const OptionSpec stdout_options[] = {
    {"format", OPT_STRING, NULL, NULL, true, false, "How rows become bytes."},
    {NULL, OPT_STRING, NULL, NULL, false, false, NULL},
};
static const SinkType stdout_sink = {
    .size = sizeof(StdoutSink),
    .open = stdout_open,
    .write = stdout_write,
    .seal = stdout_seal,
    .finish = stdout_seal,
    .close = stdout_close,
};

const ConnType conn_stdout = {
    .name = "stdout",
    .traits = CONN_SINK | CONN_NEEDS_FORMAT,
    .options = stdout_options,
    .sink = &stdout_sink,
    .help = "Writes records to standard output, one a line.",
    .guarantee = "at least once",
};
