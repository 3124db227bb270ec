/* SPDX-License-Identifier: ISC */
/* Blocking, polling, timers, and the per-vCPU operations. */

#include <vcpu/vcpu.h>
#include <vcpu/sys.h>
#include <portal/hypercalls.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define NS_PER_S 1000000000ull

/* --- time -------------------------------------------------------------------- */

uint64_t system_time_ns(void)
{
    const volatile vcpu_time_info_t *t = &VCPU_INFO->time;
    uint64_t delta;

    /* The parameters are written once, before the vCPU starts. */
    delta = rdtsc() - t->tsc_timestamp;
    if (t->tsc_shift < 0)
        delta >>= -t->tsc_shift & 63;
    else
        delta <<= t->tsc_shift & 63;
    return t->system_time +
           (uint64_t)(((unsigned __int128)delta * t->tsc_to_system_mul) >> 32);
}

struct itimer {
    int64_t interval_s, interval_us, value_s, value_us;
};

static void arm_signal(uint64_t delay_ns)
{
    struct itimer it = {0};

    if (delay_ns) {
        /* Rounded up: a timer never fires early. */
        uint64_t us = delay_ns / 1000 + 1;

        it.value_s = (int64_t)(us / 1000000);
        it.value_us = (int64_t)(us % 1000000);
    }
    sys3(NR_setitimer, 0 /* ITIMER_REAL */, (long)(uintptr_t)&it, 0);
}

/* Fresh from memory: SIGALRM may come at any time and change it. */
static uint64_t timer_deadline(void)
{
    return *(volatile uint64_t *)&vcpu.timer_deadline_ns;
}

/* Raises VIRQ_TIMER if its time has come. Once: who finds the deadline gone does
 * nothing. */
static void timer_fire_if_due(void)
{
    uint64_t deadline = timer_deadline();

    if (!deadline || system_time_ns() < deadline)
        return;
    if (__atomic_compare_exchange_n(&vcpu.timer_deadline_ns, &deadline, 0,
                                    false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST) &&
        !raise_timer())
        portal_call1(PORTAL_CALL_TIMER, 0, 0);
}

void timer_expired(void)
{
    uint64_t deadline, now;

    timer_fire_if_due();
    deadline = timer_deadline();
    now = system_time_ns();
    if (deadline)
        arm_signal(deadline > now ? deadline - now : 1);
}

static void set_deadline(uint64_t deadline_ns)
{
    uint64_t now;

    vcpu.timer_deadline_ns = deadline_ns;
    if (!deadline_ns) {
        arm_signal(0);
        return;
    }
    now = system_time_ns();
    if (now >= deadline_ns)
        timer_fire_if_due();
    else
        arm_signal(deadline_ns - now);
}

int64_t op_set_timer(struct guest_regs *r)
{
    set_deadline(r->rdi);
    return 0;
}

/* --- waiting ------------------------------------------------------------------- */

/*
 * One wait for "something happened since wake_seq was (seen)", or for system
 * time (until_ns), 0 = for ever. The caller read wake_seq before it looked for
 * work, so an event in between changes wake_seq and the futex returns at once.
 *
 * The vCPU's timer ends the wait as well. SIGALRM alone would not do: a guest
 * that makes its hypercalls by `syscall' waits inside a signal handler, where
 * it is blocked.
 */
static void wait_for_wake(uint32_t seen, uint64_t until_ns)
{
    uint64_t timer = timer_deadline(), now;
    const struct sys_timespec *timeout = NULL;
    struct sys_timespec ts;

    if (timer && (!until_ns || timer < until_ns))
        until_ns = timer;
    if (until_ns) {
        now = system_time_ns();
        until_ns = until_ns > now ? until_ns - now : 0;
        ts.sec = (int64_t)(until_ns / NS_PER_S);
        ts.nsec = (int64_t)(until_ns % NS_PER_S);
        timeout = &ts;
    }
    PORTAL->n_blocks++;
    /* Sequentially consistent: pairs with the kick's increment of wake_seq
     * followed by its read of vcpu_state. */
    __atomic_store_n(&PORTAL->vcpu_state, PORTAL_VCPU_BLOCKED,
                     __ATOMIC_SEQ_CST);
    sys_futex_wait(&PORTAL->wake_seq, seen, timeout);
    __atomic_store_n(&PORTAL->vcpu_state, PORTAL_VCPU_RUNNING,
                     __ATOMIC_SEQ_CST);
    timer_fire_if_due();
}

static int64_t block(void)
{
    /* SCHEDOP_block enables upcalls (sched.h). */
    VCPU_INFO->evtchn_upcall_mask = 0;
    for (;;) {
        uint32_t seen = __atomic_load_n(&PORTAL->wake_seq, __ATOMIC_SEQ_CST);

        if (upcall_due())
            return 0;
        wait_for_wake(seen, 0);
    }
}

static int64_t poll_ports(uint64_t arg_va)
{
    struct sched_poll sp;
    evtchn_port_t ports[128];

    if (copy_from_guest(&sp, arg_va, sizeof sp))
        return -XEN_EFAULT;
    if (sp.nr_ports > ARRAY_SIZE(ports))
        return -XEN_EINVAL; /* XSA-221: bounded */
    if (sp.nr_ports && copy_from_guest(ports, (uint64_t)(uintptr_t)sp.ports.p,
                                       sp.nr_ports * sizeof ports[0]))
        return -XEN_EFAULT;
    for (uint32_t i = 0; i < sp.nr_ports; i++)
        if (ports[i] >= event_port_limit())
            return -XEN_EINVAL;
    for (;;) {
        uint32_t seen = __atomic_load_n(&PORTAL->wake_seq, __ATOMIC_SEQ_CST);

        for (uint32_t i = 0; i < sp.nr_ports; i++)
            if (event_pending(ports[i]))
                return 0;
        if (upcall_due())
            return 0;
        if (sp.timeout && system_time_ns() >= sp.timeout)
            return 0;
        wait_for_wake(seen, sp.timeout);
    }
}

int64_t own_shutdown(struct guest_regs *r)
{
    struct sched_shutdown s;
    uint64_t args[6] = {SCHEDOP_shutdown};

    if (copy_from_guest(&s, r->rsi, sizeof s))
        return -XEN_EFAULT;
    if (s.reason > SHUTDOWN_MAX)
        return -XEN_EINVAL;
    args[1] = s.reason;
    /* The registers a backtrace starts from. */
    if (copy_from_guest((void *)(uintptr_t)&PORTAL->call_regs.rip, v_guest_rsp,
                        8))
        PORTAL->call_regs.rip = 0;
    portal_call(__HYPERVISOR_sched_op, args, 0);
    sys_exit(0);
}

int64_t op_sched(struct guest_regs *r)
{
    switch ((uint32_t)r->rdi) {
    case SCHEDOP_yield:
        sys3(NR_sched_yield, 0, 0, 0);
        return 0;
    case SCHEDOP_block:
        return block();
    case SCHEDOP_poll:
        return poll_ports(r->rsi);
    default:
        return forward_row(r, __HYPERVISOR_sched_op, (uint32_t)r->rdi);
    }
}

/* --- vcpu_op ------------------------------------------------------------------------- */

int64_t op_vcpu(struct guest_regs *r)
{
    struct vcpu_set_singleshot_timer t;

    if ((uint32_t)r->rsi != 0)
        return -XEN_ENOENT;
    switch ((uint32_t)r->rdi) {
    case VCPUOP_is_up:
        return 1;
    case VCPUOP_stop_periodic_timer:
        return 0; /* there is none to stop */
    case VCPUOP_stop_singleshot_timer:
        set_deadline(0);
        return 0;
    case VCPUOP_set_singleshot_timer:
        if (copy_from_guest(&t, r->rdx, sizeof t))
            return -XEN_EFAULT;
        if ((t.flags & VCPU_SSHOTTMR_future) &&
            t.timeout_abs_ns < system_time_ns())
            return -XEN_ETIME;
        set_deadline(t.timeout_abs_ns);
        return 0;
    default:
        return -XEN_ENOSYS;
    }
}
