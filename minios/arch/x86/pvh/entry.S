/* SPDX-License-Identifier: ISC */
/*
 * Where exceptions and events enter on PVH, in ring 0 and with interrupts off.
 * The CPU has aligned the stack to 16 and pushed ss, rsp, rflags, cs, rip and
 * for some exceptions an error code (SDM 3A 6.14).
 */
#include "arch/x86/save.h"

    .section .text.pvh_traps, "ax", @progbits
    .globl pvh_upcall_entry
    .type pvh_upcall_entry, @function
pvh_upcall_entry:
    push $0
    push $-1
    CALL_HANDLER pvh_upcall
    iretq
    .size pvh_upcall_entry, . - pvh_upcall_entry

/*
 * void pvh_sleep(void): enables interrupts and sleeps until there is one. None
 * comes between the two instructions, where it would leave us asleep though what
 * we wait for has happened; but QEMU's SVM forgets that when the hypervisor is
 * entered there (pvh_upcall).
 */
    .globl pvh_sleep, pvh_sleep_hlt, pvh_sleep_end
    .type pvh_sleep, @function
pvh_sleep:
    sti
pvh_sleep_hlt:
    hlt
pvh_sleep_end:
    ret
    .size pvh_sleep, . - pvh_sleep

    .type trap_common, @function
trap_common:
    CALL_HANDLER x86_trap
    ud2 /* all are fatal */
    .size trap_common, . - trap_common

/* One entry for each exception, and the table of them, as pv/entry.S has it. */
    .macro TRAP vector, has_error
    .section .text.pvh_traps, "ax", @progbits
    .type trap_\vector, @function
trap_\vector:
    .if !\has_error
    push $0
    .endif
    push $\vector
    jmp trap_common
    .size trap_\vector, . - trap_\vector
    .section .rodata.pvh_trap_entries, "a", @progbits
    .quad \vector, trap_\vector
    .endm

    .section .rodata.pvh_trap_entries, "a", @progbits
    .globl pvh_trap_entries
    .balign 8
pvh_trap_entries:
    TRAP 0, 0
    TRAP 1, 0
    TRAP 2, 0
    TRAP 3, 0
    TRAP 4, 0
    TRAP 5, 0
    TRAP 6, 0
    TRAP 7, 0
    TRAP 8, 1
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
    .section .rodata.pvh_trap_entries, "a", @progbits
    .quad 0, 0
