/* SPDX-License-Identifier: ISC */
/* Futex calls on memory shared between processes. */
#include <host/futex.h>

#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

void futex_wake(volatile uint32_t *word, int n)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE, n, NULL, NULL, 0);
}
