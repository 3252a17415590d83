/* fault.c -- named places where tests end the process. See fault.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/fault.h"

#include "base/span.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

const char *fault_armed;
static size_t fault_name_len;
static long fault_count = 1;
static bool fault_is_error;

void fault_arm(void) {
    const char *text = getenv("WEIR_FAULT");
    const char *colon;
    if (fault_armed || !text || !*text) return;
    colon = strchr(text, ':');
    fault_name_len = colon ? (size_t)(colon - text) : strlen(text);
    if (colon) {
        char *end;
        fault_count = strtol(colon + 1, &end, 10);
        fault_is_error = strcmp(end, ":error") == 0;
    }
    fault_armed = text;
}

static bool fault_is_due(const char *name) {
    if (strlen(name) != fault_name_len || memcmp(name, fault_armed, fault_name_len) != 0)
        return false;
    return __atomic_sub_fetch(&fault_count, 1, __ATOMIC_RELAXED) == 0;
}

void fault_reach(const char *name) {
    if (fault_is_due(name)) kill(getpid(), SIGKILL);
}

Status fault_reach_error(const char *name, Err *err) {
    if (!fault_is_due(name)) return ST_OK;
    if (!fault_is_error) kill(getpid(), SIGKILL);
    FAIL(err, ST_IO, "58030", -1, "fault \"%s\": input/output error", name);
}
