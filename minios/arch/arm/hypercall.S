/* SPDX-License-Identifier: ISC */
/*
 * Hypercalls: arguments in x0 to x4, which is C's convention, the number in x16,
 * the result in x0 (xen/arch-arm.h).
 */
#define __ASSEMBLY__
#include <xen/xen.h>

#define XEN_HVC 0xea1

#define HYPERCALL(name)                                                        \
    .section .text.HYPERVISOR_##name, "ax", @progbits;                         \
    .globl HYPERVISOR_##name;                                                  \
    .type HYPERVISOR_##name, @function;                                        \
HYPERVISOR_##name:;                                                            \
    mov x16, __HYPERVISOR_##name;                                              \
    hvc XEN_HVC;                                                               \
    ret;                                                                       \
    .size HYPERVISOR_##name, . - HYPERVISOR_##name

HYPERCALL(memory_op)
HYPERCALL(xen_version)
HYPERCALL(console_io)
HYPERCALL(vcpu_op)
HYPERCALL(sched_op)
HYPERCALL(event_channel_op)
HYPERCALL(grant_table_op)
HYPERCALL(hvm_op)
