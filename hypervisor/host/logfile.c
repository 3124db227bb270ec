/* SPDX-License-Identifier: ISC */
/* Append-only log files of bounded size. */
#include <host/file.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <host/fd.h>

struct logfile {
    int fd; /* -1: could not be opened again after a rotation              */
    uint64_t size, max_bytes, lost;
    char path[];
};

int file_open_append(const char *path)
{
    int fd = open(
        path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
        0600);

    return fd < 0 ? -errno : fd;
}

struct logfile *logfile_open(const char *path, uint64_t max_bytes)
{
    size_t len = strlen(path) + 1;
    struct logfile *f = calloc(1, sizeof(*f) + len);
    struct stat st;

    if (!f) {
        errno = ENOMEM;
        return NULL;
    }
    memcpy(f->path, path, len);
    f->max_bytes = max_bytes;
    f->fd = file_open_append(path);
    if (f->fd < 0) {
        errno = -f->fd;
        free(f);
        return NULL;
    }
    if (fstat(f->fd, &st) == 0)
        f->size = (uint64_t)st.st_size;
    return f;
}

/* (path) -> (path).1, and a new (path). When the renaming fails the old file
 * is emptied instead: bounded size matters more than old lines. */
static void rotate(struct logfile *f)
{
    size_t len = strlen(f->path) + 3;
    char *old = malloc(len);

    if (old)
        snprintf(old, len, "%s.1", f->path);
    if (old && rename(f->path, old) == 0) {
        fd_close(&f->fd);
        f->fd = file_open_append(f->path);
        if (f->fd < 0)
            f->fd = -1;
        f->size = 0;
    } else if (ftruncate(f->fd, 0) == 0) {
        f->size = 0;
    }
    free(old);
}

void logfile_write(struct logfile *f, const void *bytes, size_t len)
{
    if (f->fd >= 0 && f->size && len > f->max_bytes - f->size)
        rotate(f);
    if (f->fd < 0) {
        f->fd = file_open_append(f->path);
        if (f->fd < 0)
            f->fd = -1;
    }
    if (f->fd < 0 || fd_write_all(f->fd, bytes, len)) {
        f->lost += len;
        return;
    }
    f->size += len;
}

uint64_t logfile_lost(const struct logfile *f)
{
    return f->lost;
}

void logfile_close(struct logfile *f)
{
    if (!f)
        return;
    fd_close(&f->fd);
    free(f);
}
