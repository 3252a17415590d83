/* thread.c -- threads that work in lock step: they meet at a barrier, and pass turns.
 *
 * Who waits spins a little first, because the others are usually microseconds behind; then sleeps
 * on a futex. Nothing here is per row.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "os/os.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

struct Thread {
    pthread_t id;
    void (*run)(void *ctx);
    void *ctx;
};

static void *thread_main(void *arg) {
    Thread *self = arg;
    self->run(self->ctx);
    return NULL;
}

Status thread_start(void (*run)(void *ctx), void *ctx, Thread **out, Err *err) {
    Thread *self = mem_zalloc(NULL, sizeof *self);
    sigset_t all, before;
    int error;
    self->run = run;
    self->ctx = ctx;
    /* Signals are for the host program's own threads. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&self->id, NULL, thread_main, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        mem_free(NULL, self, sizeof *self);
        FAIL(err, ST_LIMIT, "53000", -1, "the system refuses another thread: error %d", error);
    }
    *out = self;
    return ST_OK;
}

void thread_join(Thread *thread) {
    pthread_join(thread->id, NULL);
    mem_free(NULL, thread, sizeof *thread);
}

uint32_t cpu_count(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : (uint32_t)n;
}

/* ---- waiting for a word to change ---- */

enum { SPINS = 4000 };

static void word_wait(_Atomic uint32_t *word, uint32_t old) {
    while (atomic_load_explicit(word, memory_order_acquire) == old)
        syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
}

static void word_wake(_Atomic uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

/* True when the word has changed while it was looked at for a while. */
static bool word_spin(_Atomic uint32_t *word, uint32_t old, uint32_t spins) {
    for (uint32_t i = 0; i < spins; i++) {
        if (atomic_load_explicit(word, memory_order_acquire) != old) return true;
        __builtin_ia32_pause();
    }
    return false;
}

/* ---- barrier ---- */

void barrier_init(Barrier *barrier, uint32_t n) {
    *barrier = (Barrier){.n = n, .spins = n <= cpu_count() ? SPINS : 0};
}

void barrier_meet(Barrier *barrier, void (*last)(void *ctx), void *ctx) {
    uint32_t phase = atomic_load_explicit(&barrier->phase, memory_order_relaxed);
    uint32_t arrived = atomic_fetch_add_explicit(&barrier->n_arrived, 1, memory_order_acq_rel);
    if (arrived + 1 == barrier->n) {
        if (last) last(ctx);
        atomic_store_explicit(&barrier->n_arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&barrier->phase, phase + 1, memory_order_seq_cst);
        if (atomic_load_explicit(&barrier->n_asleep, memory_order_seq_cst))
            word_wake(&barrier->phase);
        return;
    }
    if (word_spin(&barrier->phase, phase, barrier->spins)) return;
    atomic_fetch_add_explicit(&barrier->n_asleep, 1, memory_order_seq_cst);
    word_wait(&barrier->phase, phase);
    atomic_fetch_sub_explicit(&barrier->n_asleep, 1, memory_order_relaxed);
}

void barrier_leave(Barrier *barrier) {
    uint32_t arrived = atomic_fetch_add(&barrier->n_arrived, 1);
    if (arrived + 1 < barrier->n) return;
    atomic_store(&barrier->n_arrived, 0);
    atomic_fetch_add(&barrier->phase, 1);
    word_wake(&barrier->phase);
}

/* ---- turns ---- */

void turn_wait(Turn *turn, uint32_t number) {
    for (;;) {
        uint32_t now = atomic_load_explicit(&turn->now, memory_order_acquire);
        if (now == number) return;
        if (word_spin(&turn->now, now, SPINS)) continue;
        atomic_fetch_add_explicit(&turn->n_asleep, 1, memory_order_seq_cst);
        word_wait(&turn->now, now);
        atomic_fetch_sub_explicit(&turn->n_asleep, 1, memory_order_relaxed);
    }
}

void turn_pass(Turn *turn) {
    atomic_fetch_add_explicit(&turn->now, 1, memory_order_seq_cst);
    if (atomic_load_explicit(&turn->n_asleep, memory_order_seq_cst)) word_wake(&turn->now);
}

/* ---- lock ---- */

void lock_init(Lock *lock) {
    pthread_mutex_init(&lock->mutex, NULL);
}

void lock_deinit(Lock *lock) {
    pthread_mutex_destroy(&lock->mutex);
}

void lock_take(Lock *lock) {
    pthread_mutex_lock(&lock->mutex);
}

void lock_give(Lock *lock) {
    pthread_mutex_unlock(&lock->mutex);
}
