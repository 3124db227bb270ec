/* SPDX-License-Identifier: ISC */
/* The end where there is no Xen: what can be said and done with what the device
 * tree told. */
#include "arch/arm/arm.h"

#include <minios/hypercall.h>
#include <xen/sched.h>

/* PL011 TRM 3.3: data; flags, of which bit 5: no room. */
#define UART_DATA  0
#define UART_FLAGS (0x18 / sizeof(uint32_t))
#define UART_FULL  (1u << 5)
/* How often to look for room: the line is lost rather than we stuck. */
#define UART_LOOKS 1000000

/* PSCI 1.1 5.1 */
#define PSCI_SYSTEM_OFF 0x84000008

static void put(volatile uint32_t *uart, char c)
{
    int i;

    for (i = 0; i < UART_LOOKS && (uart[UART_FLAGS] & UART_FULL) != 0; i++)
        ;
    uart[UART_DATA] = (unsigned char)c;
}

static void print(const char *text)
{
    volatile uint32_t *uart = (volatile uint32_t *)arm_dt.uart;

    for (; *text != '\0'; text++) {
        if (*text == '\n')
            put(uart, '\r');
        put(uart, *text);
    }
}

static void switch_off(void)
{
    register uint64_t x0 __asm__("x0") = PSCI_SYSTEM_OFF;

    if (arm_dt.psci == DT_PSCI_HVC)
        __asm__ volatile("hvc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
    else if (arm_dt.psci == DT_PSCI_SMC)
        __asm__ volatile("smc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
}

void arm_stop(const char *why)
{
    static bool stopping;
    struct sched_shutdown shutdown = {.reason = SHUTDOWN_crash};

    if (!stopping) {
        stopping = true;
        if (arm_dt.uart) {
            arm_early_map_device(arm_dt.uart);
            print("panic: cannot start: ");
            print(why);
            print("\n");
        }
        switch_off();
        /* Nothing is known: there may be a hypervisor all the same. When not,
         * this is an exception, which ends here again. */
        (void)HYPERVISOR_sched_op(SCHEDOP_shutdown, &shutdown);
    }
    for (;;)
        __asm__ volatile("wfi");
}
