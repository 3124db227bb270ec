/* SPDX-License-Identifier: ISC */
/*
 * The wall. A domain's process may issue these system calls and no others,
 * whoever in it issues them; everything the guest could want beyond is a
 * hypercall.
 *
 *   futex(word, FUTEX_WAIT, ...)           sleep; wakes only by the daemon
 *   write(GUEST_FD_DOORBELL, buf, <= 1)    ring
 *   mmap(>= GUEST_VA_MIN, ..., MAP_SHARED | MAP_FIXED, RAM or template)
 *   munmap(>= GUEST_VA_MIN, ...)           follow the guest's page tables
 *   rt_sigreturn, sched_yield
 *   restart_syscall                        Linux itself goes on so with a timed
 *                                          futex wait after SIGSTOP, SIGCONT
 *   setitimer(ITIMER_REAL, ...)            the vCPU's one timer
 *   exit_group
 *   arch_prctl(FS or GS base)              only without FSGSBASE
 *
 * The check of the instruction pointer in front is routing, not security: a
 * `syscall' outside the monitor's text is a Xen hypercall and becomes SIGSYS.
 * A guest that jumps to the monitor's own syscall instruction meets the list.
 *
 * What is on no list becomes SIGSYS too, with FILTER_VIOLATION in si_errno: the
 * handler notes number and address in the portal (portal_violation) and makes
 * the call FILTER_NR_DIE, which kills the process. The call itself is not made
 * either way; a guest that has broken its own monitor so that the handler does
 * not get there has gained a signal. Calls of another ABI (int80) kill at once.
 *
 * midge-sandbox(1) prints what the program lets through.
 */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H

#include <stdbool.h>
#include <stdint.h>
#include <filter/bpf.h>

#define FILTER_VIOLATION 1
#define FILTER_NR_DIE    60 /* exit: whoever is single-threaded needs it not */

#define FILTER_MAX_INSNS 112

struct filter_params {
    /* The monitor's text. */
    uint32_t text_start, text_end;
    bool strict_wx;  /* refuse writable+executable mappings too            */
    bool arch_prctl; /* the CPU needs it for FS and GS bases               */
};

struct filter {
    uint16_t len;
    struct bpf_insn insn[FILTER_MAX_INSNS];
};

/* False: it does not fit. */
bool filter_build(const struct filter_params *params, struct filter *f);

#endif /* FILTER_FILTER_H */
