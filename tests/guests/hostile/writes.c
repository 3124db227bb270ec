/* SPDX-License-Identifier: ISC */
/* Writing where the hypervisor looks, or the monitor lives. */
#include "hostile.h"

#include <base/string.h>
#include <minios/memory.h>
#include <minios/stdio.h>
#include <xen/event_channel.h>
#include <xen/sched.h>

/* attack.S */
extern const char self_writer[], self_writer_end[];

static uint32_t random_word(void)
{
    static uint32_t x = 12345;

    x = x * 1664525 + 1013904223;
    return x >> 8;
}

/* Our own memory as far as Linux lets us write it: portal, shared_info, rings. */
static int scribble(void)
{
    volatile uint8_t *p = (volatile uint8_t *)0xfc000ul;

    for (uint32_t i = 0; i < 4 * 4096 * 16; i++)
        p[random_word() % (4 * 4096)] = (uint8_t)random_word();
    printf("scribbled\n");
    return 0;
}

/* The FIFO ABI: control block with its queue heads, and the event words, change
 * while the hypervisor links into them. */
static int scribble_fifo(void)
{
    uint32_t *control = page_alloc(0), *words = page_alloc(0);
    volatile uint8_t *mask = (volatile uint8_t *)0xfd001ul;
    struct evtchn_init_control init = {.control_gfn = va_of(control) >> 12};
    struct evtchn_expand_array expand = {.array_gfn = va_of(words) >> 12};
    struct evtchn_bind_ipi ipi = {0};
    evtchn_port_t port[64];
    struct sched_shutdown end = {.reason = SHUTDOWN_poweroff};

    memset(control, 0, 4096);
    memset(words, 0, 4096);
    *mask = 1;
    if (CALL(event_channel_op, EVTCHNOP_init_control, va_of(&init)) ||
        CALL(event_channel_op, EVTCHNOP_expand_array, va_of(&expand)))
        return survived("init_control");
    for (unsigned i = 0; i < ARRAY_SIZE(port); i++) {
        struct evtchn_set_priority prio;

        if (CALL(event_channel_op, EVTCHNOP_bind_ipi, va_of(&ipi)))
            return survived("bind_ipi");
        port[i] = ipi.port;
        prio.port = ipi.port;
        prio.priority = i % 16;
        CALL(event_channel_op, EVTCHNOP_set_priority, va_of(&prio));
    }
    for (unsigned n = 0; n < 4000; n++) {
        struct evtchn_send send = {port[random_word() % ARRAY_SIZE(port)]};

        for (unsigned i = 0; i < 64; i++)
            words[random_word() % 1024] = random_word() << 8 | random_word();
        for (unsigned i = 0; i < 4; i++)
            control[random_word() % 18] = random_word();
        CALL(event_channel_op, EVTCHNOP_send, va_of(&send));
    }
    CALL(sched_op, SCHEDOP_shutdown, va_of(&end));
    return 3;
}

/* The whole process image of the monitor above its text. */
static int overwrite_monitor(void)
{
    memset((void *)MONITOR_DATA, 0xcc, MONITOR_DATA_END - MONITOR_DATA);
    printf("overwritten\n");
    return 0;
}

/* A page of code, written to by itself. Mapped both ways it is code or data,
 * as it was touched last. */
static int self_write(void)
{
    uint8_t *page = page_alloc(0);

    if (CALL(update_va_mapping, va_of(page), va_of(page) | 0x67, 0))
        return 3;
    memcpy(page, self_writer, (size_t)(self_writer_end - self_writer));
    ((void (*)(void))(uintptr_t)page)();
    return survived("self-write");
}

static int write_text(void)
{
    *(volatile uint8_t *)MONITOR_TEXT = 0xcc;
    return survived("write-text");
}

static int write_null(void)
{
    __asm__ volatile("movb $0xcc, 0" : : : "memory");
    return survived("write-null");
}

const struct attack write_attacks[] = {
    {"scribble", scribble},
    {"scribble-fifo", scribble_fifo},
    {"overwrite-monitor", overwrite_monitor},
    {"self-write", self_write},
    {"write-text", write_text},
    {"write-null", write_null},
    {NULL, NULL},
};
