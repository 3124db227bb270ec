/* SPDX-License-Identifier: ISC */
/* Pseudo-terminals, for `xl console`. */
#ifndef HOST_PTY_H
#define HOST_PTY_H

#include <stddef.h>
#include <base/compiler.h>

#define PTY_NAME_MAX 64

/*
 * Opens a pty in raw mode. Returns the master (non-blocking, CLOEXEC) and the
 * slave's path in (name), or -errno. While nobody has the slave open, reads of
 * the master give -EIO and a loop reports LOOP_HANGUP all the time: keep
 * (*slave), a descriptor of the slave, open until somebody else has it, or
 * for good, as you need. Caller closes both.
 */
__must_check int pty_open(char name[PTY_NAME_MAX], int *slave);

#endif /* HOST_PTY_H */
