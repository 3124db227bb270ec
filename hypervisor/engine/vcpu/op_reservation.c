/* SPDX-License-Identifier: ISC */
/* memory_op: changes of the reservation go to the core, a chunk of extents at a
 * time. */

#include <vcpu/vcpu.h>
#include <vcpu/sys.h>
#include <base/string.h>
#include <portal/hypercalls.h>
#include <xen/memory.h>

static struct hc_reservation *portal_reservation(void)
{
    return (struct hc_reservation *)(uintptr_t)PORTAL->buf;
}

/* Extents (n) at (va) into the portal. What comes back must go there, too
 * (XENMEM_decrease_reservation's does not): better now than when it is done. */
static int take_list(uint32_t cmd, uint64_t va, uint32_t n)
{
    uint64_t *extent = portal_reservation()->extent;
    size_t bytes = n * sizeof *extent;

    if (copy_from_guest(extent, va, bytes))
        return -XEN_EFAULT;
    return cmd == XENMEM_decrease_reservation
               ? 0
               : copy_to_guest(va, extent, bytes);
}

/* One chunk of (n) extents, whose list is in the portal and at (va), 0 if there
 * is none, as there need not be with an increase. Returns extents done in it. */
static int64_t chunk(uint32_t cmd, const xen_memory_reservation_t *res,
                     uint64_t va, uint32_t n)
{
    struct hc_reservation *h = portal_reservation();
    uint32_t bytes = n * (uint32_t)sizeof h->extent[0];
    int64_t ret;

    h->extent_order = res->extent_order;
    h->mem_flags = res->mem_flags;
    h->domid = res->domid;
    h->nr_extents = (uint16_t)n;
    h->reserved = 0;
    ret =
        portal_call1(__HYPERVISOR_memory_op, cmd,
                     (uint32_t)offsetof(struct hc_reservation, extent) + bytes);
    if (ret > (int64_t)n)
        ret = n;
    if (ret > 0 && va && cmd != XENMEM_decrease_reservation &&
        copy_to_guest(va, h->extent, (size_t)ret * 8))
        return -XEN_EFAULT;
    return ret;
}

/* Extents from (done) on, whatever the guest says it is (XSA-318); returns how
 * many there are then. When part of a chunk of the list is no good, what comes
 * before it is still done. */
static int64_t extents(uint32_t cmd, const xen_memory_reservation_t *res,
                       uint64_t done)
{
    uint64_t list = (uint64_t)(uintptr_t)res->extent_start.p;
    uint64_t most = HC_RESERVATION_MAX_EXTENTS;

    while (done < res->nr_extents) {
        uint32_t n = (uint32_t)MIN(res->nr_extents - done, most);
        uint64_t va = list ? list + done * 8 : 0;
        int64_t ret;

        if (va && take_list(cmd, va, n)) {
            if (n == 1)
                break;
            most = 1;
            continue;
        }
        ret = chunk(cmd, res, va, n);
        /* A domid that is not ours is an error of the call as a whole. */
        if (ret < 0)
            return done ? (int64_t)done : ret == -XEN_EFAULT ? 0 : ret;
        /* The core does a bounded part of a chunk at a time: only when nothing
         * is done is nothing more to be had. */
        done += (uint64_t)ret;
        if (!ret)
            break;
    }
    return (int64_t)done;
}

int64_t own_reservation(struct guest_regs *r)
{
    uint32_t cmd = (uint32_t)r->rdi & MEMOP_CMD_MASK;
    uint64_t start = r->rdi >> MEMOP_EXTENT_SHIFT, list;
    xen_memory_reservation_t res;

    if (copy_from_guest(&res, r->rsi, sizeof res))
        return (int64_t)start;
    list = (uint64_t)(uintptr_t)res.extent_start.p;
    /* The list must not wrap (XSA-212). */
    if (res.nr_extents > UINT64_MAX / 8 ||
        list > UINT64_MAX - (uint64_t)res.nr_extents * 8)
        return (int64_t)start;
    if (!list && cmd != XENMEM_increase_reservation)
        return (int64_t)start;
    return extents(cmd, &res, start);
}

/* Has no argument. */
int64_t own_max_ram_page(struct guest_regs *r)
{
    (void)r;
    return portal_call1(__HYPERVISOR_memory_op, XENMEM_maximum_ram_page, 0);
}
