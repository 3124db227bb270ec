/* SPDX-License-Identifier: ISC */
/* Calling convention, bad pointers, multicall, memory, emulated instructions. */

#include "abi.h"
#include <base/compiler.h>
#include <base/string.h>
#include <minios/memory.h>
#include <xen/callback.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#define NOT_MAPPED 0x7f00000000ull /* far above any memory given to us      */
#define XEN_AREA   0xffff800000000000ull

static void convention(void)
{
    long v = call_page(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0);

    check(v >> 16 == 4, "xen_version through the page: major version 4");
    check_is(call_syscall(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0), v,
             "the same by a raw syscall");
    check(preserved_by_call(__HYPERVISOR_xen_version),
          "a hypercall keeps all registers but rax, rcx, r11");
    check_is(call_page(63, 0, 0, 0, 0), -XEN_ENOSYS, "unknown hypercall");
    check_is(call_syscall(0x40000011, 0, 0, 0, 0), -XEN_ENOSYS,
             "raw syscall with an x32 number is just an unknown hypercall");
}

static void bad_pointers(void)
{
    check_is(call_page(__HYPERVISOR_xen_version, XENVER_extraversion,
                       NOT_MAPPED, 0, 0),
             -XEN_EFAULT, "result into unmapped memory");
    check_is(call_page(__HYPERVISOR_xen_version, XENVER_extraversion, XEN_AREA,
                       0, 0),
             -XEN_EFAULT, "result into Xen's area");
    check_is(call_page(__HYPERVISOR_xen_version, XENVER_extraversion,
                       va_of((const void *)bad_pointers), 0, 0),
             -XEN_EFAULT, "result into our text");
    check_is(call_page(__HYPERVISOR_memory_op, XENMEM_populate_physmap,
                       NOT_MAPPED, 0, 0),
             0, "memory_op with an unreadable reservation does nothing");
    check_is(call_page(__HYPERVISOR_event_channel_op, 4, UINT64_MAX - 3, 0, 0),
             -XEN_EFAULT, "argument at the end of the address space");
}

static void multicalls(void)
{
    multicall_entry_t m[3];

    memset(m, 0, sizeof m);
    m[0].op = __HYPERVISOR_xen_version;
    m[0].args[0] = XENVER_pagesize;
    m[1].op = __HYPERVISOR_multicall;
    m[2].op = __HYPERVISOR_sysctl;
    check_is(call_page(__HYPERVISOR_multicall, va_of(m), ARRAY_SIZE(m), 0, 0),
             0, "multicall returns 0");
    check_is((long)m[0].result, 4096, "its first entry has its result");
    check((long)m[1].result < 0, "a multicall in a multicall is refused");
    check((long)m[2].result < 0, "sysctl from a guest is refused");
    check_is(call_page(__HYPERVISOR_multicall, NOT_MAPPED, 1, 0, 0),
             -XEN_EFAULT, "multicall from unmapped memory");
}

/* Numbers of sub-operations are ints: what lies above them does not count. */
static void upper_halves(void)
{
    const uint64_t high = 0xabcd12340000000ull << 4;

    check(call_page(__HYPERVISOR_xen_version, high | XENVER_version, 0, 0, 0) ==
              call_page(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0),
          "xen_version with rubbish in the upper half");
    check_is(call_page(__HYPERVISOR_sched_op, high | SCHEDOP_yield, 0, 0, 0), 0,
             "yield");
    check_is(call_page(__HYPERVISOR_vcpu_op, high | VCPUOP_is_up, high, 0, 0),
             1, "vcpu_op, its vCPU number, too");
    check_is(call_page(__HYPERVISOR_vm_assist, high | 77, 0, 0, 0), -XEN_ENOSYS,
             "vm_assist");
    check_is(call_page(__HYPERVISOR_vm_assist, high, 77, 0, 0), -XEN_EINVAL,
             "vm_assist of nothing known");
    check_is(
        call_page(__HYPERVISOR_callback_op, high | CALLBACKOP_unregister, 0, 0,
                  0),
        call_page(__HYPERVISOR_callback_op, CALLBACKOP_unregister, 0, 0, 0),
        "callback_op");
    check_is(
        call_page(__HYPERVISOR_set_segment_base, high | SEGBASE_FS, 0, 0, 0), 0,
        "set_segment_base");
    check_is(call_page(__HYPERVISOR_set_debugreg, high, 0, 0, 0), 0,
             "set_debugreg");
}

static long reservation_op(unsigned op, xen_pfn_t *frames, unsigned n,
                           unsigned order)
{
    xen_memory_reservation_t r;

    memset(&r, 0, sizeof r);
    set_xen_guest_handle(r.extent_start, frames);
    r.nr_extents = n;
    r.extent_order = order;
    r.domid = DOMID_SELF;
    return call_page(__HYPERVISOR_memory_op, op, va_of(&r), 0, 0);
}

static long current_pages(void)
{
    domid_t self = DOMID_SELF;

    return call_page(__HYPERVISOR_memory_op, XENMEM_current_reservation,
                     va_of(&self), 0, 0);
}

static void memory(void)
{
    long before = current_pages();
    xen_pfn_t frame;
    void *page = page_alloc(0);
    uint64_t va = va_of(page);

    check_is(before, (long)x86_start_info->nr_pages,
             "current reservation is start_info's nr_pages");
    check(call_page(__HYPERVISOR_memory_op, XENMEM_maximum_ram_page, 0, 0, 0) >
              0,
          "maximum_ram_page");
    frame = mfn_of(page);
    /* Xen frees a frame only once nothing maps it. */
    call_page(__HYPERVISOR_update_va_mapping, va, 0, UVMF_INVLPG, 0);
    check_is(reservation_op(XENMEM_decrease_reservation, &frame, 1, 0), 1,
             "decrease_reservation gives a frame back");
    check_is(current_pages(), before - 1, "there is one page less");
    frame = va >> 12;
    check_is(reservation_op(XENMEM_populate_physmap, &frame, 1, 0), 1,
             "populate_physmap brings one");
    set_mfn_of(page, frame);
    check_is(current_pages(), before, "there are as many as before");
    check_is(call_page(__HYPERVISOR_update_va_mapping, va,
                       frame << 12 | 0x8000000000000067ull, UVMF_INVLPG, 0),
             0, "it can be mapped");
    memset(page, 0x5a, 4096);
    check(((volatile char *)page)[4095] == 0x5a, "and used");
    frame = UINT64_MAX >> 12;
    check_is(reservation_op(XENMEM_decrease_reservation, &frame, 1, 0), 0,
             "a frame that is not ours is not taken");
    frame = mfn_of(page);
    check_is(reservation_op(XENMEM_decrease_reservation, &frame, 1, 63), 0,
             "an absurd extent order does nothing");
}

/* More than the hypervisor does at a time. */
static void much_memory(void)
{
    static xen_pfn_t frames[150];
    static void *pages[ARRAY_SIZE(frames)];
    const unsigned n = ARRAY_SIZE(frames);
    long before = current_pages();
    unsigned i;

    for (i = 0; i < n; i++) {
        pages[i] = page_alloc(0);
        frames[i] = mfn_of(pages[i]);
        call_page(__HYPERVISOR_update_va_mapping, va_of(pages[i]), 0,
                  UVMF_INVLPG, 0);
    }
    check_is(reservation_op(XENMEM_decrease_reservation, frames, n, 0), n,
             "decrease_reservation of 150 frames at once");
    check_is(current_pages(), before - n, "they are gone");
    for (i = 0; i < n; i++)
        frames[i] = va_of(pages[i]) >> 12;
    check_is(reservation_op(XENMEM_populate_physmap, frames, n, 0), n,
             "populate_physmap of as many");
    for (i = 0; i < n; i++) {
        set_mfn_of(pages[i], frames[i]);
        call_page(__HYPERVISOR_update_va_mapping, va_of(pages[i]),
                  frames[i] << 12 | 0x8000000000000067ull, UVMF_INVLPG, 0);
        *(volatile char *)pages[i] = 1;
        page_free(pages[i], 0);
    }
    check_is(current_pages(), before, "they are back");
}

static void instructions(void)
{
    uint32_t regs[4] = {0x40000000};

    forced_cpuid(regs);
    check(regs[1] == 0x566e6558 && regs[2] == 0x65584d4d &&
              regs[3] == 0x4d4d566e,
          "forced cpuid says XenVMMXenVMM");
    check(iretq_xen_selectors() == 1, "iretq with Xen's selectors");
}

void test_calls(void)
{
    convention();
    bad_pointers();
    multicalls();
    upper_halves();
    memory();
    much_memory();
    instructions();
}
