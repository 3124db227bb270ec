/* SPDX-License-Identifier: ISC */
/*
 * Event channels (xen/event_channel.h), whichever ABI carries them: 2-level at
 * start, FIFO once evtchn_use_fifo() has been accepted. Ports start masked.
 *
 * A handler runs in the upcall, with events disabled: it must not block and not
 * use floating point. The pending bit is cleared before it is called.
 */
#ifndef MINIOS_EVTCHN_H
#define MINIOS_EVTCHN_H

#include <stdbool.h>
#include <stdint.h>
#include <base/compiler.h>
#include <xen/xen.h>
#include <xen/event_channel.h>

typedef void evtchn_handler(evtchn_port_t port, void *arg);

/* Masks every port and enables delivery (start-up table). */
int evtchn_init(void);

/*
 * Asks for the FIFO ABI: more than 4095 ports, and priorities. 0 also when it is
 * in use already; -XEN_ENOSYS: the hypervisor has none; -XEN_ENOMEM. Ports that
 * are bound keep working, what is pending stays so. There is no way back.
 * Not done at start: it costs a domain two pages and two hypercalls, and one
 * with a few ports gains nothing. Thread context.
 */
int __must_check evtchn_use_fifo(void);
/* "2-level" or "fifo". Any context. */
const char *evtchn_abi_name(void);
/* Ports are below this. Any context. */
evtchn_port_t evtchn_port_limit(void);

/* EVTCHNOP_*: a port (> 0) or -XEN_E*; masked, not yet bound to a handler. With
 * FIFO the port may need a page for its state (-XEN_ENOMEM). Thread context. */
int __must_check evtchn_alloc_unbound(domid_t remote);
int __must_check evtchn_bind_interdomain(domid_t remote,
                                         evtchn_port_t remote_port);
int __must_check evtchn_bind_virq(unsigned virq);
int __must_check evtchn_bind_ipi(void);
/* Unbinds the handler, if any, and closes the port. 0 or -XEN_E*. */
int evtchn_close(evtchn_port_t port);
/* EVTCHN_FIFO_PRIORITY_MAX (first) .. _MIN (last), from the next event on. -XEN_ENOSYS
 * with the 2-level ABI, which has none. Any context. */
int __must_check evtchn_set_priority(evtchn_port_t port, unsigned priority);

/*
 * Binds (fn) to (port) and unmasks it; what is pending is delivered at once
 * when events are enabled. -XEN_EINVAL: no such port, -XEN_EBUSY: bound
 * already, -XEN_ENOMEM. Thread context.
 */
int __must_check evtchn_bind_handler(evtchn_port_t port, evtchn_handler *fn,
                                     void *arg);
/* Masks (port) and forgets its handler. Does not close the port. */
void evtchn_unbind_handler(evtchn_port_t port);

/* (port) was made by a call above, or has had a handler. Any context. */
void evtchn_mask(evtchn_port_t port);
void evtchn_unmask(evtchn_port_t port);
/* Clears the pending bit; returns whether it was set. */
bool evtchn_clear_pending(evtchn_port_t port);

/* EVTCHNOP_send: 0 or -XEN_E*. Any context. */
int evtchn_notify(evtchn_port_t port);

/* Called by the architecture's upcall entry, with events disabled. */
void evtchn_upcall(void);

/*
 * Sleeps until cond(arg) holds; (cond) is called with events disabled, first at
 * once and then after every event that was delivered. Thread context.
 */
void event_wait(bool (*cond)(void *arg), void *arg);

/*
 * Sleeps until (port) is pending, without delivering it, at most until system
 * time (deadline_ns); may wake early. Call with events disabled or the port
 * masked; (port) as for evtchn_mask(). Any context. Returns false when time is up and it is not pending.
 */
bool __must_check evtchn_poll(evtchn_port_t port, uint64_t deadline_ns);

#endif /* MINIOS_EVTCHN_H */
