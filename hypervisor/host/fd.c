/* SPDX-License-Identifier: ISC */
/* Reading, writing and closing descriptors. */
#include <host/fd.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

long fd_read(int fd, void *buf, size_t len)
{
    ssize_t r;

    do {
        r = read(fd, buf, len);
    } while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r;
}

long fd_write(int fd, const void *buf, size_t len)
{
    ssize_t r;

    do {
        r = write(fd, buf, len);
    } while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r;
}

int fd_write_all(int fd, const void *buf, size_t len)
{
    const char *p = buf;

    while (len) {
        long r = fd_write(fd, p, len);

        if (r < 0)
            return (int)r;
        p += r;
        len -= (size_t)r;
    }
    return 0;
}

int fd_pread_all(int fd, void *buf, size_t len, uint64_t off)
{
    char *p = buf;

    while (len) {
        ssize_t r = pread(fd, p, len, (off_t)off);

        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -errno;
        if (r == 0)
            return -ENODATA;
        p += r;
        off += (uint64_t)r;
        len -= (size_t)r;
    }
    return 0;
}

int fd_pwrite_all(int fd, const void *buf, size_t len, uint64_t off)
{
    const char *p = buf;

    while (len) {
        ssize_t r = pwrite(fd, p, len, (off_t)off);

        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -errno;
        p += r;
        off += (uint64_t)r;
        len -= (size_t)r;
    }
    return 0;
}

long fd_drain(int fd, size_t max)
{
    char buf[512];
    size_t done = 0;

    while (done < max) {
        size_t want = max - done;
        long r = fd_read(fd, buf, want < sizeof(buf) ? want : sizeof(buf));

        if (r == -EAGAIN)
            break;
        if (r < 0)
            return r;
        done += (size_t)r;
        if ((size_t)r < sizeof(buf))
            break; /* that was all, or the end */
    }
    return (long)done;
}

void fd_close(int *fd)
{
    /* After EINTR Linux has closed it all the same. */
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int set_flags(int fd, int clear, int set)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, (flags & ~clear) | set))
        return -errno;
    return 0;
}

int fd_set_nonblock(int fd)
{
    return set_flags(fd, 0, O_NONBLOCK);
}

int fd_set_block(int fd)
{
    return set_flags(fd, O_NONBLOCK, 0);
}

int fd_dup(int fd)
{
    int r = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    return r < 0 ? -errno : r;
}

int fd_find_run(int fd, uint64_t off, uint64_t *end, bool *data)
{
    off_t next = lseek(fd, (off_t)off, SEEK_DATA);

    /* No data from here on: a hole up to the end, if we are within. */
    *data = next >= 0 && (uint64_t)next == off;
    if (next < 0 && errno == ENXIO)
        next = lseek(fd, 0, SEEK_END);
    if (next < 0)
        return -errno;
    /* Of data one page: where they end Linux finds out page by page, and who
     * asks may jump back and forth as a guest's page tables say. */
    *end = *data ? off + 4096 : (uint64_t)next;
    return *end > off ? 0 : -ENXIO;
}

int fd_set_size(int fd, uint64_t size)
{
    return ftruncate(fd, (off_t)size) ? -errno : 0;
}

int fd_set_private(int fd)
{
    return fchmod(fd, 0600) ? -errno : 0;
}
