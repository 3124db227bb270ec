/* SPDX-License-Identifier: ISC */
/* Ways to make a Linux system call from a guest. */

    .macro arguments from
    mov     0(\from), %rdi
    mov     16(\from), %rdx
    mov     24(\from), %r10
    mov     32(\from), %r8
    mov     40(\from), %r9
    mov     8(\from), %rsi
    .endm

    .text
    .globl syscall_at
syscall_at:
    mov     %rdi, %r11
    mov     (%rsi), %rax
    add     $8, %rsi
    arguments %rsi
    jmp     *%r11

/* long hypercall(unsigned nr, const uint64_t args[6]): through the page. */
    .globl hypercall
hypercall:
    mov     %edi, %eax
    shl     $5, %eax
    lea     hypercall_page(%rip), %r11
    add     %rax, %r11
    arguments %rsi
    jmp     *%r11

/* long raw_syscall(unsigned nr): two arguments, 0. Also a piece of code that can
 * be copied. */
    .globl raw_syscall, raw_syscall_end
raw_syscall:
    mov     %edi, %eax
    xor     %edi, %edi
    xor     %esi, %esi
    syscall
    ret
raw_syscall_end:

/* Code that counts, in a byte of its own page; to be copied. */
    .globl self_writer, self_writer_end
self_writer:
    lea     1f(%rip), %rax
    incb    (%rax)
    ret
1:  .byte   0
self_writer_end:

/* long int80(long nr): the 32-bit entry. */
    .globl int80
int80:
    mov     %rdi, %rax
    int     $0x80
    ret

/* The same in 64-bit code by sysenter; the kernel reads its sixth argument from
 * the stack at ebp. Comes back, if at all, somewhere else. */
    .globl sysenter64
sysenter64:
    mov     $20, %eax
    mov     %rsp, %rbp
    sysenter
    ret

/* 32-bit code, by Linux's selector for it: getpid in three ways, and back. */
    .macro compat name, insn
    .globl  \name
\name:
    push    %rbx
    push    %rbp
    mov     $compat_stack_top - 64, %ebp
    mov     %rsp, %rbx
    pushq   $0x23
    pushq   $1f
    lretq
    .code32
1:  mov     $20, %eax
    mov     %ebp, %esp
    \insn
    ljmp    $0x33, $2f
    .code64
2:  mov     %rbx, %rsp
    pop     %rbp
    pop     %rbx
    ret
    .endm

    compat compat_int80, "int $0x80"
    compat compat_sysenter, "sysenter"
    compat compat_syscall, "syscall"

    .bss
    .balign 16
    .skip   256
compat_stack_top:

    .section .note.GNU-stack, "", @progbits
