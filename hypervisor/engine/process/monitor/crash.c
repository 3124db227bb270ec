/* SPDX-License-Identifier: ISC */
/* The end of a vCPU: what happened goes to the daemon, which answers when it
 * has taken the memory it wants for its report; then the process leaves. */

#include "machine_context.h"
#include "monitor.h"

static void regs_from_context(struct portal_regs *r,
                              const struct machine_context *u)
{
    *r = (struct portal_regs){
        .rax = u->rax,
        .rbx = u->rbx,
        .rcx = u->rcx,
        .rdx = u->rdx,
        .rsi = u->rsi,
        .rdi = u->rdi,
        .rbp = u->rbp,
        .rsp = u->rsp,
        .r8 = u->r8,
        .r9 = u->r9,
        .r10 = u->r10,
        .r11 = u->r11,
        .r12 = u->r12,
        .r13 = u->r13,
        .r14 = u->r14,
        .r15 = u->r15,
        .rip = u->rip,
        .rflags = u->rflags,
    };
}

__noreturn void crash(enum portal_crash_kind kind, unsigned vector,
                      uint64_t error, uint64_t cr2, uint64_t value,
                      const struct machine_context *u)
{
    struct portal_crash c = {
        .kind = kind,
        .vector = vector,
        .error = error,
        .cr2 = cr2,
        .value = value,
    };

    if (u) {
        regs_from_context(&c.regs, u);
    } else {
        c.regs.rip = v_iret.rip;
        c.regs.rsp = v_guest_rsp;
        c.regs.rflags = v_iret.rflags;
        c.regs.rbp = PORTAL->call_regs.rbp;
    }
    crash_report(&c);
}
