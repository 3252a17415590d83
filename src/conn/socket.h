/* socket.h -- the parts of the socket connector. Private to src/conn.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_SOCKET_H
#define WEIR_SOCKET_H

#include "conn/inbuf.h"
#include "os/os.h"

/* The pause before the next attempt to connect doubles up to a maximum. */
typedef struct SocketRetry {
    int64_t pause_us, pause_max_us, next_us;
    int64_t n_left; /* attempts; negative = for ever */
} SocketRetry;

Status socket_address(const Options *options, NetAddress *out, Err *err) WARN_UNUSED;
void socket_retry_init(SocketRetry *retry, const Options *options);
/* Plans the next attempt; false when there are none left. */
bool socket_retry_later(SocketRetry *retry);

extern const SourceType socket_source;
extern const SinkType socket_sink;

#endif
