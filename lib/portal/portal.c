/* SPDX-License-Identifier: ISC */
/*
 * The daemon's two ends of a forwarded call: taking a request out of the
 * portal, once, and publishing its answer. The monitor's ends are in the
 * engine; the page's layout and protocol in portal/portal.h.
 */
#include <portal/portal.h>
#include <base/compiler.h>
#include <base/string.h>
#include <xen/errno.h>

/* From here on the compiler may not read the shared page again in place of the
 * copy: the guest may have changed it meanwhile. */
#define COPIED() __asm__ volatile("" ::: "memory")

int portal_take_request(const volatile struct portal *p, uint32_t *last_seq,
                        struct portal_request *req)
{
    /* Pairs with the monitor's release: its arguments are visible now. */
    uint32_t seq = __atomic_load_n(&p->req_seq, __ATOMIC_ACQUIRE);
    uint32_t len;
    size_t i;

    if (seq == *last_seq)
        return 0;
    *last_seq = seq;

    len = p->len;
    req->nr = p->nr;
    for (i = 0; i < ARRAY_SIZE(req->args); i++)
        req->args[i] = p->args[i];
    req->out_len = 0;
    if (len > PORTAL_BUF_SIZE) {
        req->len = 0;
        req->ret = -XEN_EINVAL;
        return -XEN_EINVAL;
    }
    req->len = len;
    req->ret = 0;
    /* The size is ours by now; through uintptr_t, since memcpy knows no
     * volatile. */
    memcpy(req->buf, (const void *)(uintptr_t)p->buf, len);
    COPIED();
    return 1;
}

uint64_t portal_take_sends(volatile struct portal *p)
{
    /* Most doorbells bring a request only. */
    if (!__atomic_load_n(&p->events.sends, __ATOMIC_ACQUIRE))
        return 0;
    return __atomic_exchange_n(&p->events.sends, 0, __ATOMIC_ACQ_REL);
}

void portal_put_response(volatile struct portal *p, uint32_t seq,
                         const struct portal_request *req)
{
    memcpy((void *)(uintptr_t)p->buf, req->buf,
           MIN(req->out_len, PORTAL_BUF_SIZE));
    p->ret = req->ret;
    /* Pairs with the monitor's acquire of resp_seq: once it sees the number,
     * ret and buf are the answer's. */
    __atomic_store_n(&p->resp_seq, seq, __ATOMIC_RELEASE);
}
