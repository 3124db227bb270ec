/* SPDX-License-Identifier: ISC */
/*
 * For assembly: from a trap to its handler and back.
 *
 * CALL_HANDLER builds a struct trap_frame (x86.h), whose record leads to the
 * interrupted rip and rbp, and calls (handler) with it. On entry the stack holds
 * vector, error code, rip, cs, rflags, rsp, ss; the other registers are the
 * interrupted code's, and are so again at the end, with rip on top of the stack.
 */
#ifndef X86_SAVE_H
#define X86_SAVE_H

/* Offsets in struct trap_regs and struct trap_frame. */
#define REGS_RIP   136
#define FRAME_REGS 32

/* clang-format off */
    .macro CALL_HANDLER handler
    push %rax
    push %rbx
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    push %rbp
    push %r8
    push %r9
    push %r10
    push %r11
    push %r12
    push %r13
    push %r14
    push %r15
    mov REGS_RIP(%rsp), %rax
    sub $16, %rsp /* trap_frame.caller: room only */
    push %rax
    push %rbp
    mov %rsp, %rbp
    mov %rsp, %rdi
    mov %rsp, %rbx
    and $-16, %rsp
    cld
    call \handler
    lea FRAME_REGS(%rbx), %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rbp
    pop %rdi
    pop %rsi
    pop %rdx
    pop %rcx
    pop %rbx
    pop %rax
    add $16, %rsp /* vector, error code */
    .endm
/* clang-format on */

#endif /* X86_SAVE_H */
