/* SPDX-License-Identifier: ISC */
/*
 * The exception vectors (Arm ARM D1.3): four kinds from each of four places, 128
 * bytes apart. Threads run on SP_EL0; exceptions arrive on SP_EL1.
 */
#include "arch/arm/layout.h"

/* Offsets in struct trap_frame. */
#define FRAME_X  16
#define FRAME_SP (FRAME_X + 31 * 8)
#define FRAME_PC (FRAME_SP + 8)

/* Fills the struct trap_frame at sp; x0 becomes (stack), the interrupted code's
 * stack pointer. */
    .macro SAVE stack:vararg
    stp x0, x1, [sp, #FRAME_X]
    stp x2, x3, [sp, #FRAME_X + 2 * 8]
    stp x4, x5, [sp, #FRAME_X + 4 * 8]
    stp x6, x7, [sp, #FRAME_X + 6 * 8]
    stp x8, x9, [sp, #FRAME_X + 8 * 8]
    stp x10, x11, [sp, #FRAME_X + 10 * 8]
    stp x12, x13, [sp, #FRAME_X + 12 * 8]
    stp x14, x15, [sp, #FRAME_X + 14 * 8]
    stp x16, x17, [sp, #FRAME_X + 16 * 8]
    stp x18, x19, [sp, #FRAME_X + 18 * 8]
    stp x20, x21, [sp, #FRAME_X + 20 * 8]
    stp x22, x23, [sp, #FRAME_X + 22 * 8]
    stp x24, x25, [sp, #FRAME_X + 24 * 8]
    stp x26, x27, [sp, #FRAME_X + 26 * 8]
    stp x28, x29, [sp, #FRAME_X + 28 * 8]
    \stack
    stp x30, x0, [sp, #FRAME_X + 30 * 8]
    mrs x1, elr_el1
    mrs x2, spsr_el1
    stp x1, x2, [sp, #FRAME_PC]
    stp x29, x1, [sp]
    mov x29, sp
    .endm

    .macro RESTORE
    ldp x1, x2, [sp, #FRAME_PC]
    msr elr_el1, x1
    msr spsr_el1, x2
    ldp x2, x3, [sp, #FRAME_X + 2 * 8]
    ldp x4, x5, [sp, #FRAME_X + 4 * 8]
    ldp x6, x7, [sp, #FRAME_X + 6 * 8]
    ldp x8, x9, [sp, #FRAME_X + 8 * 8]
    ldp x10, x11, [sp, #FRAME_X + 10 * 8]
    ldp x12, x13, [sp, #FRAME_X + 12 * 8]
    ldp x14, x15, [sp, #FRAME_X + 14 * 8]
    ldp x16, x17, [sp, #FRAME_X + 16 * 8]
    ldp x18, x19, [sp, #FRAME_X + 18 * 8]
    ldp x20, x21, [sp, #FRAME_X + 20 * 8]
    ldp x22, x23, [sp, #FRAME_X + 22 * 8]
    ldp x24, x25, [sp, #FRAME_X + 24 * 8]
    ldp x26, x27, [sp, #FRAME_X + 26 * 8]
    ldp x28, x29, [sp, #FRAME_X + 28 * 8]
    ldr x30, [sp, #FRAME_X + 30 * 8]
    ldp x0, x1, [sp, #FRAME_X]
    add sp, sp, #FRAME_BYTES
    .endm

    .section .text.vectors, "ax", @progbits
    .globl vectors
    .balign 2048
vectors:
    /* from threads */
    .balign 128
    b thread_sync
    .balign 128
    b thread_irq
    .balign 128
    b thread_fiq
    .balign 128
    b thread_serror
    /* from handlers of exceptions */
    .rept 4
    .balign 128
    b nested
    .endr
    /* from below: there is nobody */
    .rept 8
    .balign 128
    b thread_fiq
    .endr
    .balign 128

thread_sync:
    sub sp, sp, #FRAME_BYTES
    SAVE mrs x0, sp_el0
    mov x0, sp
    bl arm_trap

thread_fiq:
    sub sp, sp, #FRAME_BYTES
    SAVE mrs x0, sp_el0
    mov x0, sp
    mov x1, #2
    bl arm_unexpected

thread_serror:
    sub sp, sp, #FRAME_BYTES
    SAVE mrs x0, sp_el0
    mov x0, sp
    mov x1, #3
    bl arm_unexpected

/* A fault while one is reported: on a fresh stack, as the old one may be it. */
nested:
    adrp x0, trap_stack_end
    add x0, x0, :lo12:trap_stack_end
    mov sp, x0
    sub sp, sp, #FRAME_BYTES
    SAVE mov x0, sp
    mov x0, sp
    bl arm_trap

/* Back to the thread's stack. Has it no room, this faults, and that is told. */
thread_irq:
    msr spsel, #0
    sub sp, sp, #FRAME_BYTES
    SAVE add x0, sp, #FRAME_BYTES
    bl arm_irq
    RESTORE
    eret
