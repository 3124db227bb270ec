/* SPDX-License-Identifier: ISC */
/* ATTACKS 26 and 27: sched_op, timers, vcpu_op. */

#include "attacks.h"
#include <base/string.h>
#include <minios/evtchn.h>
#include <minios/memory.h>
#include <minios/thread.h>
#include <minios/time.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define MS 1000000ull

static long poll_list(uint64_t list, unsigned nr, uint64_t deadline)
{
    struct sched_poll p;

    memset(&p, 0, sizeof p);
    p.ports.p = (evtchn_port_t *)(uintptr_t)list;
    p.nr_ports = nr;
    p.timeout = deadline;
    return CALL(sched_op, SCHEDOP_poll, va_of(&p));
}

/* Deadlines that have passed: what is not refused comes back. */
static void poll(void)
{
    static evtchn_port_t ports[129];
    char *pages = page_alloc(1);
    evtchn_port_t *end = (evtchn_port_t *)(uintptr_t)(pages + PAGE_SIZE);

    for (unsigned i = 0; i < ARRAY_SIZE(ports); i++)
        ports[i] = x86_start_info->console.domU.evtchn;
    check_is(poll_list(va_of(ports), 128, 1), 0, "poll of 128 ports");
    check_is(poll_list(va_of(ports), 129, 1), -XEN_EINVAL,
             "129 are too many (XSA-221)");
    check_is(poll_list(va_of(ports), UINT32_MAX, 1), -XEN_EINVAL,
             "2^32 - 1, too");
    check_is(poll_list(va_of(ports), 1u << 30, 1), -XEN_EINVAL,
             "and as many as are no bytes in 32 bits");
    ports[1] = 131072;
    check_is(poll_list(va_of(ports), 2, 1), -XEN_EINVAL, "a port too high");
    ports[1] = UINT32_MAX;
    check_is(poll_list(va_of(ports), 2, 1), -XEN_EINVAL, "the highest number");
    check_is(poll_list(NOT_MAPPED, 1, 1), -XEN_EFAULT, "ports nowhere");
    check_is(poll_list(XEN_AREA, 1, 1), -XEN_EFAULT, "ports in Xen's area");
    check_is(poll_list(MONITOR_TEXT, 1, 1), -XEN_EFAULT, "in the monitor");
    check_is(poll_list(UINT64_MAX - 3, 2, 1), -XEN_EFAULT, "ports that wrap");
    end[-1] = ports[0];
    map_page(pages + PAGE_SIZE, UNMAPPED);
    check_is(poll_list(va_of(end - 1), 2, 1), -XEN_EFAULT, "one unmapped");
    check_is(poll_list(va_of(end - 1), 1, 1), 0, "but for that it is fine");
    map_page(pages + PAGE_SIZE, READ_WRITE);
    page_free(pages, 1);
    check_is(poll_list(0, 0, 1), 0, "no ports and a deadline long past");
}

static void no_shutdown(void)
{
    static const unsigned reasons[] = {SHUTDOWN_MAX + 1, 254,       255, 256,
                                       INT32_MAX,        UINT32_MAX};
    struct sched_shutdown s;

    for (unsigned i = 0; i < ARRAY_SIZE(reasons); i++) {
        s.reason = reasons[i];
        check_is(CALL(sched_op, SCHEDOP_shutdown, va_of(&s)), -XEN_EINVAL,
                 "shutdown for no known reason");
        check_is(CALL(sched_op, SCHEDOP_shutdown_code, va_of(&s)), -XEN_EINVAL,
                 "nor is it one for later");
    }
    check_is(CALL(sched_op, SCHEDOP_watchdog, NOT_MAPPED), -XEN_ENOSYS,
             "there is no watchdog");
    check_is(CALL(sched_op, UINT32_MAX, NOT_MAPPED), -XEN_ENOSYS,
             "nor a last sched_op");
}

static long set_singleshot(uint64_t ns, uint32_t flags)
{
    struct vcpu_set_singleshot_timer t = {.timeout_abs_ns = ns, .flags = flags};

    return CALL(vcpu_op, VCPUOP_set_singleshot_timer, 0, va_of(&t));
}

/* Far away on either side; then the kernel's own timer must still work. */
static void timers(void)
{
    static const uint64_t far[] = {INT64_MAX, 1ull << 63, UINT64_MAX - 1,
                                   UINT64_MAX};
    uint64_t now;

    check_is(CALL(set_timer_op, 1), 0, "a timer long past");
    for (unsigned i = 0; i < ARRAY_SIZE(far); i++) {
        check_is(CALL(set_timer_op, far[i]), 0, "a timer in centuries");
        check_is(set_singleshot(far[i], 0), 0, "by vcpu_op, too");
    }
    check_is(set_singleshot(1, VCPU_SSHOTTMR_future), -XEN_ETIME,
             "one in the future that is past");
    check_is(set_singleshot(0, 0), 0, "one at no time");
    /* The kernel sets its timer anew for a deadline that is earlier. */
    now = time_monotonic_ns();
    thread_sleep_ns(2 * MS);
    check(time_monotonic_ns() - now >= 2 * MS, "sleeping is as it was");
}

/* All of vcpu_op that takes addresses or brings up vCPUs. */
static void vcpu_ops(void)
{
    static const struct {
        int op;
        const char *what;
    } none[] = {
        {VCPUOP_initialise, "initialise"},
        {VCPUOP_up, "up"},
        {VCPUOP_down, "down"},
        {VCPUOP_get_runstate_info, "get_runstate_info"},
        {VCPUOP_register_runstate_memory_area, "runstate_memory_area"},
        {VCPUOP_set_periodic_timer, "set_periodic_timer"},
        {VCPUOP_register_vcpu_info, "register_vcpu_info (XSA-327)"},
        {VCPUOP_send_nmi, "send_nmi"},
        {VCPUOP_get_physid, "get_physid"},
        {VCPUOP_register_vcpu_time_memory_area, "vcpu_time_memory_area"},
        {-1, "2^32 - 1"},
    };
    static uint64_t area[8];
    const uint64_t addresses[] = {va_of(area), va_of(area) + 1, NOT_MAPPED,
                                  XEN_AREA, MONITOR_TEXT};
    unsigned i, k;
    bool good;

    for (i = 0; i < ARRAY_SIZE(none); i++) {
        good = true;
        for (k = 0; k < ARRAY_SIZE(addresses); k++) {
            good &= CALL(vcpu_op, none[i].op, 0, addresses[k]) == -XEN_ENOSYS;
            good &= CALL(vcpu_op, none[i].op, 1, addresses[k]) == -XEN_ENOENT;
            good &= CALL(vcpu_op, none[i].op, UINT32_MAX, addresses[k]) ==
                    -XEN_ENOENT;
        }
        check(good, none[i].what);
    }
    good = true;
    for (i = 0; i < ARRAY_SIZE(area); i++)
        good &= area[i] == 0;
    check(good, "nothing was written");
    check_is(CALL(vcpu_op, VCPUOP_is_up, 0), 1, "the vCPU is up");
}

void test_waiting(void)
{
    poll();
    no_shutdown();
    timers();
    vcpu_ops();
}
