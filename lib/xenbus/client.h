/* SPDX-License-Identifier: ISC */
/* What the client's files share. */
#ifndef XENBUS_CLIENT_INTERNAL_H
#define XENBUS_CLIENT_INTERNAL_H

#include <xenbus/client.h>
#include <xenstore/wire.h>

/* (r) is done. It may be gone when this returns. */
void xbc_finish(struct xbc *c, struct xenbus_request *r, int rc);
/* Takes an event's payload of (len) bytes at (body): e->path if (e) was
 * allocated for it, some other place otherwise. -XEN_EINVAL when it is no event. */
int xbc_event_received(struct xbc *c, struct xbc_event *e, const char *body,
                       size_t len);
/* An event came for which there was no memory: every watch has one. */
void xbc_event_lost(struct xbc *c);

/* Whether the other end says that it has closed the connection. */
bool xbc_ring_error(const struct xbc *c);

#endif /* XENBUS_CLIENT_INTERNAL_H */
