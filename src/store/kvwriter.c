/* kvwriter.c -- writes batches to a store on a thread of its own, one at a time, so that the caller
 * goes on while the disk syncs.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/kv.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

struct KvWriter {
    Kv *kv;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;  /* of both sides */
    const KvBatch *batch; /* being written; the caller's until it is done */
    bool is_done, is_closing;
    Status status;
    Err err;
};

static void *kvwriter_run(void *arg) {
    KvWriter *writer = arg;
    pthread_mutex_lock(&writer->lock);
    for (;;) {
        Status status;
        while (!writer->is_closing && (!writer->batch || writer->is_done))
            pthread_cond_wait(&writer->wake, &writer->lock);
        if (writer->is_closing) break;
        pthread_mutex_unlock(&writer->lock);
        writer->err = (Err)ERR_INIT;
        status = kv_write(writer->kv, writer->batch, &writer->err);
        pthread_mutex_lock(&writer->lock);
        writer->status = status;
        writer->is_done = true;
        pthread_cond_broadcast(&writer->wake);
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

Status kvwriter_open(Kv *kv, KvWriter **out, Err *err) {
    KvWriter *writer = mem_zalloc(NULL, sizeof *writer);
    sigset_t all, old;
    int rc = 0;
    writer->kv = kv;
    *out = writer;
    if (kv->type->is_immediate) return ST_OK;
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->wake, NULL);
    sigfillset(&all); /* signals are the other threads' business */
    pthread_sigmask(SIG_BLOCK, &all, &old);
    rc = pthread_create(&writer->thread, NULL, kvwriter_run, writer);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (!rc) return ST_OK;
    mem_free(NULL, writer, sizeof *writer);
    *out = NULL;
    FAIL(err, ST_LIMIT, "53000", -1, "cannot start the thread that writes commits: %s",
         rc == EAGAIN ? "the system has no thread left" : "not permitted");
}

void kvwriter_begin(KvWriter *writer, const KvBatch *batch) {
    if (writer->kv->type->is_immediate) {
        writer->err = (Err)ERR_INIT;
        writer->status = kv_write(writer->kv, batch, &writer->err);
        writer->batch = batch;
        return;
    }
    pthread_mutex_lock(&writer->lock);
    assert(!writer->batch);
    writer->batch = batch;
    writer->is_done = false;
    pthread_cond_broadcast(&writer->wake);
    pthread_mutex_unlock(&writer->lock);
}

Status kvwriter_end(KvWriter *writer, bool waits, Err *err) {
    bool is_done = true;
    assert(writer->batch);
    if (!writer->kv->type->is_immediate) {
        pthread_mutex_lock(&writer->lock);
        while (waits && !writer->is_done) pthread_cond_wait(&writer->wake, &writer->lock);
        is_done = writer->is_done;
        if (is_done) writer->batch = NULL;
        pthread_mutex_unlock(&writer->lock);
    }
    if (!is_done) return ST_AGAIN;
    writer->batch = NULL;
    if (writer->status != ST_OK) *err = writer->err;
    return writer->status;
}

void kvwriter_close(KvWriter *writer) {
    if (!writer) return;
    if (!writer->kv->type->is_immediate) {
        pthread_mutex_lock(&writer->lock);
        while (writer->batch && !writer->is_done) pthread_cond_wait(&writer->wake, &writer->lock);
        writer->is_closing = true;
        pthread_cond_broadcast(&writer->wake);
        pthread_mutex_unlock(&writer->lock);
        pthread_join(writer->thread, NULL);
        pthread_cond_destroy(&writer->wake);
        pthread_mutex_destroy(&writer->lock);
    }
    mem_free(NULL, writer, sizeof *writer);
}
