/* SPDX-License-Identifier: ISC */
/* The daemon's own sandbox; host/sandbox.h says what it is made of. */
#ifndef DAEMON_CONFINE_H
#define DAEMON_CONFINE_H

#include <errno.h>
#include "daemon.h"

/* Failed, after a line on standard error. */
#define CONFINE_SAID (-ECANCELED)

/* The first step, with one thread and dm->engine set: files, and then the
 * engine's start. 0, CONFINE_SAID or -errno. */
__must_check int confine_files(struct daemon *dm);
void confine_undo(struct daemon *dm);
/* The last step: system calls, of all threads. 0 or CONFINE_SAID. */
__must_check int confine_calls(struct daemon *dm);
/* For `xl info': what is confined, in a few words. */
void confine_text(const struct daemon *dm, char *text, size_t size);

#endif /* DAEMON_CONFINE_H */
