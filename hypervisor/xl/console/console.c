/* SPDX-License-Identifier: ISC */
/*
 * The terminal on one side, the pty of a domain's console on the other.
 *
 * Ends when the domain has ended and everything it wrote has been printed, or
 * when the escape character is typed. The end of standard input ends nothing:
 * output goes on. The terminal is raw meanwhile, and is put back whatever
 * happens: signals that would end the program arrive through a descriptor.
 */
#include <xl/console.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>
#include <base/compiler.h>
#include <base/crlf.h>

#define ESCAPE 0x1d /* Ctrl-] */

/* The hypervisor closes the console after its last byte has been read. Should
 * it not, this much silence after the end of the domain is the end too. */
#define SILENCE_MS 1000

#define BUF_SIZE 4096 /* what is read from the domain at a time */

enum { POLL_TTY, POLL_STDIN, POLL_DAEMON, POLL_SIGNAL, NR_POLL };

struct relay {
    struct midge *m;
    int64_t wait_id;
    struct midge_end *end;
    int tty;    /* -1: gone                                              */
    bool ended; /* the wait has been answered                            */
    bool stdin_open, stdin_is_tty, was_raw;
    bool text;        /* standard output wants "\n" rather than "\r\n"     */
    struct crlf ends; /* then: what became of them                          */
    struct termios before;
    int signals;   /* signalfd                                              */
    sigset_t mask; /* to be put back                                        */
    int caught;    /* signal that ends the program, 0 = none                */
    bool detach, failed;
    char in[1024]; /* typed, not yet taken by the domain                    */
    size_t in_used;
};

int console_open(struct midge *m, const char *domain, struct midge_error *err)
{
    struct termios raw;
    char path[64];
    int fd;

    if (midge_console(m, domain, true, path, sizeof(path), err) < 0)
        return -1;
    fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        /* A pty that is not there any more was the dead domain's. */
        err->code = errno == ENOENT || errno == ENXIO || errno == EIO
                        ? MIDGE_E_GONE
                        : MIDGE_E_SYSTEM;
        snprintf(err->text, sizeof(err->text), "cannot open the console %s: %s",
                 path, strerror(errno));
        return -1;
    }
    /* Whoever had it before may have left it otherwise. */
    if (tcgetattr(fd, &raw) == 0) {
        cfmakeraw(&raw);
        (void)tcsetattr(fd, TCSANOW, &raw); /* else: echo, but it works */
    }
    return fd;
}

void console_close(int tty)
{
    if (tty >= 0)
        (void)close(tty); /* nothing was written to it */
}

void console_hint(void)
{
    if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
        fprintf(stderr, "Ctrl-] detaches\n");
}

/* --- terminal and signals ------------------------------------------------- */

static void terminal_raw(struct relay *r)
{
    struct termios raw;

    r->stdin_is_tty = tcgetattr(STDIN_FILENO, &r->before) == 0;
    if (!r->stdin_is_tty)
        return;
    raw = r->before;
    cfmakeraw(&raw);
    /* Some unikernels print bare newlines: the terminal goes on adding returns,
     * if it did. */
    raw.c_oflag = r->before.c_oflag;
    r->was_raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

static void terminal_restore(struct relay *r)
{
    if (r->was_raw)
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &r->before);
    r->was_raw = false;
}

/* From here on nothing ends the program without terminal_restore(). SIGPIPE is
 * blocked too: a closed output shows as EPIPE. */
static int catch_signals(struct relay *r)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t blocked, caught;

    sigemptyset(&caught);
    for (size_t i = 0; i < ARRAY_SIZE(ending); i++) {
        struct sigaction now;

        /* Not those that nohup or a shell has us ignore. */
        if (sigaction(ending[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaddset(&caught, ending[i]);
    }
    blocked = caught;
    sigaddset(&blocked, SIGPIPE);
    if (sigprocmask(SIG_BLOCK, &blocked, &r->mask) < 0)
        return -1;
    r->signals = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
    return r->signals < 0 ? -1 : 0;
}

static void release_signals(struct relay *r)
{
    sigset_t pipe;

    /* One that is pending because of our own write must not hit later. */
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    (void)sigtimedwait(&pipe, NULL, &(struct timespec){.tv_sec = 0});
    if (r->signals >= 0)
        (void)close(r->signals);
    (void)sigprocmask(SIG_SETMASK, &r->mask, NULL);
    if (r->caught)
        (void)raise(r->caught);
}

static void read_signal(struct relay *r)
{
    struct signalfd_siginfo info;

    if (read(r->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
        r->caught = (int)info.ssi_signo;
}

/* --- the two directions ---------------------------------------------------- */

static void write_out(struct relay *r, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(STDOUT_FILENO, bytes, len);
        struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};

        if (n >= 0) {
            bytes += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) {
            (void)poll(&p, 1, -1); /* somebody made it non-blocking */
        } else if (errno != EINTR) {
            terminal_restore(r);
            fprintf(stderr, "xl: cannot write the output: %s\n",
                    strerror(errno));
            r->failed = true;
            return;
        }
    }
}

/* Files and pipes get text, and so does a terminal that makes "\r\n" of "\n"
 * itself; one that is raw already gets the domain's own bytes. */
static bool wants_text(int fd)
{
    struct termios t;

    return tcgetattr(fd, &t) < 0 ||
           (t.c_oflag & (OPOST | ONLCR)) == (OPOST | ONLCR);
}

static void write_console(struct relay *r, const char *bytes, size_t len)
{
    char text[BUF_SIZE + 1];

    if (!r->text)
        write_out(r, bytes, len);
    else
        write_out(r, text, crlf_drop(&r->ends, text, bytes, len));
}

static void read_tty(struct relay *r)
{
    char buf[BUF_SIZE];
    ssize_t n = read(r->tty, buf, sizeof(buf));

    if (n > 0) {
        write_console(r, buf, (size_t)n);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        (void)close(r->tty); /* hung up: EIO, or 0 */
        r->tty = -1;
    }
}

static void write_tty(struct relay *r)
{
    ssize_t n;

    if (r->tty < 0 || r->in_used == 0)
        return;
    n = write(r->tty, r->in, r->in_used);
    if (n <= 0)
        return; /* full: later; hung up: reading will tell */
    r->in_used -= (size_t)n;
    memmove(r->in, r->in + n, r->in_used);
}

static void read_stdin(struct relay *r)
{
    ssize_t n =
        read(STDIN_FILENO, r->in + r->in_used, sizeof(r->in) - r->in_used);
    const char *escape = NULL;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        r->stdin_open = false;
        return;
    }
    /* In data from a file or a pipe the byte means nothing. */
    if (r->stdin_is_tty)
        escape = memchr(r->in + r->in_used, ESCAPE, (size_t)n);
    if (escape) {
        r->detach = true;
        n = escape - (r->in + r->in_used);
    }
    r->in_used += (size_t)n;
    write_tty(r);
}

static void read_daemon(struct relay *r)
{
    struct midge_error err;
    int rc = midge_wait_check(r->m, r->wait_id, r->end, &err);

    if (rc > 0) {
        r->ended = true;
    } else if (rc < 0) {
        terminal_restore(r);
        fprintf(stderr, "xl: %s\n", err.text);
        r->failed = true;
    }
}

/* One round. False when there is nothing left to wait for. */
static bool relay_once(struct relay *r)
{
    struct pollfd p[NR_POLL] = {
        [POLL_TTY] = {.fd = r->tty, .events = POLLIN},
        [POLL_STDIN] = {.fd = r->stdin_open && r->in_used < sizeof(r->in)
                                  ? STDIN_FILENO
                                  : -1,
                        .events = POLLIN},
        [POLL_DAEMON] = {.fd = r->ended ? -1 : midge_fd(r->m),
                         .events = POLLIN},
        [POLL_SIGNAL] = {.fd = r->signals, .events = POLLIN},
    };
    int n;

    if (r->in_used)
        p[POLL_TTY].events |= POLLOUT;
    n = poll(p, NR_POLL, r->ended ? SILENCE_MS : -1);
    if (n == 0)
        return false;
    if (n < 0)
        return errno == EINTR;
    if (p[POLL_SIGNAL].revents)
        read_signal(r);
    if (p[POLL_TTY].revents & POLLOUT)
        write_tty(r);
    if (p[POLL_TTY].revents & (POLLIN | POLLHUP | POLLERR))
        read_tty(r);
    if (p[POLL_STDIN].revents)
        read_stdin(r);
    if (p[POLL_DAEMON].revents)
        read_daemon(r);
    return r->tty >= 0 || !r->ended;
}

enum console_result console_run(struct midge *m, int tty, int64_t wait_id,
                                struct midge_end *end)
{
    struct relay r = {.m = m,
                      .wait_id = wait_id,
                      .end = end,
                      .tty = tty,
                      .stdin_open = true,
                      .signals = -1};

    (void)fflush(stdout);
    if (catch_signals(&r) < 0) {
        fprintf(stderr, "xl: signalfd: %s\n", strerror(errno));
        r.failed = true;
    }
    terminal_raw(&r);
    r.text = wants_text(STDOUT_FILENO);
    /* The answer may have been read from the socket together with another. */
    if (!r.failed)
        read_daemon(&r);
    while (!r.failed && !r.detach && !r.caught && relay_once(&r))
        ;
    if (r.ends.cr && !r.failed)
        write_out(&r, "\r", 1);
    terminal_restore(&r);
    if (r.tty >= 0)
        (void)close(r.tty);
    release_signals(&r); /* does not return when a signal was caught */
    if (r.failed || r.caught)
        return CONSOLE_FAILED;
    return r.detach ? CONSOLE_DETACHED : CONSOLE_ENDED;
}
