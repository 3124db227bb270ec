/* SPDX-License-Identifier: ISC */
/* Version, features, and CPUID by Xen's forced-emulation prefix. */
#include "framedump.h"

#include <base/string.h>
#include <minios/hypercall.h>
#include <minios/stdio.h>
#include <xen/version.h>
#include <xen/arch-x86/cpuid.h>

#define CPUID_XEN 0x40000000u

static uint32_t regs[4];

static void cpuid(uint32_t leaf, uint32_t subleaf)
{
    regs[0] = leaf;
    regs[1] = regs[3] = 0;
    regs[2] = subleaf;
    forced_cpuid(regs);
}

static void print_leaf(const char *mark, uint32_t leaf, uint32_t subleaf)
{
    cpuid(leaf, subleaf);
    printf("%scpuid %08x.%u: %08x %08x %08x %08x\n", mark, leaf, subleaf,
           regs[0], regs[1], regs[2], regs[3]);
}

static void print_cpuid(void)
{
    char signature[13] = "";
    uint32_t last, leaf;

    cpuid(CPUID_XEN, 0);
    last = regs[0];
    memcpy(signature, &regs[1], 12);
    printf("cpuid %08x: %s, last leaf %08x\n", CPUID_XEN, signature, last);
    print_leaf("", CPUID_XEN + 1, 0);
    print_leaf("", CPUID_XEN + 2, 0);
    /* Frequencies and offsets, and what is not for PV. */
    for (leaf = CPUID_XEN + 3; leaf <= last && leaf < CPUID_XEN + 16; leaf++)
        print_leaf("# ", leaf, 0);
    print_leaf("# ", CPUID_XEN + 3, 1);
    print_leaf("# ", CPUID_XEN + 3, 2);
    print_leaf("# ", CPUID_XEN + 5, 1);
    cpuid(CPUID_XEN + 5, 0);
    printf("cpuid %08x: last sub-leaf %u, machine address bits %s\n",
           CPUID_XEN + 5, regs[0], regs[1] & 0xff ? "given" : "missing");
    print_leaf("", last + 1, 0);
    /* SDM 2A, CPUID: leaf 1 ECX 31, leaf 80000001 EDX 11, 20, 29. */
    cpuid(1, 0);
    printf("cpuid 1: hypervisor %s\n", yes_no(regs[2] >> 31));
    cpuid(0x80000001, 0);
    printf("cpuid 80000001: syscall %s nx %s lm %s\n",
           yes_no(regs[3] >> 11 & 1), yes_no(regs[3] >> 20 & 1),
           yes_no(regs[3] >> 29 & 1));
}

void print_version(void)
{
    static char text[1024];
    xen_platform_parameters_t params = {0};
    struct xen_feature_info features = {0};
    long v = HYPERVISOR_xen_version(XENVER_version, NULL);
    long rc;

    printf("version: %ld.%ld\n", v >> 16, v & 0xffff);
    rc = HYPERVISOR_xen_version(XENVER_extraversion, text);
    printf("~extraversion: %s (%ld)\n", text, rc);
    rc = HYPERVISOR_xen_version(XENVER_capabilities, text);
    printf("~capabilities: %s (%ld)\n", text, rc);
    rc = HYPERVISOR_xen_version(XENVER_platform_parameters, &params);
    printf("virt_start: %lx (%ld)\n", params.virt_start, rc);
    rc = HYPERVISOR_xen_version(XENVER_get_features, &features);
    printf("features 0 without vNUMA: %08x (%ld)\n",
           features.submap & ~(1u << XENFEAT_memory_op_vnode_supported), rc);
    printf("~features 0: %08x\n", features.submap);
    features.submap_idx = 1;
    rc = HYPERVISOR_xen_version(XENVER_get_features, &features);
    printf("features 1: (%ld)\n", rc);
    printf("page size: %ld\n", HYPERVISOR_xen_version(XENVER_pagesize, NULL));
    print_cpuid();
}
