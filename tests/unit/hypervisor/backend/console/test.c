/* SPDX-License-Identifier: ISC */
/* The console backend on a made-up ring, with real files, loop and pty. */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <backend/console.h>
#include <host/clock.h>
#include <ring/console.h>
#include <xen/io/console.h>
#include "backlog.h"
#include "exitline.h"
#include <tap.h>

/* --- exit lines ------------------------------------------------------------------*/

/* The code the text ends with, -1000 when there is none. */
static int code_of(const char *text)
{
    struct exitline x = {0};

    exitline_feed(&x, text, strlen(text));
    return x.have_code ? x.code : -1000;
}

static void test_exitline(void)
{
    struct exitline x = {0};
    const char *text = "hello\r\nexit: 42\r\n";

    is_int(code_of("exit: 0\n"), 0, "plain");
    is_int(code_of("exit: 7"), -1000, "an unfinished line does not count");
    is_int(code_of("exit: 7\nmore"), 7, "nor does it take the code away");
    is_int(code_of("exit: 7\nmore\n"), -1000, "a later line does");
    is_int(code_of("exit: -1\n"), -1, "negative");
    is_int(code_of("exit: 2147483647\n"), 2147483647, "largest");
    is_int(code_of("exit: -2147483648\r\n"), INT32_MIN, "smallest");
    is_int(code_of("exit: 2147483648\n"), -1000, "too large");
    is_int(code_of("exit: 99999999999999999999\n"), -1000, "far too large");
    is_int(code_of("exit: \n"), -1000, "no number");
    is_int(code_of("exit: -\n"), -1000, "no digits");
    is_int(code_of("exit: 1x\n"), -1000, "not a number");
    is_int(code_of(" exit: 1\n"), -1000, "not at the beginning");
    is_int(code_of("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\nexit: 3\n"), 3,
           "after a long line");
    for (; *text; text++)
        exitline_feed(&x, text, 1);
    ok(x.have_code && x.code == 42, "byte by byte, with carriage returns");
}

/* --- backlog -----------------------------------------------------------------------*/

static char sent[3 * BACKLOG_MAX];

/* Everything unsent, as a string. */
static size_t take_all(struct backlog *b)
{
    const char *bytes;
    size_t len, all = 0;

    while ((len = backlog_peek(b, &bytes)) > 0) {
        memcpy(sent + all, bytes, len);
        all += len;
        backlog_consume(b, len);
    }
    sent[all] = '\0';
    return all;
}

static void test_backlog(void)
{
    struct backlog b = {0};
    static char big[2 * BACKLOG_MAX];
    unsigned i;

    ok(!b.bytes, "no memory before the first byte");
    backlog_add(&b, "abc", 3);
    is_int(b.size, BACKLOG_FIRST, "little at first");
    backlog_rewind(&b);
    take_all(&b);
    is_str(sent, "abc", "comes back");
    for (i = 0; i < 1000; i++)
        backlog_add(&b, "0123456789", 10);
    is_int(take_all(&b), 10000, "grows");
    is_int(b.lost, 0, "without loss");
    is_int(memcmp(sent + 9990, "0123456789", 10), 0, "and in order");
    backlog_rewind(&b);
    is_int(take_all(&b), 10003, "all from the beginning");
    is_int(strncmp(sent, "abc0123", 7), 0, "the first bytes");
    is_int(backlog_room(&b), BACKLOG_MAX, "room for a reader that keeps up");
    for (i = 0; i < sizeof(big); i++)
        big[i] = (char)i;
    backlog_add(&b, big, BACKLOG_MAX - 1);
    is_int(backlog_room(&b), 1, "room shrinks with what is unsent");
    backlog_add(&b, "xyz", 3);
    is_int(b.lost, 2, "what did not fit counts as lost");
    is_int(take_all(&b), BACKLOG_MAX, "the rest is there");
    backlog_add(&b, big, sizeof(big));
    is_int(b.lost, 2 + BACKLOG_MAX, "more than it holds at once");
    is_int(take_all(&b), BACKLOG_MAX, "the end of it is kept");
    is_int(memcmp(sent, big + BACKLOG_MAX, BACKLOG_MAX), 0, "unharmed");
    backlog_fini(&b);
}

/* --- the whole -----------------------------------------------------------------------*/

static char dir[] = "/tmp/midge-console-XXXXXX";
static struct console_logs *logs;
static struct loop *loop;
static struct xencons_interface ring;
static unsigned notified, complaints;
static char file[64 * 1024];

static void notify(void *owner)
{
    (void)owner;
    notified++;
}

static void complain(void *owner, const char *text)
{
    (void)owner;
    (void)text;
    complaints++;
}

static const struct console_events events = {.notify = notify,
                                             .complain = complain};

static struct console *make(const char *name, bool append)
{
    const struct console_params p = {
        .logs = logs,
        .loop = loop,
        .ring = &ring,
        .name = name,
        .append = append,
        .events = &events,
    };
    struct console *c = NULL;

    memset(&ring, 0, sizeof(ring));
    notified = complaints = 0;
    if (console_create(&p, &c))
        return NULL;
    return c;
}

static void guest_says(struct console *c, const char *text)
{
    cons_ring_write_out(&ring, text, strlen(text));
    console_event(c);
}

/* What the log of (name) holds, or "" when it does not exist. */
static const char *log_of(const char *name)
{
    char path[256];
    ssize_t n = 0;
    int fd;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    fd = open(path, O_RDONLY);
    if (fd >= 0) {
        n = read(fd, file, sizeof(file) - 1);
        close(fd);
    }
    file[n > 0 ? n : 0] = '\0';
    return file;
}

static void stop_work(struct loop_work *w)
{
    (void)w;
    loop_stop(loop);
}

static struct loop_work stopper = {.run = stop_work};

static void post_stopper(struct loop_work *w)
{
    (void)w;
    loop_post(loop, &stopper);
}

/* Lets the loop see what is there to be seen: all that is ready together with
 * the first posted work is served before the second one stops the loop. */
static void turn(void)
{
    struct loop_work first = {.run = post_stopper};

    loop_post(loop, &first);
    loop_run(loop);
}

/* The kernel moves a pty's bytes when it sees fit: turns until (cond), with a
 * limit that only a failing test reaches. */
#define UNTIL(cond)                                                            \
    do {                                                                       \
        uint64_t end_ns = clock_mono_ns() + 5000000000u;                       \
        while (!(cond) && clock_mono_ns() < end_ns)                            \
            turn();                                                            \
    } while (0)

static int open_tty(const struct console_tty *t)
{
    return open(console_tty_path(t), O_RDWR | O_NOCTTY | O_NONBLOCK);
}

/* Reads (want) bytes from the tty, turning as long as it takes. */
static size_t read_tty(int fd, char *buf, size_t want)
{
    size_t all = 0;
    ssize_t n;

    UNTIL((n = read(fd, buf + all, want - all)) > 0 &&
          (all += (size_t)n) == want);
    buf[all] = '\0';
    return all;
}

static void test_log(void)
{
    struct console *c = make("a", false);
    int code = -1;

    is_str(log_of("a.log"), "", "no file before the first output");
    guest_says(c, "first\nexit: 9\n");
    is_int(notified, 1, "the guest is told of the room it has got");
    is_str(log_of("a.log"), "first\nexit: 9\n", "logged");
    ok(console_exit_code(c, &code) && code == 9, "the exit code is known");
    console_event(c);
    is_int(notified, 1, "nothing moved, nobody told");
    is_int(console_rename(c, "b"), 0, "renaming");
    guest_says(c, "second\n");
    is_str(log_of("b.log"), "first\nexit: 9\nsecond\n", "goes on elsewhere");
    is_str(log_of("a.log"), "", "and has gone here");
    ok(!console_exit_code(c, &code), "the code is no longer the last line");
    console_destroy(c);
    c = make("b", true);
    guest_says(c, "third\n");
    is_str(log_of("b.log"), "first\nexit: 9\nsecond\nthird\n", "appended");
    console_destroy(c);
    c = make("b", false);
    is_str(log_of("b.log"), "", "begun anew");
    cons_ring_write_out(&ring, "left", 4);
    console_destroy(c);
    is_str(log_of("b.log"), "left", "the last words are taken");
    console_logs_remove(logs, "b");
    is_str(log_of("b.log"), "", "removed");
}

/* The log is text; a terminal needs the returns. */
static void test_line_ends(void)
{
    struct console *c = make("e", false);
    const char *want = "one\r\n50%\r60%\r\nbare\n(midge) x\r\nlast\r";
    struct console_tty *t;
    char buf[128];
    int code = -1, fd;

    is_int(console_attach(c, false, &t), 0, "attaching");
    fd = open_tty(t);
    guest_says(c, "one\r\n50%\r");
    guest_says(c, "60%\r");
    guest_says(c, "\nbare\n");
    console_text(c, "(midge) x\n", 10);
    guest_says(c, "last\r");
    is_str(log_of("e.log"), "one\n50%\r60%\nbare\n(midge) x\nlast",
           "the log has no returns at the ends of lines");
    read_tty(fd, buf, strlen(want));
    is_str(buf, want, "a terminal has what the guest wrote");
    is_int(console_rename(c, "f"), 0, "renaming");
    guest_says(c, "\nexit: 4\r\n\r");
    ok(console_exit_code(c, &code) && code == 4, "the exit code is seen");
    close(fd);
    console_tty_put(t);
    console_destroy(c);
    turn();
    is_str(log_of("f.log"), "one\n50%\r60%\nbare\n(midge) x\nlast\nexit: 4\n\r",
           "what was held back comes at the end");
    console_logs_remove(logs, "f");
}

/* Reports that do not fit a ring. */
static void test_long_text(void)
{
    struct console *c = make("g", false);
    static char text[6000];
    size_t i;

    for (i = 0; i < sizeof(text); i++)
        text[i] = i % 3 == 2 ? '\n' : 'g';
    console_text(c, text, sizeof(text));
    ok(strlen(log_of("g.log")) == sizeof(text) &&
           !memcmp(file, text, sizeof(text)),
       "a long text is logged whole");
    console_destroy(c);
    console_logs_remove(logs, "g");
}

static void test_many_logs(void)
{
    struct console *c[8];
    char name[16];
    unsigned i, round, good = 0;

    for (i = 0; i < 8; i++) {
        snprintf(name, sizeof(name), "m%u", i);
        c[i] = make(name, false);
    }
    for (round = 0; round < 3; round++)
        for (i = 0; i < 8; i++)
            console_text(c[i], "x", 1);
    for (i = 0; i < 8; i++) {
        snprintf(name, sizeof(name), "m%u.log", i);
        good += !strcmp(log_of(name), "xxx");
        snprintf(name, sizeof(name), "m%u", i);
        console_destroy(c[i]);
        console_logs_remove(logs, name);
    }
    is_int(good, 8, "more logs than may be open at a time");
}

static void test_rotation(void)
{
    struct console *c = make("r", false);
    char block[1024];
    unsigned i;

    memset(block, 'r', sizeof(block));
    for (i = 0; i < 20; i++)
        console_text(c, block, sizeof(block));
    ok(strlen(log_of("r.log")) <= 16384, "the log stays below its limit");
    ok(strlen(log_of("r.log.1")) > 0, "its older part is kept");
    console_destroy(c);
    console_logs_remove(logs, "r");
    is_str(log_of("r.log.1"), "", "removed with it");
}

static void test_bad_ring(void)
{
    struct console *c = make("bad", false);

    ring.out_prod = 5000;
    console_event(c);
    is_int(complaints, 1, "impossible indices are told");
    console_event(c);
    is_int(complaints, 1, "once");
    is_int(notified, 0, "and lead to nothing");
    console_destroy(c);
}

static void test_tty(void)
{
    struct console *c = make("t", false);
    struct console_tty *t, *t2;
    char buf[256], in[64] = "";
    int fd;

    guest_says(c, "early\n");
    is_int(console_attach(c, true, &t), 0, "attaching");
    fd = open_tty(t);
    ok(fd >= 0, "the terminal opens");
    read_tty(fd, buf, 6);
    is_str(buf, "early\n", "the backlog comes first, unchanged");
    guest_says(c, "late\n");
    read_tty(fd, buf, 5);
    is_str(buf, "late\n", "then what is new");
    is_int(write(fd, "typed\n", 6), 6, "typing");
    UNTIL(ring.in_prod == 6);
    cons_ring_read_in(&ring, in, sizeof(in) - 1);
    is_str(in, "typed\n", "the guest reads it");
    is_int(read(fd, buf, sizeof(buf)), -1, "and there is no echo");
    is_int(console_attach(c, false, &t2), 0, "attaching again");
    ok(t == t2, "shares the terminal");
    console_tty_put(t2);
    console_tty_put(t);
    turn();
    guest_says(c, "still\n");
    read_tty(fd, buf, 6);
    is_str(buf, "still\n", "it lives while somebody has it open");
    close(fd);
    turn();
    console_destroy(c);
    console_logs_remove(logs, "t");
}

/* The reader leaves and the next one comes before the loop has run. */
static void test_attach_again(void)
{
    struct console *c = make("a", false);
    struct console_tty *t;
    int fd, fd2;
    char buf[64];
    long n;

    console_text(c, "one\n", 4);
    is_int(console_attach(c, false, &t), 0, "attaching");
    fd = open(console_tty_path(t), O_RDWR | O_NOCTTY);
    ok(read(fd, buf, sizeof(buf)) == 5, "the first reader has it all");
    console_tty_put(t);
    close(fd);
    is_int(console_attach(c, false, &t), 0, "attaching again at once");
    fd2 = open(console_tty_path(t), O_RDWR | O_NOCTTY);
    n = read(fd2, buf, sizeof(buf));
    ok(n == 5 && !memcmp(buf, "one\r\n", 5), "the second gets the backlog");
    console_tty_put(t);
    console_destroy(c);
    close(fd2);
    turn();
    console_logs_remove(logs, "a");
}

/* A log that cannot be written is told of once. */
static void test_log_failure(void)
{
    char path[64];
    struct console *c;

    snprintf(path, sizeof(path), "%s/full.log", dir);
    c = make("full", false);
    is_int(symlink("/dev/full", path), 0, "no file that could be opened");
    complaints = 0;
    console_text(c, "one\n", 4);
    is_int(complaints, 1, "the first failure is told");
    console_text(c, "two\n", 4);
    is_int(complaints, 1, "and only that");
    console_destroy(c);
    console_logs_remove(logs, "full");
}

static void test_read_only(void)
{
    struct console *c = make("t", false);
    struct console_tty *t;
    char buf[256], in[64];
    int fd;

    guest_says(c, "one\n");
    guest_says(c, "two\n");
    is_int(console_attach(c, false, &t), 0, "attaching");
    fd = open_tty(t);
    read_tty(fd, buf, 8);
    is_str(buf, "one\ntwo\n", "everything is replayed");
    is_int(write(fd, "no", 2), 2, "typing without leave");
    /* What is said afterwards has come through the same loop. */
    for (int i = 0; i < 100; i++)
        turn();
    is_int(cons_ring_read_in(&ring, in, sizeof(in)), 0, "reaches nobody");
    console_tty_put(t);
    close(fd);
    turn();
    console_destroy(c);
    console_logs_remove(logs, "t");
}

/* Output without end into a terminal that nobody reads. */
static void test_back_pressure(void)
{
    struct console *c = make("p", false);
    static char block[1024], all[256 * 1024];
    struct console_tty *t;
    size_t put = 0, i;
    int fd, n;

    is_int(console_attach(c, false, &t), 0, "attaching");
    fd = open_tty(t);
    for (i = 0; i < sizeof(block); i++)
        block[i] = (char)('a' + i % 26);
    do {
        n = cons_ring_write_out(&ring, block, sizeof(block));
        put += (size_t)n;
        console_event(c);
    } while (n > 0 && put < sizeof(all) - 1);
    ok(put < sizeof(all) - 1, "the guest is held up at last, after %zu bytes",
       put);
    is_int(read_tty(fd, all, put), put, "not a byte is lost");
    ok(!strstr(all, "lost"), "and none is said to be");
    close(fd);
    console_tty_put(t);
    turn();
    console_destroy(c);
    console_logs_remove(logs, "p");
}

/* The reader that held the guest up leaves without having read. */
static void test_slow_reader_leaves(void)
{
    struct console *c = make("q", false);
    static char block[1024];
    struct console_tty *t;
    unsigned told;
    int fd, n;

    is_int(console_attach(c, false, &t), 0, "attaching");
    fd = open_tty(t);
    console_tty_put(t);
    memset(block, 'q', sizeof(block));
    do {
        n = cons_ring_write_out(&ring, block, sizeof(block));
        console_event(c);
    } while (n > 0);
    told = notified;
    turn();
    is_int(notified, told, "the guest is held up");
    close(fd);
    UNTIL(notified > told);
    ok(notified > told, "and goes on when its reader has left");
    is_int(ring.out_cons, ring.out_prod, "all its output has been taken");
    console_destroy(c);
    console_logs_remove(logs, "q");
}

static void guest_reads(struct console *c, size_t *got)
{
    char in[2048];
    int n = cons_ring_read_in(&ring, in, sizeof(in));

    if (n > 0)
        *got += (size_t)n;
    console_event(c);
}

static void test_input_pressure(void)
{
    struct console *c = make("i", false);
    struct console_tty *t;
    size_t put = 0, got = 0;
    ssize_t w;
    int fd;

    is_int(console_attach(c, true, &t), 0, "attaching");
    fd = open_tty(t);
    while (put < 3000 && (w = write(fd, "0123456789", 10)) > 0) {
        put += (size_t)w;
        turn();
    }
    UNTIL(ring.in_prod - ring.in_cons == sizeof(ring.in));
    is_int(ring.in_prod - ring.in_cons, sizeof(ring.in), "the ring is full");
    /* A guest that reads also rings. */
    UNTIL(got == put || (guest_reads(c, &got), false));
    is_int(got, put, "what was typed waits and arrives");
    close(fd);
    console_tty_put(t);
    turn();
    console_destroy(c);
    console_logs_remove(logs, "i");
}

/* The domain ends before its output has been read. */
static void test_linger(void)
{
    struct console *c = make("l", false);
    struct console_tty *t;
    char buf[64] = "";
    ssize_t n = 0;
    int fd;

    is_int(console_attach(c, false, &t), 0, "attaching");
    guest_says(c, "exit: 0\n");
    console_destroy(c);
    turn();
    fd = open(console_tty_path(t), O_RDWR | O_NOCTTY);
    ok(fd >= 0, "the terminal is still there");
    n = read(fd, buf, sizeof(buf) - 1);
    is_str(buf, "exit: 0\n", "and has the last words");
    is_int(n, 8, "all of them");
    fcntl(fd, F_SETFL, O_NONBLOCK);
    UNTIL((n = read(fd, buf, sizeof(buf))) == 0 || (n < 0 && errno != EAGAIN));
    ok(n == 0 || errno != EAGAIN, "then it ends");
    close(fd);
    console_tty_put(t);
    turn();
    console_logs_remove(logs, "l");
}

int main(void)
{
    test_exitline();
    test_backlog();
    loop = loop_create();
    if (!loop || !mkdtemp(dir))
        return 1;
    logs = console_logs_create(dir, 16384, 3);
    test_log();
    test_line_ends();
    test_long_text();
    test_many_logs();
    test_rotation();
    test_bad_ring();
    test_tty();
    test_read_only();
    test_back_pressure();
    test_slow_reader_leaves();
    test_input_pressure();
    test_linger();
    test_attach_again();
    test_log_failure();
    console_logs_destroy(logs);
    loop_destroy(loop);
    is_int(rmdir(dir), 0, "no file is left");
    return tap_done();
}
