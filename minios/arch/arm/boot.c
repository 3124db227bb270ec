/* SPDX-License-Identifier: ISC */
/* From the device tree to boot_info; shared_info, vcpu_info, rings. */
#include "arch/arm/arm.h"

#include <base/string.h>
#include <minios/console.h>
#include <minios/hvm.h>
#include <minios/hypercall.h>
#include <minios/memory.h>
#include <minios/panic.h>
#include <xen/errno.h>
#include <xen/memory.h>
#include <xen/vcpu.h>
#include <xen/version.h>

/* Linker script. */
extern const char _text_start[], _stack_end[];

/* start.S */
extern uint64_t early_table[];
uint64_t arm_device_tree;

struct device_tree arm_dt;
bool arm_on_xen;
const char *arm_reason;
struct shared_info *arch_shared_info;
struct vcpu_info *arch_vcpu_info;

/* Ours, registered with Xen: it must not cross a page. */
static struct vcpu_info vcpu_info __attribute__((aligned(64)));
_Static_assert(sizeof(struct vcpu_info) <= 64, "alignment");

#define GIB ((uint64_t)1 << GIB_SHIFT)

static void map_gib(uint64_t address, uint64_t attributes)
{
    uint64_t i = address >> GIB_SHIFT;

    if (address >> VA_BITS != 0 || early_table[i] != 0)
        return;
    early_table[i] =
        i << GIB_SHIFT | DESC_VALID | DESC_ACCESSED | DESC_NG | attributes;
    arm_dsb();
    arm_isb();
}

void arm_early_map(uint64_t address)
{
    map_gib(address, DESC_ATTR(MAIR_NORMAL) | DESC_INNER);
}

void arm_early_map_device(uint64_t address)
{
    map_gib(address, DESC_ATTR(MAIR_DEVICE));
}

void *arm_boot_page(struct boot_info *boot)
{
    void *page = (void *)boot->free_start;

    if (boot->free_end - boot->free_start < PAGE_SIZE)
        return NULL;
    arm_early_map(boot->free_start);
    boot->free_start += PAGE_SIZE;
    return memset(page, 0, PAGE_SIZE);
}

/* What start.S has mapped from the device tree on: up to the end of its GiB. */
static enum dt_error read_device_tree(void)
{
    uint64_t at = arm_device_tree;

    if (at == 0 || at >> VA_BITS != 0)
        return DT_E_BLOB;
    return dt_read(&arm_dt, (const void *)at, GIB - at % GIB,
                   (uintptr_t)_text_start, (uintptr_t)_stack_end);
}

/* Copied, as the tree lies where memory may be given out later. */
static int keep_command_line(struct boot_info *boot)
{
    size_t len = strlen(arm_dt.command_line) + 1;
    char *line = arm_boot_page(boot);

    if (!line)
        return -XEN_ENOMEM;
    if (len > COMMAND_LINE_MAX)
        return -XEN_E2BIG;
    boot->command_line = memcpy(line, arm_dt.command_line, len);
    return 0;
}

static int map_shared_info(struct boot_info *boot)
{
    void *page = arm_boot_page(boot);
    struct xen_add_to_physmap map = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_shared_info,
        .gpfn = (uintptr_t)page >> PAGE_SHIFT,
    };
    int rc;

    if (!page)
        return -XEN_ENOMEM;
    rc = (int)HYPERVISOR_memory_op(XENMEM_add_to_physmap, &map);
    if (rc == 0)
        arch_shared_info = page;
    return rc;
}

static int register_vcpu_info(void)
{
    uintptr_t at = (uintptr_t)&vcpu_info;
    struct vcpu_register_vcpu_info info = {
        .mfn = at >> PAGE_SHIFT,
        .offset = (uint32_t)(at % PAGE_SIZE),
    };
    int rc = (int)HYPERVISOR_vcpu_op(VCPUOP_register_vcpu_info, 0, &info);

    if (rc == 0)
        arch_vcpu_info = &vcpu_info;
    return rc;
}

static int find_rings(struct boot_info *boot)
{
    int rc = hvm_find_rings(boot, (uint64_t)1 << VA_BITS);

    arm_early_map((uintptr_t)boot->console);
    arm_early_map((uintptr_t)boot->store);
    return rc;
}

/* Believes the tree only when somebody answers; an exception ends in arm_stop(),
 * too, as long as (arm_on_xen) is false. */
static void find_xen(enum dt_error e)
{
    arm_reason = dt_strerror(!arm_dt.is_xen && e != DT_E_BLOB ? DT_E_XEN : e);
    if (e == DT_OK)
        arm_reason = "the device tree tells of a Xen that does not answer";
    if (!arm_dt.is_xen || HYPERVISOR_xen_version(XENVER_version, NULL) <= 0)
        arm_stop(arm_reason);
    arm_on_xen = true;
}

/* The line can be read where the console is, if there is one. */
static __noreturn void cannot_start(struct boot_info *boot, enum dt_error e)
{
    if (find_rings(boot) == 0)
        console_early(boot);
    panic("cannot start: device tree at 0x%lx: %s", arm_device_tree,
          dt_strerror(e));
}

int arch_init_boot(struct boot_info *boot)
{
    enum dt_error e = read_device_tree();
    int rc;

    find_xen(e);
    if (e != DT_OK)
        cannot_start(boot, e);
    boot->free_start = arm_dt.free_start;
    boot->free_end = arm_dt.free_end;
    rc = keep_command_line(boot);
    if (rc == 0)
        rc = map_shared_info(boot);
    if (rc == 0)
        rc = register_vcpu_info();
    return rc == 0 ? find_rings(boot) : rc;
}
