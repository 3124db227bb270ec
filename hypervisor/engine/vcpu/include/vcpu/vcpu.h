/* SPDX-License-Identifier: ISC */
/*
 * What the programs that run a vCPU share: the process engine's monitor and the
 * KVM engine's runner. They are libc-free and single-threaded, and nobody but
 * their domain trusts them; the wall is the filter that each installs.
 *
 *   zygote.c        the program before it is anybody's vCPU: waits, forks
 *   child.c         the first steps of a forked child
 *   hypercall.c     dispatch; op_*.c serve what stays in the process
 *   events.c        the vCPU's own events, and sends
 *   portal_call.c   the rest goes to the daemon
 *
 * What a program has to define is at the end.
 */
#ifndef VCPU_VCPU_H
#define VCPU_VCPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/xen.h>
#include <xen/errno.h>
#include <portal/portal.h>
#include <base/compiler.h>

/* Registers of the guest in a hypercall: as the monitor's entry.S leaves them on
 * its stack. */
struct guest_regs {
    uint64_t rdi, rsi, rdx, r10, r8, r9, r11, rcx, rbp;
};

/* The vCPU, as far as both programs have one. */
struct vcpu {
    uint64_t timer_deadline_ns; /* system time, 0 = none                   */
    bool in_portal_call;        /* a request is in the portal              */
    bool timer_due;             /* a timer's signal came meanwhile         */
    bool crashing;              /* a second crash just exits               */
    uint32_t grant_frames, grant_status_frames; /* that may be mapped      */
    struct portal_boot boot;
};

/* Placed behind the monitor's stack: the page every guest dirties. */
#define HOT __attribute__((section(".hot,\"aw\",@nobits#")))

extern struct vcpu vcpu;
extern uint64_t
    v_guest_rsp; /* guest's rsp in a hypercall: the return address */

#define PORTAL    ((volatile struct portal *)PORTAL_VA)
#define SHINFO    ((shared_info_t *)SHINFO_VA)
#define VCPU_INFO (&SHINFO->vcpu_info[0])

static inline bool canonical(uint64_t va)
{
    return (uint64_t)((int64_t)(va << 16) >> 16) == va;
}

static inline uint64_t rdtsc(void)
{
    uint32_t lo, hi;

    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return lo | ((uint64_t)hi << 32);
}

/* --- zygote.c -------------------------------------------------------------------- */

/* What the kernel told the program at its start. */
struct vcpu_auxv {
    uint64_t hwcap2, vdso, min_signal_stack;
};

/* Called from the program's first instruction. */
__noreturn void zygote_main(const uint64_t *initial_stack);
/* A line for the daemon's log, before anything is confined. */
void zygote_complain(const char *text);

/* --- child.c --------------------------------------------------------------------- */

/* Any failure before the guest runs: the doorbell's hang-up tells the daemon,
 * the status (CHILD_EXIT_* of portal/portal.h) tells which step it was. */

/* Ties the child's life to the daemon's, closes what it must not have, maps the
 * window and copies the boot record. */
void child_begin(const struct zygote_request *req);
/* Until the daemon opens the gate. */
void child_wait_at_gate(void);

/* --- portal_call.c ------------------------------------------------------------------ */

/* Sends what the caller put in PORTAL->buf (len bytes) and waits. */
int64_t portal_call(uint32_t nr, const uint64_t args[6], uint32_t len);
int64_t portal_call1(uint32_t nr, uint64_t arg0, uint32_t len);
/* Serves a hypercall whose row has arg_size: op, one structure. */
int64_t forward_op(uint32_t nr, uint64_t op, uint64_t arg_va, uint32_t size,
                   unsigned dir);
/* Reports the end of the vCPU and ends the process. */
__noreturn void crash_report(const struct portal_crash *c);

/* --- hypercall.c ------------------------------------------------------------------------ */

typedef int64_t local_op(struct guest_regs *r);
#define NR_HYPERCALLS 64

/* True when every row of hc_table that needs a handler here has one: those that
 * say HC_LOCAL, and the forwarded ones that marshal their own way. */
bool hypercall_table_complete(void);
/* Counts, notes where it came from, and dispatches. */
int64_t do_hypercall(struct guest_regs *r, uint32_t nr);
int64_t hypercall_dispatch(struct guest_regs *r, uint32_t nr);

/*
 * For a local hypercall: hands sub-operation (op) to whoever hc_table names.
 * Sub-operations and the like are ints or unsigned ints in Xen: whoever compares
 * one does so in 32 bits, and what the upper halves hold does not matter.
 */
int64_t forward_row(struct guest_regs *r, uint32_t nr, uint32_t op);

local_op op_multicall;
local_op op_not_here;                     /* -XEN_ENOSYS                   */
local_op op_sched, op_set_timer, op_vcpu; /* op_sched.c                    */
local_op op_evtchn;                       /* op_evtchn.c                   */
local_op op_grant;                        /* op_grant.c                    */
local_op op_xen_version;                  /* op_version.c                  */
/* Forwarded sub-operations that marshal their own way (portal/hypercalls.h). */
local_op own_reservation, own_max_ram_page; /* op_reservation.c             */
local_op own_grant_array;                   /* op_grant.c                   */
local_op own_shutdown;                      /* op_sched.c                   */
local_op own_console_write;                 /* op_console.c                 */

#define MEMOP_EXTENT_SHIFT 6
#define MEMOP_CMD_MASK     ((1u << MEMOP_EXTENT_SHIFT) - 1)

/* op_evtchn.c: ports are below the limit; whether (port), which is, is pending.*/
uint32_t event_port_limit(void);
bool event_pending(uint32_t port);

/* op_sched.c: the timer's signal has come: raises VIRQ_TIMER if the deadline is
 * past, else sets another. */
void timer_expired(void);
uint64_t system_time_ns(void);

/* --- events.c ---------------------------------------------------------------------------- */

/* EVTCHNOP_send. */
local_op event_send;
/* Raises VIRQ_TIMER if that can be done here, without a portal call. Not while
 * a portal call is under way: it could be one that changes the ABI. */
bool raise_timer(void);

/* --- what each program defines --------------------------------------------------------- */

/* By guest virtual address. Both return 0 or -XEN_EFAULT; nothing is known about
 * a partial copy. */
int copy_from_guest(void *dst, uint64_t va, size_t n);
int copy_to_guest(uint64_t va, const void *src, size_t n);
/* Contents of RAM frame (mfn). NULL: not RAM. */
const volatile uint64_t *frame_read(uint64_t mfn);
/* Gives the domain its own copy of a frame that it shares. 0 or -XEN_E*. */
int frame_unshare(uint64_t mfn);
/* An event is pending and the guest would take it. */
bool upcall_due(void);
/* Who serves which hypercall in place; NULL: see hc_table. */
extern local_op *const local_ops[NR_HYPERCALLS];
/* XENVER_get_features, submap 0. */
extern const uint32_t vcpu_features;
/* Once, in the zygote: signal handlers and the like, which children inherit.
 * NULL, or what is wrong: a whole line. */
const char *program_init(const struct vcpu_auxv *a);
/* The forked child: becomes the vCPU of the domain whose RAM is GUEST_FD_RAM. */
__noreturn void child_main(const struct zygote_request *req);

#endif /* VCPU_VCPU_H */
