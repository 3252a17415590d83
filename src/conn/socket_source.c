/* socket_source.c -- reads records from sockets: from one server that it connects to, or from all
 * who connect to it.
 *
 * Bytes are read only when the decoder is ready for more, so a slow query fills the peers' send
 * windows and slows the senders; nothing is dropped. All peers are one split: the watermark is that
 * of the merged stream. A peer that sends an endless record is cut off and reported; it does not
 * stop the query.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/socket.h"

enum { SOCKET_CHUNK = 64 << 10, SOCKET_NO_PEER = -1, LISTENER_ID = UINT32_MAX };

typedef struct SocketPeer {
    int fd; /* -1: this place is free */
    InBuf in;
    char name[80];
    bool is_over; /* has closed: what is left is complete */
} SocketPeer;

typedef struct SocketSource {
    Source source;
    NetAddress address;
    bool is_listening;
    int listener, poller;
    SocketPeer **peers;
    uint32_t n_peers, cap, n_open, n_open_max, turn;
    int32_t last; /* the peer that the last chunk came from */
    bool is_connecting, is_ended;
    SocketRetry retry;
} SocketSource;

static Status socketsrc_open(Source *source, Err *err) {
    SocketSource *self = (SocketSource *)source;
    self->listener = -1;
    self->poller = poller_open();
    self->last = SOCKET_NO_PEER;
    self->is_listening = opt_is(source->spec.options, "socket.mode", "listen");
    self->n_open_max = (uint32_t)opt_int(source->spec.options, "socket.max-connections");
    TRY(socket_address(source->spec.options, &self->address, err));
    socket_retry_init(&self->retry, source->spec.options);
    if (!self->is_listening) return ST_OK;
    TRY(net_listen(&self->address, &self->listener, err));
    poller_add(self->poller, self->listener, LISTENER_ID);
    return ST_OK;
}

static SocketPeer *socketsrc_place(SocketSource *self, uint32_t *index) {
    Mem *mem = self->source.spec.mem;
    for (*index = 0; *index < self->n_peers; ++*index) {
        if (self->peers[*index]->fd < 0 && !self->peers[*index]->in.ptr) return self->peers[*index];
    }
    if (self->n_peers == self->cap) {
        uint32_t cap = self->cap ? self->cap * 2 : 8;
        self->peers = mem_realloc(mem, self->peers, self->cap * sizeof *self->peers,
                                  cap * sizeof *self->peers);
        self->cap = cap;
    }
    self->peers[self->n_peers] = mem_zalloc(mem, sizeof(SocketPeer));
    self->peers[self->n_peers]->fd = -1;
    return self->peers[self->n_peers++];
}

static void socketsrc_adopt(SocketSource *self, int fd, const char *name) {
    uint32_t index;
    SocketPeer *peer = socketsrc_place(self, &index);
    peer->fd = fd;
    peer->is_over = false;
    snprintf(peer->name, sizeof peer->name, "%s", name);
    inbuf_init(&peer->in, self->source.spec.mem, SOCKET_CHUNK);
    poller_add(self->poller, fd, index);
    self->n_open++;
}

static void socketsrc_hang_up(SocketSource *self, SocketPeer *peer) {
    if (peer->fd < 0) return;
    poller_remove(self->poller, peer->fd);
    file_close(peer->fd);
    peer->fd = -1;
    peer->is_over = true;
    self->n_open--;
}

static Status socketsrc_accept(SocketSource *self, Err *err) {
    while (self->n_open < self->n_open_max) {
        int fd;
        char name[80];
        Status status = net_accept(self->listener, &fd, name, sizeof name, err);
        if (status == ST_AGAIN) break;
        TRY(status);
        socketsrc_adopt(self, fd, name);
    }
    return ST_OK;
}

/* Connects, or plans to. ST_END when there are no attempts left after the peer has closed; the
 * error when it never came. */
static Status socketsrc_connect(SocketSource *self, Err *err) {
    WaitFd wait = {.want_write = true};
    Status status;
    int fd;
    if (self->n_open) {
        if (!self->is_connecting) return ST_OK;
        wait.fd = self->peers[0]->fd;
        if (!wait_fds(&wait, 1, 0)) return ST_AGAIN;
        self->is_connecting = false;
        status = net_connect_done(wait.fd, &self->address, err);
        if (status == ST_OK) {
            socket_retry_init(&self->retry, self->source.spec.options);
            return ST_OK;
        }
        socketsrc_hang_up(self, self->peers[0]);
        inbuf_deinit(&self->peers[0]->in);
        self->peers[0]->is_over = false;
        return socket_retry_later(&self->retry) ? ST_AGAIN : status;
    }
    if (self->is_ended) return ST_END;
    if (clock_mono_us() < self->retry.next_us) return ST_AGAIN;
    status = net_connect(&self->address, &fd, err);
    if (status != ST_OK) return socket_retry_later(&self->retry) ? ST_AGAIN : status;
    socketsrc_adopt(self, fd, self->address.host);
    self->is_connecting = true;
    return socketsrc_connect(self, err);
}

/* Reads once from a peer, unless what it sent before is enough. ST_AGAIN: it has nothing new. */
static Status socketsrc_read(SocketSource *self, SocketPeer *peer, Chunk *chunk, Err *err) {
    char *to;
    size_t cap;
    size_t got = 0;
    Status status = ST_OK;
    if (peer->fd >= 0 && !peer->in.has_more) {
        status = inbuf_room(&peer->in, peer->name, &to, &cap, err);
        if (status == ST_OK) status = net_recv(peer->fd, to, cap, &got, err);
        if (status == ST_AGAIN) return ST_AGAIN;
        inbuf_added(&peer->in, got);
        if (status !=
            ST_OK) { /* closed, broken or endless: the connection is over, the query is not */
            socketsrc_hang_up(self, peer);
            if (!self->is_listening && !socket_retry_later(&self->retry)) self->is_ended = true;
        }
    }
    *chunk = (Chunk){
        .bytes = inbuf_span(&peer->in),
        .offset = peer->in.offset,
        .at_end = peer->is_over,
        .name = peer->name,
    };
    return ST_OK;
}

static Status socketsrc_poll(Source *source, Chunk *chunk, Err *err) {
    SocketSource *self = (SocketSource *)source;
    if (self->is_listening)
        TRY(socketsrc_accept(self, err));
    else if (!self->n_peers || (!self->peers[0]->is_over || !self->peers[0]->in.ptr))
        TRY(socketsrc_connect(self, err));
    for (uint32_t tried = 0; tried < self->n_peers; tried++) {
        SocketPeer *peer = self->peers[self->turn];
        int32_t index = (int32_t)self->turn;
        self->turn = (self->turn + 1) % self->n_peers;
        if (!peer->in.ptr) continue;
        if (peer->is_over && peer->in.at == peer->in.end) { /* all used: free the place */
            inbuf_deinit(&peer->in);
            peer->is_over = false;
            continue;
        }
        if (socketsrc_read(self, peer, chunk, err) == ST_OK) {
            self->last = index;
            return ST_OK;
        }
    }
    return self->is_ended && !self->n_open ? ST_END : ST_AGAIN;
}

static void socketsrc_consumed(Source *source, const Chunk *chunk, size_t len) {
    SocketSource *self = (SocketSource *)source;
    SocketPeer *peer = self->peers[self->last];
    (void)chunk;
    inbuf_consume(&peer->in, len);
}

static int socketsrc_wake_fd(const Source *source) {
    return ((const SocketSource *)source)->poller;
}

static int64_t socketsrc_wake_us(const Source *source) {
    const SocketSource *self = (const SocketSource *)source;
    if (self->is_listening) return INT64_MAX;
    if (self->is_connecting) return clock_mono_us() + 10000;
    return self->n_open ? INT64_MAX : self->retry.next_us;
}

static void socketsrc_close(Source *source) {
    SocketSource *self = (SocketSource *)source;
    for (uint32_t i = 0; i < self->n_peers; i++) {
        socketsrc_hang_up(self, self->peers[i]);
        inbuf_deinit(&self->peers[i]->in);
        mem_free(source->spec.mem, self->peers[i], sizeof *self->peers[i]);
    }
    mem_free(source->spec.mem, self->peers, self->cap * sizeof *self->peers);
    file_close(self->listener);
    file_close(self->poller);
    if (self->is_listening && self->address.is_unix &&
        file_remove(self->address.host, NULL) != ST_OK)
        return;
}

const SourceType socket_source = {
    .size = sizeof(SocketSource),
    .open = socketsrc_open,
    .poll = socketsrc_poll,
    .consumed = socketsrc_consumed,
    .wake_fd = socketsrc_wake_fd,
    .wake_us = socketsrc_wake_us,
    .close = socketsrc_close,
};
