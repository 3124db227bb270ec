/* SPDX-License-Identifier: ISC */
/*
 * Timers: a heap of those that are armed, in front of the vCPU's one timer at
 * the hypervisor. Contract in minios/time.h.
 *
 * What the hypervisor has armed is never later than the first of the heap. It
 * may be earlier, when that timer was cancelled: then it fires for nothing once,
 * which is cheaper than telling the hypervisor of every cancelled time-out.
 *
 * Everything here is changed with events disabled.
 */
#include <minios/time.h>

#include <minios/arch.h>
#include <minios/evtchn.h>
#include <minios/hypercall.h>
#include <minios/panic.h>
#include <xen/errno.h>
#include <xen/vcpu.h>

#define NOT_ARMED UINT64_MAX

static struct pheap heap;
/* The deadline the hypervisor knows. */
static uint64_t programmed_ns = NOT_ARMED;
static bool bound;
/* Older hypervisors lack VCPUOP_set_singleshot_timer. */
static bool no_singleshot;

static struct timer *first_timer(void)
{
    return heap.root ? CONTAINER_OF(heap.root, struct timer, node) : NULL;
}

static long set_singleshot(uint64_t deadline_ns)
{
    struct vcpu_set_singleshot_timer set = {.timeout_abs_ns = deadline_ns};

    return HYPERVISOR_vcpu_op(VCPUOP_set_singleshot_timer, 0, &set);
}

/* Has the hypervisor fire at (deadline_ns), at once if that has come. */
static void program(uint64_t deadline_ns)
{
    long rc = -XEN_ENOSYS;

    programmed_ns = deadline_ns;
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

static void program_first(void)
{
    if (heap.root && heap.root->key < programmed_ns)
        program(heap.root->key);
}

/*
 * VIRQ_TIMER. The hypervisor may be early (Xen's timer_slop): then nothing is
 * due and the same deadline is programmed again. Serves at most as many timers
 * as were armed at the beginning, so that one which arms itself for the past
 * cannot keep us here.
 */
static void on_timer(evtchn_port_t port, void *arg)
{
    uint64_t now = arch_system_time_ns();
    uint32_t n = heap.count;

    (void)port;
    (void)arg;
    programmed_ns = 0; /* timers started in here wait for the end of it */
    for (; n > 0 && heap.root && heap.root->key <= now; n--) {
        struct timer *t = first_timer();

        pheap_remove(&heap, &t->node);
        t->armed = false;
        t->fn(t);
    }
    programmed_ns = NOT_ARMED;
    program_first();
}

static void bind(void)
{
    int port, rc;

    bound = true;
    /* Xen gives a vCPU one of 10 ms. Who has none says so: all the better. */
    (void)HYPERVISOR_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
    port = evtchn_bind_virq(VIRQ_TIMER);
    rc = port < 0 ? port
                  : evtchn_bind_handler((evtchn_port_t)port, on_timer, NULL);
    if (rc < 0)
        panic("cannot bind VIRQ_TIMER: error %d", rc);
}

void timer_start(struct timer *t, uint64_t deadline_ns)
{
    bool enabled = arch_events_disable();

    if (!bound)
        bind();
    if (t->armed)
        pheap_remove(&heap, &t->node);
    t->armed = true;
    t->node.key = deadline_ns;
    pheap_add(&heap, &t->node);
    program_first();
    if (enabled)
        arch_events_enable();
}

bool timer_cancel(struct timer *t)
{
    bool enabled = arch_events_disable();
    bool armed = t->armed;

    if (armed) {
        pheap_remove(&heap, &t->node);
        t->armed = false;
    }
    if (enabled)
        arch_events_enable();
    return armed;
}
