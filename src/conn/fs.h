/* fs.h -- the parts of the filesystem connector: streams, finding files, source, sink. Private to
 * src/conn.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_FS_H
#define WEIR_FS_H

#include "conn/inbuf.h"
#include "os/os.h"

/* ---- fs_stream.c: one open file, unpacked while it is read ---- */

typedef enum FsCodec { FS_PLAIN, FS_GZIP, FS_ZSTD } FsCodec;
/* By the option ("auto" = by extension). A packing that this build cannot read is refused by
 * name. */
Status fscodec_find(const char *path, Span option, FsCodec *out, Err *err) WARN_UNUSED;

typedef struct FsStream {
    FsCodec codec;
    Mem *mem;
    const char *path; /* the caller's */
    int fd;           /* -1: closed */
    uint64_t n_raw;   /* bytes read from the file */
    void *unpacker;   /* z_stream or ZSTD_DStream */
    char *packed;     /* its input */
    size_t packed_at, packed_end;
    bool is_mid_frame; /* a packed file that stops here is broken */
} FsStream;
Status fsstream_open(FsStream *stream, const char *path, FsCodec codec, Mem *mem,
                     Err *err) WARN_UNUSED;
/* *got = 0: the file ends here, so far. */
Status fsstream_read(FsStream *stream, char *to, size_t cap, size_t *got, Err *err) WARN_UNUSED;
void fsstream_close(FsStream *stream);

/* From the start of the stream to byte `offset` of what it unpacks to. */
Status fsstream_skip(FsStream *stream, uint64_t offset, Err *err) WARN_UNUSED;

/* ---- fs_place.c: a place in a file that is found again by another process ---- */

typedef struct FsPlace {
    bool is_begun; /* else the file was not opened yet */
    bool is_fresh; /* no byte of it was given to the decoder */
    uint64_t offset;
    uint64_t inode, device;
    uint64_t n_head, head; /* bytes at the start, and their hash */
    uint64_t n_tail, tail; /* the same right before the offset, of a plain file */
} FsPlace;
/* Fills in the hashes; what cannot be read is not compared later. */
void fsplace_look(FsPlace *place, int fd, bool is_plain);
void fsplace_put(const FsPlace *place, Buf *out);
FsPlace fsplace_get(Record *in);
/* Is the file at *path the one of the place? A followed file may have been renamed: then *path
 * becomes where it is now. Anything else is refused by name. */
Status fsplace_find(const FsPlace *place, bool is_following, Arena *arena, const char **path,
                    Err *err) WARN_UNUSED;

/* ---- fs_find.c: which files a path means ---- */

typedef Status FsVisit(void *ctx, const char *path, const FileInfo *info, Err *err);
/* A file; a directory (with subdirectories; names that begin with '_' or '.' are skipped); a
 * pattern with * ? [ ] or {a,b}. regex (may be empty) must match the whole path. In order of path.
 * 58P01 when a plain path does not exist. */
Status fs_find(const char *path, Span regex, FsVisit *visit, void *ctx, Err *err) WARN_UNUSED;
bool fs_has_pattern(Span path);

/* ---- fs_partition.c: partition paths and times ---- */

/* "dt=2024-01-01/hm=10%3A20/" of a row, with special characters escaped as Hive and Flink do. */
void fspart_path(const SinkSpec *spec, const Batch *batch, uint32_t row, Buf *out);
/* The value that the directory "name=value" of a file's path gives to a partition column. */
Status fspart_read(const SourceSpec *spec, const char *path, Span name, const Type *type,
                   ColBuilder *out, Err *err) WARN_UNUSED;
/* The time that partition.time-extractor.* reads out of the row's partition values, UTC
 * microseconds. */
Status fspart_time(const SinkSpec *spec, const Batch *batch, uint32_t row, int64_t *out,
                   Err *err) WARN_UNUSED;

extern const SourceType fs_source;
extern const SinkType fs_sink;

#endif
