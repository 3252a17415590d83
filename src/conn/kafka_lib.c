/* kafka_lib.c -- loads librdkafka when it is first needed, and finds the functions that are called.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/kafka.h"

#if WEIR_HAVE_RDKAFKA
#include <dlfcn.h>
#include <pthread.h>

static KafkaLib kafka_calls;
static char kafka_lib_problem[256];
static pthread_once_t kafka_lib_once = PTHREAD_ONCE_INIT;

static void kafka_lib_load(void) {
    void *lib = dlopen("librdkafka.so.1", RTLD_NOW | RTLD_LOCAL);
    void *call = NULL;
    if (!lib) {
        snprintf(kafka_lib_problem, sizeof kafka_lib_problem, "%s", dlerror());
        return;
    }
#define KAFKA_LOAD(name)                                                                          \
    call = dlsym(lib, "rd_kafka_" #name);                                                         \
    if (!call)                                                                                    \
        snprintf(kafka_lib_problem, sizeof kafka_lib_problem, "it has no %s", "rd_kafka_" #name); \
    memcpy(&kafka_calls.name, &call, sizeof call);
    KAFKA_CALLS(KAFKA_LOAD)
#undef KAFKA_LOAD
}

Status kafka_lib(const KafkaLib **out, Err *err) {
    pthread_once(&kafka_lib_once, kafka_lib_load);
    *out = &kafka_calls;
    if (!kafka_lib_problem[0]) return ST_OK;
    err_set(err, ST_UNSUPPORTED, "0A000", -1, __FILE__, __LINE__,
            "Kafka tables need the library librdkafka.so.1: %s", kafka_lib_problem);
    return err_hint(err, "Debian: apt install librdkafka1");
}
#endif
