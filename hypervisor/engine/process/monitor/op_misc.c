/* SPDX-License-Identifier: ISC */
/* Traps, callbacks, segments, versions, console output: what needs no more
 * than the vCPU's own state. */

#include "monitor.h"
#include "sys.h"
#include <base/string.h>
#include <portal/hypercalls.h>
#include <xen/callback.h>
#include <xen/features.h>
#include <xen/version.h>

struct trap_gate trap_table[NR_VECTORS];
static uint64_t debugreg[8];

int copy_from_guest(void *dst, uint64_t va, size_t n)
{
    if (va < GUEST_VA_MIN || va >= MONITOR_WINDOWS_VA ||
        n > MONITOR_WINDOWS_VA - va)
        return -XEN_EFAULT;
    return copy_guest(dst, (const void *)va, n) ? -XEN_EFAULT : 0;
}

int copy_to_guest(uint64_t va, const void *src, size_t n)
{
    if (va < GUEST_VA_MIN || va >= MONITOR_WINDOWS_VA ||
        n > MONITOR_WINDOWS_VA - va)
        return -XEN_EFAULT;
    return copy_guest((void *)va, src, n) ? -XEN_EFAULT : 0;
}

/* set_trap_table(traps): ends with an entry whose address is 0; NULL clears. */
int64_t op_set_trap_table(struct guest_regs *r)
{
    struct trap_info t;
    uint64_t va = r->rdi;

    if (!va) {
        memset(trap_table, 0, sizeof trap_table);
        return 0;
    }
    /* Bounded: a table without an end is read no further than one entry per
     * vector. */
    for (unsigned i = 0; i <= NR_VECTORS; i++, va += sizeof t) {
        if (copy_from_guest(&t, va, sizeof t))
            return -XEN_EFAULT;
        if (!t.address)
            return 0;
        if (!canonical(t.address))
            return -XEN_EINVAL;
        trap_table[t.vector] =
            (struct trap_gate){.address = t.address, .flags = t.flags};
    }
    return 0;
}

/* set_gdt(frames, entries): the CPU runs with Linux's descriptors; only what
 * Xen checks is checked. */
int64_t op_set_gdt(struct guest_regs *r)
{
    uint64_t frames[FIRST_RESERVED_GDT_PAGE];
    uint32_t entries = (uint32_t)r->rsi, n = (entries + 511) / 512;

    if (entries > FIRST_RESERVED_GDT_ENTRY)
        return -XEN_EINVAL;
    if (n && copy_from_guest(frames, r->rdi, n * sizeof frames[0]))
        return -XEN_EFAULT;
    for (uint32_t i = 0; i < n; i++)
        if (frames[i] >= vcpu.boot.max_pages)
            return -XEN_EINVAL;
    return 0;
}

int64_t op_update_descriptor(struct guest_regs *r)
{
    (void)r;
    return -XEN_EINVAL; /* no guest descriptor is ever loaded */
}

int64_t op_stack_switch(struct guest_regs *r)
{
    if (!canonical(r->rsi))
        return -XEN_EINVAL;
    vcpu.kernel_sp = r->rsi;
    return 0;
}

int64_t op_set_callbacks(struct guest_regs *r)
{
    if (!canonical(r->rdi) || !canonical(r->rsi) || !canonical(r->rdx))
        return -XEN_EINVAL;
    vcpu.event_callback = r->rdi;
    vcpu.failsafe_callback = r->rsi;
    vcpu.syscall_callback = r->rdx;
    return 0;
}

int64_t op_callback(struct guest_regs *r)
{
    uint32_t cmd = (uint32_t)r->rdi;
    struct callback_register cb;

    if (cmd != CALLBACKOP_register)
        return cmd == CALLBACKOP_unregister ? -XEN_EINVAL : -XEN_ENOSYS;
    if (copy_from_guest(&cb, r->rsi, sizeof cb))
        return -XEN_EFAULT;
    if (!canonical(cb.address))
        return -XEN_EINVAL;
    switch (cb.type) {
    case CALLBACKTYPE_event:
        vcpu.event_callback = cb.address;
        return 0;
    case CALLBACKTYPE_failsafe:
        vcpu.failsafe_callback = cb.address;
        return 0;
    case CALLBACKTYPE_syscall:
        vcpu.syscall_callback = cb.address;
        return 0;
    case CALLBACKTYPE_nmi:
        return 0; /* never sent */
    default:
        return -XEN_ENOSYS;
    }
}

int64_t op_fpu_taskswitch(struct guest_regs *r)
{
    /* CR0.TS cannot be set in a process: the FPU is always the guest's, so
     * lazy switching degenerates to "already there". */
    (void)r;
    return 0;
}

int64_t op_set_debugreg(struct guest_regs *r)
{
    uint32_t reg = (uint32_t)r->rdi;

    if (reg > 7)
        return -XEN_EINVAL;
    if (reg == 7 && (r->rsi & 0xff))
        return -XEN_EPERM; /* breakpoints cannot be armed here */
    debugreg[reg] = r->rsi;
    return 0;
}

int64_t op_get_debugreg(struct guest_regs *r)
{
    uint32_t reg = (uint32_t)r->rdi;

    return reg > 7 ? -XEN_EINVAL : (int64_t)debugreg[reg];
}

int64_t op_vm_assist(struct guest_regs *r)
{
    if ((uint32_t)r->rsi > VMASST_TYPE_architectural_iopl)
        return -XEN_EINVAL;
    /* Nothing a 64-bit guest could assist with exists here. */
    return (uint32_t)r->rdi <= VMASST_CMD_disable ? 0 : -XEN_ENOSYS;
}

int64_t op_set_segment_base(struct guest_regs *r)
{
    uint32_t which = (uint32_t)r->rdi;

    if (which != SEGBASE_GS_USER_SEL && !canonical(r->rsi))
        return -XEN_EINVAL;
    switch (which) {
    case SEGBASE_FS:
        set_fs_base(r->rsi);
        return 0;
    case SEGBASE_GS_USER:
        vcpu.gs_user = r->rsi;
        return 0;
    case SEGBASE_GS_KERNEL:
        set_gs_base(r->rsi);
        return 0;
    case SEGBASE_GS_USER_SEL:
        return 0;
    default:
        return -XEN_EINVAL;
    }
}

/* --- xen_version --------------------------------------------------------------- */

#define XEN_ABI_VERSION (4 << 16 | 17)

static int64_t put_text(uint64_t va, const char *text, size_t text_size,
                        size_t size)
{
    static const char zeros[64];

    if (copy_to_guest(va, text, text_size))
        return -XEN_EFAULT;
    for (size_t off = text_size; off < size;) {
        size_t n = MIN(size - off, sizeof zeros);

        if (copy_to_guest(va + off, zeros, n))
            return -XEN_EFAULT;
        off += n;
    }
    return 0;
}

static int64_t get_features(uint64_t va)
{
    xen_feature_info_t f;

    if (copy_from_guest(&f, va, sizeof f))
        return -XEN_EFAULT;
    if (f.submap_idx >= XENFEAT_NR_SUBMAPS)
        return -XEN_EINVAL;
    /* What Xen 4.17 says to a 64-bit PV guest, but for vNUMA. */
    f.submap =
        1u << XENFEAT_mmu_pt_update_preserve_ad | 1u << XENFEAT_highmem_assist |
        1u << XENFEAT_gnttab_map_avail_bits | 1u << XENFEAT_direct_mapped;
    return copy_to_guest(va, &f, sizeof f) ? -XEN_EFAULT : 0;
}

int64_t op_xen_version(struct guest_regs *r)
{
    static const char extra[] = "-midge";
    static const char caps[] = "xen-3.0-x86_64 ";
    const xen_platform_parameters_t params = {.virt_start =
                                                  HYPERVISOR_VIRT_START};

    switch ((uint32_t)r->rdi) {
    case XENVER_version:
        return XEN_ABI_VERSION;
    case XENVER_extraversion:
        return put_text(r->rsi, extra, sizeof extra,
                        sizeof(xen_extraversion_t));
    case XENVER_compile_info:
        return put_text(r->rsi, "", 1, sizeof(xen_compile_info_t));
    case XENVER_capabilities:
        return put_text(r->rsi, caps, sizeof caps,
                        sizeof(xen_capabilities_info_t));
    case XENVER_changeset:
        return put_text(r->rsi, "", 1, sizeof(xen_changeset_info_t));
    case XENVER_platform_parameters:
        return copy_to_guest(r->rsi, &params, sizeof params) ? -XEN_EFAULT : 0;
    case XENVER_get_features:
        return get_features(r->rsi);
    case XENVER_pagesize:
        return PORTAL_PAGE_SIZE;
    case XENVER_guest_handle:
        return put_text(r->rsi, "", 1, sizeof(xen_domain_handle_t));
    case XENVER_commandline:
        return put_text(r->rsi, "", 1, sizeof(xen_commandline_t));
    default:
        return -XEN_ENOSYS;
    }
}

/* --- console_io ------------------------------------------------------------------ */

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
