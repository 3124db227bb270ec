/* SPDX-License-Identifier: ISC */
/* Clocks for everybody; contract in minios/time.h. */
#include <minios/time.h>

#include <minios/arch.h>

uint64_t time_monotonic_ns(void)
{
    return arch_system_time_ns();
}

uint64_t time_cycles(void)
{
    return arch_cycles();
}

uint64_t time_cycles_to_ps(uint64_t cycles)
{
    return arch_cycles_to_ps(cycles);
}
