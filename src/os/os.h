/* os.h -- the operating system behind one header: clocks, waiting, files, directories, sockets.
 * Every call that can block, fail or tell the time goes through here, so that a simulated system
 * can take its place.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_OS_H
#define WEIR_OS_H

#include "base/base.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- clocks (clock.c) ---- */

int64_t clock_mono_us(void); /* for intervals; never jumps */
int64_t clock_mono_ns(void);
int64_t clock_wall_us(void); /* microseconds since 1970-01-01 UTC */

/* The name of the process's time zone, from TZ or /etc/localtime; "UTC" when there is none. */
void clock_zone_name(char *out, size_t cap);

/* ---- waiting (wait.c) ---- */

typedef struct WaitFd {
    int fd; /* negative: ignored */
    bool want_write;
    bool is_ready; /* out: also on error and hang-up, so that the owner looks */
} WaitFd;
/* Waits until one is ready, the time is over or a signal comes; true when any is ready. timeout_us
 * < 0 waits for ever. */
bool wait_fds(WaitFd *fds, uint32_t n, int64_t timeout_us);

/* A descriptor that wake_set makes readable until wake_clear; wake_set may be called from a
 * signal handler or another thread. -1 when the system has no descriptor left. */
int wake_open(void);
void wake_set(int fd);
void wake_clear(int fd);

/* ---- threads (thread.c) ---- */

typedef struct Thread Thread;
/* Runs run(ctx) in a thread of its own, which no signal is delivered to. */
Status thread_start(void (*run)(void *ctx), void *ctx, Thread **out, Err *err) WARN_UNUSED;
void thread_join(Thread *thread); /* waits for its end and frees it */
uint32_t cpu_count(void);

/* Where n threads wait for each other. All that was written before is seen by all behind it. */
typedef struct Barrier {
    uint32_t n, spins;
    _Atomic uint32_t n_arrived, phase, n_asleep;
} Barrier;
void barrier_init(Barrier *barrier, uint32_t n);
/* last (may be NULL) is run by whoever comes last, while the others still wait. */
void barrier_meet(Barrier *barrier, void (*last)(void *ctx), void *ctx);

/* One of the n will never come. */
void barrier_leave(Barrier *barrier);

/* Numbered turns: who holds number k goes after k - 1 has passed. Zeroed to begin with. */
typedef struct Turn {
    _Atomic uint32_t now, n_asleep;
} Turn;
void turn_wait(Turn *turn, uint32_t number);
void turn_pass(Turn *turn);

typedef struct Lock {
    pthread_mutex_t mutex;
} Lock;
void lock_init(Lock *lock);
void lock_deinit(Lock *lock);
void lock_take(Lock *lock);
void lock_give(Lock *lock);

/* ---- files (file.c) ---- */

typedef struct FileInfo {
    uint64_t size;          /* bytes */
    int64_t mtime_us;       /* UTC */
    uint64_t device, inode; /* identity: survives a rename, changes when the file is replaced */
    bool is_dir, is_regular;
} FileInfo;

/* All take NUL-terminated paths and name the path in their errors (58030; 58P01 when it does not
 * exist). */
Status file_stat(const char *path, FileInfo *out, Err *err) WARN_UNUSED;
Status file_fstat(int fd, const char *path, FileInfo *out, Err *err) WARN_UNUSED;
bool file_exists(const char *path);
Status file_open_read(const char *path, int *fd, Err *err) WARN_UNUSED;
Status file_create(const char *path, bool is_append, int *fd,
                   Err *err) WARN_UNUSED; /* 0644; truncates unless append */
/* Up to cap bytes; *got = 0 is the end of the file. ST_AGAIN on a descriptor without data now. */
Status file_read(int fd, const char *path, void *to, size_t cap, size_t *got, Err *err) WARN_UNUSED;
/* All bytes, in as many calls as it takes; waits on a slow pipe. */
Status file_write(int fd, const char *path, const void *bytes, size_t len, Err *err) WARN_UNUSED;
/* As much as goes without waiting; *done may be 0 with ST_AGAIN. */
Status file_write_some(int fd, const char *path, const void *bytes, size_t len, size_t *done,
                       Err *err) WARN_UNUSED;
/* The same at a place, without moving the descriptor's own. */
Status file_read_at(int fd, const char *path, void *to, size_t cap, uint64_t offset, size_t *got,
                    Err *err) WARN_UNUSED;
Status file_seek(int fd, const char *path, uint64_t offset, Err *err) WARN_UNUSED;
Status file_truncate(int fd, const char *path, uint64_t size, Err *err) WARN_UNUSED;
Status file_sync(int fd, const char *path, Err *err) WARN_UNUSED;
Status file_rename(const char *from, const char *to,
                   Err *err) WARN_UNUSED; /* and syncs the directory of `to` */
Status file_move(const char *from, const char *to, bool syncs,
                 Err *err) WARN_UNUSED; /* the same; syncs: the directory too */
/* Until the descriptor is closed no other process gets it. ST_AGAIN: one has. */
Status file_lock(int fd, const char *path, Err *err) WARN_UNUSED;
long process_id(void);
Status file_remove(const char *path, Err *err) WARN_UNUSED;
void file_close(int fd);
void fd_set_nonblocking(int fd);
Status dir_make(const char *path, Err *err) WARN_UNUSED; /* with its parents; fine when it exists */
/* The names in the directory of `path` are on the disk. */
Status dir_sync_of(const char *path, Err *err) WARN_UNUSED;
/* Calls visit for each name in the directory except . and .., sorted by bytes. */
Status dir_list(const char *path, Status (*visit)(void *ctx, const char *name, Err *err), void *ctx,
                Err *err) WARN_UNUSED;
/* Tells of changes in a directory: a descriptor that becomes readable. -1 when the system has no
 * way. */
int dir_watch(const char *path);
void dir_watch_drain(int fd);

/* ---- sockets (net.c) ---- */

typedef struct NetAddress {
    char host[256]; /* name, IPv4, IPv6, or a path when is_unix */
    uint16_t port;
    bool is_unix;
} NetAddress;
/* Starts to connect; the socket is writable when done, then net_connect_done tells how it went. */
Status net_connect(const NetAddress *to, int *fd, Err *err) WARN_UNUSED;
Status net_connect_done(int fd, const NetAddress *to, Err *err) WARN_UNUSED;
Status net_listen(const NetAddress *at, int *fd,
                  Err *err) WARN_UNUSED; /* port 0: any; see net_port */
uint16_t net_port(int fd);
Status net_accept(int listener, int *fd, char *peer, size_t peer_cap,
                  Err *err) WARN_UNUSED; /* ST_AGAIN: nobody waits */
/* ST_AGAIN: no bytes now; ST_END: the peer has closed. */
Status net_recv(int fd, void *to, size_t cap, size_t *got, Err *err) WARN_UNUSED;
Status net_send(int fd, const void *bytes, size_t len, size_t *done, Err *err) WARN_UNUSED;

/* Many descriptors behind one that becomes readable when any of them is. */
int poller_open(void);
void poller_add(int poller, int fd, uint32_t id);
void poller_remove(int poller, int fd);
uint32_t poller_ready(int poller, uint32_t *ids, uint32_t cap); /* those that are readable now */

#endif
