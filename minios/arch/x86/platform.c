/* SPDX-License-Identifier: ISC */
/* The hooks in which PV and PVH differ: by way of the table of what we run as. */
#include "arch/x86/x86.h"

#include <minios/arch.h>

const struct x86_platform *x86_platform;
struct shared_info *arch_shared_info;
struct vcpu_info *arch_vcpu_info;

int arch_init_boot(struct boot_info *boot)
{
    int rc = x86_platform->init_boot(boot);

    if (rc == 0)
        arch_vcpu_info = &arch_shared_info->vcpu_info[0];
    return rc;
}

int arch_init_traps(void)
{
    return x86_platform->init_traps();
}

int arch_init_memory(struct boot_info *boot)
{
    return x86_platform->init_memory(boot);
}

bool arch_events_disable(void)
{
    return x86_platform->events_disable();
}

void arch_events_enable(void)
{
    x86_platform->events_enable();
}

void arch_block(void)
{
    x86_platform->block();
}

int arch_page_unmap(void *page)
{
    return x86_platform->page_unmap(page);
}

int arch_page_map(void *page)
{
    return x86_platform->page_map(page);
}

uint64_t arch_page_gfn(const void *page)
{
    return x86_platform->page_gfn(page);
}

int arch_grant_frame(unsigned index, bool status, void **page)
{
    return x86_platform->grant_frame(index, status, page);
}
