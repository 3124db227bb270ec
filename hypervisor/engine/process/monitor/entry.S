/* SPDX-License-Identifier: ISC */
/*
 * Ways into and out of the monitor.
 *
 * In:  the two vectors at MONITOR_BASE, where the hypercall page jumps to.
 *      Signals come in through C (signals.c), on their own stack.
 * Out: two restartable windows. Each begins with "is an upcall due?" and ends
 *      with the jump into the guest. A kick that arrives inside a window sends
 *      execution back to its first instruction (signals.c), so no event can
 *      slip in between the check and the return. The windows only read the
 *      saved registers on the monitor stack, which therefore stay valid until
 *      the guest runs.
 *
 * The register block on the monitor stack is struct guest_regs (monitor.h).
 */

#define SHINFO_VA   0xfd000     /* portal/layout.h; checked in child.c */
#define STACK_TOP   monitor_stack_top
#define MONITOR_STACK_SIZE 6144
#define REGS_SIZE   72          /* struct guest_regs; checked in child.c */

    .section .text.entry, "ax"
    .globl monitor_vectors
monitor_vectors:
    jmp     hypercall_entry
    .balign 16
    jmp     iret_entry
    .balign 16

    .text
/*
 * hypercall_entry: eax = number, arguments in rdi rsi rdx r10 r8 r9, the
 * return address on the guest's stack. Everything but rax is preserved.
 */
    .globl hypercall_entry
hypercall_entry:
    mov     %rsp, v_guest_rsp(%rip)
    lea     STACK_TOP(%rip), %rsp
    push    %rbp
    push    %rcx
    push    %r11
    push    %r9
    push    %r8
    push    %r10
    push    %rdx
    push    %rsi
    push    %rdi
    cld
    mov     %rsp, %rdi
    mov     %eax, %esi
    call    do_hypercall

    .globl hypercall_exit_start, hypercall_exit_end
hypercall_exit_start:
    cmpw    $1, SHINFO_VA       /* upcall_pending = 1, upcall_mask = 0 */
    je      hypercall_exit_upcall
    pop     %rdi
    pop     %rsi
    pop     %rdx
    pop     %r10
    pop     %r8
    pop     %r9
    pop     %r11
    pop     %rcx
    pop     %rbp
    mov     v_guest_rsp(%rip), %rsp
    ret
hypercall_exit_end:

/* An event is due at the end of a hypercall: turn the return into an iret. */
hypercall_exit_upcall:
    push    %rax
    push    $0x202              /* iretq faults with the guest's NT */
    popf
    mov     v_guest_rsp(%rip), %rdi
    call    iret_from_call

/*
 * iret_exit: leaves through v_iret with the block on the stack (rax on top).
 */
    .globl iret_exit_start, iret_exit_end
iret_exit_start:
    cmpw    $1, SHINFO_VA
    je      iret_exit_upcall
    pop     %rax
    pop     %rdi
    pop     %rsi
    pop     %rdx
    pop     %r10
    pop     %r8
    pop     %r9
    pop     %r11
    pop     %rcx
    pop     %rbp
    lea     v_iret(%rip), %rsp
    .globl iret_insn
iret_insn:
    iretq
iret_exit_end:

/* The windows, and how much of the stack they find (struct exit_window). */
    .section .rodata
    .balign 8
    .globl exit_windows
exit_windows:
    .quad   hypercall_exit_start, hypercall_exit_end, REGS_SIZE
    .quad   iret_exit_start, iret_exit_end, REGS_SIZE + 8 /* rax */
    .text

iret_exit_upcall:
    lea     8(%rsp), %rdi
    call    deliver_upcall_on_exit
    jmp     iret_exit_start

/* HYPERVISOR_iret: the frame is on the guest's stack (struct iret_context). */
    .globl iret_entry
iret_entry:
    mov     %rsp, v_guest_rsp(%rip)
    lea     STACK_TOP(%rip), %rsp
    push    %rbp
    push    %rcx
    push    %r11
    push    %r9
    push    %r8
    push    %r10
    push    %rdx
    push    %rsi
    push    %rdi
    push    %rax
    push    $0x202              /* the guest's NT or AC would break us */
    popf
    call    do_iret
    jmp     iret_exit_start

/* enter_guest(rsi): first entry; v_iret is set. All other registers zero. */
    .globl enter_guest
enter_guest:
    lea     STACK_TOP(%rip), %rsp
    xor     %eax, %eax
    push    %rax                /* rbp */
    push    %rax                /* rcx */
    push    %rax                /* r11 */
    push    %rax                /* r9  */
    push    %rax                /* r8  */
    push    %rax                /* r10 */
    push    %rax                /* rdx */
    push    %rdi                /* rsi = start_info */
    push    %rax                /* rdi */
    push    %rax                /* rax */
    xor     %ebx, %ebx
    xor     %r12d, %r12d
    xor     %r13d, %r13d
    xor     %r14d, %r14d
    xor     %r15d, %r15d
    jmp     iret_exit_start

/*
 * unsigned long copy_guest(void *dst, const void *src, size_t n)
 * Returns the number of bytes not copied. A fault between copy_start and
 * copy_end continues at copy_fixup (signals.c).
 */
    .globl copy_guest, copy_start, copy_end, copy_fixup
copy_guest:
    mov     %rdx, %rcx
copy_start:
    rep movsb
copy_end:
copy_fixup:
    mov     %rcx, %rax
    ret

    .globl signal_restorer
signal_restorer:
    mov     $15, %eax           /* rt_sigreturn */
    syscall

/* Process start: rsp points at argc. */
    .globl monitor_start
monitor_start:
    mov     %rsp, %rdi
    lea     STACK_TOP(%rip), %rsp
    xor     %ebp, %ebp
    call    zygote_main
    ud2

/*
 * What every hypercall dirties lies together: the top of this stack and, right
 * behind it, the vCPU's state (section .hot), so that an idle guest owns one
 * page of it.
 */
    .section .hot, "aw", @nobits
    .balign 4096
monitor_stack:
    .skip   MONITOR_STACK_SIZE
    .globl  monitor_stack_top
monitor_stack_top:

    .section .note.GNU-stack, "", @progbits
