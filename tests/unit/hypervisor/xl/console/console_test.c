/* SPDX-License-Identifier: ISC */
/*
 * The console relay in a child process with its own standard descriptors; this
 * process plays the domain (on the master of a pty), the daemon (on a socket)
 * and the user. Every step waits for its effect, never for time.
 */
#include <tap.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <xl/console.h>

#define NO_CHILD 99

struct scene {
    pid_t child;
    int domain;     /* master of the console's pty   */
    int daemon;     /* our end of the control socket */
    int user;       /* what the user types on        */
    int user_slave; /* -1: standard input is a pipe  */
    int screen;     /* what the user sees: a pipe, or that terminal */
    struct termios before;
};

/* A pty: its master, and a slave descriptor. */
static int make_pty(int *slave, char *name, size_t size)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 ||
        ptsname_r(master, name, size))
        abort();
    *slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*slave < 0)
        abort();
    return master;
}

static void send_answer(int fd, const char *json)
{
    unsigned char head[4] = {(unsigned char)strlen(json)};

    if (write(fd, head, 4) != 4 ||
        write(fd, json, strlen(json)) != (ssize_t)strlen(json))
        abort();
}

/* The child: what cmd_console() does. Exits with result + 10, or, when the
 * domain's exit code is known, with that. */
static void run_child(int control, int in, int out)
{
    struct midge_error err;
    struct midge_end end;
    enum console_result result;
    struct midge *m;
    int64_t id;
    int tty;

    alarm(20);
    dup2(in, 0);
    dup2(out, 1);
    if (midge_from_fd(control, &m, &err) < 0)
        _exit(NO_CHILD);
    tty = console_open(m, "g", &err);
    if (tty < 0 || midge_wait_start(m, "g", &id, &err) < 0)
        _exit(NO_CHILD);
    result = console_run(m, tty, id, &end);
    midge_close(m);
    if (result == CONSOLE_ENDED && end.have_exit_code)
        _exit(end.exit_code);
    _exit(10 + (int)result);
}

/* How a terminal that is also standard output treats newlines. */
static void set_output(int fd, bool adds)
{
    struct termios t;

    if (tcgetattr(fd, &t) < 0)
        abort();
    t.c_oflag |= OPOST | ONLCR;
    if (!adds)
        t.c_oflag &= ~(tcflag_t)OPOST;
    if (tcsetattr(fd, TCSANOW, &t) < 0)
        abort();
}

/* What standard input and output are. */
enum kind { PIPES, TERMINAL_IN, TERMINAL, RAW_TERMINAL };

static void start(struct scene *s, enum kind kind)
{
    int control[2], in[2], out[2], slave;
    char name[64], json[128], user_name[64];

    s->domain = make_pty(&slave, name, sizeof(name));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) < 0 ||
        pipe2(out, O_CLOEXEC) < 0 || pipe2(in, O_CLOEXEC) < 0)
        abort();
    s->user_slave = -1;
    if (kind != PIPES) {
        close(in[0]);
        close(in[1]);
        in[1] = make_pty(&in[0], user_name, sizeof(user_name));
        s->user_slave = dup(in[0]);
        set_output(in[0], kind != RAW_TERMINAL);
        tcgetattr(in[0], &s->before);
    }
    if (kind >= TERMINAL) {
        close(out[0]);
        close(out[1]);
        out[0] = dup(in[1]);
        out[1] = dup(in[0]);
    }
    snprintf(json, sizeof(json), "{\"id\":1,\"ok\":true,\"tty\":\"%s\"}", name);
    send_answer(control[1], json);
    fflush(stdout);
    s->child = fork();
    if (s->child == 0) {
        int fds[] = {s->domain, slave,  control[1],
                     in[1],     out[0], s->user_slave};

        for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
            close(fds[i]);
        run_child(control[0], in[0], out[1]);
    }
    close(control[0]);
    close(in[0]);
    close(out[1]);
    s->daemon = control[1];
    s->user = in[1];
    s->screen = out[0];
    /* Without this the first hang-up would be ours: the child has it now, when
     * it has sent its wait. */
    {
        char request[256];
        size_t got = 0;

        while (!memmem(request, got, "\"wait\"", 6)) {
            ssize_t n = read(s->daemon, request + got, sizeof(request) - got);

            if (n <= 0)
                abort();
            got += (size_t)n;
        }
    }
    close(slave);
}

/* Reads what (text) is long from (fd) and compares. */
static void expect(int fd, const char *text, const char *what)
{
    char got[256] = "";
    size_t used = 0, len = strlen(text);

    while (used < len) {
        ssize_t n = read(fd, got + used, len - used);

        if (n <= 0)
            break;
        used += (size_t)n;
    }
    got[used] = '\0';
    is_str(got, text, "%s", what);
}

static void type(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        abort();
}

static int status_of(struct scene *s)
{
    int status = 0;

    while (waitpid(s->child, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static void finish(struct scene *s)
{
    int fds[] = {s->domain, s->daemon, s->user, s->screen, s->user_slave};

    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
}

static bool same_terminal(struct scene *s)
{
    struct termios now;

    return tcgetattr(s->user_slave, &now) == 0 &&
           now.c_lflag == s->before.c_lflag &&
           now.c_iflag == s->before.c_iflag && now.c_oflag == s->before.c_oflag;
}

static bool is_raw(struct scene *s)
{
    struct termios now;

    return tcgetattr(s->user_slave, &now) == 0 && !(now.c_lflag & ICANON);
}

#define GONE "{\"id\":2,\"ok\":true,\"reason\":\"poweroff\",\"exit_code\":42}"

/* A pipe for standard input, which ends long before the domain does. */
static void test_pipe(void)
{
    struct scene s;
    int status;

    start(&s, PIPES);
    type(s.domain, "boot\r\n");
    expect(s.screen, "boot\n", "output is printed, as text");
    type(s.domain, "50%\r");
    expect(s.screen, "50%", "a return may be the end of a line");
    type(s.domain, "100%\r");
    expect(s.screen, "\r100%", "or not");
    type(s.domain, "\nbare\n");
    expect(s.screen, "\nbare\n", "in two pieces, or without");
    type(s.user, "typed\x1d\n");
    expect(s.domain, "typed\x1d\n", "input arrives, escape and all");
    close(s.user);
    s.user = -1;
    type(s.domain, "still here");
    expect(s.screen, "still here", "the end of the input ends nothing");
    send_answer(s.daemon, GONE);
    type(s.domain, ", and late\r");
    expect(s.screen, ", and late", "output after the end still comes");
    close(s.domain);
    s.domain = -1;
    expect(s.screen, "\r", "with what was held back");
    status = status_of(&s);
    ok(WIFEXITED(status), "the hang-up ends it");
    is_int(WEXITSTATUS(status), 42, "with the domain's exit code");
    finish(&s);
}

/* The console is gone first, the answer comes later. */
static void test_hangup_first(void)
{
    struct scene s;

    start(&s, PIPES);
    type(s.domain, "x");
    expect(s.screen, "x", "output");
    close(s.domain);
    s.domain = -1;
    send_answer(s.daemon, GONE);
    is_int(WEXITSTATUS(status_of(&s)), 42, "waits for the answer");
    finish(&s);

    start(&s, PIPES);
    close(s.daemon);
    s.daemon = -1;
    is_int(WEXITSTATUS(status_of(&s)), 10 + CONSOLE_FAILED,
           "a daemon that dies is a failure");
    finish(&s);

    start(&s, PIPES);
    send_answer(s.daemon, GONE);
    is_int(WEXITSTATUS(status_of(&s)), 42,
           "a console that nobody closes ends by silence");
    finish(&s);
}

/* What is on the terminal ends its lines in one "\r\n", whoever added what. */
static void test_screen(enum kind kind, const char *what)
{
    struct scene s;

    start(&s, kind);
    type(s.domain, "one\r\ntwo\r\n\r\n50%\r60%\r\n");
    expect(s.screen, "one\r\ntwo\r\n\r\n50%\r60%\r\n", what);
    if (kind == TERMINAL) {
        type(s.domain, "bare\n\nend");
        expect(s.screen, "bare\r\n\r\nend", "nor bare newlines");
    }
    type(s.user, "\x1d");
    is_int(WEXITSTATUS(status_of(&s)), 10 + CONSOLE_DETACHED, "left");
    ok(same_terminal(&s), "the terminal is as before");
    finish(&s);
}

static void test_terminal(void)
{
    struct scene s;

    start(&s, TERMINAL_IN);
    type(s.domain, "login:");
    expect(s.screen, "login:", "output");
    ok(is_raw(&s), "the terminal is raw");
    type(s.user, "a\x03"
                 "b\n");
    expect(s.domain,
           "a\x03"
           "b\n",
           "Ctrl-C goes to the domain");
    type(s.user, "last\x1d more");
    expect(s.domain, "last", "what stands before the escape arrives");
    is_int(WEXITSTATUS(status_of(&s)), 10 + CONSOLE_DETACHED,
           "Ctrl-] detaches");
    ok(same_terminal(&s), "the terminal is as before");
    finish(&s);
}

static void test_signal(int sig)
{
    struct scene s;
    int status;

    start(&s, TERMINAL_IN);
    type(s.domain, "x");
    expect(s.screen, "x", "output");
    ok(is_raw(&s), "the terminal is raw");
    kill(s.child, sig);
    status = status_of(&s);
    ok(WIFSIGNALED(status) && WTERMSIG(status) == sig, "dies of signal %d",
       sig);
    ok(same_terminal(&s), "the terminal is as before");
    finish(&s);
}

static void test_closed_output(void)
{
    struct scene s;

    start(&s, TERMINAL_IN);
    type(s.domain, "x");
    expect(s.screen, "x", "output");
    close(s.screen);
    s.screen = -1;
    type(s.domain, "y");
    is_int(WEXITSTATUS(status_of(&s)), 10 + CONSOLE_FAILED,
           "an output that is closed ends it, without SIGPIPE");
    ok(same_terminal(&s), "the terminal is as before");
    finish(&s);
}

int main(void)
{
    /* A shell's background jobs are born with it ignored. */
    signal(SIGINT, SIG_DFL);
    test_pipe();
    test_hangup_first();
    test_terminal();
    test_screen(TERMINAL, "no staircase, no empty lines");
    test_screen(RAW_TERMINAL, "nor on a terminal that is raw before");
    test_signal(SIGTERM);
    test_signal(SIGINT);
    test_closed_output();
    return tap_done();
}
