/* SPDX-License-Identifier: ISC */
/* Ways to make a Linux system call from a guest. */

/* void syscall_at(void *insn, const long regs[7]): jumps to a `syscall'
 * instruction somewhere with rax, rdi, rsi, rdx, r10, r8, r9 loaded. */
    .text
    .globl syscall_at
syscall_at:
    mov     %rdi, %r11
    mov     0(%rsi), %rax
    mov     8(%rsi), %rdi
    mov     24(%rsi), %rdx
    mov     32(%rsi), %r10
    mov     40(%rsi), %r8
    mov     48(%rsi), %r9
    mov     16(%rsi), %rsi
    jmp     *%r11

/* long update_va_mapping(va, pte, flags): the hypercall. */
    .globl update_va_mapping
update_va_mapping:
    mov     $14, %eax
    lea     hypercall_page + 14 * 32(%rip), %r11
    jmp     *%r11

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

    .section .note.GNU-stack, "", @progbits
