/* SPDX-License-Identifier: ISC */
/* console_io: what a guest without a console ring has to say. */

#include <vcpu/vcpu.h>

/* CONSOLEIO_write: in chunks that fit the portal. */
int64_t own_console_write(struct guest_regs *r)
{
    uint64_t args[6] = {CONSOLEIO_write}, va = r->rdx;
    int32_t count = (int32_t)r->rsi;

    if (count < 0)
        return -XEN_EINVAL;
    while (count > 0) {
        uint32_t n = (uint32_t)MIN(count, PORTAL_BUF_SIZE);
        int64_t ret;

        if (copy_from_guest((void *)(uintptr_t)PORTAL->buf, va, n))
            return -XEN_EFAULT;
        args[1] = n;
        ret = portal_call(__HYPERVISOR_console_io, args, n);
        if (ret < 0)
            return ret;
        va += n;
        count -= (int32_t)n;
    }
    return 0;
}
