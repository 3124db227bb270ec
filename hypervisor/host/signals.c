/* SPDX-License-Identifier: ISC */
/* Signals as readable descriptors, for loops. */
#include <host/signals.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

int signals_init(void)
{
    sigset_t set;

    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
        signal(SIGCHLD, SIG_DFL) == SIG_ERR)
        return -errno;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int signals_open(const int *list, unsigned n)
{
    sigset_t set;
    int fd;

    sigemptyset(&set);
    for (unsigned i = 0; i < n; i++)
        sigaddset(&set, list[i]);
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int signals_next(int fd)
{
    struct signalfd_siginfo si;
    ssize_t r;

    do {
        r = read(fd, &si, sizeof(si));
    } while (r < 0 && errno == EINTR);
    if (r < 0)
        return errno == EAGAIN ? 0 : -errno;
    return r == (ssize_t)sizeof(si) ? (int)si.ssi_signo : -EIO;
}
