/* SPDX-License-Identifier: ISC */
/* Files. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_open(const char *name, const char **why)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        *why = strerror(errno);
    else if (S_ISDIR(st.st_mode))
        *why = "is a directory, not a file";
    else if (!S_ISREG(st.st_mode))
        *why = "is not a regular file";
    else
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* Reads to the end into (buf). The length, -1 with errno, or (max + 1) when
 * there is more than (max). */
static ssize_t read_all(int fd, char *buf, size_t max)
{
    size_t used = 0;

    while (used <= max) {
        ssize_t n = read(fd, buf + used, max + 1 - used);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        used += (size_t)n;
    }
    return (ssize_t)used;
}

char *file_read(const char *name, size_t max, size_t *len, const char **why)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    char *buf = NULL, *result = NULL;
    ssize_t n;

    if (fd < 0) {
        *why = strerror(errno);
        return NULL;
    }
    buf = malloc(max + 1);
    if (!buf) {
        *why = "out of memory";
        goto out;
    }
    n = read_all(fd, buf, max);
    if (n < 0) {
        *why = errno == EISDIR ? "is a directory, not a file" : strerror(errno);
        goto out;
    }
    if ((size_t)n > max) {
        *why = "is too large for a configuration";
        goto out;
    }
    *len = (size_t)n;
    result = buf;
    buf = NULL;
out:
    free(buf);
    (void)close(fd);
    return result;
}
