/* SPDX-License-Identifier: ISC */
/* Any hypercall, with all six arguments. */

    .macro arguments from
    mov     0(\from), %rdi
    mov     16(\from), %rdx
    mov     24(\from), %r10
    mov     32(\from), %r8
    mov     40(\from), %r9
    mov     8(\from), %rsi
    .endm

/* long call_page(unsigned nr, const uint64_t args[6]) */
    .text
    .globl call_page
call_page:
    mov     %edi, %eax
    shl     $5, %eax
    lea     hypercall_page(%rip), %r11
    add     %rax, %r11
    arguments %rsi
    jmp     *%r11

/* long call_syscall(unsigned nr, const uint64_t args[6]) */
    .globl call_syscall
call_syscall:
    mov     %edi, %eax
    arguments %rsi
    syscall
    ret

    .section .note.GNU-stack, "", @progbits
