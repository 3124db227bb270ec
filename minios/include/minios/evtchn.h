/* SPDX-License-Identifier: ISC */
/*
 * Event channels, 2-level ABI (xen/event_channel.h). Ports start masked.
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
 * Binds (fn) to (port) and unmasks it; what is pending is delivered at once
 * when events are enabled. -XEN_EINVAL: no such port, -XEN_EBUSY: bound
 * already, -XEN_ENOMEM. Thread context.
 */
int __must_check evtchn_bind_handler(evtchn_port_t port, evtchn_handler *fn,
                                     void *arg);
/* Masks (port) and forgets its handler. Does not close the port. */
void evtchn_unbind_handler(evtchn_port_t port);

/* (port) must be less than the number of 2-level ports. Any context. */
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
 * masked. Any context. Returns false when time is up and it is not pending.
 */
bool __must_check evtchn_poll(evtchn_port_t port, uint64_t deadline_ns);

#endif /* MINIOS_EVTCHN_H */
