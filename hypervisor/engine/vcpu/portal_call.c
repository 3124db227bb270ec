/* SPDX-License-Identifier: ISC */
/* Calls that leave the process: the monitor's end of the portal protocol
 * (portal/portal.h). */

#include <vcpu/vcpu.h>
#include <vcpu/sys.h>
#include <base/string.h>
#include <portal/hypercalls.h>

/* The request itself; PORTAL->buf and len are the caller's. */
static int64_t exchange(uint32_t nr, const uint64_t args[6], uint32_t len)
{
    volatile struct portal *p = PORTAL;
    uint32_t seq = p->req_seq + 1;
    const char ring = 1;

    for (unsigned i = 0; i < 6; i++)
        p->args[i] = args[i];
    p->nr = nr;
    p->len = len;
    p->n_forwarded++;
    p->call_regs.rsp = v_guest_rsp;
    /* Release: pairs with the acquire in portal_take_request(). */
    __atomic_store_n(&p->req_seq, seq, __ATOMIC_RELEASE);
    /* A full doorbell pipe (EAGAIN) is a doorbell that rings already. */
    sys3(NR_write, GUEST_FD_DOORBELL, (long)(uintptr_t)&ring, 1);
    for (;;) {
        uint32_t done = __atomic_load_n(&p->resp_seq, __ATOMIC_ACQUIRE);

        if (done == seq)
            return p->ret;
        sys_futex_wait(&p->resp_seq, done, NULL);
    }
}

int64_t portal_call(uint32_t nr, const uint64_t args[6], uint32_t len)
{
    int64_t ret;

    vcpu.in_portal_call = true;
    /* The barriers keep the flag around all of the exchange, p->ret included: a
     * timer's own call would overwrite it. */
    __asm__ volatile("" ::: "memory");
    ret = exchange(nr, args, len);
    __asm__ volatile("" ::: "memory");
    vcpu.in_portal_call = false;
    /* A timer that fired meanwhile could not use the portal (signals.c). From
     * the line above on, the handler makes the call itself. */
    __asm__ volatile("" ::: "memory");
    while (*(volatile bool *)&vcpu.timer_due) {
        vcpu.timer_due = false;
        timer_expired();
    }
    return ret;
}

int64_t portal_call1(uint32_t nr, uint64_t arg0, uint32_t len)
{
    const uint64_t args[6] = {arg0};

    return portal_call(nr, args, len);
}

int64_t forward_op(uint32_t nr, uint64_t op, uint64_t arg_va, uint32_t size,
                   unsigned dir)
{
    void *buf = (void *)(uintptr_t)PORTAL->buf;
    int64_t ret;

    if (size > PORTAL_BUF_SIZE)
        return -XEN_EINVAL;
    if (size && copy_from_guest(buf, arg_va, size))
        return -XEN_EFAULT;
    ret = portal_call1(nr, op, size);
    if (size && (dir & HC_OUT) && copy_to_guest(arg_va, buf, size))
        return -XEN_EFAULT;
    return ret;
}

/* The daemon answers when it has taken the memory it wants for its report. */
__noreturn void crash_report(const struct portal_crash *c)
{
    /* A fault while reporting, or with a request half written: just end. The
     * daemon reports a death without a shutdown by itself. */
    if (vcpu.crashing || vcpu.in_portal_call)
        sys_exit(1);
    vcpu.crashing = true;
    memcpy((void *)(uintptr_t)PORTAL->buf, c, sizeof *c);
    portal_call1(PORTAL_CALL_CRASH, 0, sizeof *c);
    sys_exit(1);
}
