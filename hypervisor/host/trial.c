/* SPDX-License-Identifier: ISC */
/* A function, tried in a process of its own that may not last long. */
#include <host/trial.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <host/fd.h>
#include <host/process.h>
#include <host/socket.h>

/* All descriptors but these two. */
static int close_others(int a, int b)
{
    int low = MIN(a, b), high = MAX(a, b);
    int rc = 0;

    if (low > 0)
        rc = close_range(0, (unsigned)low - 1, 0);
    if (!rc && high > low + 1)
        rc = close_range((unsigned)low + 1, (unsigned)high - 1, 0);
    return rc ? rc : close_range((unsigned)high + 1, ~0u, 0);
}

/* SIGALRM, whatever it means to us, ends the process then. */
static int set_limit(unsigned ms)
{
    const struct itimerval when = {
        .it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000l}};
    const struct rlimit no_core = {0, 0};
    const struct sigaction dfl = {.sa_handler = SIG_DFL};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    if (sigaction(SIGALRM, &dfl, NULL) ||
        sigprocmask(SIG_UNBLOCK, &set, NULL) ||
        setrlimit(RLIMIT_CORE, &no_core))
        return -1;
    return setitimer(ITIMER_REAL, &when, NULL);
}

static __noreturn void child(int out, int fd, unsigned limit_ms, pid_t parent,
                             struct trial_answer (*fn)(int fd))
{
    struct trial_answer a;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || set_limit(limit_ms) ||
        close_others(out, fd < 0 ? out : fd))
        _exit(1);
    prctl(PR_SET_NAME, "midge-trial");
    a = fn(fd);
    _exit(socket_send(out, &a, sizeof(a), NULL, 0) == (long)sizeof(a) ? 0 : 1);
}

int trial_start(struct trial *t, int fd, unsigned limit_ms,
                struct trial_answer (*fn)(int fd))
{
    pid_t us = getpid();
    int pair[2], rc;

    t->fd = -1;
    rc = socket_pair(pair, true);
    if (rc)
        return rc;
    t->pid = fork();
    if (t->pid == 0)
        child(pair[1], fd, limit_ms, us, fn);
    rc = t->pid < 0 ? -errno : 0;
    fd_close(&pair[1]);
    if (rc)
        fd_close(&pair[0]);
    t->fd = pair[0];
    return rc;
}

int trial_finish(struct trial *t, struct trial_answer *a)
{
    long n = 0;
    int status, rc;

    rc = process_wait(t->pid, true, &status);
    if (rc > 0)
        n = socket_recv(t->fd, a, sizeof(*a), NULL, NULL);
    fd_close(&t->fd);
    if (rc < 0)
        return rc;
    if (n == (long)sizeof(*a))
        return 0;
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? -ETIME : -EIO;
}

void trial_end(struct trial *t)
{
    struct trial_answer a;

    if (t->fd < 0)
        return;
    (void)process_signal(t->pid, SIGKILL); /* it may be over */
    (void)trial_finish(t, &a);             /* its answer comes too late */
}
