/* SPDX-License-Identifier: ISC */
/*
 * A program's own sandbox, for the daemon: what it may open and which system
 * calls it may make from some point on. Neither can be taken back, and what is
 * forked afterwards inherits both.
 *
 * The order: sandbox_begin(); sandbox_files() while there is one thread, for
 * it holds for the calling thread and those it starts; sandbox_syscalls() at the
 * end, for all threads. Linux lets a process with a landlock domain look into
 * (ptrace) processes of the same domain only: start what shall be looked into
 * between the two.
 */
#ifndef HOST_SANDBOX_H
#define HOST_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <base/compiler.h>

/* From now on no privileges by exec (no_new_privs), and what is made is nobody
 * else's to read (umask 077). 0 or -errno. */
__must_check int sandbox_begin(void);

/* What may be done with a file, or with what is below a directory. */
#define SANDBOX_READ  0x1u /* open for reading, list                       */
#define SANDBOX_WRITE 0x2u /* open for writing, truncate                   */
#define SANDBOX_MAKE  0x4u /* make, rename, remove: files, sockets, folders */
#define SANDBOX_IOCTL 0x8u /* ioctl of devices                             */

struct sandbox_path {
    const char *path;
    unsigned rights;
    bool optional; /* one that is not there is no error                */
};

/*
 * Landlock: from now on only these can be opened by name, and where the kernel
 * can tell, no TCP port be used, no abstract socket outside be connected to, no
 * process outside be signalled. Descriptors that are open stay as they are.
 * Returns landlock's version (> 0), -EOPNOTSUPP when this kernel has none, or
 * -errno; (*at) then says which path it was, NULL = none.
 */
__must_check int sandbox_files(const struct sandbox_path *paths, size_t nr,
                               const char **at);

/*
 * Seccomp, for all threads: the system calls of host/sandbox_list.c. One that
 * is dangerous ends the program after a line on standard error; any other that
 * is not on the list fails with ENOSYS, with one line for each number. A call of
 * another ABI (int80, x32) ends it without a line. 0 or -errno.
 */
__must_check int sandbox_syscalls(void);

/* How many calls have failed with ENOSYS so far; (*last) is the last's number. */
unsigned sandbox_refused(int *last);

#endif /* HOST_SANDBOX_H */
