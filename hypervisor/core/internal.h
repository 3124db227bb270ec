/* SPDX-License-Identifier: ISC */
/*
 * What the files of the core share: the structures behind hv/core.h and the
 * functions between them. Locking is the caller's (hv/core.h).
 */
#ifndef HV_CORE_INTERNAL_H
#define HV_CORE_INTERNAL_H

#include <hv/core.h>
#include <base/compiler.h>
#include <portal/portal.h>

/* Hash buckets for names: 30,000 domains make chains of four. */
#define HV_NAME_BUCKETS 8192u

#define HV_ID_WORDS ((HV_DOMID_LIMIT + 63) / 64)

struct hv {
    const struct hv_ops *ops;
    unsigned nr_domains;
    /* ids.c: ids are of [first_id, end_id), the search begins at next_id. */
    unsigned first_id, end_id, next_id;
    uint64_t id_taken[HV_ID_WORDS], looked_for[HV_ID_WORDS];
    /* Indexed by domid, HV_DOMID_LIMIT entries each. births: how many domains
     * have had the id. */
    struct hv_domain **by_id;
    uint32_t *births;
    struct hv_gnttab *tables;                 /* of all domains that have one */
    struct hv_domain *names[HV_NAME_BUCKETS]; /* chains by name_next */
};

/* How a port's state reaches the guest: 2-level bitmaps at start, FIFO queues
 * from the first EVTCHNOP_init_control on. */
struct hv_evtchn_abi {
    uint32_t max_ports; /* highest port + 1 */
    bool has_priorities;
    /* Whether the vCPU may make its own events pending, too (hv_port_use). */
    bool two_producers;
    /* Makes (port) pending for (vcpu). True if it was not pending before, or
     * not to be seen: the vCPU may have to look, or may be polling for it. */
    bool (*set_pending)(struct hv_domain *d, unsigned vcpu, evtchn_port_t port);
    /* Whether it was. */
    bool (*clear_pending)(struct hv_domain *d, evtchn_port_t port);
    /* Clears the mask; returns as set_pending() does, if it is pending. */
    bool (*unmask)(struct hv_domain *d, unsigned vcpu, evtchn_port_t port);
};
extern const struct hv_evtchn_abi hv_evtchn_2l, hv_evtchn_fifo;

/* A port's state; FREE is 0, the value of zeroed memory. The ABI's number for
 * BACKEND is EVTCHNSTAT_interdomain. */
enum hv_port_state {
    HV_PORT_FREE = 0,
    HV_PORT_UNBOUND,
    HV_PORT_INTERDOMAIN,
    HV_PORT_BACKEND,
    HV_PORT_VIRQ,
    HV_PORT_IPI,
};

struct hv_evtchn {
    uint8_t state;    /* enum hv_port_state                     */
    bool pending;     /* FIFO: and its word is not there yet    */
    domid_t peer_id;  /* UNBOUND: who may bind, with u.birth    */
    uint8_t vcpu;     /* whom it notifies                       */
    uint8_t priority; /* FIFO's, set when the port is taken     */
    /* FIFO: the queue that it was linked to last. Outlives a close. */
    uint8_t last_vcpu, last_priority;
    union {
        struct {
            struct hv_domain *d;
            evtchn_port_t port;
        } peer; /* INTERDOMAIN; the peer's end points back here */
        struct {
            hv_backend_fn *fn;
            void *arg;
        } backend;
        uint32_t virq;
        uint32_t birth; /* UNBOUND: hv_id_means(peer_id) of then */
    } u;
};

struct hv_vcpu {
    evtchn_port_t virq_port[NR_VIRQS]; /* 0 = not bound */
};

struct hv_domain {
    struct hv *hv;
    void *owner;
    domid_t id;
    uint32_t birth;   /* the how manieth to have the id */
    uint8_t state;    /* enum hv_state */
    bool have_reason; /* reason is latched */
    uint8_t reason;   /* SHUTDOWN_*, as wide as Xen keeps it */
    uint8_t uuid[16];
    char name[HV_NAME_MAX];
    struct hv_domain *name_next; /* chain of the name's bucket */
    struct shared_info *shared_info;
    uint64_t created_ns;

    uint32_t nr_pages, max_pages;
    uint64_t *slots; /* bit n: RAM slot n is populated; max_pages bits */

    unsigned nr_vcpus;
    struct hv_vcpu *vcpu;

    const struct hv_evtchn_abi *evtchn_abi;
    struct hv_fifo *fifo; /* evtchn_fifo.c's; NULL: 2-level */
    /* ports[0 .. nr_ports), grown on demand up to max_ports; what lies beyond
     * is free. No port below first_free is free. Port 0 never is. Growing moves
     * the array: no pointer into it outlives an allocation. */
    struct hv_evtchn *ports;
    uint32_t nr_ports, first_free;
    /* max_ports: what port_limit (the highest port, from the configuration)
     * and the ABI allow, plus 1. known_ports: see hv_port_is_known(). */
    uint32_t max_ports, port_limit, known_ports;
    uint32_t reset_next; /* where an unfinished EVTCHNOP_reset goes on */

    uint32_t max_grant_frames;
    struct hv_gnttab *gnttab; /* grant.h; NULL until asked for */
};

static inline bool hv_is_self(const struct hv_domain *d, domid_t id)
{
    return id == DOMID_SELF || id == d->id;
}

/* ids.c. choose: the id for the next domain; 0, -XEN_ENOSPC when all are taken,
 * -XEN_ENOMEM. take, put: (d) has it, or is destroyed. */
void hv_ids_init(struct hv *hv);
int hv_id_choose(struct hv *hv, domid_t *out);
void hv_id_take(struct hv_domain *d, domid_t id);
void hv_id_put(struct hv_domain *d);
/* Whether (id) is one of those that grant tables are looked through for. */
bool hv_id_is_looked_for(const struct hv *hv, domid_t id);
/* The birth of the domain that is meant by who says (id) now; 0: nobody. */
uint32_t hv_id_means(const struct hv *hv, domid_t id);
/* Whether its owner, or the last one, was not the first to have it. */
bool hv_id_is_second_hand(const struct hv *hv, domid_t id);

/* names.c. insert: 0 or -XEN_EEXIST; d->name has been set. remove: harmless for
 * a domain that is not in the index. */
int hv_name_insert(struct hv_domain *d);
void hv_name_remove(struct hv_domain *d);

/* evtchn.c */
/* The port, or NULL when it is out of range, port 0 or free. */
struct hv_evtchn *hv_port(struct hv_domain *d, evtchn_port_t port);
/* Whether (port) is one at all, in use or not. Xen makes its table in steps of
 * 64 ports; what lies beyond has never existed, limit or not. */
static inline bool hv_port_is_known(const struct hv_domain *d,
                                    evtchn_port_t port)
{
    return port < d->known_ports;
}
/* From now on (abi) carries the events of (d). */
void hv_port_use_abi(struct hv_domain *d, const struct hv_evtchn_abi *abi);
/* Takes the lowest free port, state still FREE: the caller fills it before it
 * takes another. Returns it, -XEN_ENOSPC or -XEN_ENOMEM. */
int hv_port_take(struct hv_domain *d);
void hv_port_set_unbound(struct hv_domain *d, evtchn_port_t port,
                         domid_t peer_id);
void hv_port_connect(struct hv_domain *d1, evtchn_port_t port1,
                     struct hv_domain *d2, evtchn_port_t port2);
/* Frees a port that is in use; the other end of a connection becomes unbound.*/
void hv_port_close(struct hv_domain *d, evtchn_port_t port);
/* Closes those of [first, end) that are in use. */
void hv_port_close_range(struct hv_domain *d, evtchn_port_t first,
                         evtchn_port_t end);
/* Tells the host what (port) is good for: to be called after each change that
 * matters. */
void hv_port_mirror(struct hv_domain *d, evtchn_port_t port);
/* Makes the port pending at its vCPU. */
void hv_port_raise(struct hv_domain *d, evtchn_port_t port);
/* Makes its vCPU look. */
void hv_port_kick(struct hv_domain *d, evtchn_port_t port);
bool hv_virq_is_global(unsigned virq);

/* evtchn_fifo.c. init_control: gives (vcpu) its control block, in RAM frame
 * (mfn) at (offset), a multiple of 8; the first one changes the ABI. expand:
 * gives the next page of event words; d->fifo is there. Both: 0, -XEN_EINVAL
 * for a frame that is none, -XEN_ENOSPC for more than max_ports need,
 * -XEN_ENOMEM. fini: back to 2-level, with nothing pending. */
int hv_fifo_init_control(struct hv_domain *d, unsigned vcpu, uint64_t mfn,
                         uint32_t offset);
int hv_fifo_expand(struct hv_domain *d, uint64_t mfn);
void hv_fifo_fini(struct hv_domain *d);

/* Workers of forwarded calls: the value for the guest. (req) has at least the
 * table's arg_size bytes of argument. */
typedef int64_t hv_worker(struct hv_domain *d, struct portal_request *req);
/* evtchn_ops.c */
hv_worker hv_evtchn_alloc_unbound, hv_evtchn_bind_interdomain,
    hv_evtchn_bind_virq, hv_evtchn_bind_ipi, hv_evtchn_bind_vcpu,
    hv_evtchn_close, hv_evtchn_send, hv_evtchn_status, hv_evtchn_reset,
    hv_evtchn_unmask, hv_evtchn_init_control, hv_evtchn_expand_array,
    hv_evtchn_set_priority;
/* grant_ops.c, grant_copy.c */
hv_worker hv_gnttab_setup_table, hv_gnttab_query_size, hv_gnttab_set_version,
    hv_gnttab_get_version, hv_gnttab_get_status_frames, hv_gnttab_swap,
    hv_gnttab_copy, hv_gnttab_cache_flush, hv_gnttab_map, hv_gnttab_unmap,
    hv_gnttab_unmap_replace, hv_gnttab_transfer;
/* memory.c */
hv_worker hv_memory_decrease, hv_memory_increase, hv_memory_populate,
    hv_memory_max_ram_page, hv_memory_current, hv_memory_maximum,
    hv_memory_unshare;
/* Marks slots [0, nr_pages) populated. 0 or -XEN_ENOMEM. */
int hv_memory_init(struct hv_domain *d);
void hv_memory_fini(struct hv_domain *d);
/* ops->map_frame() of a frame that a guest names: NULL also for RAM slots that
 * are not populated, for numbers of 2^32 and more, and in a dying domain, whose
 * memory may be gone. */
void *hv_frame_map(struct hv_domain *d, uint64_t mfn, bool writable);

#endif /* HV_CORE_INTERNAL_H */
