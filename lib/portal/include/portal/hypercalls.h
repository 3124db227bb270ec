/* SPDX-License-Identifier: ISC */
/*
 * The hypercall table: one row for every hypercall number and sub-operation
 * that exists in Xen's public headers as far as a guest without privileges can
 * reach it. It says who serves it and what its argument looks like; monitor,
 * core and SUPPORT.md all go by it (tests/unit/lib/portal compares them).
 *
 * A row whose sub-operation is HC_ANY stands for the whole hypercall.
 */
#ifndef PORTAL_HYPERCALLS_H
#define PORTAL_HYPERCALLS_H

#include <stddef.h>
#include <stdint.h>

#define HC_ANY 0xffffffffu

enum hc_where {
    HC_LOCAL = 1, /* served by the monitor, in place                       */
    HC_FORWARD,   /* sent through the portal, served by the core           */
    HC_EPERM,     /* for privileged domains: -EPERM to everybody           */
    HC_ENOSYS,    /* known, not implemented: -ENOSYS                       */
};

/* Locks a forwarded call needs around the core (DESIGN 3.3). */
enum hc_lock { HC_LOCK_NONE, HC_LOCK_SELF, HC_LOCK_PEER, HC_LOCK_GLOBAL };

/* Which way the argument structure is copied. */
#define HC_IN  1u
#define HC_OUT 2u

struct hc_row {
    uint32_t nr;       /* __HYPERVISOR_*                                  */
    uint32_t op;       /* sub-operation, or HC_ANY                        */
    const char *name;  /* "event_channel_op", "EVTCHNOP_send", ...        */
    uint8_t where;     /* enum hc_where                                   */
    uint8_t lock;      /* enum hc_lock                                    */
    uint8_t dir;       /* HC_IN | HC_OUT, of the structure at args[1]     */
    uint16_t arg_size; /* its size; 0: the call marshals its own way      */
};

extern const struct hc_row hc_table[];
extern const size_t hc_table_rows;

/*
 * The row that serves hypercall (nr) with sub-operation (op): the exact one,
 * else the hypercall's HC_ANY row, else NULL (unknown: -ENOSYS).
 */
const struct hc_row *hc_find(uint32_t nr, uint32_t op);

/*
 * Generic form of a forwarded "op" hypercall (arg_size > 0): args[0] = op,
 * buf[0..arg_size) = the structure. The core changes the structure in place and
 * sets out_len = arg_size when dir has HC_OUT.
 *
 * Calls that marshal their own way:
 *   console_io write   args[0] = CONSOLEIO_write, args[1] = bytes, buf = bytes
 *   memory_op reservation ops (increase, decrease, populate):
 *                      buf = struct hc_reservation; out_len covers the extents
 *                      written back; ret = number of extents done, which
 *                      may be fewer than could be: only 0 says that there is
 *                      nothing more to be had
 *   memory_op maximum_ram_page
 *                      args[0] = XENMEM_maximum_ram_page, nothing else
 *   grant_table_op on arrays (map, unmap, unmap_and_replace, transfer, copy,
 *   swap_grant_ref, cache_flush):
 *                      args[0] = op, args[1] = number of operations in buf, an
 *                      array of the call's structure, which comes back whole
 *                      (statuses and all). The frame lists of setup_table and
 *                      get_status_frames are the monitor's to write, from
 *                      layout.h, when status is GNTST_okay
 *   sched_op shutdown  args[0] = SCHEDOP_shutdown, args[1] = reason
 *   event_channel_op reset
 *                      as the generic form; ret -XEN_EAGAIN: not finished, the
 *                      monitor makes the same call again
 *   multicall          never forwarded as such: entry by entry
 */
#define HC_RESERVATION_MAX_EXTENTS 128
struct hc_reservation {
    uint32_t extent_order;
    uint32_t mem_flags;
    uint16_t domid;
    uint16_t nr_extents; /* in this chunk, <= HC_RESERVATION_MAX_EXTENTS   */
    uint32_t reserved;
    uint64_t extent[HC_RESERVATION_MAX_EXTENTS]; /* gpfn in, mfn out       */
};

#endif /* PORTAL_HYPERCALLS_H */
