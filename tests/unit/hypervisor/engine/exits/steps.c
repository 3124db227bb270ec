/* SPDX-License-Identifier: ISC */
/* A vCPU's process under ptrace: steps, runs, registers. */
#include "exits.h"

#include <errno.h>
#include <stddef.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>

/* How often a wait looks whether the vCPU sleeps. */
#define LOOK_US 1000

#define EFLAGS_TF 0x100u

bool (*trace_serve)(void);

static void fail(const char *what)
{
    perror(what);
    abort();
}

static void on_alarm(int sig)
{
    (void)sig;
}

/* With both on one CPU a step is two switches and no interrupt. */
void steps_init(void)
{
    struct itimerval it = {{0, LOOK_US}, {0, LOOK_US}};
    struct sigaction sa = {.sa_handler = on_alarm}; /* waitpid() returns */
    cpu_set_t set;
    int cpu = sched_getcpu();

    CPU_ZERO(&set);
    CPU_SET(cpu < 0 ? 0 : (unsigned)cpu, &set);
    if (cpu < 0 || sched_setaffinity(0, sizeof(set), &set))
        fail("sched_setaffinity");
    if (sigaction(SIGALRM, &sa, NULL) || setitimer(ITIMER_REAL, &it, NULL))
        fail("setitimer");
}

/*
 * True only of a futex wait: nothing else that a vCPU may do is interruptible,
 * and one that is stopped for us is not in this state. Whoever has been woken or
 * signalled is not either, from that moment on.
 */
static bool sleeps(int pid)
{
    char name[32], state = 0;
    FILE *f;

    snprintf(name, sizeof(name), "/proc/%d/stat", pid);
    f = fopen(name, "r");
    if (!f)
        return false;
    if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
        state = 0;
    fclose(f);
    return state == 'S';
}

/* When it has stepped a popf, Linux takes its own TF for the process's. */
static void take_tf_back(struct tracee *t)
{
    if (!(t->regs.eflags & EFLAGS_TF))
        return;
    t->regs.eflags &= ~(unsigned long long)EFLAGS_TF;
    if (ptrace(PTRACE_SETREGS, t->pid, NULL, &t->regs))
        fail("PTRACE_SETREGS");
}

static enum stop stopped(struct tracee *t, int status)
{
    if (!WIFSTOPPED(status))
        return GONE;
    t->signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
    if (ptrace(PTRACE_GETREGS, t->pid, NULL, &t->regs))
        fail("PTRACE_GETREGS");
    take_tf_back(t);
    return STOPPED;
}

static enum stop await(struct tracee *t)
{
    int status;

    for (;;) {
        if (waitpid(t->pid, &status, __WALL) == t->pid) {
            t->stop = stopped(t, status);
            break;
        }
        if (errno != EINTR)
            fail("waitpid");
        if (sleeps(t->pid) && !(trace_serve && trace_serve()) &&
            sleeps(t->pid)) {
            t->stop = ASLEEP;
            break;
        }
    }
    return t->stop;
}

static enum stop go_on(struct tracee *t, enum __ptrace_request how)
{
    if (t->stop == GONE)
        return GONE;
    if (t->stop == STOPPED &&
        ptrace(how, t->pid, NULL, (void *)(intptr_t)t->signal)) {
        if (errno != ESRCH)
            fail("ptrace");
        t->stop = GONE; /* killed */
        return GONE;
    }
    return await(t);
}

void trace(struct tracee *t, int pid)
{
    *t = (struct tracee){.pid = pid, .stop = ASLEEP, .steps = t->steps};
    if (ptrace(PTRACE_SEIZE, pid, NULL, NULL))
        fail("PTRACE_SEIZE");
}

enum stop trace_step(struct tracee *t)
{
    t->steps++;
    return go_on(t, PTRACE_SINGLESTEP);
}

enum stop trace_run(struct tracee *t, uint64_t rip)
{
    while (go_on(t, PTRACE_CONT) == STOPPED)
        if (!t->signal && t->regs.rip == rip + 1)
            break;
    return t->stop;
}

static void set_debug_register(const struct tracee *t, unsigned n,
                               uint64_t value)
{
    if (ptrace(PTRACE_POKEUSER, t->pid,
               (void *)(offsetof(struct user, u_debugreg) + n * 8ul),
               (void *)value) &&
        errno != ESRCH)
        fail("PTRACE_POKEUSER");
}

void trace_run_to(struct tracee *t, uint64_t rip)
{
    set_debug_register(t, 0, rip);
    set_debug_register(t, 7, 1); /* DR0, for execution                    */
    while ((t->signal || t->regs.rip != rip) &&
           go_on(t, PTRACE_CONT) == STOPPED)
        ;
    if (t->stop == STOPPED)
        set_debug_register(t, 7, 0);
}

void trace_set_regs(struct tracee *t, const struct user_regs_struct *regs)
{
    t->regs = *regs;
    t->signal = 0;
    if (ptrace(PTRACE_SETREGS, t->pid, NULL, &t->regs))
        fail("PTRACE_SETREGS");
}

uint64_t trace_peek(const struct tracee *t, uint64_t va)
{
    errno = 0;
    return (uint64_t)ptrace(PTRACE_PEEKDATA, t->pid, (void *)va, NULL);
}

void trace_poke(const struct tracee *t, uint64_t va, uint64_t value)
{
    if (ptrace(PTRACE_POKEDATA, t->pid, (void *)va, (void *)value))
        fail("PTRACE_POKEDATA");
}
