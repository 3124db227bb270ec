/* SPDX-License-Identifier: ISC */
/*
 * What the files of xenbus share; the public side is minios/xenbus.h.
 *
 *   client.c    the ring: event handler, submitting, waiting
 *   requests.c  one function for each operation
 *   watch.c     watches and the thread that tells of events
 *
 * The client (xenbus/client.h) is used with events disabled only, which keeps
 * handlers and other threads out.
 */
#ifndef MINIOS_XENBUS_INTERNAL_H
#define MINIOS_XENBUS_INTERNAL_H

#include <minios/xenbus.h>

extern struct xbc xenbus_client;

/* Moves what can be moved in both directions, calls what is to be called in a
 * handler, notifies xenstore. Events disabled. */
void xenbus_pump(void);

/* watch.c: there is something for the xenbus thread to do. Makes it if there is
 * none yet: 0 or -XEN_ENOMEM. Events disabled. */
int xenbus_wake_thread(void);

/* Submits (r) and waits for it; returns its result. */
int xenbus_ask(struct xenbus_request *r);

#endif /* MINIOS_XENBUS_INTERNAL_H */
