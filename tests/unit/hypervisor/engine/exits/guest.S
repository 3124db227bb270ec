/* SPDX-License-Identifier: ISC */
/*
 * A PV guest that is put where the test wants it: the test sets all of its
 * registers, one of the labels below as rip, and follows it to (exits_done).
 * What it is stopped at by itself are the breakpoints, which the test's trace
 * keeps from it.
 */
#include "guest.h"

#define SHINFO       0xfd000            /* portal/layout.h               */
#define PENDING_SEL  (SHINFO + 8)       /* xen.h: struct vcpu_info       */
#define PENDING      (SHINFO + 0x800)   /* word 0 of struct shared_info's */
#define MASK         (SHINFO + 0xa00)

#define NR_SET_TRAP_TABLE 0
#define NR_SET_CALLBACKS 4
#define NR_IRET 23
#define VECTOR_UD 6

    .section .rodata
    .balign 16
    .globl exits_text, exits_text_end, exits_done, exits_late
    .globl exits_page, exits_poll, exits_iret, exits_syscall, exits_trap
    .globl exits_plain
exits_text:
    movq    $EXITS_HYPERCALLS + NR_IRET * 32, EXITS_IRET
    leaq    upcall(%rip), %rdi
    movq    %rdi, %rsi
    movq    %rdi, %rdx
    movl    $EXITS_HYPERCALLS + NR_SET_CALLBACKS * 32, %eax
    call    *%rax
    /* struct trap_info: vector, flags, cs, address; then an empty one. */
    movl    $EXITS_ARG, %edi
    movb    $VECTOR_UD, (%rdi)
    leaq    trap(%rip), %rax
    movq    %rax, 8(%rdi)
    movl    $EXITS_HYPERCALLS + NR_SET_TRAP_TABLE * 32, %eax
    call    *%rax

exits_done:
    int3
    nop
exits_late:
    int3

exits_page:                     /* rax: the stub's address */
    call    *%rax
    jmp     exits_done
exits_poll:                     /* then unmask, by iret */
    call    *%rax
exits_iret:
    jmp     *EXITS_IRET
exits_syscall:
    syscall
    jmp     exits_done
exits_trap:
    ud2
    jmp     exits_done
exits_plain:
    nop
    nop
    jmp     exits_done

/* Takes what is pending as a kernel does: flag, selector, words. */
upcall:
    pushq   %rax
    pushq   %rbx
    incq    EXITS_UPCALLS
    movb    $0, SHINFO
    xorl    %eax, %eax
    xchgq   %rax, PENDING_SEL
    btq     $0, %rax
    jnc     2f
    movq    MASK, %rax
    notq    %rax
    andq    PENDING, %rax
    movq    %rax, %rbx
    notq    %rbx
    lock andq %rbx, PENDING
1:  bsfq    %rax, %rbx
    jz      2f
    btrq    %rbx, %rax
    incq    EXITS_EVENTS(,%rbx,8)
    jmp     1b
2:  popq    %rbx
    popq    %rax
    popq    %rcx
    popq    %r11
    pushq   $0
    jmp     *EXITS_IRET

/* Goes on behind the ud2. */
trap:
    incq    EXITS_TRAPS
    popq    %rcx
    popq    %r11
    addq    $2, (%rsp)
    pushq   $0
    jmp     *EXITS_IRET
exits_text_end:
    .section .note.GNU-stack, "", @progbits
