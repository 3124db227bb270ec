/* SPDX-License-Identifier: ISC */
/*
 * xenstore, from the guest (xen/io/xs_wire.h). Requests are pipelined: each
 * thread's goes into the ring as soon as there is room, answers are matched by
 * request id, and a batch of requests costs one notification and one wake-up.
 *
 * Paths are absolute or relative to the domain's own directory
 * /local/domain/<domid>. Errors are those xenstore names, as -XEN_E*: -XEN_ENOENT,
 * -XEN_EACCES, -XEN_EINVAL, -XEN_EAGAIN, -XEN_ENOSPC (a quota), ...; besides, from
 * everything here: -XEN_ENOMEM, and -XEN_EIO when the domain has no xenstore or
 * the ring was damaged by the other end.
 *
 * Thread context, unless said otherwise; everything that asks xenstore blocks.
 */
#ifndef MINIOS_XENBUS_H
#define MINIOS_XENBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>

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
int __must_check xenbus_printf(xenbus_transaction_t t, const char *path,
                               const char *format, ...) __printf(3, 4);
int __must_check xenbus_mkdir(xenbus_transaction_t t, const char *path);
int __must_check xenbus_rm(xenbus_transaction_t t, const char *path);
/* (*names): an array of (*count) NUL-terminated names in one block, the
 * caller's to kfree. However many there are (DIRECTORY_PART). */
int __must_check xenbus_directory(xenbus_transaction_t t, const char *path,
                                  char ***names, size_t *count);
/* (perms) as xenstore-chmod has them: "n5", "r0", ... */
int __must_check xenbus_get_perms(xenbus_transaction_t t, const char *path,
                                  char **perms, size_t *len);
int __must_check xenbus_set_perms(xenbus_transaction_t t, const char *path,
                                  const char *const *perms, size_t count);

int __must_check xenbus_transaction_start(xenbus_transaction_t *t);
/* -XEN_EAGAIN: somebody else changed what it touched; begin again. */
int __must_check xenbus_transaction_end(xenbus_transaction_t t, bool abort);

/* --- many at once -------------------------------------------------------------- */

/*
 * A request in flight; the caller's memory, untouched by the caller from
 * xenbus_submit() until it is done. (body) is sent as it is (wire format of the
 * operation) and borrowed until then.
 */
struct xenbus_request {
    uint32_t type; /* XS_* */
    xenbus_transaction_t transaction;
    const void *body;
    size_t body_len;

    /* Set when it is done: 0 or an error, and the answer's payload, from
     * kmalloc and with a NUL behind it, the caller's to kfree (NULL: an
     * error, or no memory for it). */
    int rc;
    char *reply;
    size_t reply_len;

    /* The client's own. */
    uint32_t id;
    bool done;
    struct xenbus_request *next;
};

/* Sends all (n) requests with one notification, as far as the ring has room;
 * the rest follows as it empties. Does not block. -XEN_EIO: no xenstore (all
 * are done with that error); -XEN_E2BIG: a body longer than 4096 bytes
 * (none was sent). */
int __must_check xenbus_submit(struct xenbus_request *const *requests,
                               size_t n);
/* Blocks until all of them are done. */
void xenbus_wait(struct xenbus_request *const *requests, size_t n);
/* Convenience: (n) reads at once; values[i] as xenbus_read()'s, NULL with
 * rcs[i] < 0 where one failed. 0, or -XEN_E* if none was tried. */
int __must_check xenbus_read_many(xenbus_transaction_t t,
                                  const char *const *paths, char **values,
                                  int *rcs, size_t n);

/* --- watches ------------------------------------------------------------------- */

/*
 * A watch: the caller's memory from xenbus_watch() until xenbus_unwatch() has
 * returned. fn is called, in the xenbus thread, once for every event, the first
 * of which xenstore raises itself; it may use all of xenbus but unwatch its own
 * watch, and should not block for long. (path) is what has changed; relative
 * if the watch was. Events of a path that are still waiting to be
 * delivered are told once.
 */
struct xenbus_watch {
    const char *path; /* borrowed */
    void (*fn)(struct xenbus_watch *w, const char *path);
    uint32_t token; /* the client's own, as the rest */
    bool armed;
    struct xenbus_watch *next;
};
int __must_check xenbus_watch(struct xenbus_watch *w);
/* The same without waiting for xenstore: should it refuse, fn is never called.
 * For what must not hold up the start. */
int __must_check xenbus_watch_async(struct xenbus_watch *w);
/* When it returns, fn is not running and will not run again. */
void xenbus_unwatch(struct xenbus_watch *w);

#endif /* MINIOS_XENBUS_H */
