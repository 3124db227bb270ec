/* SPDX-License-Identifier: ISC */
/* Files and directories of the daemon. Log files are in logfile.c. */
#include <host/file.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <host/fd.h>

int file_open_read(const char *path)
{
    /* O_NONBLOCK: opening a FIFO must not wait for a writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    return fd < 0 ? -errno : fd;
}

static int64_t ns_of(struct timespec ts)
{
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int file_stat_fd(int fd, struct file_info *info)
{
    struct stat st;

    if (fstat(fd, &st))
        return -errno;
    info->dev = st.st_dev;
    info->ino = st.st_ino;
    info->size = (uint64_t)st.st_size;
    info->mtime_ns = ns_of(st.st_mtim);
    info->ctime_ns = ns_of(st.st_ctim);
    info->regular = S_ISREG(st.st_mode);
    info->directory = S_ISDIR(st.st_mode);
    return 0;
}

int file_private_dir(const char *path)
{
    bool made = mkdir(path, 0700) == 0;
    struct stat st;
    int fd, rc;

    if (!made && errno != EEXIST)
        return -errno;
    /* Checked on a descriptor, so that it cannot be exchanged in between. */
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ELOOP ? -ENOTDIR : errno == EACCES ? -EPERM : -errno;
    rc = fstat(fd, &st) ? -errno : 0;
    if (!rc && st.st_uid != geteuid())
        rc = -EPERM;
    if (!rc && !made && st.st_mode & (S_IWGRP | S_IWOTH))
        rc = -ENOTUNIQ;
    /* The umask may have taken bits away. */
    if (!rc && made && (st.st_mode & 07777) != 0700 && fchmod(fd, 0700))
        rc = -errno;
    close(fd);
    return rc;
}

int file_lock(const char *path, bool wait)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int r;

    if (fd < 0)
        return -errno;
    do {
        r = flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
    } while (r && errno == EINTR);
    if (r) {
        r = -errno;
        close(fd);
        return r;
    }
    return fd;
}

int file_create(const char *path)
{
    int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    return fd < 0 ? -errno : fd;
}

bool file_exists(const char *path)
{
    struct stat st;

    return !lstat(path, &st) || errno != ENOENT;
}

int file_remove(const char *path)
{
    return unlink(path) && errno != ENOENT ? -errno : 0;
}

int file_remove_dir(const char *path)
{
    return rmdir(path) && errno != ENOENT ? -errno : 0;
}

int file_write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int rc;

    if (fd < 0)
        return -errno;
    rc = fd_write_all(fd, text, strlen(text));
    close(fd);
    return rc;
}

long file_read_text(const char *path, char *buf, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t done = 0;
    long r = 1;

    if (fd < 0)
        return -errno;
    while (r > 0 && done < size - 1) {
        r = fd_read(fd, buf + done, size - 1 - done);
        if (r > 0)
            done += (size_t)r;
    }
    close(fd);
    buf[done] = '\0';
    return r < 0 ? r : (long)done;
}
