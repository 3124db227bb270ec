/* SPDX-License-Identifier: ISC */
/*
 * Where Xen enters the image of a PV domain: start, exceptions, events.
 *
 * Xen pushes rcx, r11, [error code], rip, cs, rflags, rsp, ss on the stack in
 * use (everything here runs in what Xen calls kernel mode), aligned to 16.
 * HYPERVISOR_iret takes such a frame back; unlike iretq it also sets the upcall
 * mask from rflags.IF and delivers what became pending, in one step, so there
 * is no window to close.
 */
#define __ASSEMBLY__
#include <xen/xen.h>

#include "arch/x86/save.h"

/* 64-bit PV: rsi = start_info, rsp = boot stack, one flat address space. An
 * application that wants to see the start of day (apps/framedump) has a _start
 * of its own and goes on at x86_start. */
    .section .text.start, "ax", @progbits
    .weak _start
    .globl x86_start
    .type _start, @function
    .type x86_start, @function
_start:
x86_start:
    cld
    mov %rsi, x86_start_info(%rip)
    movq $x86_pv, x86_platform(%rip)
    lea _stack_end(%rip), %rsp
    xor %ebp, %ebp
    call kernel_main
    ud2
    .size _start, . - _start
    .size x86_start, . - x86_start

    .macro SAVE_AND_CALL handler
    CALL_HANDLER \handler
    push $0       /* iret_context.flags: restore rcx and r11 too */
    jmp hypercall_page + __HYPERVISOR_iret * 32
    .endm

    .section .text.traps, "ax", @progbits
    .globl x86_upcall_entry
    .type x86_upcall_entry, @function
x86_upcall_entry:
    pop %rcx
    pop %r11
    push $0
    push $-1
    SAVE_AND_CALL x86_upcall
    .size x86_upcall_entry, . - x86_upcall_entry

/* Xen could not return to us: a bad segment or a bad iret frame. */
    .globl pv_failsafe_entry
    .type pv_failsafe_entry, @function
pv_failsafe_entry:
    cld
    and $-16, %rsp
    call pv_failsafe
    .size pv_failsafe_entry, . - pv_failsafe_entry

    .type trap_common, @function
trap_common:
    SAVE_AND_CALL x86_trap
    .size trap_common, . - trap_common

/* One entry for each exception that a PV guest can see, and the table of them:
 * { vector, entry }, ended by an entry of 0. */
    .macro TRAP vector, has_error
    .section .text.traps, "ax", @progbits
    .type trap_\vector, @function
trap_\vector:
    pop %rcx
    pop %r11
    .if !\has_error
    push $0
    .endif
    push $\vector
    jmp trap_common
    .size trap_\vector, . - trap_\vector
    .section .rodata.pv_trap_entries, "a", @progbits
    .quad \vector, trap_\vector
    .endm

    .section .rodata.pv_trap_entries, "a", @progbits
    .globl pv_trap_entries
    .balign 8
pv_trap_entries:
    TRAP 0, 0
    TRAP 1, 0
    TRAP 3, 0
    TRAP 4, 0
    TRAP 5, 0
    TRAP 6, 0
    TRAP 7, 0
    TRAP 9, 0
    TRAP 10, 1
    TRAP 11, 1
    TRAP 12, 1
    TRAP 13, 1
    TRAP 14, 1
    TRAP 16, 0
    TRAP 17, 1
    TRAP 18, 0
    TRAP 19, 0
    TRAP 21, 1
    .section .rodata.pv_trap_entries, "a", @progbits
    .quad 0, 0
