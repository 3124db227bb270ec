/* SPDX-License-Identifier: ISC */
/*
 * CPUID as Xen shows it to a PV guest that asks by the forced-emulation prefix
 * (ud2 "xen" cpuid): Xen's own leaves (xen/arch-x86/cpuid.h), and the host's
 * for the rest. A plain cpuid does not trap and shows the host's only.
 */

#include "machine_context.h"
#include "monitor.h"
#include <base/compiler.h>
#include <base/string.h>
#include <xen/arch-x86/cpuid.h>

#define XEN_LEAF(n)   (0x40000000u + (n))
#define LEAVES_END    0x40010000u /* whose range is the hypervisor's        */
#define XEN_VERSION   (4u << 16 | 17u)
#define HYPERCALL_MSR 0x40000000u

#define LEAF1_ECX_HYPERVISOR (1u << 31) /* SDM 2A, CPUID */
#define LEAF_ADDRESS_SIZES   0x80000008u

struct cpuid_regs {
    uint32_t a, b, c, d;
};

static struct cpuid_regs host_cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid_regs r = {.a = leaf, .c = subleaf};

    __asm__ volatile("cpuid" : "+a"(r.a), "=b"(r.b), "+c"(r.c), "=d"(r.d));
    return r;
}

/* From the scale the guest is given: ns = (cycles << shift) * mul >> 32. */
static uint32_t tsc_khz(void)
{
    const volatile vcpu_time_info_t *t = &VCPU_INFO->time;
    uint32_t mul = t->tsc_to_system_mul;
    int8_t shift = t->tsc_shift;
    uint64_t khz;

    if (mul == 0 || shift < -31 || shift > 31)
        return 0; /* the guest has written there */
    khz = (1000000ull << 32) / mul;
    return (uint32_t)(shift < 0 ? khz << -shift : khz >> shift);
}

static struct cpuid_regs time_leaf(uint32_t subleaf)
{
    const volatile vcpu_time_info_t *t = &VCPU_INFO->time;

    switch (subleaf) {
    case 0: /* not emulated, default mode, first incarnation */
        return (struct cpuid_regs){.c = tsc_khz(), .d = 1};
    case 1:
        return (struct cpuid_regs){.c = t->tsc_to_system_mul,
                                   .d = (uint32_t)t->tsc_shift};
    case 2:
        return (struct cpuid_regs){.a = tsc_khz()};
    default:
        return (struct cpuid_regs){0};
    }
}

/* Machine addresses are no wider than the host's. */
static struct cpuid_regs pv_leaf(uint32_t subleaf)
{
    uint32_t bits = host_cpuid(LEAF_ADDRESS_SIZES, 0).a;

    return (struct cpuid_regs){
        .b = subleaf ? 0 : bits & XEN_CPUID_MACHINE_ADDRESS_WIDTH_MASK};
}

static struct cpuid_regs xen_leaf(uint32_t leaf, uint32_t subleaf)
{
    switch (leaf) {
    case XEN_LEAF(0):
        return (struct cpuid_regs){
            XEN_LEAF(XEN_CPUID_MAX_NUM_LEAVES), XEN_CPUID_SIGNATURE_EBX,
            XEN_CPUID_SIGNATURE_ECX, XEN_CPUID_SIGNATURE_EDX};
    case XEN_LEAF(1):
        return (struct cpuid_regs){.a = XEN_VERSION};
    case XEN_LEAF(2): /* one hypercall page */
        return (struct cpuid_regs){
            1, HYPERCALL_MSR, XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD, 0};
    case XEN_LEAF(3):
        return time_leaf(subleaf);
    case XEN_LEAF(5):
        return pv_leaf(subleaf);
    default:
        return (struct cpuid_regs){0};
    }
}

bool emulate_forced_cpuid(struct machine_context *u)
{
    static const uint8_t pattern[] = {0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2};
    uint8_t byte[sizeof pattern];
    uint32_t leaf = (uint32_t)u->rax, subleaf = (uint32_t)u->rcx;
    struct cpuid_regs r;

    if (copy_from_guest(byte, u->rip, sizeof byte) ||
        memcmp(byte, pattern, sizeof byte) != 0)
        return false;
    if (leaf >= XEN_LEAF(0) && leaf < LEAVES_END)
        r = xen_leaf(leaf, subleaf);
    else
        r = host_cpuid(leaf, subleaf);
    if (leaf == 1)
        r.c |= LEAF1_ECX_HYPERVISOR;
    u->rax = r.a;
    u->rbx = r.b;
    u->rcx = r.c;
    u->rdx = r.d;
    u->rip += sizeof pattern;
    return true;
}
