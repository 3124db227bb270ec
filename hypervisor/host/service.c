/* SPDX-License-Identifier: ISC */
/* Running as a service: background, run directory, readiness. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>
#include <host/fd.h>
#include <host/service.h>

/* The child's exit code, as a shell would give it. */
static int exit_code(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int service_background(int *ready_fd, int *code)
{
    int fd[2];
    char byte;
    pid_t pid;
    long n;

    if (pipe2(fd, O_CLOEXEC))
        return -errno;
    pid = fork();
    if (pid < 0) {
        int err = errno;

        fd_close(&fd[0]);
        fd_close(&fd[1]);
        return -err;
    }
    if (pid == 0) {
        fd_close(&fd[0]);
        (void)setsid(); /* cannot fail: a new child leads no group */
        *ready_fd = fd[1];
        return 0;
    }
    fd_close(&fd[1]);
    n = fd_read(fd[0], &byte, 1);
    fd_close(&fd[0]);
    if (n == 1)
        return 1;
    *code = exit_code(pid);
    return 2;
}

void service_ready(int *fd)
{
    if (*fd < 0)
        return;
    if (fd_write(*fd, "r", 1) < 0) {
        /* Whoever waited has gone; we serve all the same. */
    }
    fd_close(fd);
}

void service_close_fds(int keep)
{
    if (keep < 3) {
        (void)close_range(3, ~0u, 0); /* on an old kernel they stay */
        return;
    }
    if (keep > 3)
        (void)close_range(3, (unsigned)keep - 1, 0); /* as above */
    (void)close_range((unsigned)keep + 1, ~0u, 0);   /* as above */
    (void)fcntl(keep, F_SETFD, FD_CLOEXEC); /* a bad number fails later */
}

int service_detach_stdio(const char *log_path)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), log, rc = 0;

    if (chdir("/"))
        return -errno;
    if (null < 0)
        return -errno;
    log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
               0600);
    if (log < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        rc = -errno;
    if (null > 2)
        fd_close(&null);
    if (log > 2)
        fd_close(&log);
    return rc;
}

int service_lock_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    while (flock(fd, LOCK_EX)) {
        int err = errno;

        if (err != EINTR) {
            fd_close(&fd);
            return -err;
        }
    }
    return fd;
}

int service_list_dir(const char *path, void (*fn)(void *arg, const char *name),
                     void *arg)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;

    if (!dir)
        return -errno;
    while ((entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            fn(arg, entry->d_name);
    closedir(dir);
    return 0;
}

int file_rename(const char *from, const char *to)
{
    return rename(from, to) ? -errno : 0;
}

void fd_wait_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    while (poll(&p, 1, -1) < 0 && errno == EINTR)
        ;
}

bool fd_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) == 1 && p.revents & POLLIN;
}

bool fd_hung_up(int fd)
{
    struct pollfd p = {.fd = fd};

    return poll(&p, 1, 0) == 1 && p.revents & POLLHUP;
}
