/* SPDX-License-Identifier: ISC */
/* grant_table_op: everything is the core's; arrays go there in chunks. */

#include <vcpu/vcpu.h>
#include <vcpu/sys.h>
#include <base/string.h>
#include <portal/hypercalls.h>
#include <xen/grant_table.h>

/* Which frames the table has: those may be mapped (frames_of_ram.c). */
static void table_is(uint32_t frames, uint32_t status_frames)
{
    vcpu.grant_frames = MAX(vcpu.grant_frames, MIN(frames, GRANT_FRAMES_MAX));
    vcpu.grant_status_frames = MAX(vcpu.grant_status_frames,
                                   MIN(status_frames, GRANT_STATUS_FRAMES_MAX));
}

/* Writes the numbers of (n) frames from (mfn) on to the guest's list. */
static int16_t write_list(uint64_t list, uint64_t mfn, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint64_t m = mfn + i;

        if (copy_to_guest(list + 8ull * i, &m, sizeof m))
            return GNTST_bad_virt_addr;
    }
    return GNTST_okay;
}

static int64_t setup_table(uint64_t va)
{
    struct gnttab_setup_table *answer = (void *)(uintptr_t)PORTAL->buf, a;
    int64_t rc;

    if (copy_from_guest(&a, va, sizeof a))
        return -XEN_EFAULT;
    memcpy(answer, &a, sizeof a);
    rc = portal_call1(__HYPERVISOR_grant_table_op, GNTTABOP_setup_table,
                      sizeof a);
    if (rc)
        return rc;
    a.status = answer->status;
    if (a.status == GNTST_okay) {
        table_is(a.nr_frames, 0);
        a.status = write_list((uint64_t)(uintptr_t)a.frame_list.p,
                              MFN_GRANT(vcpu.boot.max_pages), a.nr_frames);
    }
    return copy_to_guest(va, &a, sizeof a) ? -XEN_EFAULT : 0;
}

static int64_t get_status_frames(uint64_t va)
{
    struct gnttab_get_status_frames *answer = (void *)(uintptr_t)PORTAL->buf, a;
    int64_t rc;

    if (copy_from_guest(&a, va, sizeof a))
        return -XEN_EFAULT;
    memcpy(answer, &a, sizeof a);
    rc = portal_call1(__HYPERVISOR_grant_table_op, GNTTABOP_get_status_frames,
                      sizeof a);
    if (rc)
        return rc;
    a.status = answer->status;
    if (a.status == GNTST_okay) {
        table_is(0, a.nr_frames);
        a.status =
            write_list((uint64_t)(uintptr_t)a.frame_list.p,
                       MFN_GRANT_STATUS(vcpu.boot.max_pages), a.nr_frames);
    }
    return copy_to_guest(va, &a, sizeof a) ? -XEN_EFAULT : 0;
}

/* A frame of our own that is copied to becomes ours alone first: the guest must
 * see what arrives. The calls this takes leave the portal's buffer alone. */
static void unshare_targets(const struct gnttab_copy *op, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!(op[i].flags & GNTCOPY_dest_gref) &&
            op[i].dest.domid == DOMID_SELF)
            (void)frame_unshare(op[i].dest.u.gmfn); /* the core will say */
}

#define UNREADABLE 1

/* One chunk of (n) operations of (size) bytes at (va). 0, UNREADABLE (nothing
 * was done) or -XEN_E*. */
static int64_t chunk(uint32_t cmd, uint64_t va, uint32_t n, uint32_t size)
{
    const uint64_t args[6] = {cmd, n};
    uint32_t bytes = n * size;
    void *ops = (void *)(uintptr_t)PORTAL->buf;
    int64_t rc;

    if (copy_from_guest(ops, va, bytes))
        return UNREADABLE;
    if (cmd == GNTTABOP_copy)
        unshare_targets(ops, n);
    rc = portal_call(__HYPERVISOR_grant_table_op, args, bytes);
    if (copy_to_guest(va, ops, bytes))
        return -XEN_EFAULT;
    return rc;
}

/* When part of a chunk cannot be read, what comes before it is still done. */
static int64_t array(uint32_t cmd, uint64_t va, uint32_t count, uint32_t size)
{
    uint32_t most = PORTAL_BUF_SIZE / size, done = 0;

    if (va > UINT64_MAX - (uint64_t)count * size)
        return -XEN_EFAULT;
    while (done < count) {
        uint32_t n = MIN(count - done, most);
        int64_t rc = chunk(cmd, va + (uint64_t)done * size, n, size);

        if (rc == UNREADABLE && n == 1)
            return -XEN_EFAULT;
        if (rc < 0)
            return rc;
        if (rc == UNREADABLE)
            most = 1;
        else
            done += n;
    }
    return 0;
}

/* Bytes of one operation of a call that takes an array. */
static uint32_t array_size(uint32_t cmd)
{
    switch (cmd) {
    case GNTTABOP_map_grant_ref:
        return sizeof(struct gnttab_map_grant_ref);
    case GNTTABOP_unmap_grant_ref:
        return sizeof(struct gnttab_unmap_grant_ref);
    case GNTTABOP_unmap_and_replace:
        return sizeof(struct gnttab_unmap_and_replace);
    case GNTTABOP_transfer:
        return sizeof(struct gnttab_transfer);
    case GNTTABOP_copy:
        return sizeof(struct gnttab_copy);
    case GNTTABOP_swap_grant_ref:
        return sizeof(struct gnttab_swap_grant_ref);
    case GNTTABOP_cache_flush:
        return sizeof(struct gnttab_cache_flush);
    default:
        return 0;
    }
}

int64_t own_grant_array(struct guest_regs *r)
{
    uint32_t cmd = (uint32_t)r->rdi, size = array_size(cmd);

    return size ? array(cmd, r->rsi, (uint32_t)r->rdx, size) : -XEN_ENOSYS;
}

/* grant_table_op(cmd, args, count) */
int64_t op_grant(struct guest_regs *r)
{
    uint32_t cmd = (uint32_t)r->rdi, count = (uint32_t)r->rdx;

    if ((int32_t)count < 0)
        return -XEN_EINVAL;
    switch (cmd) {
    case GNTTABOP_setup_table:
        return count == 1 ? setup_table(r->rsi) : -XEN_EINVAL;
    case GNTTABOP_get_status_frames:
        return count == 1 ? get_status_frames(r->rsi) : -XEN_EINVAL;
    case GNTTABOP_query_size:
        if (count != 1)
            return -XEN_EINVAL;
        break;
    default:
        break;
    }
    return forward_row(r, __HYPERVISOR_grant_table_op, cmd);
}
