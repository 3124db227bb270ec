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
#include <xen/xen.h>
#include <xen/event_channel.h>

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

/* The shared_info page, and this vCPU's part of it or what is registered in its
 * place; constant once arch_init_boot has returned. */
extern struct shared_info *arch_shared_info;
extern struct vcpu_info *arch_vcpu_info;

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
/*
 * With events disabled, which they stay: waits until (port) is pending or system
 * time is (deadline_ns), or for less. For who may not sleep: a panic.
 */
void arch_wait_event(evtchn_port_t port, uint64_t deadline_ns);

/*
 * The vCPU's one timer. arch_timer_init: called once, before the first
 * arch_timer_set; from then on (fire) is called as an event handler is, once for
 * each arch_timer_set(), not long before the deadline. That replaces an earlier
 * deadline; one that has come fires at once. Events disabled.
 */
void arch_timer_init(void (*fire)(void));
void arch_timer_set(uint64_t deadline_ns);

/*
 * Switching threads. arch_thread_prepare: makes a stack that ends at (end),
 * aligned to 16, look as if its thread had called arch_thread_switch(); when it
 * is switched to it calls thread_main(). Returns the stack pointer to give.
 * arch_thread_switch: saves what a function call preserves, floating-point
 * control included, on the stack, stores the stack pointer in (*save), and goes
 * on where the thread with stack pointer (next) left. Events are disabled.
 * What is saved begins as debuginfo/threads.h says; the port defines
 * midge_threads.
 *
 * Preemption. At the end of an upcall, and when events are enabled, a port asks
 * thread_preempt_due() and calls thread_preempt(); in an upcall it keeps all
 * registers of the interrupted code, vector registers included, across that.
 */
void *arch_thread_prepare(void *end);
void arch_thread_switch(void **save, void *next);

/*
 * Makes a page of the identity map inaccessible, and accessible again with its
 * contents lost or not; 0 or -XEN_E*. Any context.
 */
int __must_check arch_page_unmap(void *page);
int __must_check arch_page_map(void *page);

/* The number by which Xen knows the frame of (page), for calls that take a gfn:
 * on PV its machine frame. (page) is aligned, and from page_alloc(). */
uint64_t arch_page_gfn(const void *page);
/*
 * Makes frame (index) of the grant table, or of its status entries, accessible
 * at (*page); the table grows so that it has that frame. 0, -XEN_ENOSPC (it
 * cannot be that large), -XEN_ENOMEM or what the hypervisor says. Thread
 * context.
 */
int arch_grant_frame(unsigned index, bool status, void **page);

/* Cycle counter: constant rate, not ordered against other instructions. */
uint64_t arch_cycles(void);
/* (cycles) of that counter in picoseconds; 0 if the rate is not known. */
uint64_t arch_cycles_to_ps(uint64_t cycles);
/* Xen's system time: ns since boot of the host, monotonic. */
uint64_t arch_system_time_ns(void);

#endif /* MINIOS_ARCH_H */
