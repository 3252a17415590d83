/* socket_sink.c -- writes records to sockets: to one server, or to all readers that have connected.
 *
 * seal() answers ST_AGAIN while a reader's window is full, so that a slow reader slows the query. A
 * reader that goes away is forgotten; a server that goes away is connected to again, and gets the
 * records that it has not taken.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/socket.h"

typedef struct SocketReader {
    int fd;      /* -1: free place */
    size_t sent; /* bytes of `out` that it has taken */
} SocketReader;

enum { SOCKET_READERS_MAX = 256 };

typedef struct SocketSink {
    Sink sink;
    NetAddress address;
    bool is_listening, is_connecting;
    int listener;
    Buf out;
    SocketReader readers[SOCKET_READERS_MAX];
    uint32_t n_readers; /* places in use, the free ones among them included */
    SocketRetry retry;
} SocketSink;

static Status socketsink_open(Sink *sink, Err *err) {
    SocketSink *self = (SocketSink *)sink;
    self->listener = -1;
    buf_init(&self->out, sink->spec.mem);
    self->is_listening = opt_is(sink->spec.options, "socket.mode", "listen");
    TRY(socket_address(sink->spec.options, &self->address, err));
    socket_retry_init(&self->retry, sink->spec.options);
    if (self->is_listening) return net_listen(&self->address, &self->listener, err);
    self->n_readers = 1;
    self->readers[0].fd = -1;
    return ST_OK;
}

static Status socketsink_write(Sink *sink, const Batch *batch, const uint8_t *kinds, Err *err) {
    SocketSink *self = (SocketSink *)sink;
    Encoder *encoder = sink->spec.encoder;
    return encoder->type->encode(encoder, batch, kinds, 0, batch->n_rows, SPAN("\n"), &self->out,
                                 NULL, err);
}

static Status socketsink_accept(SocketSink *self, Err *err) {
    for (;;) {
        char name[80];
        int fd;
        uint32_t i = 0;
        Status status = net_accept(self->listener, &fd, name, sizeof name, err);
        if (status == ST_AGAIN) return ST_OK;
        TRY(status);
        while (i < self->n_readers && self->readers[i].fd >= 0) i++;
        if (i == SOCKET_READERS_MAX) {
            file_close(fd);
            continue;
        }
        if (i == self->n_readers) self->n_readers++;
        self->readers[i] = (SocketReader){fd, self->out.len}; /* it reads from now on */
    }
}

static Status socketsink_connect(SocketSink *self, Err *err) {
    SocketReader *server = &self->readers[0];
    WaitFd wait = {.want_write = true};
    Status status;
    if (server->fd < 0) {
        if (clock_mono_us() < self->retry.next_us) return ST_AGAIN;
        status = net_connect(&self->address, &server->fd, err);
        if (status != ST_OK) return socket_retry_later(&self->retry) ? ST_AGAIN : status;
        self->is_connecting = true;
    }
    if (!self->is_connecting) return ST_OK;
    wait.fd = server->fd;
    if (!wait_fds(&wait, 1, 0)) return ST_AGAIN;
    self->is_connecting = false;
    status = net_connect_done(server->fd, &self->address, err);
    if (status == ST_OK) {
        socket_retry_init(&self->retry, self->sink.spec.options);
        return ST_OK;
    }
    file_close(server->fd);
    server->fd = -1;
    return socket_retry_later(&self->retry) ? ST_AGAIN : status;
}

/* Sends what a reader has not got. A broken connection leaves the reader without a descriptor. */
static Status socketsink_send(SocketSink *self, SocketReader *reader, Err *err) {
    while (reader->fd >= 0 && reader->sent < self->out.len) {
        size_t done;
        Status status = net_send(reader->fd, self->out.ptr + reader->sent,
                                 self->out.len - reader->sent, &done, err);
        if (status == ST_AGAIN) return ST_AGAIN;
        if (status != ST_OK) {
            file_close(reader->fd);
            reader->fd = -1;
        }
        reader->sent += done;
    }
    return ST_OK;
}

static Status socketsink_seal(Sink *sink, Err *err) {
    SocketSink *self = (SocketSink *)sink;
    bool is_waiting = false;
    if (self->is_listening)
        TRY(socketsink_accept(self, err));
    else if (self->out.len)
        TRY(socketsink_connect(self, err));
    for (uint32_t i = 0; i < self->n_readers; i++) {
        SocketReader *reader = &self->readers[i];
        if (socketsink_send(self, reader, err) == ST_AGAIN) is_waiting = true;
        /* The server is gone: what it has taken is not sent again, the rest goes to its next
         * connection. */
        if (!self->is_listening && reader->fd < 0 && reader->sent < self->out.len)
            is_waiting = true;
    }
    if (is_waiting) return ST_AGAIN;
    buf_reset(&self->out);
    for (uint32_t i = 0; i < self->n_readers; i++) self->readers[i].sent = 0;
    return ST_OK;
}

static int socketsink_wake_fd(const Sink *sink) {
    const SocketSink *self = (const SocketSink *)sink;
    for (uint32_t i = 0; i < self->n_readers; i++) {
        if (self->readers[i].fd >= 0 && self->readers[i].sent < self->out.len)
            return self->readers[i].fd;
    }
    return -1;
}

static void socketsink_close(Sink *sink) {
    SocketSink *self = (SocketSink *)sink;
    for (uint32_t i = 0; i < self->n_readers; i++) file_close(self->readers[i].fd);
    file_close(self->listener);
    buf_deinit(&self->out);
}

const SinkType socket_sink = {
    .size = sizeof(SocketSink),
    .open = socketsink_open,
    .write = socketsink_write,
    .seal = socketsink_seal,
    .finish = socketsink_seal,
    .wake_fd = socketsink_wake_fd,
    .close = socketsink_close,
};
