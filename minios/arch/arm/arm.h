/* SPDX-License-Identifier: ISC */
/*
 * What the files of this port share; the hooks are in minios/arch.h.
 *
 * Everything runs at EL1. Threads use SP_EL0; exceptions are taken to SP_EL1, a
 * stack of their own, so that one without room can be told of. Interrupts return
 * to the interrupted thread's stack, where they may preempt it (vectors.S).
 */
#ifndef ARM_ARM_H
#define ARM_ARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>
#include <devicetree/devicetree.h>
#include <minios/arch.h>

#include "arch/arm/layout.h"

#define READ_SYSREG(name)                                                      \
    ({                                                                         \
        uint64_t value_;                                                       \
        __asm__ volatile("mrs %0, " name : "=r"(value_) : : "memory");         \
        value_;                                                                \
    })
#define WRITE_SYSREG(name, value)                                              \
    __asm__ volatile("msr " name ", %0" : : "r"((uint64_t)(value)) : "memory")

/* Barriers: for what the other side of shared memory, or a device, sees. */
static inline void arm_dsb(void)
{
    __asm__ volatile("dsb sy" : : : "memory");
}

static inline void arm_isb(void)
{
    __asm__ volatile("isb" : : : "memory");
}

/* What vectors.S saves; lies on the interrupted thread's stack for interrupts,
 * on the stack of exceptions for these. */
struct trap_frame {
    struct frame_record here; /* to the interrupted code                    */
    uint64_t x[31];
    uint64_t sp, pc, pstate;
};
_Static_assert(sizeof(struct trap_frame) <= FRAME_BYTES &&
                   FRAME_BYTES % 16 == 0,
               "vectors.S");

/* An exception: explains it and ends the domain. */
__noreturn void arm_trap(struct trap_frame *frame);
/* Something else that nothing is there for: FIQ, SError, 32-bit code. */
__noreturn void arm_unexpected(struct trap_frame *frame, uint64_t vector);
/* Interrupts. */
void arm_irq(void);

/* boot.c */

/* The address of the device tree; stored by start.S. */
extern uint64_t arm_device_tree;
/* What it says; constant once arch_init_boot has returned. */
extern struct device_tree arm_dt;
/* Whether hypercalls can be made; and, while that is not known, what to say when
 * they cannot. */
extern bool arm_on_xen;
extern const char *arm_reason;
/* A zeroed page off the low end of (boot)'s free memory, NULL: none is left.
 * Start-up only. */
void *arm_boot_page(struct boot_info *boot);
/* Lets us at the GiB of (address) in the first page tables; start-up only. */
void arm_early_map(uint64_t address);
/* The same for registers, where that GiB is not memory. */
void arm_early_map_device(uint64_t address);

/* stop.c: ends where there is no hypervisor to be told: says so on the UART, if
 * there is one, and asks the firmware to switch off. */
__noreturn void arm_stop(const char *why);

/* memory.c: a device's registers, accessible where they are. */
int __must_check arm_map_device(const struct dt_region *registers);
/* One page of what is shared with the hypervisor. */
int __must_check arm_map_shared(const void *page);

/* gic.c */

/* Sets up the interrupt controller; private interrupts stay disabled. */
int __must_check gic_init(const struct device_tree *dt);
void gic_enable(unsigned interrupt);
/* The interrupt to be served, which becomes active; GIC_NONE or above: none. */
unsigned gic_acknowledge(void);
void gic_end(unsigned interrupt);
#define GIC_NONE 1020u

/* timer.c: the virtual timer's interrupt. */
void arm_timer_fired(void);

/* Threads (switch.S, fpu.c). */

/* thread_preempt() with the vector registers kept across it. */
void arm_preempt(void);
/* Where a new thread begins; sets up a frame for thread_main(). */
extern const char arm_thread_entry[];

/* What arch_thread_switch() leaves on the stack. */
struct switch_frame {
    uint64_t fpcr, unused;
    uint64_t d[8];   /* d8 to d15                                           */
    uint64_t x[10];  /* x19 to x28                                          */
    uint64_t fp, lr; /* debuginfo/threads.h wants these last               */
};
_Static_assert(sizeof(struct switch_frame) == 176, "switch.S");

#endif /* ARM_ARM_H */
