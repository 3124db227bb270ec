/* SPDX-License-Identifier: ISC */
/* The entry point, the handlers and the faults of framedump. */
#define __ASSEMBLY__
#include <xen/xen.h>

#define EVTCHNOP_send 4 /* event_channel.h is for C only */

/* --- the entry point: stands in front of the kernel's (minios/entry.S) --------- */
    .section .text.start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    mov %rax, entry_state+0(%rip)
    mov %rbx, entry_state+8(%rip)
    mov %rcx, entry_state+16(%rip)
    mov %rdx, entry_state+24(%rip)
    mov %rsi, entry_state+32(%rip)
    mov %rdi, entry_state+40(%rip)
    mov %rbp, entry_state+48(%rip)
    mov %rsp, entry_state+56(%rip)
    mov %r8, entry_state+64(%rip)
    mov %r9, entry_state+72(%rip)
    mov %r10, entry_state+80(%rip)
    mov %r11, entry_state+88(%rip)
    mov %r12, entry_state+96(%rip)
    mov %r13, entry_state+104(%rip)
    mov %r14, entry_state+112(%rip)
    mov %r15, entry_state+120(%rip)
    pushfq
    pop entry_state+128(%rip)
    .macro SELECTOR name, offset
    xor %eax, %eax
    mov %\name, %eax
    mov %rax, entry_state+\offset(%rip)
    .endm
    SELECTOR cs, 136
    SELECTOR ss, 144
    SELECTOR ds, 152
    SELECTOR es, 160
    SELECTOR fs, 168
    SELECTOR gs, 176
    cld
    mov %rsi, x86_start_info(%rip)
    lea _stack_end(%rip), %rsp
    xor %ebp, %ebp
    push %rsi
    sub $8, %rsp
    call map_record
    add $8, %rsp
    pop %rsi
    jmp x86_start
    .size _start, . - _start

    .bss
    .globl entry_state
    .balign 8
    .type entry_state, @object
    .size entry_state, 184
entry_state:
    .skip 184

/* --- handlers ------------------------------------------------------------------------ */

#define WORDS 9

/* Fills `seen'. Clobbers nothing, but flags; the frame stays at (%rsp). */
    .macro RECORD
    mov %rsp, seen+0(%rip)
    mov %rax, seen+80(%rip)
    pushfq
    pop seen+184(%rip)
    push $2
    popfq
    .set .Lword, 0
    .rept WORDS
    mov .Lword*8(%rsp), %rax
    mov %rax, seen+8+.Lword*8(%rip)
    .set .Lword, .Lword + 1
    .endr
    mov %rbx, seen+88(%rip)
    mov %rdx, seen+96(%rip)
    mov %rsi, seen+104(%rip)
    mov %rdi, seen+112(%rip)
    mov %rbp, seen+120(%rip)
    mov %r8, seen+128(%rip)
    mov %r9, seen+136(%rip)
    mov %r10, seen+144(%rip)
    mov %r12, seen+152(%rip)
    mov %r13, seen+160(%rip)
    mov %r14, seen+168(%rip)
    mov %r15, seen+176(%rip)
    mov %cs, %eax
    mov %rax, seen+192(%rip)
    mov %ss, %eax
    mov %rax, seen+200(%rip)
    mov seen+80(%rip), %rax
    .endm

    .bss
    .globl seen, expected_rsp, upcalls_seen
    .balign 8
    .type seen, @object
    .size seen, 208
seen:
    .skip 208
    .type expected_rsp, @object
    .size expected_rsp, 8
expected_rsp:
    .skip 8
    .type upcalls_seen, @object
    .size upcalls_seen, 4
upcalls_seen:
    .skip 4

    .text
/* edi = vector: tells C, then goes back by way of the frame as C left it. The
 * interrupted code (a site) expects no register but rsp to be kept. */
    .type exception_common, @function
exception_common:
    mov %rsp, %rbx
    and $-16, %rsp
    cld
    call exception_seen
    mov %rbx, %rsp
    pop %rcx
    pop %r11
    add %rax, %rsp
    push $0
    jmp hypercall_page + __HYPERVISOR_iret * 32
    .size exception_common, . - exception_common

    .section .rodata
    .globl vector_entries
    .balign 8
vector_entries:
    .macro HANDLER vector
    .text
    .type exception_\vector, @function
exception_\vector:
    RECORD
    mov $\vector, %edi
    jmp exception_common
    .size exception_\vector, . - exception_\vector
    .section .rodata
    .quad \vector, exception_\vector
    .endm
    HANDLER 0
    HANDLER 1
    HANDLER 3
    HANDLER 6
    HANDLER 12
    HANDLER 13
    HANDLER 14
    HANDLER 16
    .quad 0, 0

/* Events: records the first, then lets the kernel's own entry do its work. */
    .text
    .globl upcall_recorder
    .type upcall_recorder, @function
upcall_recorder:
    cmpl $0, upcalls_seen(%rip)
    jne x86_upcall_entry
    RECORD
    incl upcalls_seen(%rip)
    jmp x86_upcall_entry
    .size upcall_recorder, . - upcall_recorder

/* --- sites ---------------------------------------------------------------------------- */

    .macro SAVE
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    .endm
    .macro RESTORE
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    .endm

/* What frames.c looks for. */
    .macro KNOWN_REGISTERS
    mov $0x2222222222222222, %rbx
    mov $0x3333333333333333, %rcx
    mov $0x4444444444444444, %rdx
    mov $0x5555555555555555, %rsi
    mov $0x7777777777777777, %rbp
    mov $0x8888888888888888, %r8
    mov $0x9999999999999999, %r9
    mov $0xaaaaaaaaaaaaaaaa, %r10
    mov $0xbbbbbbbbbbbbbbbb, %r11
    mov $0xcccccccccccccccc, %r12
    mov $0xdddddddddddddddd, %r13
    mov $0xeeeeeeeeeeeeeeee, %r14
    mov $0xffffffffffffffff, %r15
    .endm

/* void raise_N(uint64_t address): (address) is left in rdi and in rax. Flags
 * are those of equal operands, with (flags) added. (slack) moves the stack. */
    .macro SITE_BEGIN flags=0, slack=0
    .section .rodata.sites, "a", @progbits
    .quad 9f, 1f, 2f
    .text
9:  SAVE
    sub $(8 + \slack), %rsp
    mov %rsp, expected_rsp(%rip)
    KNOWN_REGISTERS
    mov %rdi, %rax
    cmp %rdi, %rdi
    .if \flags
    pushfq
    orq $\flags, (%rsp)
    popfq
    .endif
1:
    .endm
    .macro SITE_END slack=0
2:  add $(8 + \slack), %rsp
    RESTORE
    cld
    ret
    .endm

    .section .rodata.sites, "a", @progbits
    .globl site_table
    .balign 8
site_table:
    SITE_BEGIN          /* SITE_INT3 */
    int3
    SITE_END
    SITE_BEGIN          /* SITE_UD2 */
    ud2
    SITE_END
    SITE_BEGIN slack=8  /* SITE_UD2_ODD: the stack is 8 mod 16 */
    ud2
    SITE_END slack=8
    SITE_BEGIN flags=0x44401 /* SITE_UD2_FLAGS: AC, NT, DF, CF */
    ud2
    SITE_END
    SITE_BEGIN          /* SITE_DIVIDE */
    div %rdi
    SITE_END
    SITE_BEGIN          /* SITE_READ */
    mov (%rax), %al
    SITE_END
    SITE_BEGIN          /* SITE_WRITE */
    movb $0, (%rax)
    SITE_END
    SITE_BEGIN          /* SITE_LOAD_DS */
    mov %eax, %ds
    SITE_END
    SITE_BEGIN          /* SITE_HLT */
    hlt
    SITE_END
    SITE_BEGIN          /* SITE_STACK: rbp is the stack's, and not canonical */
    mov 0x7777(%rbp), %al
    SITE_END

/* The instruction that traps is not the one at fault: these are by hand. */
    .section .rodata.sites, "a", @progbits
    .quad raise_jump, 0, 3f
    .quad raise_x87, 4f, 5f
    .quad raise_step, 6f, 7f

    .text
    .type raise_jump, @function
raise_jump: /* SITE_JUMP: to rdi; frames.c knows where that is */
    SAVE
    sub $8, %rsp
    mov %rsp, expected_rsp(%rip)
    KNOWN_REGISTERS
    mov %rdi, %rax
    cmp %rdi, %rdi
    jmp *%rdi
3:  add $8, %rsp
    RESTORE
    ret
    .size raise_jump, . - raise_jump

    .type raise_x87, @function
raise_x87: /* SITE_X87: one divided by zero, unmasked */
    SAVE
    sub $8, %rsp
    mov %rsp, expected_rsp(%rip)
    fninit
    movw $0x37b, -8(%rsp)
    fldcw -8(%rsp)
    fldz
    fld1
    fdivp
    KNOWN_REGISTERS
    mov %rdi, %rax
    cmp %rdi, %rdi
4:  fwait
5:  fninit
    add $8, %rsp
    RESTORE
    ret
    .size raise_x87, . - raise_x87

    .type raise_step, @function
raise_step: /* SITE_STEP: the trap flag; comes after the instruction */
    SAVE
    sub $8, %rsp
    mov %rsp, expected_rsp(%rip)
    KNOWN_REGISTERS
    mov %rdi, %rax
    cmp %rdi, %rdi
    pushfq
    orq $0x100, (%rsp)
    popfq
6:  nop
7:  nop
    add $8, %rsp
    RESTORE
    ret
    .size raise_step, . - raise_step

/* void spin_for_upcall(uint64_t turns) */
    .globl spin_for_upcall, spin_start, spin_end
    .type spin_for_upcall, @function
spin_for_upcall:
    SAVE
    sub $8, %rsp
    mov %rsp, expected_rsp(%rip)
    mov %rdi, %rax
    mov $0x6666666666666666, %rdi
    KNOWN_REGISTERS
spin_start:
    cmpl $0, upcalls_seen(%rip)
    jne spin_end
    dec %rax
    jnz spin_start
spin_end:
    add $8, %rsp
    RESTORE
    ret
    .size spin_for_upcall, . - spin_for_upcall

/* long send_event(const struct evtchn_send *send) */
    .globl send_event, send_event_end
    .type send_event, @function
send_event:
    mov %rdi, %rsi
    mov $EVTCHNOP_send, %edi
    call hypercall_page + __HYPERVISOR_event_channel_op * 32
    ret
send_event_end:
    .size send_event, . - send_event

/* long hypercall(nr, a, b, c, d): through the hypercall page. */
    .globl hypercall
    .type hypercall, @function
hypercall:
    mov %edi, %eax
    shl $5, %eax
    lea hypercall_page(%rip), %r11
    add %rax, %r11
    mov %rsi, %rdi
    mov %rdx, %rsi
    mov %rcx, %rdx
    mov %r8, %r10
    jmp *%r11
    .size hypercall, . - hypercall

/* Xen's forced-emulation prefix: void forced_cpuid(uint32_t regs[4]). */
    .globl forced_cpuid
    .type forced_cpuid, @function
forced_cpuid:
    push %rbx
    mov 0(%rdi), %eax
    mov 8(%rdi), %ecx
    ud2
    .ascii "xen"
    cpuid
    mov %eax, 0(%rdi)
    mov %ebx, 4(%rdi)
    mov %ecx, 8(%rdi)
    mov %edx, 12(%rdi)
    pop %rbx
    ret
    .size forced_cpuid, . - forced_cpuid

    .section .note.GNU-stack, "", @progbits
