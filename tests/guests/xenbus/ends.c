/* SPDX-License-Identifier: ISC */
/* Ends by request. */
#include "xenbus_guest.h"

#include <base/string.h>
#include <minios/boot.h>
#include <minios/evtchn.h>
#include <minios/xenbus.h>
#include <xen/errno.h>
#include <xen/io/xs_wire.h>
#include <minios/shutdown.h>
#include <minios/stdio.h>
#include <minios/thread.h>

static struct wait_queue asked = WAIT_QUEUE_INIT;
static bool was_asked, main_ends;

static bool agree(struct shutdown_hook *hook, unsigned reason)
{
    (void)hook;
    printf("hook: reason %u\n", reason);
    if (!main_ends)
        return true;
    was_asked = true;
    wait_wake_all(&asked);
    return false;
}

static bool not_called(struct shutdown_hook *hook, unsigned reason)
{
    (void)hook;
    printf("a removed hook was called: reason %u\n", reason);
    return false;
}

static bool is_asked(void *arg)
{
    (void)arg;
    return was_asked;
}

int ends_by_hook(const char *how)
{
    static struct shutdown_hook hook = {.fn = agree};
    static struct shutdown_hook removed = {.fn = not_called};

    main_ends = strcmp(how, "main") == 0;
    shutdown_hook_add(&hook);
    shutdown_hook_add(&removed);
    shutdown_hook_remove(&removed);
    printf("waiting to be asked\n");
    (void)wait_until(&asked, is_asked, NULL, WAIT_FOREVER);
    printf("main ends\n");
    return 5;
}

/* --- without xenstore ---------------------------------------------------------------- */

/* What is asked from now on gets an error, at once and for ever. */
static int only_errors(void)
{
    uint64_t domid;
    int i, bad = 0;

    for (i = 0; i < 3; i++)
        bad += xenbus_read_unsigned(XBT_NIL, "domid", &domid) != -XEN_EIO;
    printf("%d of 3 were answered otherwise\n", bad);
    return bad ? 1 : 6;
}

/* Ends the connection by damage to the ring, or closes
 * the port. Exit code 6: it went as it should. */
int breaks(const char *how)
{
    volatile struct xenstore_domain_interface *ring = boot_info.store;

    if (strcmp(how, "deaf") == 0) {
        evtchn_close(boot_info.store_port);
        return 6; /* the exit code is never taken */
    }
    if (strcmp(how, "request") == 0)
        ring->req_prod += 5000;
    else
        ring->rsp_prod += 5000;
    return only_errors();
}
