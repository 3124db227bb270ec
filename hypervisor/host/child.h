/* SPDX-License-Identifier: ISC */
/* The half of process_start() that runs in the child. */
#ifndef HOST_CHILD_H
#define HOST_CHILD_H

#include <host/process.h>

/*
 * To be called in a child that shares our memory or at least (error), with all
 * signals blocked: becomes (spec).
 * Does not return; when something fails, stores the errno in (*error) and
 * ends the child. Touches nothing of the parent's but (*error).
 */
__attribute__((noreturn)) void child_become(const struct process_spec *spec,
                                            volatile int *error);

#endif /* HOST_CHILD_H */
