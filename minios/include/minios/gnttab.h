/* SPDX-License-Identifier: ISC */
/*
 * Grant table, the granting side (xen/grant_table.h): gives other domains
 * access to pages of this one. Version 1 beneath unless version 2 is asked for
 * before the first use. The table is set up when it is first used and grows up
 * to the hypervisor's limit.
 *
 * Any context, unless said otherwise; nothing blocks.
 */
#ifndef MINIOS_GNTTAB_H
#define MINIOS_GNTTAB_H

#include <stdbool.h>
#include <stdint.h>
#include <base/compiler.h>
#include <xen/xen.h>
#include <xen/grant_table.h>

/* Version in use: 1 or 2; 0 before the first use. */
unsigned gnttab_version(void);
/* Chooses the version before the first use: 0 or -XEN_EINVAL (not 1 or 2),
 * -XEN_EBUSY (in use), or what GNTTABOP_set_version said. */
int __must_check gnttab_set_version(unsigned version);
/* References that can be had without growing past the limit. */
unsigned gnttab_free_refs(void);

/*
 * Grants (domid) access to the page at (page), page-aligned and identity
 * mapped. Returns the reference (> 0), or -XEN_ENOSPC (no reference left),
 * -XEN_ENOMEM, -XEN_ERANGE (version 1, and the page lies above 16 TiB of the
 * machine's memory). May grow the table: thread context.
 */
int __must_check gnttab_grant_access(domid_t domid, void *page, bool readonly);
/* The same to domain (domid) for its GNTTABOP_copy only, for the bytes
 * [offset, offset + length) of the page; version 2 only, else -XEN_ENOSYS.
 * Errors as above, and -XEN_EINVAL: beyond the page. */
int __must_check gnttab_grant_sub_page(domid_t domid, void *page, bool readonly,
                                       unsigned offset, unsigned length);
/*
 * Ends a grant. True: nobody has access any more and (ref) is free again.
 * False: the other side still maps it ("still in use"): the grant and its page
 * stay as they are, and the page must not be used for anything else. Panics when
 * (ref) is not granted.
 */
bool __must_check gnttab_end_access(grant_ref_t ref);
/*
 * Ends a grant as soon as the other side lets go, then calls done(arg) (thread
 * context of a kernel thread; NULL: nothing to call). For pages whose owner has
 * no use for them any more: done frees them. 0 or -XEN_ENOMEM. Thread context.
 * Nobody is told when that is: a thread looks, at once, 1 ms later, then ever
 * less often, at last once a second.
 */
int __must_check gnttab_end_access_later(grant_ref_t ref,
                                         void (*done)(void *arg), void *arg);
/* Whether the other side holds the grant right now. */
bool gnttab_query_in_use(grant_ref_t ref);

/* GNTTABOP_copy: (count) operations, statuses in each (GNTST_*). 0 or
 * -XEN_E* for the call as a whole. */
int __must_check gnttab_copy(struct gnttab_copy *ops, unsigned count);

#endif /* MINIOS_GNTTAB_H */
