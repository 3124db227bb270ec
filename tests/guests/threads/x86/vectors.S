/* SPDX-License-Identifier: ISC */
/* Holds known values in every x87 and vector register for a while. */

/* Offsets in struct pattern (pattern.h). */
#define X87   512
#define MXCSR 568
#define FCW   572

    .macro LOAD insn, reg, base
    .irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    \insn \i * 32(\base), \reg\i
    .endr
    .endm

    .macro STORE insn, reg, base
    .irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    \insn \reg\i, \i * 32(\base)
    .endr
    .endm

    .text
/* void x86_hold_registers(rdi = want, rsi = got, rdx = stop, ecx = avx, r8 = turns) */
    .globl x86_hold_registers
    .type x86_hold_registers, @function
x86_hold_registers:
    push %rbp
    mov %rsp, %rbp
    sub $16, %rsp
    stmxcsr -8(%rbp)
    fnstcw -4(%rbp)
    ldmxcsr MXCSR(%rdi)
    fldcw FCW(%rdi)
    .irp i, 6, 5, 4, 3, 2, 1, 0
    fldl X87 + \i * 8(%rdi)
    .endr
    test %ecx, %ecx
    jz 1f
    LOAD vmovdqu, %ymm, %rdi
    jmp 2f
1:  LOAD movdqu, %xmm, %rdi
2:  incq (%r8)
    cmpl $0, (%rdx)
    je 2b
    test %ecx, %ecx
    jz 3f
    STORE vmovdqu, %ymm, %rsi
    vzeroupper
    jmp 4f
3:  STORE movdqu, %xmm, %rsi
4:  .irp i, 0, 1, 2, 3, 4, 5, 6
    fstpl X87 + \i * 8(%rsi)
    .endr
    stmxcsr MXCSR(%rsi)
    fnstcw FCW(%rsi)
    ldmxcsr -8(%rbp)
    fldcw -4(%rbp)
    leave
    ret
    .size x86_hold_registers, . - x86_hold_registers

    .section .note.GNU-stack, "", @progbits
