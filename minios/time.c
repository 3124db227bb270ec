/* SPDX-License-Identifier: ISC */
/* Clocks for everybody; contract in minios/time.h. */
#include <minios/time.h>

#include <minios/arch.h>
#include <xen/xen.h>

#define NS_PER_S 1000000000ull

uint64_t time_monotonic_ns(void)
{
    return arch_system_time_ns();
}

/* Xen gives the wall clock as it was when system time began. Its version is odd
 * while it changes, and differs afterwards (xen.h, "wc_version"). */
static uint64_t wall_at_boot_ns(void)
{
    const volatile struct shared_info *s = arch_shared_info;
    uint32_t version;
    uint64_t ns;

    do {
        version = s->wc_version & ~1u;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        ns = ((uint64_t)s->xen_wc_sec_hi << 32 | s->wc_sec) * NS_PER_S +
             s->wc_nsec;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while (s->wc_version != version);
    return ns;
}

uint64_t time_wall_ns(void)
{
    return wall_at_boot_ns() + arch_system_time_ns();
}

uint64_t time_cycles(void)
{
    return arch_cycles();
}

uint64_t time_cycles_to_ps(uint64_t cycles)
{
    return arch_cycles_to_ps(cycles);
}
