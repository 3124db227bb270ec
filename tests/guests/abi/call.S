/* SPDX-License-Identifier: ISC */
/* Ways of making a hypercall, and instructions a compiler does not write. */

/* long call_page(unsigned nr, a, b, c, d): through the hypercall page. */
    .text
    .globl call_page
call_page:
    mov     %edi, %eax
    shl     $5, %eax
    lea     hypercall_page(%rip), %r11
    add     %rax, %r11
    mov     %rsi, %rdi
    mov     %rdx, %rsi
    mov     %rcx, %rdx
    mov     %r8, %r10
    jmp     *%r11

/* long call_syscall(unsigned nr, a, b, c, d): by the raw instruction. */
    .globl call_syscall
call_syscall:
    mov     %edi, %eax
    mov     %rsi, %rdi
    mov     %rdx, %rsi
    mov     %rcx, %rdx
    mov     %r8, %r10
    syscall
    ret

/* long call_page_nt(unsigned nr, a, b, c, d): the same with the flag NT set,
 * which a guest may have set and Xen must not stumble over. */
    .globl call_page_nt
call_page_nt:
    pushfq
    orl     $0x4000, (%rsp)
    popfq
    call    call_page
    pushfq
    andl    $~0x4000, (%rsp)
    popfq
    ret

/* long preserved_by_call(nr): 1 if a hypercall keeps every register it has to
 * (all but rax, rcx, r11). */
    .globl preserved_by_call
preserved_by_call:
    push    %rbx
    push    %rbp
    push    %r12
    push    %r13
    push    %r14
    push    %r15
    mov     $0x1111, %ebx
    mov     $0x2222, %ebp
    mov     $0x3333, %r12d
    mov     $0x4444, %r13d
    mov     $0x5555, %r14d
    mov     $0x6666, %r15d
    mov     %edi, %eax
    shl     $5, %eax
    lea     hypercall_page(%rip), %r11
    add     %rax, %r11
    mov     $0, %edi            /* XENVER_version: no pointer */
    mov     $0x8888, %esi
    mov     $0x9999, %edx
    mov     $0xaaaa, %r10d
    mov     $0xbbbb, %r8d
    mov     $0xcccc, %r9d
    call    *%r11
    mov     $0, %eax
    cmp     $0x1111, %rbx
    jne     1f
    cmp     $0x2222, %rbp
    jne     1f
    cmp     $0x3333, %r12
    jne     1f
    cmp     $0x4444, %r13
    jne     1f
    cmp     $0x5555, %r14
    jne     1f
    cmp     $0x6666, %r15
    jne     1f
    test    %rdi, %rdi
    jne     1f
    cmp     $0x8888, %rsi
    jne     1f
    cmp     $0x9999, %rdx
    jne     1f
    cmp     $0xaaaa, %r10
    jne     1f
    cmp     $0xbbbb, %r8
    jne     1f
    cmp     $0xcccc, %r9
    jne     1f
    mov     $1, %eax
1:  pop     %r15
    pop     %r14
    pop     %r13
    pop     %r12
    pop     %rbp
    pop     %rbx
    ret

/* long iretq_xen_selectors(void): 1 after an iretq with the selectors Xen
 * gives a kernel. */
    .globl iretq_xen_selectors
iretq_xen_selectors:
    mov     %rsp, %rax
    push    $0xe02b
    push    %rax
    pushfq
    push    $0xe033
    lea     1f(%rip), %rcx
    push    %rcx
    iretq
1:  mov     $1, %eax
    ret

/* Xen's forced-emulation prefix: void forced_cpuid(uint32_t regs[4]). */
    .globl forced_cpuid
forced_cpuid:
    push    %rbx
    mov     0(%rdi), %eax
    mov     8(%rdi), %ecx
    ud2
    .ascii  "xen"
    cpuid
    mov     %eax, 0(%rdi)
    mov     %ebx, 4(%rdi)
    mov     %ecx, 8(%rdi)
    mov     %edx, 12(%rdi)
    pop     %rbx
    ret

    .section .note.GNU-stack, "", @progbits
