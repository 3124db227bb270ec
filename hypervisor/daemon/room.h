/* SPDX-License-Identifier: ISC */
/* The host's limits, as `xl info' tells them. */
#ifndef DAEMON_ROOM_H
#define DAEMON_ROOM_H

#include "daemon.h"

/* Adds "limits" and "more_guests" to an answer. With the lock. */
void room_describe(struct daemon *dm, json_t *answer);

#endif /* DAEMON_ROOM_H */
