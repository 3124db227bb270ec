/* SPDX-License-Identifier: ISC */
/* The vCPU's timer: Xen's one-shot timer, which fires as VIRQ_TIMER; and waits
 * that end by the clock. */
#include "arch/x86/x86.h"

#include <minios/evtchn.h>
#include <minios/hypercall.h>
#include <minios/panic.h>
#include <xen/errno.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

/* xen/xen.h, set_timer_op: system time, 0 = none. Xen on Arm has no such call. */
long HYPERVISOR_set_timer_op(uint64_t deadline_ns);

static void (*on_fire)(void);
/* Older hypervisors lack VCPUOP_set_singleshot_timer. */
static bool no_singleshot;

static void on_virq(evtchn_port_t port, void *arg)
{
    (void)port;
    (void)arg;
    on_fire();
}

void arch_timer_init(void (*fire)(void))
{
    int port, rc;

    on_fire = fire;
    /* Xen gives a vCPU one of 10 ms. Who has none says so: all the better. */
    (void)HYPERVISOR_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
    port = evtchn_bind_virq(VIRQ_TIMER);
    rc = port < 0 ? port
                  : evtchn_bind_handler((evtchn_port_t)port, on_virq, NULL);
    if (rc < 0)
        panic("cannot bind VIRQ_TIMER: error %d", rc);
}

static long set_singleshot(uint64_t deadline_ns)
{
    struct vcpu_set_singleshot_timer set = {.timeout_abs_ns = deadline_ns};

    return HYPERVISOR_vcpu_op(VCPUOP_set_singleshot_timer, 0, &set);
}

void arch_timer_set(uint64_t deadline_ns)
{
    long rc = -XEN_ENOSYS;

    /* 0 would mean none. */
    deadline_ns = MAX(deadline_ns, 1);
    if (!no_singleshot)
        rc = set_singleshot(deadline_ns);
    if (rc == -XEN_ENOSYS) {
        no_singleshot = true;
        rc = HYPERVISOR_set_timer_op(deadline_ns);
    }
    if (rc < 0)
        panic("the hypervisor refuses a timer: error %ld", rc);
}

void arch_wait_event(evtchn_port_t port, uint64_t deadline_ns)
{
    struct sched_poll poll = {.nr_ports = 1, .timeout = deadline_ns};

    set_xen_guest_handle(poll.ports, &port);
    if (HYPERVISOR_sched_op(SCHEDOP_poll, &poll) < 0)
        /* Not to be had here: yield, so that the wait still has its limit. */
        (void)HYPERVISOR_sched_op(SCHEDOP_yield, NULL);
}
