/* SPDX-License-Identifier: ISC */
/* The standard descriptors of a program that was started without some. */
#include <xl/console.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int stdio_fill(void)
{
    int fd;

    /* The lowest free number is given: once that is beyond, none is closed. */
    do {
        fd = open("/dev/null", O_RDWR);
        if (fd < 0)
            return -errno;
    } while (fd <= STDERR_FILENO);
    (void)close(fd); /* nothing was written to it */
    return 0;
}
