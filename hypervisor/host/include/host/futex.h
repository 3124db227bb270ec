/* SPDX-License-Identifier: ISC */
/* Futex calls on memory shared between processes. */
#ifndef HOST_FUTEX_H
#define HOST_FUTEX_H

#include <stdint.h>

/* Wakes at most (n) waiters of (word); never fails in a way that matters: an
 * address without memory simply has no waiters. */
void futex_wake(volatile uint32_t *word, int n);

#endif /* HOST_FUTEX_H */
