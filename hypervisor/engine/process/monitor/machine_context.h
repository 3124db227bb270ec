/* SPDX-License-Identifier: ISC */
/*
 * Linux's x86-64 signal frame, as far as the monitor reads and changes it
 * (kernel ABI: struct ucontext, struct sigcontext, struct siginfo).
 */
#ifndef MONITOR_MACHINE_CONTEXT_H
#define MONITOR_MACHINE_CONTEXT_H

#include <stdint.h>

struct machine_context {
    uint64_t uc_flags;
    uint64_t uc_link;
    struct {
        uint64_t sp;
        int32_t flags;
        uint64_t size;
    } stack;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
    uint16_t cs, gs, fs, ss;
    uint64_t err, trapno, oldmask, cr2;
    uint64_t fpstate;
};

struct signal_info {
    int32_t signo, err, code, pad;
    uint64_t call_addr; /* SIGSYS                                          */
    int32_t syscall_nr;
    uint32_t arch;
};

/* x86 register number (as in ModRM, REX included) -> where it is kept. */
static inline uint64_t *context_gpr(struct machine_context *u, unsigned n)
{
    switch (n & 15) {
    case 0:
        return &u->rax;
    case 1:
        return &u->rcx;
    case 2:
        return &u->rdx;
    case 3:
        return &u->rbx;
    case 4:
        return &u->rsp;
    case 5:
        return &u->rbp;
    case 6:
        return &u->rsi;
    case 7:
        return &u->rdi;
    case 8:
        return &u->r8;
    case 9:
        return &u->r9;
    case 10:
        return &u->r10;
    case 11:
        return &u->r11;
    case 12:
        return &u->r12;
    case 13:
        return &u->r13;
    case 14:
        return &u->r14;
    default:
        return &u->r15;
    }
}

#endif /* MONITOR_MACHINE_CONTEXT_H */
