/* fs_sink.h -- the parts of the filesystem sink: fs_sink.c writes files, fs_publish.c gives them
 * their names in step with commits. Private to src/conn.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_FS_SINK_H
#define WEIR_FS_SINK_H

#include "conn/fs.h"

/* To be done once a commit knows of it. */
typedef struct FsPending {
    char *temp; /* NULL: an empty file is to be made */
    char *part;
} FsPending;

typedef struct FsBucket {
    char *dir;         /* full path, with a slash at the end */
    Span key;          /* its part of the path */
    char *temp, *part; /* names of the open file, NULL when none is open */
    uint64_t number;   /* of the open file */
    int fd;
    Buf out;                       /* not yet handed to the system */
    uint64_t size;                 /* of the open file, with `out` */
    int64_t opened_us, written_us; /* monotonic */
    int64_t created_us;            /* wall clock: partition commit by processing time */
    int64_t time_us;               /* the partition's own time */
    bool is_dirty;                 /* has files since its last commit */
    bool is_listed;                /* the open file's name is on the disk too */
} FsBucket;

typedef struct FsSink {
    Sink sink;
    char *root;
    Arena arena; /* buckets and names: as many as there are partitions and files */
    StrMap buckets;
    uint64_t n_parts;
    char run_id[40];
    bool is_durable;
    int64_t size_max, rollover_us, idle_us, delay_us, check_us, next_check_us;
    bool by_partition_time, with_success_file, commits;
    Span success_name;
    Column *cols; /* the batch without its partition columns */
    uint32_t n_cols;
    Schema schema;
    FsPending *pending; /* durable: in order of completion */
    uint32_t n_pending, cap_pending;
    uint32_t n_saved; /* the first of them, which the commit under way knows */
} FsSink;

FsBucket *fssink_add_bucket(FsSink *self, Span key, Err *err);
Status fsbucket_hand_over(FsBucket *bucket, Err *err) WARN_UNUSED;
void fsbucket_name(FsSink *self, FsBucket *bucket, uint64_t number);

/* fs_publish.c */
void fssink_pend(FsSink *self, char *temp, char *part);
Status fssink_save(Sink *sink, Buf *out, Err *err) WARN_UNUSED;
Status fssink_saved(Sink *sink, Err *err) WARN_UNUSED;
/* After opening: goes on from sink->spec.resume, and removes what no commit knows. */
Status fssink_resume(FsSink *self, Err *err) WARN_UNUSED;

#endif
