/* SPDX-License-Identifier: ISC */
/*
 * Starting the daemon. It is told a descriptor (--ready-fd) on which it writes
 * one byte once it, or another daemon that was faster, serves; closing it
 * without means failure, with the reason on its stderr, which is a pipe to us.
 */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DAEMON_NAME      "midge-hv"
#define START_TIMEOUT_MS 30000
#define READY_FD         3

/* Both ends of what connects us to the daemon while it starts; -1 = none. */
struct start {
    int ready[2]; /* one byte when it serves */
    int text[2];  /* its stderr              */
    int exec[2];  /* errno of a failed exec; closed by a good one */
};

static int find_daemon(char path[PATH_MAX], struct midge_error *err)
{
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
    const char *dirs = getenv("PATH");
    char *slash;

    if (n > 0) {
        path[n] = '\0';
        slash = strrchr(path, '/');
        if (slash && (size_t)(slash + 1 - path) + sizeof(DAEMON_NAME) <=
                         (size_t)PATH_MAX) {
            memcpy(slash + 1, DAEMON_NAME, sizeof(DAEMON_NAME));
            if (access(path, X_OK) == 0)
                return 0;
        }
    }
    while (dirs && *dirs) {
        int len = (int)strcspn(dirs, ":");
        int r = snprintf(path, PATH_MAX, "%.*s/%s", len, dirs, DAEMON_NAME);

        if (len > 0 && r > 0 && r < PATH_MAX && access(path, X_OK) == 0)
            return 0;
        dirs += len;
        dirs += *dirs == ':';
    }
    return fail(err, MIDGE_E_NO_DAEMON,
                "cannot find %s beside this program or on PATH", DAEMON_NAME);
}

/*
 * Runs in the new process; only async-signal-safe calls. The daemon must not
 * inherit anything of ours: a descriptor with a lock, say, would be held for
 * days.
 */
static void become_daemon(const char *path, const char *run_dir,
                          const struct start *s)
{
    char ready_text[] = {'0' + READY_FD, '\0'};
    char opt_ready[] = "--ready-fd", opt_run[] = "--run-dir";
    char *argv[] = {NULL, opt_ready, ready_text, opt_run, NULL, NULL};
    int null, ready, text, report, why;
    sigset_t none;

    /* Out of the way of the numbers that are about to be given. */
    ready = fcntl(s->ready[1], F_DUPFD_CLOEXEC, 10);
    text = fcntl(s->text[1], F_DUPFD_CLOEXEC, 10);
    report = fcntl(s->exec[1], F_DUPFD_CLOEXEC, 10);
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (ready < 0 || text < 0 || report < 0 || null < 0)
        _exit(127);
    if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(text, 2) < 0 ||
        dup2(ready, READY_FD) < 0 || dup2(report, READY_FD + 1) < 0 ||
        fcntl(READY_FD + 1, F_SETFD, FD_CLOEXEC) < 0)
        _exit(127);
    (void)close_range(READY_FD + 2, ~0U, 0); /* else they stay: harmless */

    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    argv[0] = strdupa(path);
    argv[4] = strdupa(run_dir);
    execv(path, argv);
    why = errno;
    (void)!write(READY_FD + 1, &why, sizeof(why)); /* nobody else to tell */
    _exit(127);
}

static void close_end(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* The last line of what the daemon said, without its newline. */
static char *last_line(char *text)
{
    size_t len = strlen(text);
    char *line;

    while (len > 0 && text[len - 1] == '\n')
        text[--len] = '\0';
    line = strrchr(text, '\n');
    return line ? line + 1 : text;
}

static int64_t now_ms(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail */
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * Reads what comes on both pipes until the byte, the end, or the time limit.
 * 1: ready, 0: it gave up, -1: time is up.
 */
static int watch(const struct start *s, char *text, size_t size)
{
    struct pollfd p[2] = {{.fd = s->ready[0], .events = POLLIN},
                          {.fd = s->text[0], .events = POLLIN}};
    int64_t deadline = now_ms() + START_TIMEOUT_MS, left;
    bool ready_open = true;
    size_t used = 0;

    /* Both ends: the reason may come after the ready pipe is closed. */
    while (ready_open || p[1].fd >= 0) {
        char byte, drop[256];
        ssize_t n;

        left = deadline - now_ms();
        if (left <= 0)
            return -1;
        if (poll(p, 2, (int)left) <= 0)
            continue;
        if (ready_open && p[0].revents) {
            if (read(s->ready[0], &byte, 1) == 1)
                return 1;
            ready_open = false;
            p[0].fd = -1;
        }
        if (p[1].fd < 0 || !p[1].revents)
            continue;
        n = used < size - 1 ? read(s->text[0], text + used, size - 1 - used)
                            : read(s->text[0], drop, sizeof(drop));
        if (n <= 0)
            p[1].fd = -1;
        else if (used < size - 1)
            used += (size_t)n;
        text[used] = '\0';
    }
    return 0;
}

/* Of a parent that has closed the daemon's ends. */
static int wait_ready(const struct start *s, const char *path,
                      struct midge_error *err)
{
    char text[2048] = "";
    int why = 0;
    ssize_t n;

    do
        n = read(s->exec[0], &why, sizeof(why));
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)sizeof(why))
        return fail(err, MIDGE_E_NO_DAEMON, "cannot start %s: %s", path,
                    strerror(why));
    switch (watch(s, text, sizeof(text))) {
    case 1:
        return 0;
    case 0:
        return fail(err, MIDGE_E_NO_DAEMON, "cannot start %s: %s", path,
                    text[0] ? last_line(text) : "it ended without a reason");
    default:
        return fail(err, MIDGE_E_NO_DAEMON,
                    "%s did not become ready within %d s", path,
                    START_TIMEOUT_MS / 1000);
    }
}

/* Two forks, so that the daemon is nobody's child and never our zombie. */
static int spawn(const char *path, const char *run_dir, const struct start *s,
                 struct midge_error *err)
{
    pid_t child = fork(), r;

    if (child < 0)
        return fail(err, MIDGE_E_SYSTEM, "cannot fork: %s", strerror(errno));
    if (child == 0) {
        pid_t daemon;

        (void)setsid(); /* a fresh child leads no group: cannot fail */
        daemon = fork();
        if (daemon == 0)
            become_daemon(path, run_dir, s);
        _exit(daemon < 0 ? 1 : 0);
    }
    do
        r = waitpid(child, NULL, 0);
    while (r < 0 && errno == EINTR);
    return 0;
}

int start_daemon(const char *program, const char *run_dir,
                 struct midge_error *err)
{
    struct start s = {{-1, -1}, {-1, -1}, {-1, -1}};
    char found[PATH_MAX];
    const char *path = program ? program : found;
    int rc = -1;

    if (!program && find_daemon(found, err) < 0)
        return -1;
    if (pipe2(s.ready, O_CLOEXEC) < 0 || pipe2(s.text, O_CLOEXEC) < 0 ||
        pipe2(s.exec, O_CLOEXEC) < 0) {
        (void)fail(err, MIDGE_E_SYSTEM, "cannot make a pipe: %s",
                   strerror(errno));
        goto out;
    }
    if (spawn(path, run_dir, &s, err) < 0)
        goto out;
    close_end(&s.ready[1]);
    close_end(&s.text[1]);
    close_end(&s.exec[1]);
    rc = wait_ready(&s, path, err);
out:
    for (int i = 0; i < 2; i++) {
        close_end(&s.ready[i]);
        close_end(&s.text[i]);
        close_end(&s.exec[i]);
    }
    return rc;
}
