/* file.c -- files and directories, with the path in every error.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "os/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

static Status file_fail(Err *err, const char *what, const char *path) {
    int code = errno;
    char text[128];
    const char *reason = strerror_r(code, text, sizeof text);
    const char *state = code == ENOENT                     ? "58P01"
                        : code == ENOSPC || code == EDQUOT ? "53100"
                                                           : "58030";
    FAIL(err, code == ENOENT ? ST_NOT_FOUND : ST_IO, state, -1, "cannot %s \"%s\": %s", what, path,
         reason);
}

static void fileinfo_fill(FileInfo *out, const struct stat *st) {
    *out = (FileInfo){
        .size = (uint64_t)st->st_size,
        .mtime_us = (int64_t)st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000,
        .device = st->st_dev,
        .inode = st->st_ino,
        .is_dir = S_ISDIR(st->st_mode),
        .is_regular = S_ISREG(st->st_mode),
    };
}

Status file_stat(const char *path, FileInfo *out, Err *err) {
    struct stat st;
    if (stat(path, &st) != 0) return file_fail(err, "look up", path);
    fileinfo_fill(out, &st);
    return ST_OK;
}

Status file_fstat(int fd, const char *path, FileInfo *out, Err *err) {
    struct stat st;
    if (fstat(fd, &st) != 0) return file_fail(err, "look up", path);
    fileinfo_fill(out, &st);
    return ST_OK;
}

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

Status file_open_read(const char *path, int *fd, Err *err) {
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    return *fd < 0 ? file_fail(err, "open", path) : ST_OK;
}

Status file_create(const char *path, bool is_append, int *fd, Err *err) {
    *fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (is_append ? O_APPEND : O_TRUNC), 0644);
    return *fd < 0 ? file_fail(err, "create", path) : ST_OK;
}

Status file_read(int fd, const char *path, void *to, size_t cap, size_t *got, Err *err) {
    ssize_t n;
    do n = read(fd, to, cap);
    while (n < 0 && errno == EINTR);
    *got = n > 0 ? (size_t)n : 0;
    if (n >= 0) return ST_OK;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return ST_AGAIN;
    return file_fail(err, "read", path);
}

Status file_write_some(int fd, const char *path, const void *bytes, size_t len, size_t *done,
                       Err *err) {
    ssize_t n;
    do n = write(fd, bytes, len);
    while (n < 0 && errno == EINTR);
    *done = n > 0 ? (size_t)n : 0;
    if (n >= 0) return ST_OK;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return ST_AGAIN;
    return file_fail(err, "write", path);
}

Status file_write(int fd, const char *path, const void *bytes, size_t len, Err *err) {
    const char *at = bytes;
    while (len) {
        size_t done;
        Status status = file_write_some(fd, path, at, len, &done, err);
        if (status == ST_AGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            poll(&ready, 1, -1);
            continue;
        }
        TRY(status);
        at += done;
        len -= done;
    }
    return ST_OK;
}

Status file_read_at(int fd, const char *path, void *to, size_t cap, uint64_t offset, size_t *got,
                    Err *err) {
    for (;;) {
        ssize_t n = pread(fd, to, cap, (off_t)offset);
        if (n >= 0) {
            *got = (size_t)n;
            return ST_OK;
        }
        if (errno != EINTR) return file_fail(err, "read", path);
    }
}

Status file_seek(int fd, const char *path, uint64_t offset, Err *err) {
    return lseek(fd, (off_t)offset, SEEK_SET) < 0 ? file_fail(err, "seek in", path) : ST_OK;
}

Status file_truncate(int fd, const char *path, uint64_t size, Err *err) {
    return ftruncate(fd, (off_t)size) != 0 ? file_fail(err, "truncate", path) : ST_OK;
}

Status file_sync(int fd, const char *path, Err *err) {
    if (fdatasync(fd) == 0 || errno == EINVAL || errno == EROFS)
        return ST_OK; /* pipes have nothing to sync */
    return file_fail(err, "sync", path);
}

Status dir_sync_of(const char *path, Err *err) {
    char dir[4096];
    const char *slash = strrchr(path, '/');
    int fd;
    int rc;
    snprintf(dir, sizeof dir, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    fd = open(dir[0] ? dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return file_fail(err, "open", dir);
    rc = fsync(fd);
    close(fd);
    return rc != 0 && errno != EINVAL ? file_fail(err, "sync", dir) : ST_OK;
}

Status file_move(const char *from, const char *to, bool syncs, Err *err) {
    if (rename(from, to) != 0) return file_fail(err, "rename to", to);
    return syncs ? dir_sync_of(to, err) : ST_OK;
}

Status file_lock(int fd, const char *path, Err *err) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return ST_OK;
    return errno == EWOULDBLOCK ? ST_AGAIN : file_fail(err, "lock", path);
}

long process_id(void) {
    return getpid();
}

Status file_rename(const char *from, const char *to, Err *err) {
    if (rename(from, to) != 0) return file_fail(err, "rename to", to);
    return dir_sync_of(to, err);
}

Status file_remove(const char *path, Err *err) {
    return unlink(path) != 0 ? file_fail(err, "remove", path) : ST_OK;
}

void file_close(int fd) {
    if (fd >= 0) close(fd);
}

void fd_set_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0) fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

Status dir_make(const char *path, Err *err) {
    char part[4096];
    size_t len = strlen(path);
    if (len >= sizeof part)
        FAIL(err, ST_INVALID, "22023", -1, "the path is too long: \"%.60s...\"", path);
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return file_fail(err, "create directory", part);
    }
    return ST_OK;
}

Status dir_list(const char *path, Status (*visit)(void *ctx, const char *name, Err *err), void *ctx,
                Err *err) {
    struct dirent **names;
    Status status = ST_OK;
    int n = scandir(path, &names, NULL, alphasort);
    if (n < 0) return file_fail(err, "list directory", path);
    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name;
        bool is_self = name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
        if (!is_self && status == ST_OK) status = visit(ctx, name, err);
        free(names[i]);
    }
    free(names);
    return status;
}

int dir_watch(const char *path) {
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    uint32_t events =
        IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVE_SELF | IN_DELETE_SELF;
    if (fd >= 0 && inotify_add_watch(fd, path, events) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

void dir_watch_drain(int fd) {
    char events[4096];
    while (fd >= 0 && read(fd, events, sizeof events) > 0) continue;
}
