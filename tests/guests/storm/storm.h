/* SPDX-License-Identifier: ISC */
/* The xenstore ring in the hands of this guest: no kernel code between. */
#ifndef STORM_H
#define STORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/xen.h>
#include <xen/io/xs_wire.h>

/* The kernel's: what the domain was started with (minios/arch/x86). */
extern start_info_t *x86_start_info;

extern struct xenstore_domain_interface *ring;

/* Takes the ring from whoever has it in this guest; false = there is none. */
bool ring_take_over(void);
/* Asks for a new connection and waits for it. */
void ring_reconnect(void);
/* Rings the store's bell. */
void ring_bell(void);
/* Sends one message; waits for room, reading nothing. */
void ring_send(uint32_t type, uint32_t tx, const void *payload, uint32_t len);
/* As much of it as there is room for, and no waiting; false: not all. */
bool ring_try_send(uint32_t type, const void *payload, uint32_t len);

struct reply {
    struct xsd_sockmsg head;
    char body[XENSTORE_PAYLOAD_MAX + 1]; /* NUL-terminated                   */
};
/* Events that have come. */
extern unsigned ring_events;
/* Waits for the next message, be it an answer or an event. */
void ring_receive(struct reply *r);
/* A request and its answer; events in between are dropped. True if it is not
 * an error. */
bool ring_ask(uint32_t type, uint32_t tx, const void *payload, uint32_t len,
              struct reply *r);

#endif /* STORM_H */
