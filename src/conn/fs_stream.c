/* fs_stream.c -- reads a file, plain or packed with gzip or zstd. Concatenated members are one
 * stream, as zcat sees them. The libraries are loaded with the first packed file, so that a run
 * without one does not pay for them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/fs.h"
#include "weir_config.h"

#include <dlfcn.h>
#include <pthread.h>

#if WEIR_HAVE_ZLIB
#include <zlib.h>
#endif
#if WEIR_HAVE_ZSTD
#include <zstd.h>
#endif

enum { PACKED_CHUNK = 128 << 10, FS_PROBLEM_MAX = 256 };

/* Members of a table of calls, named and typed as in the library's header; and their loading. */
#define FS_CALL(name) __typeof__(name) *name;
#define FS_LOAD(calls, name, problem)        \
    fs_lib_call(lib, #name, &call, problem); \
    memcpy(&calls.name, &call, sizeof call);
#define GZIP_LOAD(name) FS_LOAD(gzip_lib, name, gzip_problem)
#define ZSTD_LOAD(name) FS_LOAD(zstd_lib, name, zstd_problem)

#if WEIR_HAVE_ZLIB || WEIR_HAVE_ZSTD
static void *fs_lib_open(const char *name, char *problem) {
    void *lib = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!lib) snprintf(problem, FS_PROBLEM_MAX, "%s", dlerror());
    return lib;
}

static void fs_lib_call(void *lib, const char *name, void **call, char *problem) {
    *call = lib ? dlsym(lib, name) : NULL;
    if (lib && !*call) snprintf(problem, FS_PROBLEM_MAX, "it has no %s", name);
}

static Status fs_lib_check(const char *problem, const char *path, const char *package, Err *err) {
    if (!problem[0]) return ST_OK;
    err_set(err, ST_UNSUPPORTED, "0A000", -1, __FILE__, __LINE__,
            "the library that unpacks \"%s\" cannot be loaded: %s", path, problem);
    return err_hint(err, "Debian: apt install %s", package);
}
#endif

typedef struct FsSuffix {
    const char *suffix, *name;
} FsSuffix;
static const FsSuffix fs_suffixes[] = {
    {".gz", "gzip"},         {".gzip", "gzip"}, {".zst", "zstd"},
    {".zstd", "zstd"},       {".bz2", "bzip2"}, {".xz", "xz"},
    {".deflate", "deflate"}, {".lz4", "lz4"},   {".snappy", "snappy"},
};

Status fscodec_find(const char *path, Span option, FsCodec *out, Err *err) {
    Span name = option;
    *out = FS_PLAIN;
    if (!name.len || span_is_nocase(name, "auto")) {
        name = SPAN("none");
        for (size_t i = 0; i < sizeof fs_suffixes / sizeof *fs_suffixes; i++) {
            if (span_ends_with(span_of(path), fs_suffixes[i].suffix))
                name = span_of(fs_suffixes[i].name);
        }
    }
    if (span_is_nocase(name, "none")) return ST_OK;
    if (WEIR_HAVE_ZLIB && span_is_nocase(name, "gzip"))
        *out = FS_GZIP;
    else if (WEIR_HAVE_ZSTD && span_is_nocase(name, "zstd"))
        *out = FS_ZSTD;
    if (*out != FS_PLAIN) return ST_OK;
    err_set(err, ST_UNSUPPORTED, "0A000", -1, __FILE__, __LINE__,
            "cannot read \"%s\": files packed with " SPAN_FMT " are not supported", path,
            SPAN_ARG(name));
    return err_hint(err, "unpack it, or pack it with gzip or zstd; 'source.compression' = 'none' "
                         "reads the bytes as they are");
}

#if WEIR_HAVE_ZLIB
#define GZIP_CALLS(X) X(inflateInit2_) X(inflate) X(inflateReset) X(inflateEnd)
static struct { GZIP_CALLS(FS_CALL) } gzip_lib;
static char gzip_problem[FS_PROBLEM_MAX];
static pthread_once_t gzip_once = PTHREAD_ONCE_INIT;

static void gzip_load(void) {
    void *lib = fs_lib_open("libz.so.1", gzip_problem), *call;
    GZIP_CALLS(GZIP_LOAD)
}

static Status gzip_open(FsStream *stream, Err *err) {
    z_stream *z;
    pthread_once(&gzip_once, gzip_load);
    TRY(fs_lib_check(gzip_problem, stream->path, "zlib1g", err));
    z = mem_zalloc(stream->mem, sizeof *z);
    stream->unpacker = z;
    if (gzip_lib.inflateInit2_(z, 15 + 32, ZLIB_VERSION, (int)sizeof *z) != Z_OK)
        FAIL(err, ST_INTERNAL, "XX000", -1, "cannot start zlib for \"%s\"", stream->path);
    return ST_OK;
}

static Status gzip_unpack(FsStream *stream, char *to, size_t cap, size_t *got, Err *err) {
    z_stream *z = stream->unpacker;
    int rc;
    z->next_in = (Bytef *)(stream->packed + stream->packed_at);
    z->avail_in = (uInt)(stream->packed_end - stream->packed_at);
    z->next_out = (Bytef *)to;
    z->avail_out = (uInt)cap;
    rc = gzip_lib.inflate(z, Z_NO_FLUSH);
    stream->packed_at = stream->packed_end - z->avail_in;
    *got = cap - z->avail_out;
    stream->is_mid_frame = rc != Z_STREAM_END;
    if (rc == Z_STREAM_END) gzip_lib.inflateReset(z);
    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) {
        FAIL(err, ST_CORRUPT, "XX001", -1, "\"%s\" is not a valid gzip file: %s, near byte %llu",
             stream->path, z->msg ? z->msg : "broken data",
             (unsigned long long)(stream->n_raw - z->avail_in));
    }
    return ST_OK;
}

static void gzip_close(FsStream *stream) {
    gzip_lib.inflateEnd(stream->unpacker);
    mem_free(stream->mem, stream->unpacker, sizeof(z_stream));
}
#endif

#if WEIR_HAVE_ZSTD
#define ZSTD_CALLS(X)     \
    X(ZSTD_createDStream) \
    X(ZSTD_decompressStream) X(ZSTD_freeDStream) X(ZSTD_isError) X(ZSTD_getErrorName)
static struct { ZSTD_CALLS(FS_CALL) } zstd_lib;
static char zstd_problem[FS_PROBLEM_MAX];
static pthread_once_t zstd_once = PTHREAD_ONCE_INIT;

static void zstd_load(void) {
    void *lib = fs_lib_open("libzstd.so.1", zstd_problem), *call;
    ZSTD_CALLS(ZSTD_LOAD)
}

static Status zstd_open(FsStream *stream, Err *err) {
    pthread_once(&zstd_once, zstd_load);
    TRY(fs_lib_check(zstd_problem, stream->path, "libzstd1", err));
    stream->unpacker = zstd_lib.ZSTD_createDStream();
    if (!stream->unpacker)
        FAIL(err, ST_INTERNAL, "XX000", -1, "cannot start zstd for \"%s\"", stream->path);
    return ST_OK;
}

static Status zstd_unpack(FsStream *stream, char *to, size_t cap, size_t *got, Err *err) {
    ZSTD_inBuffer in = {stream->packed, stream->packed_end, stream->packed_at};
    ZSTD_outBuffer out = {to, cap, 0};
    size_t rc = zstd_lib.ZSTD_decompressStream(stream->unpacker, &out, &in);
    stream->packed_at = in.pos;
    *got = out.pos;
    if (zstd_lib.ZSTD_isError(rc)) {
        FAIL(err, ST_CORRUPT, "XX001", -1, "\"%s\" is not a valid zstd file: %s, near byte %llu",
             stream->path, zstd_lib.ZSTD_getErrorName(rc),
             (unsigned long long)(stream->n_raw - (in.size - in.pos)));
    }
    stream->is_mid_frame = rc != 0;
    return ST_OK;
}
#endif

Status fsstream_open(FsStream *stream, const char *path, FsCodec codec, Mem *mem, Err *err) {
    *stream = (FsStream){.codec = codec, .mem = mem, .path = path, .fd = -1};
    TRY(file_open_read(path, &stream->fd, err));
    if (codec != FS_PLAIN) stream->packed = mem_alloc(mem, PACKED_CHUNK);
#if WEIR_HAVE_ZLIB
    if (codec == FS_GZIP) return gzip_open(stream, err);
#endif
#if WEIR_HAVE_ZSTD
    if (codec == FS_ZSTD) return zstd_open(stream, err);
#endif
    return ST_OK;
}

static Status fsstream_unpack(FsStream *stream, char *to, size_t cap, size_t *got, Err *err) {
    (void)to, (void)cap, (void)got, (void)err;
#if WEIR_HAVE_ZLIB
    if (stream->codec == FS_GZIP) return gzip_unpack(stream, to, cap, got, err);
#endif
#if WEIR_HAVE_ZSTD
    if (stream->codec == FS_ZSTD) return zstd_unpack(stream, to, cap, got, err);
#endif
    assert(!"a codec without its library");
    return ST_INTERNAL;
}

Status fsstream_read(FsStream *stream, char *to, size_t cap, size_t *got, Err *err) {
    *got = 0;
    if (stream->codec == FS_PLAIN) {
        TRY(file_read(stream->fd, stream->path, to, cap, got, err));
        stream->n_raw += *got;
        return ST_OK;
    }
    while (!*got) {
        if (stream->packed_at == stream->packed_end) {
            size_t n;
            TRY(file_read(stream->fd, stream->path, stream->packed, PACKED_CHUNK, &n, err));
            if (!n && stream->is_mid_frame) {
                FAIL(err, ST_CORRUPT, "XX001", -1,
                     "\"%s\" ends in the middle of its packed data, at byte %llu", stream->path,
                     (unsigned long long)stream->n_raw);
            }
            if (!n) return ST_OK;
            stream->n_raw += n;
            stream->packed_at = 0;
            stream->packed_end = n;
        }
        TRY(fsstream_unpack(stream, to, cap, got, err));
    }
    return ST_OK;
}

Status fsstream_skip(FsStream *stream, uint64_t offset, Err *err) {
    char *bytes;
    uint64_t done = 0;
    Status status = ST_OK;
    if (stream->codec == FS_PLAIN) {
        TRY(file_seek(stream->fd, stream->path, offset, err));
        stream->n_raw = offset;
        return ST_OK;
    }
    bytes = mem_alloc(stream->mem, PACKED_CHUNK);
    while (status == ST_OK && done < offset) {
        size_t got, cap = offset - done < PACKED_CHUNK ? (size_t)(offset - done) : PACKED_CHUNK;
        status = fsstream_read(stream, bytes, cap, &got, err);
        if (status == ST_OK && !got) {
            err_set(err, ST_CORRUPT, "58030", -1, __FILE__, __LINE__,
                    "\"%s\" is shorter than it was: byte %llu was to be read next", stream->path,
                    (unsigned long long)offset);
            status = err->status;
        }
        done += got;
    }
    mem_free(stream->mem, bytes, PACKED_CHUNK);
    return status;
}

void fsstream_close(FsStream *stream) {
    file_close(stream->fd);
    stream->fd = -1;
#if WEIR_HAVE_ZLIB
    if (stream->unpacker && stream->codec == FS_GZIP) gzip_close(stream);
#endif
#if WEIR_HAVE_ZSTD
    if (stream->unpacker && stream->codec == FS_ZSTD) zstd_lib.ZSTD_freeDStream(stream->unpacker);
#endif
    stream->unpacker = NULL;
    if (stream->packed) mem_free(stream->mem, stream->packed, PACKED_CHUNK);
    stream->packed = NULL;
}
