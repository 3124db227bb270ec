/* SPDX-License-Identifier: ISC */
/* From hvm_start_info to boot_info; hypercalls, shared_info, rings. */
#include "arch/x86/layout.h"
#include "arch/x86/pvh/pvh.h"

#include <base/string.h>
#include <cpuid.h>
#include <minios/boot.h>
#include <minios/hypercall.h>
#include <minios/hvm.h>
#include <minios/panic.h>
#include <pvh/start_info.h>
#include <xen/arch-x86/cpuid.h>
#include <xen/errno.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>

uint64_t pvh_start_info;

/* Linker script. */
extern const char _text_start[], _stack_end[];
extern const char hypercall_page[];

/* What the first page tables map. */
#define MAPPED_END ((uint64_t)1 << 32)

/* Xen's leaves are at the first multiple of 0x100 with its signature (cpuid.h);
 * other interfaces may come in front of them. */
#define XEN_LEAF_STEP 0x100u
#define XEN_LEAF_LAST 0x4000ff00u

static uint32_t find_xen_leaves(void)
{
    uint32_t base, a, b, c, d;

    for (base = XEN_CPUID_FIRST_LEAF; base <= XEN_LEAF_LAST;
         base += XEN_LEAF_STEP) {
        __cpuid(base, a, b, c, d);
        if (b == XEN_CPUID_SIGNATURE_EBX && c == XEN_CPUID_SIGNATURE_ECX &&
            d == XEN_CPUID_SIGNATURE_EDX && a >= base + 2)
            return base;
    }
    return 0;
}

/* Has Xen write the hypercall page; it goes by the physical address, so that the
 * page may well be read-only for us. */
static int fill_hypercall_page(void)
{
    uint32_t base = find_xen_leaves(), pages, msr, c, d;
    uint64_t address = (uintptr_t)hypercall_page;

    if (base == 0)
        return -XEN_ENODEV;
    __cpuid(base + 2, pages, msr, c, d);
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)address),
                       "d"((uint32_t)(address >> 32))
                     : "memory");
    return 0;
}

static const void *view_mapped(void *arg, uint64_t address, uint64_t len)
{
    (void)arg;
    if (address == 0 || address >= MAPPED_END || len > MAPPED_END - address)
        return NULL;
    return (const void *)address;
}

void *pvh_boot_page(struct boot_info *boot)
{
    void *page = (void *)boot->free_start;

    if (boot->free_end - boot->free_start < X86_PAGE_SIZE ||
        boot->free_start + X86_PAGE_SIZE > MAPPED_END)
        return NULL;
    boot->free_start += X86_PAGE_SIZE;
    return memset(page, 0, X86_PAGE_SIZE);
}

static int map_shared_info(void)
{
    struct xen_add_to_physmap map = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_shared_info,
        .gpfn = SHARED_INFO_VA >> X86_PAGE_SHIFT,
    };
    int rc = (int)HYPERVISOR_memory_op(XENMEM_add_to_physmap, &map);

    if (rc == 0)
        arch_shared_info = (struct shared_info *)SHARED_INFO_VA;
    return rc;
}

/* Events come as interrupts of one vector, which needs no APIC and no
 * acknowledgement (xen/hvm/params.h, HVM_PARAM_CALLBACK_IRQ). */
static int set_upcall_vector(void)
{
    struct xen_hvm_param p = {
        .domid = DOMID_SELF,
        .index = HVM_PARAM_CALLBACK_IRQ,
        .value =
            (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | PVH_UPCALL_VECTOR,
    };

    return (int)HYPERVISOR_hvm_op(HVMOP_set_param, &p);
}

static int read_start_info(struct boot_info *boot)
{
    struct pvh_start start;
    enum pvh_error e =
        pvh_read_start(&start, pvh_start_info, (uintptr_t)_text_start,
                       (uintptr_t)_stack_end, view_mapped, NULL);
    char *line;

    if (e != PVH_OK)
        panic("cannot start: hvm_start_info at 0x%lx: %s", pvh_start_info,
              pvh_strerror(e));
    boot->free_start = start.free_start;
    boot->free_end = start.free_end;
    /* It may lie where nothing will be mapped later. */
    line = pvh_boot_page(boot);
    if (!line)
        return -XEN_ENOMEM;
    memcpy(line, start.command_line, strlen(start.command_line) + 1);
    boot->command_line = line;
    return 0;
}

int pvh_init_boot(struct boot_info *boot)
{
    int rc = fill_hypercall_page();

    if (rc == 0)
        rc = read_start_info(boot);
    if (rc == 0)
        rc = map_shared_info();
    if (rc == 0)
        rc = hvm_find_rings(boot, MAPPED_END);
    if (rc == 0)
        rc = set_upcall_vector();
    return rc;
}
