/* SPDX-License-Identifier: ISC */
/* Where this engine's processes are started, and the thread that waits for
 * them. */
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include <base/compiler.h>
#include <host/fd.h>
#include <host/memfd.h>
#include <host/process.h>
#include <host/starter.h>

/* Guests go first when the host runs out of memory. */
#define GUEST_OOM_SCORE_ADJ      500
#define GUEST_OOM_SCORE_ADJ_TEXT "500"

#define PROGRAM_NAME "midge-guest"

/* The monitor program, embedded by mk/rules.mk. */
extern const uint8_t _binary_monitor_elf_start[], _binary_monitor_elf_end[];

static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;
static struct helper *keeper; /* set once, under start_lock                */
static int monitor_fd = -1;   /* the keeper's own                */
static int tid;               /* atomic                          */
static struct starter starter = {.control = -1};

int keeper_start(void)
{
    int rc = 0;

    pthread_mutex_lock(&start_lock);
    if (!keeper)
        keeper = helper_create("midge-keeper", 1);
    if (!keeper)
        rc = -errno;
    pthread_mutex_unlock(&start_lock);
    return rc;
}

void keeper_run(struct helper_job *j)
{
    helper_run(keeper, j);
}

int keeper_tid(void)
{
    return __atomic_load_n(&tid, __ATOMIC_ACQUIRE);
}

/* The monitor as a file that can be executed; made once. */
static int open_monitor(void)
{
    size_t bytes =
        (size_t)(_binary_monitor_elf_end - _binary_monitor_elf_start);
    int fd, rc;

    if (monitor_fd >= 0)
        return 0;
    fd = memfd_create_exec(PROGRAM_NAME, bytes);
    if (fd < 0)
        return fd;
    rc = fd_pwrite_all(fd, _binary_monitor_elf_start, bytes, 0);
    if (!rc)
        rc = memfd_seal(fd, MEMFD_SEAL_SIZE | MEMFD_SEAL_WRITE);
    if (!rc) {
        /* Linux executes no file that is open for writing (ETXTBSY). */
        rc = memfd_reopen_readonly(fd);
        if (rc >= 0) {
            monitor_fd = rc;
            rc = 0;
        }
    }
    fd_close(&fd);
    return rc;
}

/* Without a starter: from this thread. */
static int start_here(int template_fd, int control_fd, uint64_t as_bytes)
{
    const struct process_fd fds[] = {
        {.from = template_fd, .to = GUEST_FD_TEMPLATE},
        {.from = control_fd, .to = ZYGOTE_FD_CONTROL},
    };
    struct process_spec spec = {
        .argv0 = PROGRAM_NAME,
        .fds = fds,
        .nr_fds = 2,
        .as_bytes = as_bytes,
        .oom_score_adj = GUEST_OOM_SCORE_ADJ,
        .die_with_thread = true,
    };
    int rc = open_monitor();

    __atomic_store_n(&tid, process_thread_id(), __ATOMIC_RELEASE);
    if (rc)
        return rc;
    spec.exec_fd = monitor_fd;
    return process_start(&spec);
}

int keeper_start_zygote(int template_fd, int control_fd, uint64_t as_bytes)
{
    const int fds[] = {template_fd, control_fd};

    if (starter.control < 0)
        return start_here(template_fd, control_fd, as_bytes);
    return starter_start(&starter, fds, as_bytes);
}

int keeper_fork(int error_fd, struct engine_error *why)
{
    struct starter_spec spec = {
        .error_fd = error_fd,
        .argv0 = PROGRAM_NAME,
        .fds = {GUEST_FD_TEMPLATE, ZYGOTE_FD_CONTROL},
        .nr_fds = 2,
        .oom_score_adj = GUEST_OOM_SCORE_ADJ_TEXT,
    };
    int rc = open_monitor();

    if (!rc) {
        spec.exec_fd = monitor_fd;
        rc = starter_create(&starter, &spec);
    }
    if (!rc)
        rc = keeper_start();
    if (rc)
        return fail_host(why, rc, "making the process that starts domains");
    __atomic_store_n(&tid, process_thread_id(), __ATOMIC_RELEASE);
    return 0;
}

void keeper_fork_outside(void)
{
    (void)starter_give_oom(&starter); /* advice */
}

void keeper_join(void)
{
    starter_destroy(&starter);
}

/* A child that has been killed takes some microseconds to be collectable, or as
 * long as a debugger has hold of it: nobody waits for that. */
#define FIRST_LOOK_NS 50000u
#define LAST_LOOK_NS  50000000u

bool keeper_collect(int pid, struct helper_job *j, uint64_t *look_ns)
{
    int status;

    if (process_wait(pid, false, &status))
        return true; /* also when there is no such child */
    *look_ns = *look_ns ? MIN(*look_ns * 2, LAST_LOOK_NS) : FIRST_LOOK_NS;
    helper_run_later(keeper, j, *look_ns);
    return false;
}

static void collect(struct helper_job *j)
{
    struct discard *d = CONTAINER_OF(j, struct discard, job);

    if (keeper_collect(d->pid, j, &d->look_ns))
        free(d);
}

static void find_orphan(struct helper_job *j)
{
    struct discard *d = CONTAINER_OF(j, struct discard, job);
    int pid = process_find_by_pipe(keeper_tid(), d->pipe);

    if (pid == 0) {
        free(d);
    } else if (pid < 0) { /* could not look: there is no hurry */
        helper_run_later(keeper, j, LAST_LOOK_NS);
    } else {
        (void)process_signal(pid, SIGKILL); /* it may have died by itself */
        d->pid = pid;
        j->work = collect;
        collect(j);
    }
}

void keeper_discard(struct discard *d, int pid)
{
    (void)process_signal(pid, SIGKILL); /* as above */
    d->pid = pid;
    d->job.work = collect;
    keeper_run(&d->job);
}

void keeper_discard_orphan(struct discard *d)
{
    d->job.work = find_orphan;
    keeper_run(&d->job);
}
