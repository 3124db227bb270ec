/* SPDX-License-Identifier: ISC */
/* A world for the core: ops that record what they were asked, domains, and
 * hypercalls made the way the monitor makes them. */
#ifndef WORLD_H
#define WORLD_H

#include <hv/core.h>
#include <portal/hypercalls.h>
#include <portal/portal.h>
#include <xen/errno.h>
#include <xen/memory.h>
#include <xen/sched.h>

/* Which ABI carries the events of the domains that new_domain() makes. */
extern enum world_abi { WORLD_2L, WORLD_FIFO } world_abi;

/* What the ops have seen since world_begin() or world_forget(). */
struct seen {
    enum hv_port_use use[64]; /* as port_changed() told */
    unsigned kicks, console, shutdowns, released, releases, unshared, unmapped;
    struct hv_domain *last_kicked;
    unsigned last_vcpu, last_reason;
    uint32_t last_frame;
    char text[256];
    size_t text_len;
};
extern struct seen seen;
extern int fail_alloc_after; /* -1 = never */
extern int unshare_result;
extern bool fail_map; /* map_frame has no memory */
/* Frames that are mapped; world_end() wants none. */
extern unsigned mapped_frames;
/* Contents of a frame of (d), whether or not the core has mapped it. */
void *frame_of(struct hv_domain *d, uint32_t mfn);

struct hv *world_begin(void);
/* Destroys every domain and the world; checks that no memory is left. */
void world_end(struct hv *hv);
void world_forget(void);

#define WORLD_PAGES 200u
/* A running domain of 100 pages out of 200, one vCPU, 1,024 ports. */
struct hv_domain *new_domain(struct hv *hv, const char *name);
struct hv_domain_config domain_config(const char *name);
/* For a domain made by hand: goes over to world_abi. With FIFO the control block
 * of vCPU n lies in FIFO_CONTROL at n * FIFO_STEP, and the first page of words
 * in FIFO_WORDS. */
void use_abi(struct hv_domain *d);
#define FIFO_CONTROL 1u
#define FIFO_STEP    128u
#define FIFO_WORDS   2u
struct shared_info *info_of(struct hv_domain *d);
/* Kill and destroy. */
void end_domain(struct hv_domain *d);

/* One forwarded call; (arg) of (len) bytes goes in and comes back. */
int64_t call(struct hv_domain *d, uint32_t nr, uint64_t op, void *arg,
             size_t len);
/* The same with (n) as args[1]. */
int64_t call_n(struct hv_domain *d, uint32_t nr, uint64_t op, uint64_t n,
               void *arg, size_t len);
extern struct portal_request last_req;

/* EVTCHNOP_*; those that make a port return it. */
int64_t op_alloc(struct hv_domain *d, domid_t dom, domid_t remote);
int64_t op_bind(struct hv_domain *d, domid_t remote, evtchn_port_t port);
int64_t op_virq(struct hv_domain *d, uint32_t virq, uint32_t vcpu);
int64_t op_ipi(struct hv_domain *d, uint32_t vcpu);
int64_t op_bind_vcpu(struct hv_domain *d, evtchn_port_t port, uint32_t vcpu);
int64_t op_close(struct hv_domain *d, evtchn_port_t port);
int64_t op_send(struct hv_domain *d, evtchn_port_t port);
int64_t op_reset(struct hv_domain *d, domid_t dom);
int64_t op_unmask(struct hv_domain *d, evtchn_port_t port);
int64_t op_init_control(struct hv_domain *d, uint32_t vcpu, uint64_t mfn,
                        uint32_t offset);
int64_t op_expand(struct hv_domain *d, uint64_t mfn);
int64_t op_priority(struct hv_domain *d, evtchn_port_t port, uint32_t priority);
struct evtchn_status op_status(struct hv_domain *d, evtchn_port_t port);
int64_t op_status_of(struct hv_domain *d, domid_t dom, evtchn_port_t port);

bool pending(struct hv_domain *d, evtchn_port_t port);
void clear(struct hv_domain *d, evtchn_port_t port);
void mask(struct hv_domain *d, evtchn_port_t port, bool on);
event_word_t *fifo_word(struct hv_domain *d, evtchn_port_t port);
struct evtchn_fifo_control_block *fifo_control(struct hv_domain *d,
                                               unsigned vcpu);

void test_domains(void);
void test_names(void);
void test_evtchn(void);
void test_delivery(void);
void test_fifo(void);
void test_fifo_hostile(void);
void test_memory(void);
void test_hostile(void);
void test_grant_table(void);
void test_grant_copy(void);
void test_grant_map(void);
void test_grant_attacks(void);
void test_ids(void);

#endif /* WORLD_H */
