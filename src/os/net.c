/* net.c -- non-blocking stream sockets over TCP and Unix addresses.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "os/os.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static Status net_fail(Err *err, int code, const char *what, const NetAddress *at) {
    char text[128];
    const char *reason = strerror_r(code, text, sizeof text);
    if (at->is_unix) {
        err_set(err, ST_IO, "08001", -1, __FILE__, __LINE__, "cannot %s %s: %s", what, at->host,
                reason);
    } else {
        err_set(err, ST_IO, "08001", -1, __FILE__, __LINE__, "cannot %s %s:%u: %s", what, at->host,
                at->port, reason);
    }
    if (err) err->retriable = true;
    return ST_IO;
}

typedef struct NetName {
    struct sockaddr_storage addr;
    socklen_t len;
    int family;
} NetName;

static Status net_resolve(const NetAddress *at, bool is_listen, NetName *out, Err *err) {
    struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = is_listen ? AI_PASSIVE : 0};
    struct addrinfo *found;
    char port[8];
    int rc;
    if (at->is_unix) {
        struct sockaddr_un *name = (struct sockaddr_un *)&out->addr;
        memset(name, 0, sizeof *name);
        name->sun_family = AF_UNIX;
        out->family = AF_UNIX;
        if (strlen(at->host) >= sizeof name->sun_path) {
            FAIL(err, ST_INVALID, "22023", -1, "the socket path is longer than %zu bytes: \"%s\"",
                 sizeof name->sun_path - 1, at->host);
        }
        snprintf(name->sun_path, sizeof name->sun_path, "%.*s", (int)sizeof name->sun_path - 1,
                 at->host);
        out->len = sizeof *name;
        return ST_OK;
    }
    snprintf(port, sizeof port, "%u", at->port);
    rc = getaddrinfo(at->host, port, &want, &found);
    if (rc != 0) {
        err_set(err, ST_IO, "08001", -1, __FILE__, __LINE__, "cannot find the host \"%s\": %s",
                at->host, gai_strerror(rc));
        if (err) err->retriable = rc == EAI_AGAIN;
        return ST_IO;
    }
    memcpy(&out->addr, found->ai_addr, found->ai_addrlen);
    out->len = found->ai_addrlen;
    out->family = found->ai_family;
    freeaddrinfo(found);
    return ST_OK;
}

static Status net_socket(const NetAddress *at, int family, int *fd, Err *err) {
    int on = 1;
    *fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd < 0) return net_fail(err, errno, "make a socket for", at);
    if (family != AF_UNIX) setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return ST_OK;
}

Status net_connect(const NetAddress *to, int *fd, Err *err) {
    NetName name;
    TRY(net_resolve(to, false, &name, err));
    TRY(net_socket(to, name.family, fd, err));
    if (connect(*fd, (struct sockaddr *)&name.addr, name.len) != 0 && errno != EINPROGRESS) {
        int code = errno;
        close(*fd);
        *fd = -1;
        return net_fail(err, code, "connect to", to);
    }
    return ST_OK;
}

Status net_connect_done(int fd, const NetAddress *to, Err *err) {
    int code = 0;
    socklen_t len = sizeof code;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &len) != 0) code = errno;
    return code ? net_fail(err, code, "connect to", to) : ST_OK;
}

/* A socket file that nobody listens on any more is in the way of bind. */
static void net_unlink_stale(const NetAddress *at, const NetName *name) {
    struct stat st;
    int probe;
    if (stat(at->host, &st) != 0 || !S_ISSOCK(st.st_mode)) return;
    probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return;
    if (connect(probe, (const struct sockaddr *)&name->addr, name->len) != 0 &&
        errno == ECONNREFUSED)
        unlink(at->host);
    close(probe);
}

Status net_listen(const NetAddress *at, int *fd, Err *err) {
    NetName name;
    int on = 1;
    TRY(net_resolve(at, true, &name, err));
    TRY(net_socket(at, name.family, fd, err));
    if (at->is_unix)
        net_unlink_stale(at, &name);
    else
        setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(*fd, (struct sockaddr *)&name.addr, name.len) != 0 || listen(*fd, 512) != 0) {
        int code = errno;
        close(*fd);
        *fd = -1;
        return net_fail(err, code, "listen on", at);
    }
    return ST_OK;
}

uint16_t net_port(int fd) {
    struct sockaddr_storage addr;
    socklen_t len = sizeof addr;
    if (getsockname(fd, (struct sockaddr *)&addr, &len) != 0) return 0;
    if (addr.ss_family == AF_INET) return ntohs(((struct sockaddr_in *)&addr)->sin_port);
    if (addr.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&addr)->sin6_port);
    return 0;
}

Status net_accept(int listener, int *fd, char *peer, size_t peer_cap, Err *err) {
    struct sockaddr_storage addr;
    socklen_t len = sizeof addr;
    char host[NI_MAXHOST];
    char port[NI_MAXSERV];
    *fd = accept4(listener, (struct sockaddr *)&addr, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (*fd < 0) {
        /* Out of descriptors is not the end: the next poll tries again when others have closed. */
        bool is_later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ||
                        errno == ECONNABORTED || errno == EMFILE || errno == ENFILE ||
                        errno == ENOBUFS || errno == ENOMEM;
        if (is_later) return ST_AGAIN;
        FAIL(err, ST_IO, "08006", -1, "cannot accept a connection: %m");
    }
    if (addr.ss_family == AF_UNIX ||
        getnameinfo((struct sockaddr *)&addr, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        snprintf(peer, peer_cap, "local");
    } else {
        snprintf(peer, peer_cap, "%s:%s", host, port);
    }
    return ST_OK;
}

Status net_recv(int fd, void *to, size_t cap, size_t *got, Err *err) {
    ssize_t n;
    do n = recv(fd, to, cap, 0);
    while (n < 0 && errno == EINTR);
    *got = n > 0 ? (size_t)n : 0;
    if (n > 0) return ST_OK;
    if (n == 0) return ST_END;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return ST_AGAIN;
    err_set(err, ST_IO, "08006", -1, __FILE__, __LINE__,
            "the connection broke while receiving: %m");
    if (err) err->retriable = true;
    return ST_IO;
}

Status net_send(int fd, const void *bytes, size_t len, size_t *done, Err *err) {
    ssize_t n;
    do n = send(fd, bytes, len, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    *done = n > 0 ? (size_t)n : 0;
    if (n >= 0) return ST_OK;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return ST_AGAIN;
    err_set(err, ST_IO, "08006", -1, __FILE__, __LINE__, "the connection broke while sending: %m");
    if (err) err->retriable = true;
    return ST_IO;
}

int poller_open(void) {
    return epoll_create1(EPOLL_CLOEXEC);
}

void poller_add(int poller, int fd, uint32_t id) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = id};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

void poller_remove(int poller, int fd) {
    epoll_ctl(poller, EPOLL_CTL_DEL, fd, NULL);
}

uint32_t poller_ready(int poller, uint32_t *ids, uint32_t cap) {
    struct epoll_event events[64];
    int n = epoll_wait(poller, events, cap < 64 ? (int)cap : 64, 0);
    for (int i = 0; i < n; i++) ids[i] = events[i].data.u32;
    return n > 0 ? (uint32_t)n : 0;
}
