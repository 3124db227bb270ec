/* SPDX-License-Identifier: ISC */
/* Holds known values in every vector register for a while. */

/* Offsets in struct pattern (pattern.h). */
#define FPCR 512
#define FPSR 520

    .macro EACH insn, base
    mov x9, \base
    .irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \insn q\i, [x9], #16
    .endr
    .endm

    .text
/* void hold_registers(x0 = want, x1 = got, x2 = stop, x3 = turns) */
    .globl hold_registers
    .type hold_registers, %function
hold_registers:
    stp x29, x30, [sp, #-96]!
    mov x29, sp
    stp d8, d9, [sp, #16]
    stp d10, d11, [sp, #32]
    stp d12, d13, [sp, #48]
    stp d14, d15, [sp, #64]
    mrs x10, fpcr
    str x10, [sp, #80]
    ldr x10, [x0, #FPCR]
    msr fpcr, x10
    EACH ldr, x0
    ldr x10, [x0, #FPSR]
    msr fpsr, x10
1:  ldr x10, [x3]
    add x10, x10, #1
    str x10, [x3]
    ldr w10, [x2]
    cbz w10, 1b
    EACH str, x1
    mrs x10, fpcr
    str x10, [x1, #FPCR]
    mrs x10, fpsr
    str x10, [x1, #FPSR]
    ldr x10, [sp, #80]
    msr fpcr, x10
    ldp d8, d9, [sp, #16]
    ldp d10, d11, [sp, #32]
    ldp d12, d13, [sp, #48]
    ldp d14, d15, [sp, #64]
    ldp x29, x30, [sp], #96
    ret
    .size hold_registers, . - hold_registers

    .section .note.GNU-stack, "", %progbits
