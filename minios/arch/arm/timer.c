/* SPDX-License-Identifier: ISC */
/* Clock and timer: the architecture's virtual one (Arm ARM D11), which starts
 * with the domain. Xen's own timers are not to be had on Arm. */
#include "arch/arm/arm.h"

#include <minios/evtchn.h>
#include <minios/time.h>

#define NS_PER_S  1000000000ull
#define PS_PER_NS 1000ull

/* CNTV_CTL_EL0 */
#define CTL_ENABLE 1u

static void (*on_fire)(void);
/* What the timer is to be at, 0: off. */
static uint64_t armed_at;

uint64_t arch_cycles(void)
{
    /* Not before what precedes it. */
    arm_isb();
    return READ_SYSREG("cntvct_el0");
}

/* Counts per second; at most a few 10^9, so that products with NS_PER_S of what
 * is less than a second fit. */
static uint64_t frequency(void)
{
    return MAX(READ_SYSREG("cntfrq_el0"), 1);
}

uint64_t arch_cycles_to_ps(uint64_t cycles)
{
    uint64_t hz = frequency();
    uint64_t scaled = cycles % hz * NS_PER_S;
    uint64_t ns = cycles / hz * NS_PER_S + scaled / hz;

    return ns * PS_PER_NS + scaled % hz * PS_PER_NS / hz;
}

uint64_t arch_system_time_ns(void)
{
    uint64_t count = arch_cycles(), hz = frequency();

    return count / hz * NS_PER_S + count % hz * NS_PER_S / hz;
}

/* The first count at which system time is (ns) or more. */
static uint64_t count_at(uint64_t ns)
{
    uint64_t hz = frequency();

    return ns / NS_PER_S * hz + (ns % NS_PER_S * hz + NS_PER_S - 1) / NS_PER_S;
}

static void set(uint64_t count)
{
    if (count != 0)
        WRITE_SYSREG("cntv_cval_el0", count);
    WRITE_SYSREG("cntv_ctl_el0", count != 0 ? CTL_ENABLE : 0);
    arm_isb();
}

void arch_timer_init(void (*fire)(void))
{
    on_fire = fire;
    gic_enable(arm_dt.timer_interrupt);
}

void arch_timer_set(uint64_t deadline_ns)
{
    armed_at = MAX(count_at(deadline_ns), 1);
    set(armed_at);
}

/* It interrupts as long as its time has come: off, until it is set again. */
void arm_timer_fired(void)
{
    armed_at = 0;
    set(0);
    if (on_fire) /* not when only arch_wait_event() has used it */
        on_fire();
}

/* The timer ends the sleep though its interrupt is masked, and is given back. */
void arch_wait_event(evtchn_port_t port, uint64_t deadline_ns)
{
    uint64_t count = MAX(count_at(deadline_ns), 1);

    (void)port;
    gic_enable(arm_dt.timer_interrupt);
    set(armed_at ? MIN(armed_at, count) : count);
    __asm__ volatile("dsb sy\n\twfi" : : : "memory");
    set(armed_at);
}
