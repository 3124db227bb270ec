/* SPDX-License-Identifier: ISC */
/*
 * Domains: their life and their ids.
 *
 *                 hv_domain_create()
 *                         |
 *                         v          hv_domain_start()
 *                     BUILDING ----------------------------> RUNNING
 *                      |    |                                 |   |
 *                      |    |      hv_domain_shutdown()       |   |
 *                      |    +----------> SHUTDOWN <-----------+   |
 *                      |                     |                    |
 *                      |  hv_domain_kill()   |                    |
 *                      +-----------------> DYING <----------------+
 *                                            |
 *                                            |  hv_domain_destroy()
 *                                            v
 *                                          (gone)
 *
 * 1. Arrows only; anything else asked for changes nothing.
 * 2. A name is in the index from create to kill, an id from create to destroy.
 * 3. Ports are open only before DYING: a dying domain is nobody's peer.
 * 4. An id is taken as long as a domain has it: ids.c.
 */
#include "grant.h"
#include <base/string.h>
#include <xen/errno.h>
#include <xen/sched.h>

struct hv *hv_create(const struct hv_ops *ops)
{
    struct hv *hv = ops->alloc(sizeof(*hv));

    if (!hv)
        return NULL;
    hv->ops = ops;
    hv->by_id = ops->alloc(HV_DOMID_LIMIT * sizeof(struct hv_domain *));
    hv->births = ops->alloc(HV_DOMID_LIMIT * sizeof(uint32_t));
    if (!hv->by_id || !hv->births) {
        hv_destroy(hv);
        return NULL;
    }
    hv_ids_init(hv);
    return hv;
}

void hv_destroy(struct hv *hv)
{
    const struct hv_ops *ops = hv->ops;

    if (hv->by_id)
        ops->free(hv->by_id);
    if (hv->births)
        ops->free(hv->births);
    ops->free(hv);
}

static bool config_is_sound(const struct hv_domain_config *cfg)
{
    return !hv_name_check(cfg->name) && cfg->nr_pages > 0 &&
           cfg->nr_pages <= cfg->max_pages && cfg->max_pages <= INT32_MAX &&
           cfg->nr_vcpus > 0 && cfg->nr_vcpus <= XEN_LEGACY_MAX_VCPUS &&
           cfg->max_event_channels < EVTCHN_FIFO_NR_CHANNELS &&
           cfg->max_grant_frames <= GRANT_FRAMES_MAX && cfg->shared_info;
}

/* Frees what hv_domain_create() made, as far as it got. */
static void free_domain(struct hv_domain *d)
{
    const struct hv_ops *ops = d->hv->ops;

    hv_gnttab_fini(d);
    hv_memory_fini(d);
    if (d->ports)
        ops->free(d->ports);
    if (d->vcpu)
        ops->free(d->vcpu);
    ops->free(d);
}

int hv_domain_create(struct hv *hv, const struct hv_domain_config *cfg,
                     struct hv_domain **out)
{
    const uint32_t default_channels = 1023;   /* xl.cfg's */
    const uint32_t default_grant_frames = 64; /* the same */
    struct hv_domain *d;
    domid_t id;
    int rc;

    *out = NULL;
    if (!config_is_sound(cfg))
        return -XEN_EINVAL;
    if (hv_domain_by_name(hv, cfg->name))
        return -XEN_EEXIST;
    d = hv->ops->alloc(sizeof(*d));
    if (!d)
        return -XEN_ENOMEM;
    d->hv = hv;
    d->owner = cfg->owner;
    d->state = HV_DOM_BUILDING;
    memcpy(d->uuid, cfg->uuid, sizeof(d->uuid));
    memcpy(d->name, cfg->name, strlen(cfg->name) + 1);
    d->shared_info = cfg->shared_info;
    d->created_ns = hv->ops->now_ns();
    d->nr_pages = cfg->nr_pages;
    d->max_pages = cfg->max_pages;
    d->nr_vcpus = cfg->nr_vcpus;
    d->port_limit =
        cfg->max_event_channels ? cfg->max_event_channels : default_channels;
    hv_port_use_abi(d, &hv_evtchn_2l);
    d->first_free = 1;
    d->max_grant_frames =
        cfg->max_grant_frames ? cfg->max_grant_frames : default_grant_frames;

    rc = hv_id_choose(hv, &id);
    if (rc != 0)
        goto out;
    rc = -XEN_ENOMEM;
    d->vcpu = hv->ops->alloc(d->nr_vcpus * sizeof(*d->vcpu));
    if (!d->vcpu || hv_memory_init(d) != 0)
        goto out;
    rc = hv_name_insert(d);
    if (rc != 0)
        goto out;
    hv_id_take(d, id);
    hv->nr_domains++;
    *out = d;
    d = NULL;
out:
    if (d)
        free_domain(d);
    return rc;
}

void hv_domain_start(struct hv_domain *d)
{
    if (d->state == HV_DOM_BUILDING)
        d->state = HV_DOM_RUNNING;
}

void hv_domain_shutdown(struct hv_domain *d, unsigned reason)
{
    if (d->state != HV_DOM_BUILDING && d->state != HV_DOM_RUNNING)
        return;
    d->state = HV_DOM_SHUTDOWN;
    /* SCHEDOP_shutdown_code may have latched another reason before. */
    if (!d->have_reason)
        d->reason = (uint8_t)reason;
    d->have_reason = true;
    d->hv->ops->shutdown(d, d->reason);
}

void hv_domain_kill(struct hv_domain *d)
{
    if (d->state == HV_DOM_DYING)
        return;
    hv_name_remove(d);
    hv_port_close_range(d, 1, d->nr_ports);
    hv_fifo_fini(d);
    d->state = HV_DOM_DYING;
}

void hv_domain_destroy(struct hv_domain *d)
{
    struct hv *hv = d->hv;

    hv_domain_kill(d); /* a caller that forgot must not leave peers dangling */
    hv_id_put(d);
    hv->nr_domains--;
    free_domain(d);
}

struct hv_domain *hv_domain_by_id(struct hv *hv, domid_t id)
{
    return id < HV_DOMID_LIMIT ? hv->by_id[id] : NULL;
}

struct hv_domain *hv_domain_next(struct hv *hv, struct hv_domain *d)
{
    unsigned id = d ? d->id + 1u : 1;

    for (; id < HV_DOMID_LIMIT; id++)
        if (hv->by_id[id])
            return hv->by_id[id];
    return NULL;
}

unsigned hv_nr_domains(const struct hv *hv)
{
    return hv->nr_domains;
}

domid_t hv_domain_id(const struct hv_domain *d)
{
    return d->id;
}

const char *hv_domain_name(const struct hv_domain *d)
{
    return d->name;
}

const uint8_t *hv_domain_uuid(const struct hv_domain *d)
{
    return d->uuid;
}

enum hv_state hv_domain_state(const struct hv_domain *d)
{
    return (enum hv_state)d->state;
}

unsigned hv_domain_shutdown_reason(const struct hv_domain *d)
{
    return d->reason;
}

uint32_t hv_domain_nr_pages(const struct hv_domain *d)
{
    return d->nr_pages;
}

uint32_t hv_domain_max_pages(const struct hv_domain *d)
{
    return d->max_pages;
}

unsigned hv_domain_nr_vcpus(const struct hv_domain *d)
{
    return d->nr_vcpus;
}

void *hv_domain_owner(const struct hv_domain *d)
{
    return d->owner;
}

uint64_t hv_domain_created_ns(const struct hv_domain *d)
{
    return d->created_ns;
}
