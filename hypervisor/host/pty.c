/* SPDX-License-Identifier: ISC */
/* Pseudo-terminals, for `xl console`. */
#include <host/pty.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <host/fd.h>

static int prepare(int master, char name[PTY_NAME_MAX], int *slave)
{
    struct termios t;
    int r;

    if (grantpt(master) || unlockpt(master))
        return -errno;
    r = ptsname_r(master, name, PTY_NAME_MAX);
    if (r)
        return -r;
    *slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*slave < 0)
        return -errno;
    /* Raw: the guest has its own idea of echo and line ends. */
    if (tcgetattr(*slave, &t))
        return -errno;
    cfmakeraw(&t);
    return tcsetattr(*slave, TCSANOW, &t) ? -errno : 0;
}

int pty_open(char name[PTY_NAME_MAX], int *slave)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    int rc;

    *slave = -1;
    if (master < 0)
        return -errno;
    rc = prepare(master, name, slave);
    if (rc) {
        fd_close(slave);
        close(master);
        return rc;
    }
    return master;
}
