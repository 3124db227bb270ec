/* SPDX-License-Identifier: ISC */
/*
 * What the files of the frontends share; the public side is minios/frontend.h.
 *
 *   frontend.c        one device: carries out what the table says
 *   frontend_list.c   drivers and their devices: which there are
 *   frontend_nodes.c  reading and writing nodes, in batches
 *
 * All of it runs in the xenbus thread, but for frontend_fail() and waiting. The
 * lists and what others look at change with events disabled.
 */
#ifndef MINIOS_FRONTEND_PRIV_H
#define MINIOS_FRONTEND_PRIV_H

#include <minios/frontend.h>
#include <xenbus/frontend.h>

#define TYPE_MAX 16u /* with its NUL                                        */
/* "device/<type>/<index>", "/local/domain/<n>/backend/<type>/<n>/<index>" */
#define DEVICE_PATH_MAX  48u
#define BACKEND_PATH_MAX sizeof(((struct frontend_node *)0)->value)
#define FAILURE_MAX      64u

struct frontend {
    const struct frontend_driver *driver;
    void *driver_state;
    struct frontend *next;
    unsigned index;
    domid_t backend_id;
    enum xbf_state state;
    bool probed;  /* driver_state is there                                  */
    bool failing; /* frontend_fail() was called; the thread will see to it  */
    bool present; /* seen in the list that is being looked through          */
    int error;    /* what ended it; 0: nothing did                          */
    char path[DEVICE_PATH_MAX];
    char backend[BACKEND_PATH_MAX];
    char failure[FAILURE_MAX];
    char watched[BACKEND_PATH_MAX + 8]; /* the backend's state              */
    struct xenbus_watch watch;
};

/* --- frontend.c ------------------------------------------------------------------ */

/* Makes the device that the toolstack's nodes describe, and begins; FAILED when
 * they make no sense. NULL: they are not all there yet, or no memory. */
struct frontend *frontend_create(const struct frontend_driver *driver,
                                 unsigned index);
/* Takes it down without a word to the backend, which is gone or another one. */
void frontend_destroy(struct frontend *f);
/* Whether the toolstack names another backend than the one we know. */
bool frontend_moved(const struct frontend *f);

/* --- frontend_list.c ------------------------------------------------------------- */

/* Wakes those who wait for a change of some device. */
void frontend_changed(void);

/* --- frontend_nodes.c ------------------------------------------------------------ */

/* Reads (n) nodes below (directory) at once; as frontend_read_backend(). */
int __must_check frontend_read(const char *directory,
                               struct frontend_node *nodes, bool *present,
                               unsigned n);
/* Writes (n) nodes and, behind them, the state if it is not Unknown, to the
 * device's directory, in one batch. 0 or the first error. */
int __must_check frontend_write(const struct frontend *f,
                                const struct frontend_node *nodes, unsigned n,
                                enum xenbus_state state);
/* error/<device>/error, as other guests have it. */
void frontend_write_error(const struct frontend *f);

#endif /* MINIOS_FRONTEND_PRIV_H */
