/* fs_place.c -- a place in a file that another process finds again, and does not mistake for the
 * same place in another file: beside the byte it knows the file's inode and hashes of what stands
 * at its start and right before the byte.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/fs.h"

enum { PLACE_BYTES = 1024 };

/* The hash of n bytes at an offset; 0 bytes when they cannot be read. */
static uint64_t fsplace_hash(int fd, uint64_t offset, uint64_t *n) {
    char bytes[PLACE_BYTES];
    size_t done = 0;
    while (done < *n) {
        size_t got;
        if (file_read_at(fd, "", bytes + done, *n - done, offset + done, &got, NULL) != ST_OK ||
            !got) {
            *n = 0;
            return 0;
        }
        done += got;
    }
    return hash_bytes(bytes, done, 0);
}

void fsplace_look(FsPlace *place, int fd, bool is_plain) {
    FileInfo info;
    if (file_fstat(fd, "", &info, NULL) != ST_OK) return;
    place->n_head = is_plain ? place->offset : info.size;
    if (place->n_head > PLACE_BYTES) place->n_head = PLACE_BYTES;
    place->head = fsplace_hash(fd, 0, &place->n_head);
    if (!is_plain || place->offset <= PLACE_BYTES) return;
    place->n_tail = PLACE_BYTES;
    place->tail = fsplace_hash(fd, place->offset - PLACE_BYTES, &place->n_tail);
}

void fsplace_put(const FsPlace *place, Buf *out) {
    record_put_u64(out, (uint64_t)place->is_begun << 1 | place->is_fresh);
    record_put_u64(out, place->offset);
    record_put_u64(out, place->inode);
    record_put_u64(out, place->device);
    record_put_u64(out, place->n_head);
    record_put_u64(out, place->head);
    record_put_u64(out, place->n_tail);
    record_put_u64(out, place->tail);
}

FsPlace fsplace_get(Record *in) {
    FsPlace place = {0};
    uint64_t flags = record_u64(in);
    place.is_begun = flags >> 1 & 1;
    place.is_fresh = flags & 1;
    place.offset = record_u64(in);
    place.inode = record_u64(in);
    place.device = record_u64(in);
    place.n_head = record_u64(in);
    place.head = record_u64(in);
    place.n_tail = record_u64(in);
    place.tail = record_u64(in);
    if (place.n_head > PLACE_BYTES || place.n_tail > PLACE_BYTES || place.n_tail > place.offset)
        in->is_bad = true;
    return place;
}

static bool fsplace_matches(const FsPlace *place, const char *path) {
    uint64_t n_head = place->n_head, n_tail = place->n_tail, head, tail;
    int fd;
    if (file_open_read(path, &fd, NULL) != ST_OK) return false;
    head = fsplace_hash(fd, 0, &n_head);
    tail = fsplace_hash(fd, place->offset - n_tail, &n_tail);
    file_close(fd);
    return n_head == place->n_head && n_tail == place->n_tail && (!n_head || head == place->head) &&
           (!n_tail || tail == place->tail);
}

typedef struct PlaceSearch {
    const FsPlace *place;
    const char *dir;
    Arena *arena;
    const char *found;
} PlaceSearch;

static Status fsplace_visit(void *ctx, const char *name, Err *err) {
    PlaceSearch *search = ctx;
    FileInfo info;
    const char *path = arena_printf(search->arena, "%s/%s", search->dir, name);
    (void)err;
    if (search->found || file_stat(path, &info, NULL) != ST_OK || !info.is_regular) return ST_OK;
    if (info.inode == search->place->inode && info.device == search->place->device &&
        fsplace_matches(search->place, path))
        search->found = path;
    return ST_OK;
}

Status fsplace_find(const FsPlace *place, bool is_following, Arena *arena, const char **path,
                    Err *err) {
    FileInfo info;
    const char *slash = strrchr(*path, '/');
    PlaceSearch search = {.place = place, .arena = arena};
    bool is_there = file_stat(*path, &info, NULL) == ST_OK;
    bool is_same_inode = is_there && info.inode == place->inode && info.device == place->device;
    if (is_there && (is_same_inode || !is_following) && fsplace_matches(place, *path)) return ST_OK;
    search.dir = slash ? arena_strndup(arena, *path, (size_t)(slash - *path)) : ".";
    if (is_following && dir_list(search.dir, fsplace_visit, &search, NULL) == ST_OK &&
        search.found) {
        *path = search.found;
        return ST_OK;
    }
    err_set(err, ST_CONFLICT, "55000", -1, __FILE__, __LINE__,
            "\"%s\" is not the file that was being read: byte %llu of that one comes next", *path,
            (unsigned long long)place->offset);
    err_detail(err, is_there ? "the bytes before that place differ from those that were read"
                             : "there is no file of that name");
    return err_hint(err,
                    "put it back (a renamed one is looked for in its directory), or begin anew "
                    "with another state directory");
}
