/* SPDX-License-Identifier: ISC */
/*
 * What an architecture supplies to the kernel: every hook, once. A port
 * implements all of this in minios/arch/<arch>/ plus the HYPERVISOR_* stubs of
 * minios/hypercall.h; common code contains nothing of any architecture.
 *
 * Boot: the port's entry code switches to the main stack [_stack_start,
 * _stack_end) of the linker script, ends the frame-pointer chain (frame pointer
 * 0) and calls kernel_main(), never to return. The hooks of the start-up table
 * (minios/start.c) follow in the order given there.
 *
 * Frame pointers: everything is compiled with them, and the frame pointer
 * points at a struct frame_record. A port's trap entry pushes such a record with the
 * interrupted address, so a walk leads from a trap handler through the trap to
 * the code that trapped and its callers.
 */
#ifndef MINIOS_ARCH_H
#define MINIOS_ARCH_H

#include <stdbool.h>
#include <stdint.h>
#include <base/compiler.h>
#include <minios/boot.h>

struct shared_info;

struct frame_record {
    uintptr_t next; /* the caller's frame pointer; 0: the last             */
    uintptr_t return_address;
};

/* Called by the port's entry code, on the main stack. */
__noreturn void kernel_main(void);

/*
 * Start-up, before anything can be allocated or handled; 0 or -XEN_E*.
 * arch_init_boot: finds shared_info and the rings, fills (boot). From then on
 * arch_shared_info and the clock work. Must tolerate any legal start of day.
 */
int arch_init_boot(struct boot_info *boot);
/*
 * Makes all memory of boot->free_* accessible, read-write and not executable,
 * maps the image as its segments say (text R+X, read-only data R, rest R+W),
 * and leaves the page at address 0 and the one below the main stack unmapped.
 * What the builder mapped this way already is left alone.
 */
int arch_init_memory(struct boot_info *boot);
/* Registers exception and event entry points. Events stay disabled. */
int arch_init_traps(void);

/* The shared_info page; constant once arch_init_boot has returned. */
extern struct shared_info *arch_shared_info;

/*
 * Delivery of events (upcalls) to this vCPU. Disabled at start. Disabling
 * returns whether they were enabled; enabling delivers what is pending before
 * it returns. In an upcall or trap they are disabled.
 */
bool arch_events_disable(void);
void arch_events_enable(void);
/*
 * With events disabled: enables them and sleeps until one is delivered, as one
 * step (an event that is pending already ends it at once). Returns with events
 * enabled. Thread context only.
 */
void arch_block(void);

/* Cycle counter: constant rate, not ordered against other instructions. */
uint64_t arch_cycles(void);
/* (cycles) of that counter in picoseconds; 0 if the rate is not known. */
uint64_t arch_cycles_to_ps(uint64_t cycles);
/* Xen's system time: ns since boot of the host, monotonic. */
uint64_t arch_system_time_ns(void);

#endif /* MINIOS_ARCH_H */
