/* vectors.c -- runs the generator of test vectors and hands over its lines.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "vectors.h"

static unsigned vectors_seed(void) {
    const char *fixed = getenv("WEIR_TEST_SEED");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return fixed ? (unsigned)strtoul(fixed, NULL, 10)
                 : (unsigned)now.tv_nsec ^ (unsigned)now.tv_sec;
}

void vectors_run(const char *topic, unsigned count, VectorCheck *check) {
    char command[256];
    unsigned seed = vectors_seed();
    if (system("python3 -c '' >/dev/null 2>&1") != 0) {
        print_message("no python3: %s not checked\n", topic);
        skip();
    }
    snprintf(command, sizeof command, "python3 test/unit/vectors.py %s %u %u", topic, seed, count);
    print_message("%s\n", command);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    char line[4096];
    unsigned n_lines = 0;
    while (fgets(line, sizeof line, pipe)) {
        const char *fields[VECTOR_FIELDS_MAX];
        int n = 0;
        char *rest = line;
        line[strcspn(line, "\n")] = '\0';
        for (char *field; n < VECTOR_FIELDS_MAX && (field = strsep(&rest, "\t"));)
            fields[n++] = field;
        check(fields, n);
        n_lines++;
    }
    assert_int_equal(pclose(pipe), 0);
    assert_true(n_lines >= count);
}
