/* SPDX-License-Identifier: ISC */
/* xen_version: what this hypervisor says it is. */

#include <vcpu/vcpu.h>
#include <base/string.h>
#include <xen/features.h>
#include <xen/version.h>

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
    f.submap = vcpu_features;
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
