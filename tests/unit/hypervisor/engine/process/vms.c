/* SPDX-License-Identifier: ISC */
/* Domains: creation and its failures, life, pause, kicks, death. */
#include "process_test.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xen/sched.h>
#include <xen/xen.h>

#include <host/clock.h>
#include <host/fd.h>
#include <host/file.h>
#include <host/loop.h>

static const struct engine_ops *const ops = &process_engine;

/* --- creation -------------------------------------------------------------- */

static void test_create(void)
{
    struct engine_template *t = guest_template(GUEST_SPIN);
    const struct shared_info *si;
    char text[300], long_cmdline[2000];
    int before = open_fds();
    struct domain d;

    domain_create(&d, t);
    si = d.win.shared_info;
    check(si->vcpu_info[0].evtchn_upcall_mask == 1, "upcalls masked");
    check(si->vcpu_info[0].time.version == 2 &&
              si->vcpu_info[0].time.tsc_to_system_mul,
          "time is set");
    check(si->wc_sec > 1600000000u, "wall clock is set");
    check(d.win.portal->gate == PORTAL_GATE_SHUT, "gate shut");
    check(ops->vm_pid(d.vm) == 0 && ops->vm_cpu_ns(d.vm) == 0, "no process");
    memset(long_cmdline, 'x', sizeof(long_cmdline));
    long_cmdline[sizeof(long_cmdline) - 1] = '\0';
    check(domain_spawn(&d, long_cmdline) == -E2BIG, "command line too long");
    memset(text, 'y', sizeof(text));
    ops->vm_kill(d.vm);
    ops->vm_destroy(d.vm);
    check(open_fds() == before, "destroyed without a process");
    ops->template_put(t);
}

/* With every smaller number of descriptors allowed: either everything or
 * nothing. */
static void test_create_fails(void)
{
    struct engine_template *t = guest_template(GUEST_SPIN);
    struct domain d = {.vm = NULL};
    struct engine_vm_params p = {.tmpl = t,
                                 .loop = test_loop,
                                 .events = &domain_events,
                                 .owner = &d,
                                 .cpu = -1};
    int before = open_fds(), failures = 0, rc = -EMFILE;
    struct rlimit old, rl;
    void *first = NULL;

    getrlimit(RLIMIT_NOFILE, &old);
    for (int room = -4; rc; room++) {
        struct engine_error err = {""};

        rl = old;
        rl.rlim_cur = (rlim_t)before + (rlim_t)room;
        setrlimit(RLIMIT_NOFILE, &rl);
        rc = ops->vm_create(&p, &d.vm, &d.win, &err);
        setrlimit(RLIMIT_NOFILE, &old);
        if (!rc)
            break;
        failures++;
        check(rc == -EMFILE && strstr(err.text, "open files"),
              "with room for %d: \"%s\"", room, err.text);
        check(open_fds() == before, "nothing is left of it");
    }
    first = d.win.shared_info;
    check(failures >= 4, "failed at every stage");
    ops->vm_destroy(d.vm);
    domain_create(&d, t);
    check(d.win.shared_info == first, "no window was lost");
    ops->vm_destroy(d.vm);
    ops->template_put(t);
}

/* --- life -------------------------------------------------------------------- */

static void test_run(void)
{
    struct engine_template *t = guest_template(GUEST_SPIN);
    char mark[sizeof(GUEST_MARK_TEXT)], byte;
    struct domain d;
    uint64_t n, start_info;

    domain_create(&d, t);
    check(domain_spawn(&d, "one two") == 0, "vm_spawn");
    check(domain_spawn(&d, "") == -EBUSY, "only once");
    run_until(&d.spawned, 1);
    check(d.spawn_rc == 0 && ops->vm_pid(d.vm) > 0, "spawned");
    check(domain_read_u64(&d, GUEST_COUNTER) == 0, "the gate is shut");
    ops->vm_unpause(d.vm);
    n = domain_await_change(&d, GUEST_COUNTER, 0);
    domain_await_change(&d, GUEST_COUNTER, n);
    /* Linux counts the time of a running process at its ticks. */
    while (ops->vm_cpu_ns(d.vm) == 0 && !d.exited)
        settle();
    check(ops->vm_cpu_ns(d.vm) > 0, "CPU time is counted");
    start_info = domain_read_u64(&d, GUEST_SEEN_RSI);
    check(ops->vm_read(d.vm, start_info, mark, 7) == 7 &&
              !memcmp(mark, "xen-3.0", 7),
          "rsi is start_info");
    check(ops->vm_read(d.vm, GUEST_MARK, mark, sizeof(mark)) == sizeof(mark) &&
              !strcmp(mark, GUEST_MARK_TEXT),
          "data is there");
    check(ops->vm_read(d.vm, PORTAL_VA, &byte, 1) == 0,
          "the monitor's memory is not the guest's");
    check(ops->vm_read(d.vm, GUEST_MAX_PAGES * PORTAL_PAGE_SIZE, &byte, 1) == 0,
          "nothing behind the memory");
    domain_end(&d);
    check(WIFSIGNALED(d.status) && WTERMSIG(d.status) == SIGKILL, "killed");
    ops->template_put(t);
}

static void test_descriptors(void)
{
    struct engine_template *t = guest_template(GUEST_BLOCK);
    struct domain d[3];
    int before = 0;

    for (int i = 0; i < 3; i++) {
        domain_start(&d[i], t);
        ops->vm_unpause(d[i].vm);
        if (i == 1)
            before = open_fds();
    }
    check(open_fds() == before + 1, "one descriptor per idle domain");
    for (int i = 0; i < 3; i++)
        domain_end(&d[i]);
    ops->template_put(t);
}

static void test_requests(void)
{
    struct engine_template *t = guest_template(GUEST_SHUTDOWN);
    struct domain d;

    domain_start(&d, t);
    ops->vm_unpause(d.vm);
    run_until(&d.exited, 1);
    check(d.requests == 1 && d.req.nr == __HYPERVISOR_sched_op &&
              d.req.args[0] == SCHEDOP_shutdown && d.req.args[1] == 2,
          "shutdown was asked for through the portal");
    check(WIFEXITED(d.status) && WEXITSTATUS(d.status) == 0, "left by itself");
    check(ops->vm_pid(d.vm) == 0 && ops->vm_cpu_ns(d.vm) > 0,
          "no pid, but its CPU time");
    ops->vm_kill(d.vm); /* harmless */
    ops->vm_pause(d.vm);
    ops->vm_kick(d.vm, false);
    ops->vm_destroy(d.vm);
    settle();
    check(d.exited == 1 && d.paused == 0, "nothing more was told");
    ops->template_put(t);
}

static void test_crash(void)
{
    struct engine_template *t = guest_template(GUEST_CRASH);
    struct portal_crash c;
    uint8_t code[2];
    struct domain d;

    domain_start(&d, t);
    d.hold = true;
    ops->vm_unpause(d.vm);
    run_until(&d.requests, 1);
    check(d.req.nr == PORTAL_CALL_CRASH, "crash reported");
    memcpy(&c, d.req.buf, sizeof(c));
    check(c.kind == PORTAL_CRASH_TRAP && c.vector == 6, "invalid opcode");
    check(c.regs.rbx == 0x1122334455667788, "with its registers");
    check(ops->vm_read(d.vm, c.regs.rip, code, 2) == 2 && code[0] == 0x0f &&
              code[1] == 0x0b,
          "parked: its memory can be read");
    portal_put_response(d.win.portal, d.last_seq, &d.req);
    ops->vm_answer(d.vm);
    run_until(&d.exited, 1);
    ops->vm_destroy(d.vm);
    ops->template_put(t);
}

/* --- kicks ------------------------------------------------------------------- */

/* A guest without a callback cannot take an event: that it tried shows as a
 * crash of a kind of its own. */
static void expect_upcall(struct domain *d)
{
    struct portal_crash c;

    d->hold = true;
    __atomic_store_n(&d->win.shared_info->vcpu_info[0].evtchn_upcall_pending, 1,
                     __ATOMIC_SEQ_CST);
    ops->vm_kick(d->vm, false);
    run_until(&d->requests, 1);
    memcpy(&c, d->req.buf, sizeof(c));
    check(d->req.nr == PORTAL_CALL_CRASH && c.kind == PORTAL_CRASH_NO_CALLBACK,
          "the event reached the vCPU");
}

static void test_kick_blocked(void)
{
    struct engine_template *t = guest_template(GUEST_BLOCK);
    struct domain d;
    uint32_t seq;

    domain_start(&d, t);
    seq = d.win.portal->wake_seq;
    ops->vm_kick(d.vm, false);
    check(d.win.portal->wake_seq == seq + 1,
          "a kick before the start is counted, and harmless");
    ops->vm_unpause(d.vm);
    domain_await_state(&d, PORTAL_VCPU_BLOCKED);
    expect_upcall(&d);
    domain_end(&d);
    ops->template_put(t);
}

static void await_signal(struct domain *d, uint64_t old)
{
    volatile struct portal *p = d->win.portal;

    for (unsigned turns = 0; p->n_signals == old && turns < 1000000; turns++)
        settle();
    check(p->n_signals != old, "the signal arrives");
}

static void test_kick_running(void)
{
    struct engine_template *t = guest_template(GUEST_SPIN);
    struct domain d;
    uint64_t signals;
    uint32_t seq;

    domain_start(&d, t);
    ops->vm_unpause(d.vm);
    domain_await_change(&d, GUEST_COUNTER, 0);
    signals = d.win.portal->n_signals;
    /* A guest that has just unmasked may be about to look: the mask we see can
     * be an old one. */
    d.win.shared_info->vcpu_info[0].evtchn_upcall_pending = 1;
    ops->vm_kick(d.vm, false);
    await_signal(&d, signals);
    domain_await_change(&d, GUEST_COUNTER, domain_read_u64(&d, GUEST_COUNTER));
    check(d.requests == 0, "masked: a signal, which does nothing");
    d.win.shared_info->vcpu_info[0].evtchn_upcall_pending = 0;
    d.win.shared_info->vcpu_info[0].evtchn_upcall_mask = 0;
    signals = d.win.portal->n_signals;
    seq = d.win.portal->wake_seq;
    ops->vm_kick(d.vm, true);
    domain_await_change(&d, GUEST_COUNTER, domain_read_u64(&d, GUEST_COUNTER));
    check(d.win.portal->n_signals == signals &&
              d.win.portal->wake_seq == seq + 1,
          "in a call of its own: counted, no signal");
    d.win.portal->vcpu_state = PORTAL_VCPU_CALL;
    ops->vm_kick(d.vm, false);
    domain_await_change(&d, GUEST_COUNTER, domain_read_u64(&d, GUEST_COUNTER));
    check(d.win.portal->n_signals == signals &&
              d.win.portal->wake_seq == seq + 2,
          "on its way out of the monitor: the same");
    d.win.portal->vcpu_state = PORTAL_VCPU_RUNNING;
    expect_upcall(&d);
    domain_end(&d);
    ops->template_put(t);
}

/* --- pause ------------------------------------------------------------------- */

static void test_pause(void)
{
    struct engine_template *t = guest_template(GUEST_SPIN);
    struct domain d;
    uint64_t n;

    domain_start(&d, t);
    ops->vm_pause(d.vm);
    check(d.paused == 0, "not told inside the call");
    run_until(&d.paused, 1);
    check(1, "before the first run: paused at once");
    ops->vm_unpause(d.vm);
    domain_await_change(&d, GUEST_COUNTER, 0);
    ops->vm_pause(d.vm);
    run_until(&d.paused, 2);
    n = domain_read_u64(&d, GUEST_COUNTER);
    settle();
    check(domain_read_u64(&d, GUEST_COUNTER) == n, "stopped when told");
    ops->vm_pause(d.vm);
    run_until(&d.paused, 3);
    ops->vm_unpause(d.vm);
    domain_await_change(&d, GUEST_COUNTER, n);
    for (unsigned i = 0; i < 50; i++) {
        ops->vm_pause(d.vm);
        ops->vm_unpause(d.vm); /* before the stop is seen */
        run_until(&d.paused, 4 + i);
    }
    domain_await_change(&d, GUEST_COUNTER, domain_read_u64(&d, GUEST_COUNTER));
    ops->vm_pause(d.vm);
    run_until(&d.paused, 54);
    domain_end(&d); /* while stopped */
    ops->template_put(t);
}

static void test_pause_and_die(void)
{
    struct engine_template *t = guest_template(GUEST_SPIN);
    struct domain d;

    for (int i = 0; i < 20; i++) {
        domain_start(&d, t);
        ops->vm_unpause(d.vm);
        ops->vm_pause(d.vm);
        domain_end(&d); /* a stop may still be waited for */
        check(d.paused <= 1, "told at most once");
    }
    ops->template_put(t);
}

/* --- under a debugger ------------------------------------------------------- */

struct tracer {
    int pid;
    int hold; /* closing it lets the tracer end */
};

/* Somebody attaches to (pid), and then does nothing. */
static bool attach(struct tracer *t, int pid)
{
    int up[2], down[2];
    char c = 0;

    if (pipe(up) || pipe(down))
        abort();
    t->pid = fork();
    if (t->pid == 0) {
        close(down[1]);
        if (!ptrace(PTRACE_ATTACH, pid, NULL, NULL) &&
            waitpid(pid, NULL, 0) == pid)
            c = 1;
        if (write(up[1], &c, 1) != 1 || read(down[0], &c, 1))
            _exit(1);
        _exit(0);
    }
    close(up[1]);
    close(down[0]);
    t->hold = down[1];
    if (read(up[0], &c, 1) != 1)
        c = 0;
    close(up[0]);
    return c;
}

static void detach(struct tracer *t)
{
    close(t->hold);
    waitpid(t->pid, NULL, 0);
}

/* A domain that a debugger holds keeps nobody else waiting. */
static void test_traced(void)
{
    struct engine_template *t = guest_template(GUEST_SPIN);
    struct domain held, d;
    struct tracer tracer;

    domain_start(&held, t);
    domain_start(&d, t);
    ops->vm_unpause(held.vm);
    ops->vm_unpause(d.vm);
    domain_await_change(&held, GUEST_COUNTER, 0);
    if (!check(attach(&tracer, ops->vm_pid(held.vm)), "a debugger attaches")) {
        domain_end(&d);
        goto out;
    }
    ops->vm_pause(held.vm);
    ops->vm_pause(d.vm);
    run_until(&d.paused, 1);
    check(d.paused == 1, "another domain can be paused");
    check(held.paused == 0, "the one that is held is not told to be");
    ops->vm_kill(held.vm);
    domain_end(&d);
    check(held.exited == 0, "killed, but the debugger has not let it go");
    domain_start(&d, t);
    domain_end(&d);
    check(1, "the loop goes on");
out:
    detach(&tracer);
    ops->vm_kill(held.vm);
    run_until(&held.exited, 1);
    check(held.exited == 1 && held.paused == 0, "then it is gone");
    ops->vm_destroy(held.vm);
    ops->template_put(t);
}

void test_vms(void)
{
    test_create();
    test_create_fails();
    test_run();
    test_descriptors();
    test_requests();
    test_crash();
    test_kick_blocked();
    test_kick_running();
    test_pause();
    test_pause_and_die();
    test_traced();
}
