/* SPDX-License-Identifier: ISC */
/* Switching from one thread's stack to another's. */

    .section .text.switch, "ax", @progbits

/*
 * void arch_thread_switch(void **save, void *next): pushes struct switch_frame
 * (x86.h). Everything else is the caller's to keep (psABI 3.2.1).
 */
    .globl arch_thread_switch
    .type arch_thread_switch, @function
arch_thread_switch:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    sub $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    add $8, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
    .size arch_thread_switch, . - arch_thread_switch

/* rbp is 0, so a backtrace ends here. */
    .globl x86_thread_entry
    .type x86_thread_entry, @function
x86_thread_entry:
    cld
    call thread_main
    ud2
    .size x86_thread_entry, . - x86_thread_entry

/*
 * void x86_preempt_fpu(uint64_t mask, uint64_t bytes). XSAVE leaves most of its
 * area's header alone, and XRSTOR wants zeros there (SDM 1, 13.4.2 and 13.8).
 * Not XSAVEOPT: it may skip what it thinks is in memory still, and this memory
 * was used for something else in between (SDM 1, 13.9).
 */
    .globl x86_preempt_fpu
    .type x86_preempt_fpu, @function
x86_preempt_fpu:
    push %rbp
    mov %rsp, %rbp
    push %rdi
    sub %rsi, %rsp
    and $-64, %rsp
    mov %rdi, %rax
    mov %rdi, %rdx
    shr $32, %rdx
    test %rax, %rax
    jz 1f
    xor %ecx, %ecx
    .irp word, 0, 8, 16, 24, 32, 40, 48, 56
    mov %rcx, 512 + \word(%rsp)
    .endr
    xsave64 (%rsp)
    fninit
    call thread_preempt
    mov -8(%rbp), %rax
    mov %rax, %rdx
    shr $32, %rdx
    xrstor64 (%rsp)
    jmp 2f
1:  fxsave64 (%rsp)
    fninit
    call thread_preempt
    fxrstor64 (%rsp)
2:  leave
    ret
    .size x86_preempt_fpu, . - x86_preempt_fpu
