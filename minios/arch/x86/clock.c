/* SPDX-License-Identifier: ISC */
/* Time from the TSC and the scale Xen gives in vcpu_info (xen.h). */
#include "arch/x86/x86.h"

#include <minios/arch.h>

typedef unsigned __int128 u128;

uint64_t arch_cycles(void)
{
    return __builtin_ia32_rdtsc();
}

/* A consistent copy of the time parameters: their version is odd while Xen
 * changes them, and differs afterwards. Xen changes them on this vCPU's own
 * way back from the hypervisor, so this loop runs once or twice. */
static void read_time_info(struct vcpu_time_info *out)
{
    const volatile struct vcpu_time_info *t = &arch_vcpu_info->time;

    do {
        out->version = t->version & ~1u;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        out->tsc_timestamp = t->tsc_timestamp;
        out->system_time = t->system_time;
        out->tsc_to_system_mul = t->tsc_to_system_mul;
        out->tsc_shift = t->tsc_shift;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while (t->version != out->version);
}

/* Cycles to units of 2^-32 ns. */
static u128 scale(const struct vcpu_time_info *t, uint64_t cycles)
{
    u128 c = cycles;

    c = t->tsc_shift >= 0 ? c << t->tsc_shift : c >> -t->tsc_shift;
    return c * t->tsc_to_system_mul;
}

uint64_t arch_system_time_ns(void)
{
    struct vcpu_time_info t;
    uint64_t now;

    read_time_info(&t);
    /* SDM 2B, RDTSC: not ordered by itself. The counter must not be read before
     * the parameters were, or it may be older than they are. */
    __asm__ volatile("lfence" ::: "memory");
    now = __builtin_ia32_rdtsc();
    /* Modulo 2^64: where Xen emulates the TSC it begins at 0 with the domain,
     * and the time stamp is of a moment before that. */
    if ((int64_t)(now - t.tsc_timestamp) < 0) /* another CPU's, a bit behind */
        return t.system_time;
    return t.system_time + (uint64_t)(scale(&t, now - t.tsc_timestamp) >> 32);
}

uint64_t arch_cycles_to_ps(uint64_t cycles)
{
    struct vcpu_time_info t;

    read_time_info(&t);
    return (uint64_t)((scale(&t, cycles) * 1000) >> 32);
}
