/* SPDX-License-Identifier: ISC */
/* What the domain was started with, in the same form on every architecture. */
#ifndef MINIOS_BOOT_H
#define MINIOS_BOOT_H

#include <stddef.h>
#include <stdint.h>

struct xencons_interface;
struct xenstore_domain_interface;

/* Bytes of a command line, its end included: what Xen's MAX_GUEST_CMDLINE is on
 * x86. Ports refuse longer ones. */
#define COMMAND_LINE_MAX 1024

struct boot_info {
    const char *command_line; /* NUL-terminated, at most 1023 bytes      */
    uintptr_t free_start;     /* RAM that nobody uses: [start, end),     */
    uintptr_t free_end;       /*   page-aligned, identity-mapped         */
    struct xencons_interface *console; /* NULL: there is none              */
    uint32_t console_port;
    struct xenstore_domain_interface *store; /* NULL: there is none        */
    uint32_t store_port;
};

/* Filled at start, constant afterwards. */
extern struct boot_info boot_info;

#endif /* MINIOS_BOOT_H */
