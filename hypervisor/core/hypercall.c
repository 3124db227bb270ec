/* SPDX-License-Identifier: ISC */
/*
 * Serves forwarded calls: what may be called is hc_table's word, by whom it is
 * done is said here.
 */
#include "internal.h"
#include <base/string.h>
#include <portal/hypercalls.h>
#include <xen/errno.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sched.h>

static int64_t console_write(struct hv_domain *d, struct portal_request *req)
{
    uint64_t len = req->args[1];

    if (len > req->len)
        return -XEN_EINVAL;
    if (len > 0)
        d->hv->ops->console_write(d, (const char *)req->buf, (size_t)len);
    return 0;
}

static int64_t sched_shutdown(struct hv_domain *d, struct portal_request *req)
{
    if (req->args[1] > SHUTDOWN_MAX)
        return -XEN_EINVAL;
    hv_domain_shutdown(d, (unsigned)req->args[1]);
    return 0;
}

static int64_t sched_shutdown_code(struct hv_domain *d,
                                   struct portal_request *req)
{
    struct sched_shutdown a;

    memcpy(&a, req->buf, sizeof(a));
    if (a.reason > SHUTDOWN_MAX)
        return -XEN_EINVAL;
    if (!d->have_reason)
        d->reason = (uint8_t)a.reason;
    d->have_reason = true;
    return 0;
}

/* One entry per HC_FORWARD row of hc_table; a unit test compares them. */
static const struct worker_row {
    uint32_t nr, op;
    hv_worker *fn;
} workers[] = {
    {__HYPERVISOR_event_channel_op, EVTCHNOP_send, hv_evtchn_send},
    {__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain,
     hv_evtchn_bind_interdomain},
    {__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, hv_evtchn_bind_virq},
    {__HYPERVISOR_event_channel_op, EVTCHNOP_close, hv_evtchn_close},
    {__HYPERVISOR_event_channel_op, EVTCHNOP_status, hv_evtchn_status},
    {__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound,
     hv_evtchn_alloc_unbound},
    {__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, hv_evtchn_bind_ipi},
    {__HYPERVISOR_event_channel_op, EVTCHNOP_bind_vcpu, hv_evtchn_bind_vcpu},
    {__HYPERVISOR_event_channel_op, EVTCHNOP_unmask, hv_evtchn_unmask},
    {__HYPERVISOR_event_channel_op, EVTCHNOP_reset, hv_evtchn_reset},
    {__HYPERVISOR_event_channel_op, EVTCHNOP_init_control,
     hv_evtchn_init_control},
    {__HYPERVISOR_event_channel_op, EVTCHNOP_expand_array,
     hv_evtchn_expand_array},
    {__HYPERVISOR_event_channel_op, EVTCHNOP_set_priority,
     hv_evtchn_set_priority},
    {__HYPERVISOR_memory_op, XENMEM_increase_reservation, hv_memory_increase},
    {__HYPERVISOR_memory_op, XENMEM_decrease_reservation, hv_memory_decrease},
    {__HYPERVISOR_memory_op, XENMEM_populate_physmap, hv_memory_populate},
    {__HYPERVISOR_memory_op, XENMEM_maximum_ram_page, hv_memory_max_ram_page},
    {__HYPERVISOR_memory_op, XENMEM_current_reservation, hv_memory_current},
    {__HYPERVISOR_memory_op, XENMEM_maximum_reservation, hv_memory_maximum},
    {__HYPERVISOR_grant_table_op, GNTTABOP_setup_table, hv_gnttab_setup_table},
    {__HYPERVISOR_grant_table_op, GNTTABOP_query_size, hv_gnttab_query_size},
    {__HYPERVISOR_grant_table_op, GNTTABOP_copy, hv_gnttab_copy},
    {__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, hv_gnttab_map},
    {__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, hv_gnttab_unmap},
    {__HYPERVISOR_grant_table_op, GNTTABOP_transfer, hv_gnttab_transfer},
    {__HYPERVISOR_grant_table_op, GNTTABOP_unmap_and_replace,
     hv_gnttab_unmap_replace},
    {__HYPERVISOR_grant_table_op, GNTTABOP_set_version, hv_gnttab_set_version},
    {__HYPERVISOR_grant_table_op, GNTTABOP_get_status_frames,
     hv_gnttab_get_status_frames},
    {__HYPERVISOR_grant_table_op, GNTTABOP_get_version, hv_gnttab_get_version},
    {__HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, hv_gnttab_swap},
    {__HYPERVISOR_grant_table_op, GNTTABOP_cache_flush, hv_gnttab_cache_flush},
    {__HYPERVISOR_console_io, CONSOLEIO_write, console_write},
    {__HYPERVISOR_sched_op, SCHEDOP_shutdown, sched_shutdown},
    {__HYPERVISOR_sched_op, SCHEDOP_shutdown_code, sched_shutdown_code},
};

static hv_worker *find_worker(const struct hc_row *row)
{
    size_t i;

    for (i = 0; i < ARRAY_SIZE(workers); i++)
        if (workers[i].nr == row->nr && workers[i].op == row->op)
            return workers[i].fn;
    return NULL;
}

static int64_t serve_row(struct hv_domain *d, struct portal_request *req,
                         const struct hc_row *row)
{
    hv_worker *fn = find_worker(row);
    int64_t ret;

    if (!fn)
        return -XEN_ENOSYS;
    /* The monitor is the guest's: that it marshals well is not given. */
    if (req->len < row->arg_size)
        return -XEN_EINVAL;
    ret = fn(d, req);
    if (row->dir & HC_OUT)
        req->out_len = row->arg_size;
    return ret;
}

/* Calls of the monitor on its own behalf; a guest can make them as well. */
static int64_t serve_portal_call(struct hv_domain *d,
                                 struct portal_request *req)
{
    switch (req->nr) {
    case PORTAL_CALL_UNSHARE:
        return hv_memory_unshare(d, req);
    case PORTAL_CALL_CRASH:
        hv_domain_shutdown(d, SHUTDOWN_crash);
        return 0;
    case PORTAL_CALL_TIMER:
        hv_send_virq(d, 0, VIRQ_TIMER);
        return 0;
    default:
        return -XEN_ENOSYS;
    }
}

static int64_t serve(struct hv_domain *d, struct portal_request *req)
{
    /* Sub-operations are ints in Xen's ABI: the upper half is not looked at. */
    const struct hc_row *row = hc_find(req->nr, (uint32_t)req->args[0]);

    if (req->nr >= PORTAL_CALL_BASE)
        return serve_portal_call(d, req);
    if (!row)
        return -XEN_ENOSYS;
    switch ((enum hc_where)row->where) {
    case HC_FORWARD:
        return serve_row(d, req, row);
    case HC_EPERM:
        return -XEN_EPERM;
    case HC_LOCAL: /* no monitor of ours sends these */
    case HC_ENOSYS:
        break;
    }
    return -XEN_ENOSYS;
}

void hv_hypercall(struct hv_domain *d, struct portal_request *req)
{
    req->out_len = 0;
    req->ret = serve(d, req);
}
