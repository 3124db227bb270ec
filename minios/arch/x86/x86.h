/* SPDX-License-Identifier: ISC */
/* What the files of this port share; the hooks are in minios/arch.h. */
#ifndef X86_X86_H
#define X86_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>
#include <minios/arch.h>
#include <xen/xen.h>

#include "paging.h"

/*
 * One image carries both entries; the one it is entered at says by storing one
 * of these what the domain is. The functions are the hooks of minios/arch.h
 * with the same names, but for the last.
 */
struct x86_platform {
    int (*init_boot)(struct boot_info *boot);
    int (*init_traps)(void);
    int (*init_memory)(struct boot_info *boot);
    bool (*events_disable)(void);
    void (*events_enable)(void);
    void (*block)(void);
    int (*page_unmap)(void *page);
    int (*page_map)(void *page);
    uint64_t (*page_gfn)(const void *page);
    int (*grant_frame)(unsigned index, bool status, void **page);
    /* In the handler of a page fault: the address. */
    uint64_t (*fault_address)(void);
};
extern const struct x86_platform x86_pv, x86_pvh;
extern const struct x86_platform *x86_platform;

/* Page table entries: SDM 3A 4.5. */

#define PTE_PRESENT  ((uint64_t)1 << 0)
#define PTE_WRITE    ((uint64_t)1 << 1)
#define PTE_USER     ((uint64_t)1 << 2)
#define PTE_ACCESSED ((uint64_t)1 << 5)
#define PTE_DIRTY    ((uint64_t)1 << 6)
#define PTE_NX       ((uint64_t)1 << 63)
#define PTE_ADDRESS  ((uint64_t)0x000ffffffffff000)

#define X86_PAGE_SHIFT 12
#define X86_PAGE_SIZE  0x1000ul
#define PTES_PER_TABLE 512

/* PTE_PRESENT, PTE_WRITE and (nx) as they should be for a page of this kind, and
 * for the page at (va) in the identity map; 0: not mapped. */
uint64_t x86_kind_rights(enum page_kind kind, uint64_t nx);
uint64_t x86_page_rights(uintptr_t va, uint64_t nx);

/* PTE_NX if this CPU knows it, else 0. Slow on some hosts: not on the way of a
 * start that has nothing to map. */
uint64_t pt_nx(void);

/* Traps (traps.c, events.c; the entries: save.h). */

/* What the entry code saves; the upper part is the CPU's or Xen's frame. */
struct trap_regs {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
    uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss;
};

/* What lies on the stack while a handler runs; rbp points at it. */
struct trap_frame {
    struct frame_record here;   /* to the interrupted code                 */
    struct frame_record caller; /* for x86_trap: see there                 */
    struct trap_regs regs;
};
_Static_assert(offsetof(struct trap_frame, regs) == 32, "FRAME_REGS");
_Static_assert(offsetof(struct trap_regs, rip) == 136, "REGS_RIP");

/* An exception: explains it and ends the domain. */
void x86_trap(struct trap_frame *frame);
/* Events, interrupting something; and the part of it that serves them. */
void x86_upcall(struct trap_frame *frame);
void x86_deliver(void);

/* Where exceptions lead: ended by an entry of 0. */
struct trap_entry {
    uint64_t vector;
    uintptr_t entry;
};
#define NR_EXCEPTIONS 32

/* Threads (switch.S, fpu.c). */

/* SDM 1, 10.2.3: as after reset. */
#define MXCSR_DEFAULT 0x1f80
/* SDM 1, 13.1 and 13.2: the state components of AMX, several KiB that a process
 * has to ask its kernel for; nobody can have done that here. */
#define XCR0_AMX ((uint64_t)3 << 17)

/* thread_preempt() with x87 and vector registers kept across it; what has them
 * next finds an empty x87 stack, as after a function call. */
void x86_preempt(void);
/* x86_preempt(), the register part: keeps the state components (mask), or, when
 * it is 0, what FXSAVE knows, in (bytes) of stack. */
void x86_preempt_fpu(uint64_t mask, uint64_t bytes);
/* Where a new thread begins; sets up a frame for thread_main(). */
extern const char x86_thread_entry[];

/* What arch_thread_switch() leaves on the stack. */
struct switch_frame {
    uint32_t mxcsr;
    uint32_t fcw;
    uint64_t r15, r14, r13, r12, rbx;
    uint64_t rbp, rip; /* debuginfo/threads.h wants these last             */
};

#endif /* X86_X86_H */
