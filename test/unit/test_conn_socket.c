/* test_conn_socket.c -- many senders at once, cut connections, reconnecting, slow readers of the
 * sink.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct Wire {
    Arena arena;
    Err err;
    Buf got;
    char path[64];
} Wire;

static int wire_setup(void **state) {
    static Wire wire;
    arena_init(&wire.arena, NULL);
    buf_init(&wire.got, NULL);
    wire.err = (Err)ERR_INIT;
    snprintf(wire.path, sizeof wire.path, "/tmp/weir-socket-%d", (int)getpid());
    *state = &wire;
    return 0;
}

static int wire_teardown(void **state) {
    Wire *wire = *state;
    arena_deinit(&wire->arena);
    buf_deinit(&wire->got);
    unlink(wire->path);
    return 0;
}

static Options *wire_options(Wire *wire, const char *mode, const char *retries) {
    OptionPair *pairs = arena_array(&wire->arena, OptionPair, 4);
    Options *options = arena_new(&wire->arena, Options);
    pairs[0] = (OptionPair){SPAN("socket.path"), span_of(wire->path), -1};
    pairs[1] = (OptionPair){SPAN("socket.mode"), span_of(mode), -1};
    pairs[2] = (OptionPair){SPAN("socket.max-retries"), span_of(retries), -1};
    pairs[3] = (OptionPair){SPAN("socket.retry-delay"), SPAN("1 ms"), -1};
    *options = (Options){
        .n = 4, .pairs = pairs, .prefix = "", .specs = conn_find(SPAN("socket"))->options};
    return options;
}

static Source *wire_source(Wire *wire, const char *mode, const char *retries) {
    SourceSpec spec = {
        .table_name = "t", .options = wire_options(wire, mode, retries), .arena = &wire->arena};
    Source *source;
    assert_int_equal(source_open(conn_find(SPAN("socket")), &spec, &source, &wire->err), ST_OK);
    return source;
}

/* Reads whole lines for as long as something comes within 50 ms; false when the source has
 * ended. */
static bool wire_drain(Wire *wire, Source *source) {
    for (int idle = 0; idle < 50;) {
        Chunk chunk;
        size_t len;
        const char *end;
        Status status = source->type->source->poll(source, &chunk, &wire->err);
        if (status == ST_END) return false;
        if (status == ST_AGAIN) {
            usleep(1000);
            idle++;
            continue;
        }
        assert_int_equal(status, ST_OK);
        end = chunk.bytes.len ? memrchr(chunk.bytes.ptr, '\n', chunk.bytes.len) : NULL;
        len = chunk.at_end ? chunk.bytes.len : end ? (size_t)(end - chunk.bytes.ptr) + 1 : 0;
        buf_put(&wire->got, chunk.bytes.ptr, len);
        if (len && chunk.bytes.ptr[len - 1] != '\n') buf_putc(&wire->got, '\n');
        source->type->source->consumed(source, &chunk, len);
        if (len) idle = 0;
    }
    return true;
}

static int wire_dial(Wire *wire) {
    NetAddress to = {.is_unix = true};
    int fd;
    memcpy(to.host, wire->path, strlen(wire->path) + 1);
    assert_int_equal(net_connect(&to, &fd, &wire->err), ST_OK);
    return fd;
}

static void wire_send(Wire *wire, int fd, const char *text) {
    assert_int_equal(file_write(fd, "socket", text, strlen(text), &wire->err), ST_OK);
}

static uint32_t wire_lines(const Wire *wire) {
    uint32_t n = 0;
    for (size_t i = 0; i < wire->got.len; i++) n += wire->got.ptr[i] == '\n';
    return n;
}

static void test_many_senders(void **state) {
    Wire *wire = *state;
    Source *source = wire_source(wire, "listen", "-1");
    int fds[20];
    for (int i = 0; i < 20; i++) {
        fds[i] = wire_dial(wire);
        wire_send(wire, fds[i], "begin\nun");
    }
    assert_true(wire_drain(wire, source));
    assert_int_equal(wire_lines(wire), 20);
    for (int i = 0; i < 20; i++) {
        wire_send(wire, fds[i],
                  i % 2 ? "finished" : "finished\n"); /* half of them end without a newline */
        file_close(fds[i]);
    }
    assert_true(wire_drain(wire, source));
    assert_int_equal(wire_lines(wire), 40);
    assert_null(strstr(buf_cstr(&wire->got), "begin\nbegin\nunbegin"));
    buf_reset(&wire->got);
    fds[0] = wire_dial(wire); /* places are used again */
    wire_send(wire, fds[0], "later\n");
    assert_true(wire_drain(wire, source));
    assert_string_equal(buf_cstr(&wire->got), "later\n");
    file_close(fds[0]);
    source_close(source);
}

/* Nothing is dropped when the reader is slow: the sender's window fills instead. */
static void test_back_pressure(void **state) {
    Wire *wire = *state;
    Source *source = wire_source(wire, "listen", "-1");
    int fd = wire_dial(wire);
    uint32_t n_sent = 0;
    size_t done;
    fd_set_nonblocking(fd);
    while (net_send(fd, "0123456789abcde\n", 16, &done, &wire->err) == ST_OK && done == 16)
        n_sent++;
    assert_true(n_sent > 100);
    assert_true(wire_drain(wire, source));
    assert_int_equal(wire_lines(wire), n_sent);
    file_close(fd);
    source_close(source);
}

static void test_connects_again(void **state) {
    Wire *wire = *state;
    NetAddress at = {.is_unix = true};
    Source *source;
    int listener;
    int fd;
    char name[80];
    memcpy(at.host, wire->path, strlen(wire->path) + 1);
    source = wire_source(wire, "connect", "-1");
    assert_true(wire_drain(wire, source)); /* nobody is there yet */
    assert_int_equal(net_listen(&at, &listener, &wire->err), ST_OK);
    for (int round = 0; round < 3; round++) {
        Status status;
        wire_drain(wire, source);
        for (int i = 0; i < 100 && (status = net_accept(listener, &fd, name, sizeof name,
                                                        &wire->err)) != ST_OK;
             i++) {
            wire_drain(wire, source);
        }
        assert_int_equal(status, ST_OK);
        wire_send(wire, fd, "hello\n");
        file_close(fd);
        assert_true(wire_drain(wire, source));
    }
    assert_string_equal(buf_cstr(&wire->got), "hello\nhello\nhello\n");
    file_close(listener);
    source_close(source);
}

static void test_ends_with_the_connection(void **state) {
    Wire *wire = *state;
    NetAddress at = {.is_unix = true};
    Source *source;
    Chunk chunk;
    int listener;
    int fd;
    char name[80];
    memcpy(at.host, wire->path, strlen(wire->path) + 1);
    assert_int_equal(net_listen(&at, &listener, &wire->err), ST_OK);
    source = wire_source(wire, "connect", "0");
    (void)!source->type->source->poll(source, &chunk, &wire->err);
    assert_int_equal(net_accept(listener, &fd, name, sizeof name, &wire->err), ST_OK);
    wire_send(wire, fd, "only\nrest");
    file_close(fd);
    assert_false(wire_drain(wire, source));
    assert_string_equal(buf_cstr(&wire->got), "only\nrest\n");
    file_close(listener);
    source_close(source);
}

/* A peer that has gone is noticed while sending, by name. */
static void test_peer_goes_away(void **state) {
    Wire *wire = *state;
    NetAddress at = {.is_unix = true};
    int listener, fd, peer;
    char name[80];
    size_t done;
    Status status = ST_OK;
    memcpy(at.host, wire->path, strlen(wire->path) + 1);
    assert_int_equal(net_listen(&at, &listener, &wire->err), ST_OK);
    fd = wire_dial(wire);
    assert_int_equal(net_accept(listener, &peer, name, sizeof name, &wire->err), ST_OK);
    file_close(peer);
    for (int i = 0; i < 100 && status == ST_OK; i++)
        status = net_send(fd, "x\n", 2, &done, &wire->err);
    assert_int_equal(status, ST_IO);
    assert_string_equal(wire->err.sqlstate, "08006");
    file_close(fd);
    file_close(listener);
}

static void test_bad_options(void **state) {
    Wire *wire = *state;
    OptionPair pairs[] = {{SPAN("hostname"), SPAN("localhost"), -1}};
    Options options = {
        .n = 1, .pairs = pairs, .prefix = "", .specs = conn_find(SPAN("socket"))->options};
    NetAddress address;
    assert_int_equal(socket_address(&options, &address, &wire->err), ST_INVALID);
    assert_non_null(strstr(wire->err.message, "port"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_many_senders, wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(test_back_pressure, wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(test_connects_again, wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(test_ends_with_the_connection, wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(test_peer_goes_away, wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(test_bad_options, wire_setup, wire_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
