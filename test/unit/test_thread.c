/* test_thread.c -- threads that meet at barriers and pass turns.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { THREADS = 4, ROUNDS = 2000 };

typedef struct Team {
    Barrier barrier;
    Turn turn;
    Lock lock;
    uint32_t next; /* under the lock */
    uint32_t counts[THREADS];
    uint32_t sum, n_meetings, n_wrong; /* in meetings only */
    uint32_t order[THREADS * ROUNDS];  /* by whoever has the turn */
    uint32_t n_order;
} Team;

typedef struct Member {
    Team *team;
    uint32_t id;
} Member;

/* All have counted this round, and nobody has begun the next. */
static void team_meeting(void *ctx) {
    Team *team = ctx;
    uint32_t sum = 0;
    for (uint32_t i = 0; i < THREADS; i++) sum += team->counts[i];
    team->n_meetings++;
    if (sum != team->n_meetings * THREADS) team->n_wrong++;
    team->sum = sum;
}

static void team_meet(void *ctx) {
    const Member *member = ctx;
    Team *team = member->team;
    for (uint32_t i = 1; i <= ROUNDS; i++) {
        team->counts[member->id]++;
        barrier_meet(&team->barrier, team_meeting, team);
        assert(team->sum == i * THREADS);
        barrier_meet(&team->barrier, NULL, NULL);
    }
}

static void team_run(Team *team, void (*run)(void *ctx)) {
    Thread *threads[THREADS];
    Member members[THREADS];
    Err err = ERR_INIT;
    for (uint32_t i = 0; i < THREADS; i++) {
        members[i] = (Member){team, i};
        assert_int_equal(thread_start(run, &members[i], &threads[i], &err), ST_OK);
    }
    for (uint32_t i = 0; i < THREADS; i++) thread_join(threads[i]);
}

static void meetings_have_everybody(void **state) {
    Team team = {.n_meetings = 0};
    (void)state;
    barrier_init(&team.barrier, THREADS);
    team_run(&team, team_meet);
    assert_int_equal(team.n_meetings, ROUNDS);
    assert_int_equal(team.n_wrong, 0);
}

/* Numbers are drawn in any order; what is done in turns is done in their order. */
static void team_draw(void *ctx) {
    Team *team = ((const Member *)ctx)->team;
    for (;;) {
        uint32_t number;
        lock_take(&team->lock);
        number = team->next++;
        lock_give(&team->lock);
        if (number >= THREADS * ROUNDS) return;
        turn_wait(&team->turn, number);
        team->order[team->n_order++] = number;
        turn_pass(&team->turn);
    }
}

static void turns_come_in_order(void **state) {
    static Team team;
    (void)state;
    lock_init(&team.lock);
    team_run(&team, team_draw);
    lock_deinit(&team.lock);
    assert_int_equal(team.n_order, THREADS * ROUNDS);
    for (uint32_t i = 0; i < THREADS * ROUNDS; i++) assert_int_equal(team.order[i], i);
}

static void team_leave(void *ctx) {
    barrier_leave(&((const Member *)ctx)->team->barrier);
}

/* Those who will never come do not keep the others waiting. */
static void who_leaves_is_not_waited_for(void **state) {
    Team team = {.n_meetings = 0};
    (void)state;
    barrier_init(&team.barrier, THREADS + 1);
    team_run(&team, team_leave);
    barrier_meet(&team.barrier, NULL, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meetings_have_everybody),
        cmocka_unit_test(turns_come_in_order),
        cmocka_unit_test(who_leaves_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
