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
