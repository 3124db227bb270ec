/* SPDX-License-Identifier: ISC */
/*
 * Templates of the engine, cached: keyed by the identity of kernel and ramdisk
 * files and by the memory sizes. Built once however many creates wait for one;
 * some that nobody uses are kept for the next create.
 */
#ifndef DAEMON_TEMPLATES_H
#define DAEMON_TEMPLATES_H

#include "daemon.h"

/* NULL when out of memory. */
struct templates *templates_create(void);
/* With no domain left. */
void templates_destroy(struct daemon *dm);

/*
 * Finds or starts to build the template for (d); takes (fds) in any case.
 * Returns 1: there, d->tmpl is set; 0: create_template_ready() will be called;
 * -EINVAL: refused, (*e) filled. With the lock.
 */
__must_check int template_find(struct dom *d, int fds[2], struct ctl_error *e);
/* One more user of a template that is there. */
void template_share(struct dom *d, const struct dom *from);
/* Ends d's use. With the lock. */
void template_leave(struct dom *d);
/* After (rc), from the engine: if it says that descriptors or memory are short,
 * drops the templates that nobody uses. True: worth another try. */
bool templates_make_room(struct daemon *dm, int rc);
/* For the engine. */
struct engine_template *template_of(const struct dom *d);

/* Which of the protocol's errors fits a failure of the host or an image. */
enum ctl_error_name error_name(int err, enum ctl_error_name otherwise);
/* What to do about it, to be put behind the reason; "" when nothing is known. */
const char *error_advice(int err);

#endif /* DAEMON_TEMPLATES_H */
