/* SPDX-License-Identifier: ISC */
/* Pipes, used as doorbells. */
#ifndef HOST_PIPE_H
#define HOST_PIPE_H

#include <base/compiler.h>

/* A pipe, both ends non-blocking and CLOEXEC, with the smallest buffer the
 * kernel gives: fd[0] reads, fd[1] writes. 0 or -errno (fd = -1, -1). */
__must_check int pipe_create(int fd[2]);

#endif /* HOST_PIPE_H */
