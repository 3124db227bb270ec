/* SPDX-License-Identifier: ISC */
/* Ends the domain. */
#ifndef MINIOS_SHUTDOWN_H
#define MINIOS_SHUTDOWN_H

#include <base/compiler.h>

/* SCHEDOP_shutdown with a SHUTDOWN_* reason of xen/sched.h; any context. */
__noreturn void domain_shutdown(unsigned reason);

#endif /* MINIOS_SHUTDOWN_H */
