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

/* Hypercalls that exist on x86 only (xen/xen.h, xen/callback.h). */
long HYPERVISOR_set_trap_table(const struct trap_info *table);
long HYPERVISOR_mmu_update(const struct mmu_update *requests, unsigned count,
                           unsigned *done, domid_t domain);
long HYPERVISOR_update_va_mapping(uintptr_t va, uint64_t pte, unsigned flags);
long HYPERVISOR_mmuext_op(const struct mmuext_op *ops, unsigned count,
                          unsigned *done, domid_t domain);
long HYPERVISOR_callback_op(int cmd, const void *arg);

/* Stored by the entry code. */
extern const struct start_info *x86_start_info;

/* Page tables (pagetable.c): SDM 3A 4.5, and xen.h "mmu_update". */

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

/* Machine frame of pseudo-physical frame (pfn), which must be < nr_pages. */
uint64_t pfn_to_mfn(uint64_t pfn);
/* The other way, for a frame that is ours. */
uint64_t mfn_to_pfn(uint64_t mfn);

/* Where the level-(level) entry for (va) lies (1 = leaf, 4 = top), or NULL when
 * a table above it is missing. */
uint64_t *pt_entry(uintptr_t va, int level);
/* Machine address of an entry, as mmu_update wants it. */
uint64_t pt_entry_machine(const uint64_t *entry);

/* PTE_NX if this CPU knows it, else 0. Slow on some hosts: not on the way of a
 * start that has nothing to map. */
uint64_t pt_nx(void);

/* Traps (traps.c, entry.S). */

/* What the entry code saves; the upper part is Xen's frame. */
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

void x86_upcall(struct trap_frame *frame);
void x86_trap(struct trap_frame *frame);
__noreturn void x86_failsafe(void);

/* Threads (switch.S, fpu.c). */

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
