/* kafka_discover.c -- looks for new partitions from time to time. The question to the cluster
 * blocks, so a thread of its own asks it; the source takes the answer in its next poll.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/kafka.h"

#if WEIR_HAVE_RDKAFKA
#include <pthread.h>
#include <time.h>

struct KafkaDiscovery {
    KafkaClient *client;
    const Options *options;
    int wake_fd;
    int64_t interval_us;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    bool is_stopping;
    Arena arena; /* of the answer */
    KafkaPart *parts;
    uint32_t n_parts;
    bool has_answer;
};

/* Sleeps until the next question; false when it is time to stop. */
static bool kafkadiscovery_sleep(KafkaDiscovery *self) {
    struct timespec until;
    int64_t at_us = clock_wall_us() + self->interval_us;
    until = (struct timespec){.tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000};
    while (!self->is_stopping && pthread_cond_timedwait(&self->stop, &self->lock, &until) == 0) {
    }
    return !self->is_stopping;
}

static void *kafkadiscovery_run(void *ctx) {
    KafkaDiscovery *self = ctx;
    pthread_mutex_lock(&self->lock);
    while (kafkadiscovery_sleep(self)) {
        KafkaPart *parts;
        uint32_t n;
        Err err;
        if (self->has_answer) continue;
        arena_reset(&self->arena);
        pthread_mutex_unlock(&self->lock);
        /* A cluster that does not answer now may do so the next time. */
        bool is_known =
            kafka_find_parts(self->client, self->options, &self->arena, &parts, &n, &err) == ST_OK;
        pthread_mutex_lock(&self->lock);
        if (!is_known) continue;
        self->parts = parts;
        self->n_parts = n;
        self->has_answer = true;
        wake_set(self->wake_fd);
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

Status kafka_discovery_open(KafkaClient *client, const SourceSpec *spec, int wake_fd,
                            KafkaDiscovery **out, Err *err) {
    int64_t interval_us = opt_duration_us(spec->options, "scan.topic-partition-discovery.interval");
    KafkaDiscovery *self;
    *out = NULL;
    if (!interval_us || kafka_is_bounded(spec->options)) return ST_OK;
    self = arena_new(spec->arena, KafkaDiscovery);
    *self = (KafkaDiscovery){
        .client = client, .options = spec->options, .wake_fd = wake_fd, .interval_us = interval_us};
    arena_init(&self->arena, NULL); /* another thread's: not of the query's budget */
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->stop, NULL);
    if (pthread_create(&self->thread, NULL, kafkadiscovery_run, self) != 0)
        FAIL(err, ST_IO, "53000", -1, "cannot start a thread that looks for new partitions");
    *out = self;
    return ST_OK;
}

bool kafka_discovery_take(KafkaDiscovery *self, Arena *arena, KafkaPart *known, uint32_t n_known,
                          KafkaPart **out, uint32_t *n) {
    *n = 0;
    if (!self) return false;
    pthread_mutex_lock(&self->lock);
    for (uint32_t i = 0; self->has_answer && i < self->n_parts; i++) {
        KafkaPart *part = &self->parts[i];
        bool is_new = true;
        for (uint32_t k = 0; k < n_known && is_new; k++)
            is_new =
                known[k].partition != part->partition || strcmp(known[k].topic, part->topic) != 0;
        if (!is_new) continue;
        if (!*n) *out = arena_array(arena, KafkaPart, self->n_parts);
        (*out)[*n] = *part;
        (*out)[*n].topic = arena_strdup(arena, part->topic);
        ++*n;
    }
    self->has_answer = false;
    pthread_mutex_unlock(&self->lock);
    return *n > 0;
}

void kafka_discovery_close(KafkaDiscovery *self) {
    if (!self) return;
    pthread_mutex_lock(&self->lock);
    self->is_stopping = true;
    pthread_cond_signal(&self->stop);
    pthread_mutex_unlock(&self->lock);
    pthread_join(self->thread, NULL);
    pthread_mutex_destroy(&self->lock);
    pthread_cond_destroy(&self->stop);
    arena_deinit(&self->arena);
}
#endif
