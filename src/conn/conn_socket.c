/* conn_socket.c -- streams of records over TCP and Unix sockets: options and addresses.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/socket.h"

static const OptionSpec socket_options[] = {
    {"hostname", OPT_STRING, "127.0.0.1", NULL, false, false,
     "Host to connect to, or address to listen on."},
    {"port", OPT_INT, NULL, NULL, false, false, "TCP port."},
    {"socket.path", OPT_STRING, NULL, NULL, false, false,
     "A Unix socket, instead of hostname and port."},
    {"socket.mode", OPT_ENUM, "connect", "connect|listen", false, false,
     "Connect to a server, or listen for any number of peers at once."},
    {"byte-delimiter", OPT_INT, "10", NULL, false, false,
     "The byte between records; only 10, the newline."},
    {"format", OPT_STRING, NULL, NULL, true, false, "How bytes become rows, or rows bytes."},
    {"socket.max-retries", OPT_INT, "-1", NULL, false, false,
     "Attempts to connect again after a failure or an end; -1 = for ever, 0 = the stream ends with "
     "the connection."},
    {"socket.retry-delay", OPT_DURATION, "100 ms", NULL, false, false,
     "Pause before the first of them; it doubles."},
    {"socket.retry-delay-max", OPT_DURATION, "10 s", NULL, false, false, "The longest pause."},
    {"socket.max-connections", OPT_INT, "1024", NULL, false, false,
     "Peers served at once when listening."},
    {NULL, OPT_STRING, NULL, NULL, false, false, NULL},
};

Status socket_address(const Options *options, NetAddress *out, Err *err) {
    Span path = opt_str(options, "socket.path");
    Span host = path.len ? path : opt_str(options, "hostname");
    *out = (NetAddress){.is_unix = path.len > 0};
    if (opt_int(options, "byte-delimiter") != 10) {
        FAIL(err, ST_UNSUPPORTED, "0A000", opt_pos(options, "byte-delimiter"),
             "'byte-delimiter' must be 10: records end with a newline");
    }
    if (host.len >= sizeof out->host) {
        FAIL(err, ST_INVALID, "22023", opt_pos(options, path.len ? "socket.path" : "hostname"),
             "the address is too long");
    }
    memcpy(out->host, host.ptr, host.len);
    if (out->is_unix) return ST_OK;
    if (!opt_has(options, "port")) {
        err_set(err, ST_INVALID, "22023", -1, __FILE__, __LINE__,
                "the socket connector needs a port");
        return err_hint(err, "add 'port' = '9999', or 'socket.path' for a Unix socket");
    }
    if (opt_int(options, "port") < 0 || opt_int(options, "port") > 65535) {
        FAIL(err, ST_INVALID, "22023", opt_pos(options, "port"),
             "'port' must be between 0 and 65535");
    }
    out->port = (uint16_t)opt_int(options, "port");
    return ST_OK;
}

void socket_retry_init(SocketRetry *retry, const Options *options) {
    *retry = (SocketRetry){
        .pause_us = opt_duration_us(options, "socket.retry-delay"),
        .pause_max_us = opt_duration_us(options, "socket.retry-delay-max"),
        .n_left = opt_int(options, "socket.max-retries"),
    };
}

bool socket_retry_later(SocketRetry *retry) {
    if (retry->n_left == 0) return false;
    if (retry->n_left > 0) retry->n_left--;
    retry->next_us = clock_mono_us() + retry->pause_us;
    retry->pause_us *= 2;
    if (retry->pause_us > retry->pause_max_us) retry->pause_us = retry->pause_max_us;
    return true;
}

const ConnType conn_socket = {
    .name = "socket",
    .traits = CONN_SOURCE | CONN_SINK | CONN_NEEDS_FORMAT,
    .options = socket_options,
    .source = &socket_source,
    .sink = &socket_sink,
    .help =
        "Reads from a server or from all who connect, and writes to a server or to all who listen.",
    .guarantee = "at most once: a socket cannot be read again",
};
