/* SPDX-License-Identifier: ISC */
/* Pipes, used as doorbells. */
#include <host/pipe.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int pipe_create(int fd[2])
{
    if (pipe2(fd, O_CLOEXEC | O_NONBLOCK)) {
        fd[0] = fd[1] = -1;
        return -errno;
    }
    /* A doorbell needs no room; Linux gives 16 buffer descriptors otherwise
     * and counts them against the user. A refusal costs memory only. */
    (void)fcntl(fd[0], F_SETPIPE_SZ, 4096);
    return 0;
}
