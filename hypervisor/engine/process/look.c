/* SPDX-License-Identifier: ISC */
/* What can be learnt of a vCPU from outside: the guest's memory and registers are
 * those of its process, but for what is the monitor's. */
#include "process.h"

#include <string.h>
#include <sys/user.h>

#include <host/process.h>

size_t process_vm_read(struct engine_vm *vm, uint64_t va, void *buf, size_t len)
{
    /* The monitor and the window are not the guest's. */
    if (va < GUEST_VA_MIN || va >= GUEST_VA_END)
        return 0;
    if (len > GUEST_VA_END - va)
        len = GUEST_VA_END - va;
    return process_read_memory(vm->pid, va, buf, len);
}

static void from_host(struct portal_regs *r, const struct user_regs_struct *u)
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
        .rflags = u->eflags,
    };
}

void process_vm_regs(struct engine_vm *vm, struct portal_regs *regs)
{
    struct user_regs_struct host;
    uint64_t rip = 0;

    memset(regs, 0, sizeof(*regs));
    if (vm->pid <= 0)
        return;
    if (!vm->gate_open) {
        /* About to enter the guest for the first time. */
        regs->rip = vm->portal->boot.rip;
        regs->rsp = vm->portal->boot.rsp;
        regs->rsi = vm->portal->boot.rsi;
        return;
    }
    if (!process_read_regs(vm->pid, &host) && host.rip >= GUEST_VA_MIN &&
        host.rip < GUEST_VA_END) {
        from_host(regs, &host);
        return;
    }
    /* In the monitor: back where the hypercall came from. */
    regs->rbp = vm->portal->call_regs.rbp;
    regs->rsp = vm->portal->call_regs.rsp;
    if (process_vm_read(vm, regs->rsp, &rip, sizeof(rip)) == sizeof(rip))
        regs->rsp += sizeof(rip);
    regs->rip = rip;
    regs->rflags = 0x202;
}
