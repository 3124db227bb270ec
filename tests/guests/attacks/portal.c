/* SPDX-License-Identifier: ISC */
/*
 * Requests that no monitor would make: the portal is the guest's memory, so a
 * guest that knows it is on Midge writes there itself. It is the daemon that has
 * to say no (ATTACKS 23, 26 and 28 once more, from below).
 */

#include "attacks.h"
#include <base/string.h>
#include <minios/memory.h>
#include <portal/hypercalls.h>
#include <portal/portal.h>
#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/sched.h>

#define P ((volatile struct portal *)PORTAL_VA)

/* Sends what is in the portal. The bell is rung by a send to xenstore. */
static void ring(uint32_t seq)
{
    struct evtchn_send s = {.port = x86_start_info->store_evtchn};

    __atomic_store_n(&P->req_seq, seq, __ATOMIC_RELEASE);
    CALL(event_channel_op, EVTCHNOP_send, va_of(&s));
}

static long request(uint32_t nr, uint64_t arg0, uint64_t arg1, uint32_t len)
{
    uint32_t seq = P->req_seq + 1;

    P->nr = nr;
    P->args[0] = arg0;
    P->args[1] = arg1;
    P->len = len;
    ring(seq);
    while (__atomic_load_n(&P->resp_seq, __ATOMIC_ACQUIRE) != seq)
        CALL(sched_op, SCHEDOP_yield);
    return (long)P->ret;
}

/* Every row of the table, whatever it says about who serves it. */
static void rows(void)
{
    bool shorter = true, others = true;

    for (size_t i = 0; i < hc_table_rows; i++) {
        const struct hc_row *row = &hc_table[i];

        if (row->arg_size)
            shorter &=
                request(row->nr, row->op, 0, row->arg_size - 1u) == -XEN_EINVAL;
        if (row->where == HC_EPERM)
            others &= request(row->nr, row->op, 0, 64) == -XEN_EPERM;
        if (row->where == HC_ENOSYS || row->where == HC_LOCAL)
            others &= request(row->nr, row->op, 0, 64) == -XEN_ENOSYS;
    }
    check(shorter, "every structure, a byte too short");
    check(others, "every call that is not the daemon's");
}

static void lengths(void)
{
    check_is(request(__HYPERVISOR_console_io, CONSOLEIO_write, 1,
                     PORTAL_BUF_SIZE + 1),
             -XEN_EINVAL, "more than the portal holds");
    check_is(request(__HYPERVISOR_console_io, CONSOLEIO_write, 1, UINT32_MAX),
             -XEN_EINVAL, "2^32 - 1 bytes");
    check_is(request(__HYPERVISOR_console_io, CONSOLEIO_write, 17, 16),
             -XEN_EINVAL, "console output that was not sent");
    check_is(request(__HYPERVISOR_console_io, CONSOLEIO_write, UINT64_MAX, 16),
             -XEN_EINVAL, "2^64 - 1 bytes of it");
    check_is(request(UINT32_MAX, 0, 0, 0), -XEN_ENOSYS, "the highest number");
}

static void reservations(void)
{
    volatile struct hc_reservation *r =
        (volatile struct hc_reservation *)(uintptr_t)P->buf;
    const uint32_t head = (uint32_t)offsetof(struct hc_reservation, extent);
    long before = current_pages();

    r->extent_order = 0;
    r->domid = DOMID_SELF;
    r->nr_extents = UINT16_MAX;
    check_is(request(__HYPERVISOR_memory_op, XENMEM_increase_reservation, 0,
                     PORTAL_BUF_SIZE),
             -XEN_EINVAL, "65,535 extents");
    r->nr_extents = HC_RESERVATION_MAX_EXTENTS + 1;
    check_is(request(__HYPERVISOR_memory_op, XENMEM_increase_reservation, 0,
                     PORTAL_BUF_SIZE),
             -XEN_EINVAL, "one too many");
    r->nr_extents = 2;
    check_is(request(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, 0,
                     head + 15),
             -XEN_EINVAL, "more than are there");
    r->nr_extents = 1;
    r->extent_order = 64;
    check_is(request(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, 0,
                     head + 8),
             0, "order 64");
    r->extent_order = 0;
    r->domid = 0;
    check_is(request(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, 0,
                     head + 8),
             -XEN_EPERM, "domain 0's memory");
    check_is(request(PORTAL_CALL_UNSHARE, UINT64_MAX, 0, 0), -XEN_EINVAL,
             "a copy of no frame");
    check_is(
        request(PORTAL_CALL_UNSHARE, x86_start_info->shared_info >> 12, 0, 0),
        -XEN_EINVAL, "a copy of shared_info");
    check_is(current_pages(), before, "nothing came or went");
}

static void shutdowns(void)
{
    check_is(
        request(__HYPERVISOR_sched_op, SCHEDOP_shutdown, SHUTDOWN_MAX + 1, 0),
        -XEN_EINVAL, "shutdown for no known reason");
    check_is(request(__HYPERVISOR_sched_op, SCHEDOP_shutdown, 1ull << 32, 0),
             -XEN_EINVAL, "nor for one that is cut to 32 bits");
    check_is(request(__HYPERVISOR_sched_op, SCHEDOP_shutdown, UINT64_MAX, 0),
             -XEN_EINVAL, "nor for the highest");
}

/* A sequence number that jumps is a request like any other; a bell without one
 * is none. */
static void sequence(void)
{
    P->req_seq += 12345;
    check_is(request(UINT32_MAX, 0, 0, 0), -XEN_ENOSYS, "numbers that jump");
    P->ret = 77;
    ring(P->req_seq);
    check_is(current_pages() > 0, 1, "a bell without a request");
}

void test_portal(void)
{
    rows();
    lengths();
    reservations();
    shutdowns();
    sequence();
}

static __noreturn void for_ever(void)
{
    for (;;)
        CALL(sched_op, SCHEDOP_yield);
}

void portal_shutdown(void)
{
    request(__HYPERVISOR_sched_op, SCHEDOP_shutdown, SHUTDOWN_poweroff, 0);
    for_ever();
}

/* A crash of no kind, with a stack that leads back to itself. */
void portal_crash_lies(void)
{
    static uint64_t loop[2];
    volatile struct portal_crash *c =
        (volatile struct portal_crash *)(uintptr_t)P->buf;

    loop[0] = va_of(loop);
    loop[1] = UINT64_MAX;
    for (unsigned i = 0; i < PORTAL_BUF_SIZE; i++)
        P->buf[i] = 0xff;
    c->regs.rbp = va_of(loop);
    c->regs.rsp = va_of(loop);
    request(PORTAL_CALL_CRASH, 0, 0, sizeof *c);
    for_ever();
}
