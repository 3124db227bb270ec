/* SPDX-License-Identifier: ISC */
/* The process that starts others: both of its ends. After the fork its side
 * does system calls only, for there may be other threads. */
#include <host/starter.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <base/compiler.h>
#include <host/fd.h>
#include <host/process.h>
#include <host/socket.h>

#include "child.h"

/* The starter's own descriptors, besides standard error. */
enum { FD_CONTROL = 3, FD_PROGRAM, FD_OOM, FD_FIRST_FREE };

/* Out of the way of these, and of those a program shall have. */
#define HIGH_FD 32

/* as_bytes of the request that brings the oom_score_adj file. */
#define TAKE_OOM UINT64_MAX

struct request {
    uint64_t as_bytes;
    uint64_t serial; /* the reply has the same                              */
};

struct reply {
    uint64_t serial;
    int32_t pid, error; /* with an error there may still be a pid           */
};

/* --- the starter's side -------------------------------------------------------- */

/*
 * As process_start(), but our parent is the child's as well. (error) is in
 * memory that both share; of all else the child has a copy, which is small. The
 * call returns here once the program runs or the child has ended.
 */
static struct reply start(const struct process_spec *spec, volatile int *error)
{
    struct reply rp = {.pid = 0};
    sigset_t all, old;

    *error = 0;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old); /* child_become() wants that */
    rp.pid = (int32_t)syscall(SYS_clone, CLONE_VFORK | CLONE_PARENT | SIGCHLD,
                              NULL, NULL, NULL, NULL);
    if (rp.pid == 0)
        child_become(spec, error);
    rp.error = rp.pid < 0 ? -errno : *error;
    sigprocmask(SIG_SETMASK, &old, NULL);
    return rp;
}

/* The file is given, or the program stands there: opened for reading only. */
static void set_oom(const char *text, size_t len)
{
    if (pwrite(FD_OOM, text, len, 0) < 0)
        errno = 0; /* advice in any case */
}

static struct reply serve_one(const struct starter_spec *spec,
                              const struct request *rq, const int *fds,
                              volatile int *error)
{
    struct process_fd moved[STARTER_MAX_FDS];
    struct process_spec ps = {
        .exec_fd = FD_PROGRAM,
        .argv0 = spec->argv0,
        .fds = moved,
        .nr_fds = spec->nr_fds,
        .as_bytes = rq->as_bytes,
        .die_with_thread = true,
    };
    char before[16];
    struct reply rp;
    ssize_t n;

    for (size_t i = 0; i < spec->nr_fds; i++)
        moved[i] = (struct process_fd){fds[i], spec->fds[i]};
    n = pread(FD_OOM, before, sizeof(before), 0);
    set_oom(spec->oom_score_adj, strlen(spec->oom_score_adj));
    rp = start(&ps, error);
    if (n > 0)
        set_oom(before, (size_t)n);
    return rp;
}

/* Without us no domain would ever be started again: we try until it works. */
static bool is_shortage(int rc)
{
    return rc == -ENOMEM || rc == -ENOBUFS;
}

static __noreturn void serve(const struct starter_spec *spec)
{
    volatile int *error = mmap(NULL, sizeof(*error), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (error == MAP_FAILED)
        _exit(1);
    for (;;) {
        size_t n = STARTER_MAX_FDS;
        int fds[STARTER_MAX_FDS];
        struct request rq = {0, 0};
        struct reply rp = {.error = -EINVAL};
        long r = socket_recv(FD_CONTROL, &rq, sizeof(rq), fds, &n);

        if (is_shortage((int)r))
            continue;     /* it is there still */
        if (r == -EMFILE) /* all but its descriptors has come */
            rp.error = -EMFILE;
        else if (r <= 0)
            _exit(0); /* they have gone */
        else if (r == (long)sizeof(rq) && rq.as_bytes == TAKE_OOM && n == 1)
            rp.error = dup3(fds[0], FD_OOM, O_CLOEXEC) < 0 ? -errno : 0;
        else if (r == (long)sizeof(rq) && n == spec->nr_fds)
            rp = serve_one(spec, &rq, fds, error);
        while (n)
            close(fds[--n]);
        rp.serial = rq.serial;
        do
            r = socket_send(FD_CONTROL, &rp, sizeof(rp), NULL, 0);
        while (is_shortage((int)r));
        if (r < 0)
            _exit(0);
    }
}

/* Keeps the two descriptors and standard error, nothing else. */
static void keep_only(int control, int program, int error)
{
    int c = fcntl(control, F_DUPFD_CLOEXEC, HIGH_FD);
    int p = fcntl(program, F_DUPFD_CLOEXEC, HIGH_FD);

    if (dup2(error, STDERR_FILENO) < 0)
        _exit(1);
    if (c < 0 || p < 0 || dup3(c, FD_CONTROL, O_CLOEXEC) < 0 ||
        dup3(p, FD_PROGRAM, O_CLOEXEC) < 0 || dup3(p, FD_OOM, O_CLOEXEC) < 0)
        _exit(1);
    close(0);
    close(1);
    if (close_range(FD_FIRST_FREE, ~0u, 0))
        _exit(1);
}

static __noreturn void starter_main(const struct starter_spec *spec,
                                    int control, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0); /* gone before the line above took effect */
    prctl(PR_SET_NAME, "midge-starter");
    (void)setsid(); /* cannot fail: a new child leads no group */
    keep_only(control, spec->exec_fd, spec->error_fd);
    serve(spec);
}

/* --- our side -------------------------------------------------------------------- */

int starter_create(struct starter *s, const struct starter_spec *spec)
{
    pid_t us = getpid();
    int pair[2], rc;

    s->control = -1;
    s->serial = 0;
    s->nr_fds = spec->nr_fds;
    rc = socket_pair(pair, true);
    if (rc)
        return rc;
    rc = fd_set_block(pair[0]);
    if (!rc)
        rc = fd_set_block(pair[1]);
    if (!rc) {
        s->pid = fork();
        if (s->pid == 0)
            starter_main(spec, pair[1], us);
        if (s->pid < 0)
            rc = -errno;
    }
    fd_close(&pair[1]);
    if (rc)
        fd_close(&pair[0]);
    s->control = pair[0];
    return rc;
}

/* The answer to an earlier request, which could not be received then: whoever
 * asked has been told that it failed. */
static void drop_stale(const struct reply *rp)
{
    int status;

    if (rp->pid <= 0)
        return;
    (void)process_signal(rp->pid, SIGKILL); /* it may have ended already */
    (void)process_wait(rp->pid, true, &status);
}

static int ask(struct starter *s, uint64_t as_bytes, const int *fds, size_t nr,
               struct reply *rp)
{
    struct request rq = {as_bytes, ++s->serial};
    long r = socket_send(s->control, &rq, sizeof(rq), fds, nr);

    while (r > 0) {
        r = socket_recv(s->control, rp, sizeof(*rp), NULL, NULL);
        if (r != (long)sizeof(*rp))
            break;
        if (rp->serial == rq.serial)
            return 0;
        drop_stale(rp);
    }
    return r < 0 ? (int)r : -EPIPE;
}

void starter_destroy(struct starter *s)
{
    int status;

    if (s->control < 0)
        return;
    fd_close(&s->control);
    (void)process_wait(s->pid, true, &status); /* it has nothing else to do */
}

int starter_give_oom(struct starter *s)
{
    char path[64];
    struct reply rp;
    int fd, rc;

    snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", s->pid);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    rc = ask(s, TAKE_OOM, &fd, 1, &rp);
    fd_close(&fd);
    return rc ? rc : rp.error;
}

int starter_start(struct starter *s, const int *fds, uint64_t as_bytes)
{
    struct reply rp;
    int status, rc;

    if (as_bytes == TAKE_OOM)
        return -EINVAL;
    rc = ask(s, as_bytes, fds, s->nr_fds, &rp);
    if (rc)
        return rc;
    if (rp.error && rp.pid > 0)
        (void)process_wait(rp.pid, true, &status); /* it has ended already */
    return rp.error ? rp.error : rp.pid > 0 ? rp.pid : -EPROTO;
}
