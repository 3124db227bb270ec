/* SPDX-License-Identifier: ISC */
/*
 * Ends the domain; contract in minios/shutdown.h.
 *
 * When main() is under way the watch, the features and a first look at the node go to
 * xenstore in one batch that nobody waits for. Every event of the watch leads to
 * another look, all in the event handler and in static memory; only when the
 * node says something a thread is made to serve it. So a domain that is never
 * asked to end has none.
 */
#include <minios/shutdown.h>

#include "xenbus/internal.h"

#include <base/fmt.h>
#include <base/string.h>
#include <minios/arch.h>
#include <minios/boot.h>
#include <minios/console.h>
#include <minios/evtchn.h>
#include <minios/hypercall.h>
#include <minios/memory.h>
#include <minios/panic.h>
#include <minios/stdio.h>
#include <minios/thread.h>
#include <minios/time.h>
#include <xen/errno.h>
#include <xen/sched.h>

#define NODE "control/shutdown"
/* How long xenstore may take for the exit code. */
#define EXIT_CODE_PATIENCE_NS 1000000000ull
/* How often a request that changes under us is read again. */
#define TRIES 16

static struct shutdown_hook *hooks;
static unsigned asked_reason = SHUTDOWN_poweroff;

void domain_shutdown(unsigned reason)
{
    struct sched_shutdown shutdown = {.reason = reason};

    /* It does not return; were it to fail there would be nothing else left. */
    for (;;)
        (void)HYPERVISOR_sched_op(SCHEDOP_shutdown, &shutdown);
}

unsigned shutdown_reason(void)
{
    return asked_reason;
}

void shutdown_hook_add(struct shutdown_hook *hook)
{
    bool enabled = arch_events_disable();

    hook->next = hooks;
    hooks = hook;
    if (enabled)
        arch_events_enable();
}

void shutdown_hook_remove(struct shutdown_hook *hook)
{
    bool enabled = arch_events_disable();
    struct shutdown_hook **p;

    for (p = &hooks; *p && *p != hook; p = &(*p)->next)
        ;
    if (*p)
        *p = hook->next;
    if (enabled)
        arch_events_enable();
}

/* --- serving a request, in a thread ----------------------------------------------- */

static const struct {
    const char *name;
    unsigned reason;
} requests[] = {
    {"poweroff", SHUTDOWN_poweroff},
    {"halt", SHUTDOWN_poweroff},
    {"reboot", SHUTDOWN_reboot},
};

/* Reads the node and, when it says something, empties it: so the toolstack sees
 * that we are alive. Where it may not be written the request counts all the
 * same. (*value) from kmalloc; 0 or -XEN_E*. */
static int take_request_in(xenbus_transaction_t t, char **value)
{
    int rc = xenbus_read(t, NODE, value, NULL), ack = rc, end;

    if (rc == 0 && **value)
        ack = xenbus_write(t, NODE, "");
    end = xenbus_transaction_end(t, ack < 0);
    if (rc == 0 && end == -XEN_EAGAIN) {
        kfree(*value);
        rc = end;
    }
    return rc;
}

static int take_request(char **value)
{
    xenbus_transaction_t t;
    int rc, tries = TRIES;

    do {
        rc = xenbus_transaction_start(&t);
        if (rc == 0)
            rc = take_request_in(t, value);
    } while (rc == -XEN_EAGAIN && --tries > 0);
    return rc;
}

static void end_domain(const char *what, unsigned reason)
{
    struct shutdown_hook *hook;

    asked_reason = reason;
    printf("midge: %s requested\n", what);
    for (hook = hooks; hook; hook = hook->next)
        if (!hook->fn(hook, reason))
            return;
    console_flush();
    domain_shutdown(reason);
}

static void serve(const char *value)
{
    size_t i;

    for (i = 0; i < ARRAY_SIZE(requests); i++) {
        if (strcmp(value, requests[i].name) == 0) {
            end_domain(value, requests[i].reason);
            return;
        }
    }
    printf("midge: cannot do what " NODE " asks for: \"%.32s\"\n", value);
}

/* Whether the thread runs; what it has looked at is older than the last event. */
static bool serving, look_again;

static bool serve_more(void)
{
    bool enabled = arch_events_disable();
    bool more = look_again;

    look_again = false;
    serving = more;
    if (enabled)
        arch_events_enable();
    return more;
}

static void *run(void *arg)
{
    char *value;
    int rc;

    do {
        rc = take_request(&value);
        if (rc == 0) {
            if (*value)
                serve(value);
            kfree(value);
        } else {
            printf("midge: cannot read " NODE ": error %d\n", rc);
        }
    } while (serve_more());
    return arg;
}

/* --- noticing one, in the event handler -------------------------------------------- */

static void on_look_done(struct xenbus_request *r);
static void on_change(struct xenbus_watch *w, const char *path);

/* In this order: what is written after the watch was made raises an event, what
 * was before, the look sees. */
enum { WATCH, LOOK, FEATURE_POWEROFF, FEATURE_REBOOT, EXIT_CODE, REQUESTS };

static char value_room[16];
static char watch_body[32];
static char exit_body[32];

#define BODY(text)  .body = (text), .body_len = sizeof(text)
#define VALUE(text) .body = (text), .body_len = sizeof(text) - 1
static struct xenbus_request request[REQUESTS] = {
    [WATCH] = {.type = XS_WATCH, .body = watch_body},
    [LOOK] = {.type = XS_READ,
              BODY(NODE),
              .room = value_room,
              .room_len = sizeof(value_room),
              .on_done = on_look_done},
    [FEATURE_POWEROFF] = {.type = XS_WRITE,
                          VALUE("control/feature-poweroff\0001")},
    [FEATURE_REBOOT] = {.type = XS_WRITE, VALUE("control/feature-reboot\0001")},
    [EXIT_CODE] = {.type = XS_WRITE, .body = exit_body},
};
static struct xenbus_watch watch = {.path = NODE,
                                    .fn = on_change,
                                    .in_handler = true};

static void on_change(struct xenbus_watch *w, const char *path)
{
    struct xenbus_request *r = &request[LOOK];

    (void)w;
    (void)path;
    if (serving)
        look_again = true;
    else if (r->done)
        (void)xenbus_submit(&r, 1); /* fails if xenstore is gone: no matter */
    /* Otherwise a look is under way, and what xenstore tells before its answer
     * has happened before that, too. */
}

static void start_serving(void)
{
    const struct thread_attr attr = {.detached = true};
    struct thread *t;

    if (thread_create(&t, "shutdown", run, NULL, &attr) < 0) {
        emergency_printf("midge: no memory to serve " NODE
                         "; ending the domain\n");
        domain_shutdown(SHUTDOWN_poweroff);
    }
    serving = true;
}

static void on_look_done(struct xenbus_request *r)
{
    if (r->reply && r->reply_len > 0)
        start_serving();
    if (r->reply != value_room)
        kfree(r->reply);
}

bool shutdown_armed;

void shutdown_arm_now(void)
{
    struct xenbus_request *list[EXIT_CODE];
    int i, len;
    bool enabled = arch_events_disable();

    shutdown_armed = true;
    xbc_watch_add(&xenbus_client, &watch);
    len = xbc_watch_body(&watch, watch_body, sizeof(watch_body));
    request[WATCH].body_len = (size_t)len;
    for (i = 0; i < EXIT_CODE; i++)
        list[i] = &request[i];
    (void)xenbus_submit(list, EXIT_CODE); /* a domain may have no xenstore */
    if (enabled)
        arch_events_enable();
}

/* --- the exit code -------------------------------------------------------------------- */

void shutdown_send_exit_code(int code)
{
    struct xenbus_request *r = &request[EXIT_CODE];

    shutdown_armed = true; /* nobody has to ask any more */
    r->body_len = fmt_snprintf(exit_body, sizeof(exit_body),
                               "data/exit-code%c%d", 0, code);
    (void)xenbus_submit(&r, 1); /* a domain may have no xenstore */
}

/* By polling: a timer would have to be set up for it first. */
void shutdown_wait_exit_code(void)
{
    const struct xenbus_request *r = &request[EXIT_CODE];
    uint64_t deadline = time_monotonic_ns() + EXIT_CODE_PATIENCE_NS;
    bool enabled = arch_events_disable(), in_time = true;

    /* The pending bit is cleared before the ring is looked at, so that no
     * notification is missed. */
    while (!r->done && in_time) {
        evtchn_clear_pending(boot_info.store_port);
        xenbus_pump();
        if (!r->done)
            in_time = evtchn_poll(boot_info.store_port, deadline);
    }
    if (enabled)
        arch_events_enable();
}
