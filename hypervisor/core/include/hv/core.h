/* SPDX-License-Identifier: ISC */
/*
 * The hypervisor's core: domains, event channels, memory accounting, and the
 * hypercalls on them. Pure: no I/O, no clock, no threads, no globals; what it
 * wants from the world it asks through struct hv_ops.
 *
 * Locking: the core takes no lock. Every function here is called with the
 * owner's lock held (the daemon has one big lock; hc_table says per call what
 * a finer scheme would need).
 *
 * Errors: 0 or a negative Xen error number (-XEN_EINVAL, <xen/errno.h>).
 */
#ifndef HV_CORE_H
#define HV_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/xen.h>
#include <xen/event_channel.h>

struct hv;
struct hv_domain;
struct portal_request;

#define HV_DOMID_LIMIT 0x7ff0u /* DOMID_FIRST_RESERVED                     */
#define HV_NAME_MAX    64      /* bytes of a domain name, NUL included     */

/* Life of a domain (core/domain.c draws it). */
enum hv_state {
    HV_DOM_BUILDING, /* exists, no vCPU has run                            */
    HV_DOM_RUNNING,
    HV_DOM_SHUTDOWN, /* SCHEDOP_shutdown or crash: vCPU never runs again   */
    HV_DOM_DYING,    /* being torn down; id still reserved                 */
};

/* What a port is to a vCPU that could serve its own events. */
enum hv_port_use {
    HV_PORT_USE_NONE,   /* closed, or the core has to be asked                */
    HV_PORT_USE_REMOTE, /* a send on it succeeds and is for somebody else     */
    HV_PORT_USE_IPI,    /* a send on it is an event of vCPU 0, on this port   */
    HV_PORT_USE_TIMER,  /* vCPU 0's VIRQ_TIMER                                */
};

/* What the core needs from its host. Every member is required. (d)'s owner
 * pointer is at hv_domain_owner(d). None of them may call back into the core
 * for the same domain. */
struct hv_ops {
    /* Memory for the core's own objects; alloc returns zeroed memory or NULL. */
    void *(*alloc)(size_t bytes);
    void (*free)(void *p);
    /* An event became pending with upcalls to deliver: make vCPU (vcpu) of (d)
     * look at its vcpu_info (wake it, or interrupt it). Must not block. */
    void (*kick)(struct hv_domain *d, unsigned vcpu);
    /* Port (port) of (d) is now good for (use): called for every change, during
     * (d)'s own calls only. With an ABI whose events have one producer, that is
     * the core, there is no IPI and no TIMER. */
    void (*port_changed)(struct hv_domain *d, evtchn_port_t port,
                         enum hv_port_use use);
    /* Guest's CONSOLEIO_write: bytes are unfiltered. */
    void (*console_write)(struct hv_domain *d, const char *bytes, size_t len);
    /* The domain asked to stop, or crashed; state is HV_DOM_SHUTDOWN already.
     * (reason) is SHUTDOWN_*. */
    void (*shutdown)(struct hv_domain *d, unsigned reason);
    /* RAM slots (mfn) to (mfn + nr - 1) have become unused / are about to be
     * used again: gives their memory back to the host. */
    void (*release_frames)(struct hv_domain *d, uint32_t mfn, uint32_t nr);
    /* Give (d) a private copy of template frame (mfn). 0, -XEN_ENOMEM, or
     * -XEN_EINVAL when the frame is not template-backed RAM. */
    int (*unshare_frame)(struct hv_domain *d, uint32_t mfn);
    /*
     * Makes a frame of (d) addressable: RAM slots, shared_info, grant and grant
     * status frames (portal/layout.h). PORTAL_PAGE_SIZE bytes that are present,
     * so that touching them cannot fail; aligned to their size; valid until
     * unmap_frame() with the same (mfn), or the end of (d). (writable) unshares
     * a template-backed frame first; without it the page may be read-only. NULL:
     * no such frame, or no memory. That a RAM slot is populated is the caller's
     * to check (hv_frame_map(), core/internal.h). A frame that is released while
     * it is mapped reads as zeroes and stays safe to touch.
     *
     * Cost: the first frame makes one mapping that serves all the others of the
     * domain and stays as long as it lives, each call then is one system call;
     * only read-only frames of a template are mappings of their own, which add
     * up to a limit of some 65,000 for all domains together: unmap those soon.
     */
    void *(*map_frame)(struct hv_domain *d, uint32_t mfn, bool writable);
    void (*unmap_frame)(struct hv_domain *d, uint32_t mfn, void *page);
    /* The last grant of (d), which is dying, has been unmapped: it may be
     * destroyed now (hv/grant.h: hv_domain_is_mapped()). */
    void (*grants_unmapped)(struct hv_domain *d);
    /* Nanoseconds of CLOCK_MONOTONIC; used only for `domain start time'. */
    uint64_t (*now_ns)(void);
};

/* Creates an empty hypervisor. Returns NULL when out of memory. (ops) is
 * borrowed and must outlive it. */
struct hv *hv_create(const struct hv_ops *ops);
/* Every domain must have been destroyed before. */
void hv_destroy(struct hv *hv);

/* Ids are of (first) to (last), 1 <= first <= last < HV_DOMID_LIMIT, instead of
 * 1 to HV_DOMID_LIMIT - 1. Before the first domain is made. */
void hv_set_ids(struct hv *hv, domid_t first, domid_t last);
domid_t hv_first_id(const struct hv *hv);
domid_t hv_last_id(const struct hv *hv);

struct hv_domain_config {
    const char *name; /* checked: see hv_name_check()              */
    uint8_t uuid[16];
    uint32_t nr_pages;           /* memory= in frames, > 0                    */
    uint32_t max_pages;          /* maxmem= in frames, >= nr_pages            */
    unsigned nr_vcpus;           /* 1                                         */
    uint32_t max_event_channels; /* highest port, as in xl.cfg: up to
                                 131,071; 0 = 1023. Ports above 4095 need the
                                 FIFO ABI                                   */
    uint32_t max_grant_frames;   /* 1 .. GRANT_FRAMES_MAX; 0 = 64            */
    struct shared_info *shared_info; /* mapped, shared with the guest;
                                 borrowed until hv_domain_destroy()        */
    void *owner; /* for the caller: hv_domain_owner()         */
};

/*
 * Makes a domain in state HV_DOM_BUILDING with the next free id above the last
 * one given (ids wrap; ids of dying domains are not reused). What others have
 * said of an earlier owner of the id (ports for it, grants to it) does not hold
 * for the new one.
 * -XEN_EINVAL bad name or sizes, -XEN_EEXIST name in use, -XEN_ENOSPC no id
 * left, -XEN_ENOMEM.
 */
int hv_domain_create(struct hv *hv, const struct hv_domain_config *cfg,
                     struct hv_domain **out);
/* RUNNING <- BUILDING. */
void hv_domain_start(struct hv_domain *d);
/* Marks the domain HV_DOM_SHUTDOWN (once; later calls change nothing) and
 * calls ops->shutdown. */
void hv_domain_shutdown(struct hv_domain *d, unsigned reason);
/* DYING: ports closed and peers told, name free again, id still reserved. */
void hv_domain_kill(struct hv_domain *d);
/* Frees a DYING domain and its id. */
void hv_domain_destroy(struct hv_domain *d);

struct hv_domain *hv_domain_by_id(struct hv *hv, domid_t id);
struct hv_domain *hv_domain_by_name(struct hv *hv, const char *name);
/* Walks domains in increasing id: pass NULL to start; NULL at the end. */
struct hv_domain *hv_domain_next(struct hv *hv, struct hv_domain *d);
unsigned hv_nr_domains(const struct hv *hv);

domid_t hv_domain_id(const struct hv_domain *d);
/* The how manieth to have its id: the two together are nobody else's. */
uint32_t hv_domain_birth(const struct hv_domain *d);
const char *hv_domain_name(const struct hv_domain *d);
const uint8_t *hv_domain_uuid(const struct hv_domain *d);
enum hv_state hv_domain_state(const struct hv_domain *d);
unsigned hv_domain_shutdown_reason(const struct hv_domain *d);
uint32_t hv_domain_nr_pages(const struct hv_domain *d); /* right now      */
uint32_t hv_domain_max_pages(const struct hv_domain *d);
unsigned hv_domain_nr_vcpus(const struct hv_domain *d);
void *hv_domain_owner(const struct hv_domain *d);
/* ops->now_ns() at its creation. */
uint64_t hv_domain_created_ns(const struct hv_domain *d);
/* Renames; errors as hv_domain_create(). */
int hv_domain_rename(struct hv_domain *d, const char *name);
/* Xen's rule for names, as xl has it: 1..63 bytes of [A-Za-z0-9_.:+-], not
 * starting with '-', not all digits, not "." or "..", and not the host's
 * "Domain-0". NULL when fine, else one clause that says what is wrong. */
const char *hv_name_check(const char *name);

/*
 * Event channels whose other end is a backend of the hypervisor (seen by the
 * guest as interdomain with domain 0). (fn) is called, with the lock held,
 * each time the guest sends on the port.
 */
typedef void hv_backend_fn(struct hv_domain *d, evtchn_port_t port, void *arg);
/* Binds the lowest free port; returns it (> 0), -XEN_ENOSPC or -XEN_ENOMEM. */
int hv_evtchn_bind_backend(struct hv_domain *d, hv_backend_fn *fn, void *arg);
/* Makes (port) pending in the guest, kicking if needed. Unknown or closed
 * ports are ignored (the guest may have closed it). */
void hv_evtchn_notify(struct hv_domain *d, evtchn_port_t port);
/* Raises a per-vCPU virtual IRQ (VIRQ_*), if the guest has bound it. */
void hv_send_virq(struct hv_domain *d, unsigned vcpu, unsigned virq);

/* EVTCHNOP_send on port 0..63 for every bit in (ports), in no order. What cannot
 * be sent on is left out: a guest that asks properly is told before. */
void hv_evtchn_sends(struct hv_domain *d, uint64_t ports);

/*
 * Serves one forwarded call of (d): checks it against hc_table, acts on the
 * copy, and sets req->ret and req->out_len. Anything a guest can send is
 * answered; nothing it sends can make this function fail otherwise.
 */
void hv_hypercall(struct hv_domain *d, struct portal_request *req);

#endif /* HV_CORE_H */
