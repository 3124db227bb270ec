/* SPDX-License-Identifier: ISC */
/* Hypercalls on page tables. Types and counts of frames are not kept: the
 * guest's tables only ever reach the guest's own files (mmu.c). */

#include "monitor.h"
#include <vcpu/sys.h>
#include <base/string.h>

#define MMU_UPDATE_PREEMPTED 0x80000000u

static int write_done(uint64_t va, uint32_t done)
{
    return va ? copy_to_guest(va, &done, sizeof done) : 0;
}

/* mmu_update(req, count, done_out, foreigndom) */
int64_t op_mmu_update(struct guest_regs *r)
{
    uint32_t n = (uint32_t)r->rsi & ~MMU_UPDATE_PREEMPTED, i;
    int rc = 0;

    if ((uint32_t)r->r10 != DOMID_SELF)
        return -XEN_ESRCH;
    for (i = 0; i < n && !rc; i++) {
        mmu_update_t u;

        if (copy_from_guest(&u, r->rdi + (uint64_t)i * sizeof u, sizeof u)) {
            rc = -XEN_EFAULT;
            break;
        }
        switch (u.ptr & 3) {
        case MMU_NORMAL_PT_UPDATE:
        case MMU_PT_UPDATE_PRESERVE_AD:
            rc = mmu_write_entry(u.ptr & ~3ull, u.val);
            break;
        case MMU_MACHPHYS_UPDATE:
            /* mfn = pfn in this engine's frame space; there is no choice. */
            rc = u.ptr >> 12 == u.val ? 0 : -XEN_EINVAL;
            break;
        default:
            rc = -XEN_ENOSYS;
        }
        if (rc)
            break;
    }
    if (write_done(r->rdx, i))
        return -XEN_EFAULT;
    return rc;
}

static int64_t update_va(uint64_t va, uint64_t val)
{
    struct frame_backing b;
    volatile uint64_t *t;
    struct walk w;

    if (!canonical(va) ||
        (va >= HYPERVISOR_VIRT_START && va < HYPERVISOR_VIRT_END))
        return -XEN_EINVAL;
    /* The monitor's own pages; say no rather than pretend. */
    if (va < GUEST_VA_MIN ||
        (va >= MONITOR_WINDOWS_VA && va < HYPERVISOR_VIRT_START))
        return -XEN_EINVAL;
    mmu_walk(va, &w);
    if (w.level != 1)
        return -XEN_EINVAL;
    if ((val & PTE_P) && !frame_backing(PTE_MFN(val), &b))
        return -XEN_EINVAL;
    t = frame_write(w.table_mfn);
    if (!t)
        return -XEN_EINVAL;
    t[w.index] = val;
    if (w.entry == val)
        return 0;
    /* Rights may have gone at every address the table is hooked at. */
    if (w.entry & PTE_P)
        mmu_forget_entry(w.table_mfn, w.index);
    else
        mmu_sync_page(va);
    return 0;
}

int64_t op_update_va_mapping(struct guest_regs *r)
{
    return update_va(r->rdi, r->rsi);
}

int64_t op_update_va_mapping_otherdomain(struct guest_regs *r)
{
    if ((uint16_t)r->r10 != DOMID_SELF)
        return -XEN_ESRCH;
    return update_va(r->rdi, r->rsi);
}

static int new_base(uint64_t mfn)
{
    if (mfn >= vcpu.boot.max_pages || mmu_maps_windows(mfn))
        return -XEN_EINVAL;
    if (mfn != pv.cr3_mfn) {
        pv.cr3_mfn = mfn;
        PORTAL->cr3_mfn = mfn;
        mmu_flush_all();
    }
    return 0;
}

static int clear_or_copy(const mmuext_op_t *op)
{
    const volatile uint64_t *src = NULL;
    volatile uint64_t *dst;

    /* Xen knows it by its type. */
    if (mmu_is_table(op->arg1.mfn))
        return -XEN_EINVAL;
    dst = frame_write(op->arg1.mfn);
    if (op->cmd == MMUEXT_COPY_PAGE)
        src = frame_read(op->arg2.src_mfn);
    if (!dst || (op->cmd == MMUEXT_COPY_PAGE && !src))
        return -XEN_EINVAL;
    for (unsigned i = 0; i < 512; i++)
        dst[i] = src ? src[i] : 0;
    return 0;
}

static int mmuext_one(const mmuext_op_t *op)
{
    switch (op->cmd) {
    case MMUEXT_PIN_L1_TABLE:
    case MMUEXT_PIN_L2_TABLE:
    case MMUEXT_PIN_L3_TABLE:
    case MMUEXT_PIN_L4_TABLE:
    case MMUEXT_UNPIN_TABLE:
        return op->arg1.mfn < vcpu.boot.max_pages ? 0 : -XEN_EINVAL;
    case MMUEXT_NEW_BASEPTR:
        return new_base(op->arg1.mfn);
    case MMUEXT_TLB_FLUSH_LOCAL:
    case MMUEXT_INVLPG_LOCAL:
    case MMUEXT_TLB_FLUSH_MULTI:
    case MMUEXT_INVLPG_MULTI:
    case MMUEXT_TLB_FLUSH_ALL:
    case MMUEXT_INVLPG_ALL:
        return 0; /* rights are taken away at once, see mmu.c */
    case MMUEXT_SET_LDT:
        return op->arg2.nr_ents ? -XEN_EINVAL : 0;
    case MMUEXT_CLEAR_PAGE:
    case MMUEXT_COPY_PAGE:
        return clear_or_copy(op);
    case MMUEXT_FLUSH_CACHE:
    case MMUEXT_FLUSH_CACHE_GLOBAL:
        return -XEN_EACCES; /* no device behind this domain */
    default:
        return -XEN_ENOSYS;
    }
}

/* mmuext_op(op, count, done_out, foreigndom) */
int64_t op_mmuext_op(struct guest_regs *r)
{
    uint32_t n = (uint32_t)r->rsi & ~MMU_UPDATE_PREEMPTED, i;
    int rc = 0;

    if ((uint32_t)r->r10 != DOMID_SELF)
        return -XEN_ESRCH;
    for (i = 0; i < n; i++) {
        mmuext_op_t op;

        if (copy_from_guest(&op, r->rdi + (uint64_t)i * sizeof op, sizeof op))
            rc = -XEN_EFAULT;
        else
            rc = mmuext_one(&op);
        if (rc)
            break;
    }
    if (write_done(r->rdx, i))
        return -XEN_EFAULT;
    return rc;
}
