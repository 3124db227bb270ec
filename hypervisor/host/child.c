/* SPDX-License-Identifier: ISC */
/*
 * What a vfork child does before it executes its program. It shares our memory
 * (the parent thread sleeps meanwhile), so it allocates nothing and leaves no
 * trace; descriptors, limits and signal actions are its own.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Descriptors are collected here, out of the way of their final numbers. */
#define HIGH_FD 32

static int set_limit(int what, uint64_t value)
{
    struct rlimit rl = {.rlim_cur = value, .rlim_max = value};

    return setrlimit((__rlimit_resource_t)what, &rl) ? -errno : 0;
}

static int set_limits(const struct process_spec *spec)
{
    /* One byte: too little for a file, and for core_pattern's program the only
     * value that keeps it from being run (with 0 it would get everything). */
    int rc = set_limit(RLIMIT_CORE, 1);

    if (!rc && spec->as_bytes)
        rc = set_limit(RLIMIT_AS, spec->as_bytes);
    return rc;
}

static void set_oom_score(int value)
{
    char text[16];
    int i = (int)sizeof(text);
    unsigned v = value < 0 ? 0u - (unsigned)value : (unsigned)value;
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    do {
        text[--i] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    if (value < 0)
        text[--i] = '-';
    /* Lowering needs privilege; the value is advice either way. */
    if (write(fd, text + i, sizeof(text) - (size_t)i) < 0)
        errno = 0;
    close(fd);
}

/*
 * Gives the child its descriptors and nothing else. Everything is first moved
 * above HIGH_FD, so that no target number overwrites a descriptor still
 * needed, and so that dup2() always makes a new descriptor without CLOEXEC
 * (dup2(3, 3) would keep the flag).
 */
static int arrange_fds(const struct process_spec *spec, int *exec_fd)
{
    int high[PROCESS_MAX_FDS];

    *exec_fd = fcntl(spec->exec_fd, F_DUPFD_CLOEXEC, HIGH_FD);
    if (*exec_fd < 0)
        return -errno;
    for (size_t i = 0; i < spec->nr_fds; i++) {
        high[i] = fcntl(spec->fds[i].from, F_DUPFD_CLOEXEC, HIGH_FD);
        if (high[i] < 0)
            return -errno;
    }
    /* Whatever we ourselves inherited without CLOEXEC goes away, too. */
    if (syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */))
        return -errno;
    close(0);
    close(1);
    for (size_t i = 0; i < spec->nr_fds; i++) {
        if (dup2(high[i], spec->fds[i].to) < 0)
            return -errno;
    }
    return 0;
}

static void reset_signals(void)
{
    struct sigaction dfl;
    sigset_t none;

    memset(&dfl, 0, sizeof(dfl));
    dfl.sa_handler = SIG_DFL;
    /* exec resets handlers, but what is ignored would stay ignored. Fails for
     * SIGKILL, SIGSTOP and libc's own two, which is as it should be. */
    for (int sig = 1; sig <= SIGRTMAX; sig++)
        (void)sigaction(sig, &dfl, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int become(const struct process_spec *spec)
{
    char *const argv[] = {(char *)(uintptr_t)spec->argv0, NULL};
    char *const envp[] = {NULL};
    int exec_fd = -1;
    int rc;

    if (spec->die_with_thread && prctl(PR_SET_PDEATHSIG, SIGKILL))
        return -errno;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -errno;
    (void)setsid(); /* a new process is never a group leader: cannot fail */
    if (spec->oom_score_adj)
        set_oom_score(spec->oom_score_adj);
    rc = arrange_fds(spec, &exec_fd);
    if (!rc)
        rc = set_limits(spec);
    if (rc)
        return rc;
    reset_signals();
    syscall(SYS_execveat, exec_fd, "", argv, envp, AT_EMPTY_PATH);
    return -errno;
}

void child_become(const struct process_spec *spec, volatile int *error)
{
    *error = become(spec);
    _exit(127);
}
