/* SPDX-License-Identifier: ISC */
/*
 * The portal: one page shared by a domain's vCPU process (its monitor) and the
 * daemon. Hypercalls that the monitor does not serve itself cross here as
 * messages; events and start-up parameters come the other way.
 *
 * Trust. The guest can write this page, so the daemon treats every field as
 * written by an attacker: it copies a request once (portal_take_request()),
 * checks the copy, and uses only the copy. Nothing the daemon needs for its
 * own safety is ever read back from here.
 *
 * Protocol of a forwarded call (one in flight per vCPU):
 *   1. monitor fills nr, args, len, buf; req_seq += 1 (release); writes one
 *      byte to the doorbell; waits on futex resp_seq until it equals req_seq.
 *   2. daemon, on the doorbell: if req_seq differs from the last one it
 *      served: copies, checks, serves; writes buf[0..out), ret; then
 *      resp_seq = req_seq (release) and wakes the futex.
 *   A doorbell without a new req_seq is ignored.
 *
 * Futexes here are shared ones (no FUTEX_PRIVATE_FLAG).
 */
#ifndef PORTAL_PORTAL_H
#define PORTAL_PORTAL_H

#include <stdint.h>
#include <portal/layout.h>

#define PORTAL_BUF_SIZE 2048
/* Enough for every image that lib/elf accepts: hypervisor/builder asserts it.*/
#define PORTAL_MAX_RANGES 40

/* Calls that are not Xen hypercalls; numbers above every hypercall's. */
#define PORTAL_CALL_BASE 0x1000
/* args[0] = mfn of a template-backed frame: give the domain a private copy of
 * it in its RAM slot. Returns 0 (also when it was private already), -EINVAL
 * for a frame that is not RAM, -ENOMEM. */
#define PORTAL_CALL_UNSHARE (PORTAL_CALL_BASE + 0)
/* The vCPU cannot go on. buf = struct portal_crash. Never answered before the
 * daemon has taken what it needs; the monitor exits after the answer. */
#define PORTAL_CALL_CRASH (PORTAL_CALL_BASE + 1)
/* The vCPU's timer has expired: raise VIRQ_TIMER on vCPU 0. Returns 0. */
#define PORTAL_CALL_TIMER (PORTAL_CALL_BASE + 2)

/* gate: whether the vCPU may enter the guest. */
#define PORTAL_GATE_SHUT 0
#define PORTAL_GATE_OPEN 1

/* vcpu_state, written by the monitor. */
#define PORTAL_VCPU_STARTING 0
#define PORTAL_VCPU_RUNNING  1
#define PORTAL_VCPU_BLOCKED  2
/* In the monitor, which will look for events on its way out: no kick needed. */
#define PORTAL_VCPU_CALL 3

/* Which file backs a run of frames at start. */
#define PORTAL_BACK_RAM      0 /* read-write, the RAM file                 */
#define PORTAL_BACK_TEMPLATE 1 /* read-only until unshared                 */

/* How the run is mapped at start (identity: VA = mfn * 4096). */
#define PORTAL_PROT_R 1
#define PORTAL_PROT_W 2
#define PORTAL_PROT_X 4

/*
 * One run of frames. Ranges are sorted by mfn, do not overlap and leave no
 * gap between 0 and nr_pages. A range with prot 0 is not mapped at start.
 */
struct portal_range {
    uint32_t mfn;       /* first frame                                    */
    uint32_t nr;        /* number of frames                               */
    uint32_t file_page; /* page in the backing file of the first frame    */
    uint8_t backing;    /* PORTAL_BACK_*                                  */
    uint8_t prot;       /* PORTAL_PROT_* of the initial mapping, 0 = none */
    uint16_t reserved;
};

#define PORTAL_FLAG_STRICT_WX 0x1 /* refuse mappings that are W and X      */

/* Start-up parameters of the vCPU, written by the daemon before the gate
 * opens and copied by the monitor before the first guest instruction. */
struct portal_boot {
    uint64_t rip, rsp, rsi; /* guest virtual addresses                    */
    uint64_t cr3_mfn;       /* initial L4 table                           */
    uint32_t nr_pages;      /* RAM given at start (frames)                */
    uint32_t max_pages;     /* RAM slots (maxmem)                         */
    uint32_t domid;
    uint32_t flags;          /* PORTAL_FLAG_*                              */
    uint64_t shared_info_va; /* where the builder's page tables map the
                                shared_info frame, 0 if nowhere           */
    uint32_t nr_ranges;
    uint32_t template_pages; /* size of the template file, in pages       */
    struct portal_range range[PORTAL_MAX_RANGES];
};

/* Why a vCPU died, and its registers, as the monitor saw them. */
enum portal_crash_kind {
    PORTAL_CRASH_TRAP = 1,    /* exception with no usable guest handler   */
    PORTAL_CRASH_DOUBLE,      /* frame could not be pushed (bad stack)    */
    PORTAL_CRASH_BAD_IRET,    /* iret frame unreadable or non-canonical   */
    PORTAL_CRASH_NO_CALLBACK, /* event or syscall without a callback      */
    PORTAL_CRASH_MONITOR,     /* fault inside the monitor                 */
    PORTAL_CRASH_HOST,        /* host ran out of something (see value)    */
    PORTAL_CRASH_WX,          /* code writes to its own page, strict W^X  */
};

struct portal_regs {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rip, rflags;
};

struct portal_crash {
    uint32_t kind;   /* enum portal_crash_kind                            */
    uint32_t vector; /* exception vector, if any                          */
    uint64_t error;  /* hardware error code, if any                       */
    uint64_t cr2;    /* fault address for vector 14                       */
    uint64_t value;  /* kind's own: host errno, bad address, ...          */
    struct portal_regs regs;
};

/*
 * Events that the monitor makes (with the 2-level ABI) or sends by itself. The
 * daemon keeps a mirror of what the core knows about the first ports; whatever
 * is not there is a forwarded call. A port changes only by its own domain's
 * calls, so the mirror is right whenever the vCPU runs; a guest that scribbles
 * over it fools itself.
 *
 * EVTCHNOP_send on a port in (remote): the monitor sets its bit in (sends),
 * rings if that was 0, and goes on. The daemon, on every doorbell, takes the
 * bits after the request (portal_take_sends()) and serves them before it: so
 * sends and calls keep their order. Several sends on a port that have not been
 * taken are one, as with any event.
 */
#define PORTAL_EVENT_PORTS 64
struct portal_events {
    uint64_t remote;     /* bit n: a send on port n is for somebody else      */
    uint64_t ipi;        /* bit n: port n is an IPI of this vCPU              */
    uint32_t timer_port; /* VIRQ_TIMER's, 0 = use PORTAL_CALL_TIMER           */
    uint32_t reserved;
    uint64_t sends; /* monitor -> daemon                                 */
};

/* What the process was killed for, by its own account: the daemon looks here
 * when SIGSYS has ended it. */
struct portal_violation {
    uint64_t ip;   /* behind the instruction                               */
    uint32_t nr;   /* of the system call                                   */
    uint32_t made; /* 1 when the above holds                               */
};

struct portal {
    /* Daemon -> monitor. */
    uint32_t gate;     /* futex, PORTAL_GATE_*                          */
    uint32_t wake_seq; /* futex, +1 for every event made pending        */
    /* Monitor -> daemon. */
    uint32_t vcpu_state; /* PORTAL_VCPU_*; tells which kick is needed     */
    uint32_t pad0;

    /* Forwarded call. */
    uint32_t req_seq;  /* written by the monitor                        */
    uint32_t resp_seq; /* futex, written by the daemon                  */
    uint32_t nr;       /* hypercall number or PORTAL_CALL_*             */
    uint32_t len;      /* valid bytes in buf                            */
    uint64_t args[6];
    int64_t ret;

    struct portal_events events;

    struct portal_boot boot;

    /* Counters for tests and `xl debug`: informative only. */
    uint64_t n_hypercalls, n_forwarded, n_upcalls, n_blocks, n_signals;
    uint64_t t_enter_tsc; /* TSC just before the first guest instruction  */
    uint64_t cr3_mfn;     /* the L4 table in use: where a core dump begins */

    /* Registers of the guest at its last hypercall: rbp, and rsp, which points
     * to the return address; rip only after SCHEDOP_shutdown. What a backtrace
     * or a core dump starts from. Informative only. */
    struct portal_regs call_regs;

    struct portal_violation violation;

    uint8_t buf[PORTAL_BUF_SIZE] __attribute__((aligned(16)));
};
_Static_assert(sizeof(struct portal) <= PORTAL_PAGE_SIZE, "one page");

/* A request as the daemon copied it out of the portal. */
struct portal_request {
    uint32_t nr;
    uint32_t len;
    uint64_t args[6];
    int64_t ret;      /* set by whoever serves it                         */
    uint32_t out_len; /* bytes of buf to copy back, <= PORTAL_BUF_SIZE    */
    uint8_t buf[PORTAL_BUF_SIZE] __attribute__((aligned(16)));
};

/*
 * Copies the pending request of (p) into (*req). (*last_seq) is the sequence
 * number of the last request served for this vCPU; it is updated.
 * Returns 1 when there was a new request, 0 when there was none; a request
 * whose len exceeds PORTAL_BUF_SIZE is taken with len 0 and ret -XEN_EINVAL
 * and reported as -XEN_EINVAL: answer it without serving it.
 */
int portal_take_request(const volatile struct portal *p, uint32_t *last_seq,
                        struct portal_request *req);

/* The ports whose bits the monitor has set since the last call, as a bitmap;
 * to be called after portal_take_request(). Any bit may be there. */
uint64_t portal_take_sends(volatile struct portal *p);

/*
 * Publishes the answer to request (seq): copies req->out_len bytes of buf and
 * ret, then stores resp_seq. The caller wakes the futex on p->resp_seq.
 */
void portal_put_response(volatile struct portal *p, uint32_t seq,
                         const struct portal_request *req);

/*
 * The zygote: the monitor program before it has become anybody's vCPU, one per
 * template. The daemon starts it with GUEST_FD_TEMPLATE and ZYGOTE_FD_CONTROL
 * (a SOCK_SEQPACKET socket) open and nothing else but stderr, with the resource
 * limits, no_new_privs and oom_score_adj that its children shall inherit. It
 * answers every request on the control socket and leaves when the daemon closes
 * its end. Children are made with CLONE_PARENT: the daemon is their parent.
 *
 * A request carries { RAM memfd, doorbell write end } as SCM_RIGHTS. The child
 * keeps them as GUEST_FD_RAM and GUEST_FD_DOORBELL, closes everything else but
 * GUEST_FD_TEMPLATE, maps what portal->boot says, installs its filter and waits
 * at the gate; the portal must therefore be complete when the request is sent.
 */
struct zygote_request {
    uint64_t token;  /* returned untouched                                */
    uint32_t cpu;    /* CPU to pin the child to, ZYGOTE_ANY_CPU for none  */
    uint32_t parent; /* daemon's pid: the child exits if it is gone       */
};
#define ZYGOTE_ANY_CPU 0xffffffffu
/* How a child exits that does not come as far as the gate. */
#define CHILD_EXIT_PARENT 101 /* the daemon is gone                        */
#define CHILD_EXIT_WINDOW 102 /* mapping the window                        */
#define CHILD_EXIT_BOOT   103 /* portal->boot makes no sense               */
#define CHILD_EXIT_MAP    104 /* mapping what portal->boot says            */
#define CHILD_EXIT_FILTER 105 /* installing the filter                     */

struct zygote_reply {
    uint64_t token;
    int64_t pid; /* of the child, or -errno of clone (nothing was made)   */
};

#endif /* PORTAL_PORTAL_H */
