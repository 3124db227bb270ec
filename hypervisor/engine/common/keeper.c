/* SPDX-License-Identifier: ISC */
/* Where the engines' processes are started, and the thread that waits for
 * them. */
#include <common/common.h>

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

static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;
static struct helper *keeper; /* set once, under start_lock                */
static int tid;               /* atomic                                    */

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

/* The program as a file that can be executed; made once. */
static int open_program(struct engine_program *p)
{
    size_t bytes = (size_t)(p->elf_end - p->elf);
    int fd, rc;

    if (p->fd >= 0)
        return 0;
    fd = memfd_create_exec(PROGRAM_NAME, bytes);
    if (fd < 0)
        return fd;
    rc = fd_pwrite_all(fd, p->elf, bytes, 0);
    if (!rc)
        rc = memfd_seal(fd, MEMFD_SEAL_SIZE | MEMFD_SEAL_WRITE);
    if (!rc) {
        /* Linux executes no file that is open for writing (ETXTBSY). */
        rc = memfd_reopen_readonly(fd);
        if (rc >= 0) {
            p->fd = rc;
            rc = 0;
        }
    }
    fd_close(&fd);
    return rc;
}

/* Without a starter: from this thread. */
static int start_here(struct engine_program *p, int template_fd, int control_fd,
                      uint64_t as_bytes)
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
    int rc = open_program(p);

    __atomic_store_n(&tid, process_thread_id(), __ATOMIC_RELEASE);
    if (rc)
        return rc;
    spec.exec_fd = p->fd;
    return process_start(&spec);
}

int keeper_start_zygote(struct engine_program *p, int template_fd,
                        int control_fd, uint64_t as_bytes)
{
    const int fds[] = {template_fd, control_fd};

    if (p->starter.control < 0)
        return start_here(p, template_fd, control_fd, as_bytes);
    return starter_start(&p->starter, fds, as_bytes);
}

int keeper_fork(struct engine_program *p, int error_fd,
                struct engine_error *why)
{
    struct starter_spec spec = {
        .error_fd = error_fd,
        .argv0 = PROGRAM_NAME,
        .fds = {GUEST_FD_TEMPLATE, ZYGOTE_FD_CONTROL},
        .nr_fds = 2,
        .oom_score_adj = GUEST_OOM_SCORE_ADJ_TEXT,
    };
    int rc = open_program(p);

    if (!rc) {
        spec.exec_fd = p->fd;
        rc = starter_create(&p->starter, &spec);
    }
    if (!rc)
        rc = keeper_start();
    if (rc)
        return fail_host(why, rc, "making the process that starts domains");
    __atomic_store_n(&tid, process_thread_id(), __ATOMIC_RELEASE);
    return 0;
}

void keeper_fork_outside(struct engine_program *p)
{
    (void)starter_give_oom(&p->starter); /* advice */
}

void keeper_join(struct engine_program *p)
{
    starter_destroy(&p->starter);
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
