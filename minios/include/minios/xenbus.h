/* SPDX-License-Identifier: ISC */
/*
 * xenstore, from the guest (xen/io/xs_wire.h). Requests are pipelined: each
 * thread's goes into the ring as soon as there is room, answers are matched by
 * request id, and a batch of requests costs one notification and one wake-up.
 * There is no thread behind it but for watches: answers are taken from the ring
 * in the event handler.
 *
 * Paths are absolute or relative to the domain's own directory
 * /local/domain/<domid>. Errors are those xenstore names, as -XEN_E*: -XEN_ENOENT,
 * -XEN_EACCES, -XEN_EINVAL, -XEN_EAGAIN, -XEN_ENOSPC (a quota), ...; besides, from
 * everything here: -XEN_ENOMEM, and -XEN_EIO when the domain has no xenstore or
 * the ring was damaged by the other end.
 *
 * Thread context, unless said otherwise; everything that asks xenstore blocks.
 *
 * struct xenbus_request and struct xenbus_watch are those of xenbus/client.h:
 * who includes this names lib/xenbus among its deps.
 */
#ifndef MINIOS_XENBUS_H
#define MINIOS_XENBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>
#include <xenbus/client.h>

/* Arms the ring (start-up table). Does not wait for xenstore. */
int xenbus_init(void);

/* A transaction: the number xenstore gave; 0 is none. */
typedef uint32_t xenbus_transaction_t;
#define XBT_NIL 0u

/* --- one request at a time ------------------------------------------------------ */

/* (*value): NUL-terminated, from kmalloc, the caller's to kfree; (len), which
 * may be NULL, without the NUL (values may contain others). */
int __must_check xenbus_read(xenbus_transaction_t t, const char *path,
                             char **value, size_t *len);
/* Whole decimal number; -XEN_EINVAL when it is something else or too large. */
int __must_check xenbus_read_unsigned(xenbus_transaction_t t, const char *path,
                                      uint64_t *value);
int __must_check xenbus_write(xenbus_transaction_t t, const char *path,
                              const char *value);
/* At most 255 bytes, else -XEN_E2BIG. */
int __must_check xenbus_printf(xenbus_transaction_t t, const char *path,
                               const char *format, ...) __printf(3, 4);
int __must_check xenbus_mkdir(xenbus_transaction_t t, const char *path);
int __must_check xenbus_rm(xenbus_transaction_t t, const char *path);
/* (*names): an array of (*count) NUL-terminated names in one block, the
 * caller's to kfree. However many there are (DIRECTORY_PART). -XEN_EAGAIN: it
 * changed all the time. */
int __must_check xenbus_directory(xenbus_transaction_t t, const char *path,
                                  char ***names, size_t *count);
/* (perms) as xenstore-chmod has them: "n5", "r0", ...; (*perms): (*len) bytes
 * of such strings, each with its NUL, the caller's to kfree. */
int __must_check xenbus_get_perms(xenbus_transaction_t t, const char *path,
                                  char **perms, size_t *len);
int __must_check xenbus_set_perms(xenbus_transaction_t t, const char *path,
                                  const char *const *perms, size_t count);

int __must_check xenbus_transaction_start(xenbus_transaction_t *t);
/* -XEN_EAGAIN: somebody else changed what it touched; begin again. */
int __must_check xenbus_transaction_end(xenbus_transaction_t t, bool abort);

/* --- many at once -------------------------------------------------------------- */

/* Sends all (n) requests with one notification, as far as the ring has room;
 * the rest follows as it empties. Any context; does not block. Answers come from
 * kmalloc. -XEN_EIO: no xenstore (all are done with that error); -XEN_E2BIG: a
 * body longer than 4096 bytes (none was sent). */
int xenbus_submit(struct xenbus_request *const *requests, size_t n);
/* Blocks until all of them are done. One waits for a request at a time. */
void xenbus_wait(struct xenbus_request *const *requests, size_t n);
/* The same until system time (deadline_ns): false when they are not all done
 * then, and go on belonging to xenbus. */
bool xenbus_wait_until(struct xenbus_request *const *requests, size_t n,
                       uint64_t deadline_ns);
/* Convenience: (n) reads at once; values[i] as xenbus_read()'s, NULL with
 * rcs[i] < 0 where one failed. 0, or -XEN_E* if none was tried. */
int __must_check xenbus_read_many(xenbus_transaction_t t,
                                  const char *const *paths, char **values,
                                  int *rcs, size_t n);

/* --- watches ------------------------------------------------------------------- */

/*
 * A watch: the caller's memory from xenbus_watch() until xenbus_unwatch() has
 * returned. fn is called, in the xenbus thread, once for every event, the first
 * of which xenstore raises itself; it may use all of xenbus and should not block
 * for long. (path) is what has changed, relative if the watch was. Events of a
 * path that are still waiting to be delivered are told once; when more than
 * XBC_EVENTS_MAX wait, or memory is short, they are told as one event of the
 * watch's own path. With (in_handler) fn is called in the event handler, and
 * must not block; the first event may come before xenbus_watch() returns.
 */
int __must_check xenbus_watch(struct xenbus_watch *w);
/* The same without waiting for xenstore: should it refuse, fn is never called.
 * For what must not hold up the start. */
int __must_check xenbus_watch_async(struct xenbus_watch *w);
/* When it returns, fn is not running and will not run again (in fn itself: it
 * will not be called again). */
void xenbus_unwatch(struct xenbus_watch *w);

#endif /* MINIOS_XENBUS_H */
