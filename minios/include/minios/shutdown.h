/* SPDX-License-Identifier: ISC */
/*
 * Ends the domain: by itself, or because the toolstack asks for it by
 * control/shutdown (xl shutdown, xl reboot).
 *
 * Such a request is acknowledged, the hooks run, and the domain ends with the
 * reason asked for. Without hooks it ends at once, whatever main() is doing.
 * "poweroff", "halt" and "reboot" are served; "suspend" and others are
 * acknowledged and refused in a line on the console.
 */
#ifndef MINIOS_SHUTDOWN_H
#define MINIOS_SHUTDOWN_H

#include <stdbool.h>
#include <base/compiler.h>

/* SCHEDOP_shutdown with a SHUTDOWN_* reason of xen/sched.h; any context. */
__noreturn void domain_shutdown(unsigned reason);

/* What an application does before the domain ends by request. Its memory from
 * shutdown_hook_add() on. */
struct shutdown_hook {
    /*
     * Called in a thread of its own, with SHUTDOWN_poweroff or
     * SHUTDOWN_reboot; may block. True: the domain may end as far as this one
     * is concerned. False: the application ends by itself soon, by returning
     * from main() or app_exit(), and with the reason asked for.
     */
    bool (*fn)(struct shutdown_hook *hook, unsigned reason);
    struct shutdown_hook *next;
};

/* Hooks run in the reverse order; the first that returns false is the last.
 * Thread context. */
void shutdown_hook_add(struct shutdown_hook *hook);
void shutdown_hook_remove(struct shutdown_hook *hook);

/* The reason asked for, SHUTDOWN_poweroff if none was. Any context. */
unsigned shutdown_reason(void);

/* --- for the kernel itself ---------------------------------------------------------- */

/*
 * Watches control/shutdown and says what we can do, without waiting for
 * xenstore; once. Costs no memory but static one. Called when main() first
 * writes on the console or blocks, so that its start costs less: one that does
 * neither cannot be asked. Any context.
 */
extern bool shutdown_armed;
void shutdown_arm_now(void);
static inline void shutdown_arm(void)
{
    if (!shutdown_armed)
        shutdown_arm_now();
}

/*
 * The exit code for data/exit-code. Send does not block; wait does, until
 * xenstore has taken it, at most a second. Thread context.
 */
void shutdown_send_exit_code(int code);
void shutdown_wait_exit_code(void);

#endif /* MINIOS_SHUTDOWN_H */
