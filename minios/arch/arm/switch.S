/* SPDX-License-Identifier: ISC */
/* Switching from one thread's stack to another's. */

    .section .text.switch, "ax", @progbits

/*
 * void arch_thread_switch(void **save, void *next): leaves a struct switch_frame
 * (arm.h). Everything else is the caller's to keep (AAPCS64 6.1).
 */
    .globl arch_thread_switch
    .type arch_thread_switch, @function
arch_thread_switch:
    sub sp, sp, #176
    mrs x2, fpcr
    str x2, [sp]
    stp d8, d9, [sp, #16]
    stp d10, d11, [sp, #32]
    stp d12, d13, [sp, #48]
    stp d14, d15, [sp, #64]
    stp x19, x20, [sp, #80]
    stp x21, x22, [sp, #96]
    stp x23, x24, [sp, #112]
    stp x25, x26, [sp, #128]
    stp x27, x28, [sp, #144]
    stp x29, x30, [sp, #160]
    mov x2, sp
    str x2, [x0]
    mov sp, x1
    ldr x2, [sp]
    msr fpcr, x2
    ldp d8, d9, [sp, #16]
    ldp d10, d11, [sp, #32]
    ldp d12, d13, [sp, #48]
    ldp d14, d15, [sp, #64]
    ldp x19, x20, [sp, #80]
    ldp x21, x22, [sp, #96]
    ldp x23, x24, [sp, #112]
    ldp x25, x26, [sp, #128]
    ldp x27, x28, [sp, #144]
    ldp x29, x30, [sp, #160]
    add sp, sp, #176
    ret
    .size arch_thread_switch, . - arch_thread_switch

/* x29 is 0, so a backtrace ends here. */
    .globl arm_thread_entry
    .type arm_thread_entry, @function
arm_thread_entry:
    mov x30, #0
    bl thread_main
    brk #0
    .size arm_thread_entry, . - arm_thread_entry

/* void arm_preempt(void): all vector registers are the interrupted code's. */
    .globl arm_preempt
    .type arm_preempt, @function
arm_preempt:
    stp x29, x30, [sp, #-16]!
    mov x29, sp
    sub sp, sp, #(32 * 16 + 16)
    mrs x0, fpsr
    mrs x1, fpcr
    stp x0, x1, [sp]
    add x0, sp, #16
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    st1 {v\n\().16b}, [x0], #16
    .endr
    bl thread_preempt
    ldp x0, x1, [sp]
    msr fpsr, x0
    msr fpcr, x1
    add x0, sp, #16
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld1 {v\n\().16b}, [x0], #16
    .endr
    mov sp, x29
    ldp x29, x30, [sp], #16
    ret
    .size arm_preempt, . - arm_preempt
