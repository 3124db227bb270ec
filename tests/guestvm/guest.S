/* SPDX-License-Identifier: ISC */
/*
 * A PV guest in a few instructions, loaded at 1 MiB (image.c makes the ELF
 * around it): what it does is chosen by a byte of its data page.
 *
 *   0x100000  this text     0x101000  hypercall page     0x102000  data
 */
#define HYPERCALL_PAGE 0x101000
#define DATA           0x102000
#define MODE           (DATA + 0)     /* byte, patched by the test             */
#define SHUTDOWN_ARG   (DATA + 8)     /* struct sched_shutdown                 */
#define SEEN_RSI       (DATA + 16)    /* start_info, as passed at start        */
#define COUNTER        (DATA + 24)
#define UPCALL_TSC     (DATA + 32)    /* time stamp of the last upcall         */
#define SHINFO         0xfd000        /* portal/layout.h                       */

#define NR_SET_CALLBACKS 4
#define NR_IRET 23
#define NR_SCHED_OP 29
#define SCHEDOP_BLOCK 1
#define SCHEDOP_SHUTDOWN 2

    .section .rodata
    .balign 16
    .globl guest_text, guest_text_end
guest_text:
    movq %rsi, SEEN_RSI
    movb MODE, %al
    cmpb $1, %al
    je block
    cmpb $2, %al
    je shutdown
    cmpb $3, %al
    je crash
    cmpb $4, %al
    je upcalls
spin:
    incq COUNTER
    jmp spin
block:
    movl $SCHEDOP_BLOCK, %edi
    xorl %esi, %esi
    movl $HYPERCALL_PAGE + NR_SCHED_OP * 32, %eax
    call *%rax
    jmp block
shutdown:
    movl $SCHEDOP_SHUTDOWN, %edi
    movl $SHUTDOWN_ARG, %esi
    movl $HYPERCALL_PAGE + NR_SCHED_OP * 32, %eax
    call *%rax
crash:
    movabsq $0x1122334455667788, %rbx
    ud2
upcalls:
    leaq upcall(%rip), %rdi
    movq %rdi, %rsi
    movq %rdi, %rdx
    movl $HYPERCALL_PAGE + NR_SET_CALLBACKS * 32, %eax
    call *%rax
    jmp block
/* The only thing interrupted is block, which needs none of these registers. */
upcall:
    rdtsc
    shlq $32, %rdx
    orq %rdx, %rax
    movq %rax, UPCALL_TSC
    movb $0, SHINFO
    incq COUNTER
    popq %rcx
    popq %r11
    pushq $0
    movl $HYPERCALL_PAGE + NR_IRET * 32, %eax
    jmp *%rax
guest_text_end:
    .section .note.GNU-stack, "", @progbits
