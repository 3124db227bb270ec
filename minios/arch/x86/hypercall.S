/* SPDX-License-Identifier: ISC */
/*
 * The hypercall page and the stubs that jump into it.
 *
 * The page's code takes its arguments in rdi, rsi, rdx, r10, r8 and its result
 * leaves in rax (xen/arch-x86/xen-x86_64.h), which is C's convention but for
 * the fourth argument. It returns to the stub's caller.
 */
#define __ASSEMBLY__
#include <xen/xen.h>

/* The builder overwrites this page, or on PVH Xen at our request (pvh/boot.c).
 * Until then every call says -ENOSYS. */
    .section .text.hypercall_page, "ax", @progbits
    .globl hypercall_page
    .type hypercall_page, @function
    .balign 4096
hypercall_page:
    .rept 128
    mov $-38, %rax
    ret
    .balign 32, 0xcc
    .endr
    .size hypercall_page, . - hypercall_page

#define HYPERCALL(name)                                                        \
    .section .text.HYPERVISOR_##name, "ax", @progbits;                         \
    .globl HYPERVISOR_##name;                                                  \
    .type HYPERVISOR_##name, @function;                                        \
HYPERVISOR_##name:;                                                            \
    mov %rcx, %r10;                                                            \
    jmp hypercall_page + __HYPERVISOR_##name * 32;                             \
    .size HYPERVISOR_##name, . - HYPERVISOR_##name

HYPERCALL(set_trap_table)
HYPERCALL(mmu_update)
HYPERCALL(update_va_mapping)
HYPERCALL(memory_op)
HYPERCALL(set_timer_op)
HYPERCALL(xen_version)
HYPERCALL(console_io)
HYPERCALL(vcpu_op)
HYPERCALL(mmuext_op)
HYPERCALL(sched_op)
HYPERCALL(callback_op)
HYPERCALL(event_channel_op)
HYPERCALL(grant_table_op)
HYPERCALL(hvm_op)
