/* SPDX-License-Identifier: ISC */
/* The half of the daemon's sandbox that is about files: landlock(7). */
#include <host/sandbox.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <base/compiler.h>

/* Of later versions than Debian 12's header: linux/landlock.h. */
#define FS_TRUNCATE  (1ull << 14) /* version 3 */
#define FS_IOCTL_DEV (1ull << 15) /* version 5 */
#define NET_BIND     (1ull << 0)  /* version 4 */
#define NET_CONNECT  (1ull << 1)
#define SCOPE_SOCKET (1ull << 0) /* version 6 */
#define SCOPE_SIGNAL (1ull << 1)

/* struct landlock_ruleset_attr as of version 6; older kernels take it when what
 * they do not know is 0. */
struct ruleset {
    uint64_t fs, net, scoped;
};

#define FS_ALL_1 ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

static struct ruleset handled_by(int version)
{
    struct ruleset r = {.fs = FS_ALL_1};

    if (version >= 2)
        r.fs |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3)
        r.fs |= FS_TRUNCATE;
    if (version >= 4)
        r.net = NET_BIND | NET_CONNECT;
    if (version >= 5)
        r.fs |= FS_IOCTL_DEV;
    if (version >= 6)
        r.scoped = SCOPE_SOCKET | SCOPE_SIGNAL;
    return r;
}

/* Landlock's bits for (rights). Nothing may be executed, and neither devices,
 * FIFOs nor symbolic links be made. */
static uint64_t bits_of(unsigned rights, bool directory)
{
    uint64_t b = 0;

    if (rights & SANDBOX_READ)
        b |= LANDLOCK_ACCESS_FS_READ_FILE;
    if (rights & SANDBOX_WRITE)
        b |= LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE;
    if (rights & SANDBOX_IOCTL)
        b |= FS_IOCTL_DEV;
    if (directory && rights & SANDBOX_READ)
        b |= LANDLOCK_ACCESS_FS_READ_DIR;
    if (directory && rights & SANDBOX_MAKE)
        b |= LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
             LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
             LANDLOCK_ACCESS_FS_MAKE_SOCK;
    return b;
}

static int add_path(int set, const struct sandbox_path *p, uint64_t handled)
{
    struct landlock_path_beneath_attr rule = {0};
    int fd = open(p->path, O_PATH | O_CLOEXEC);
    struct stat st;
    int rc = 0;

    if (fd < 0)
        return p->optional && errno == ENOENT ? 0 : -errno;
    if (fstat(fd, &st)) {
        rc = -errno;
    } else {
        rule.parent_fd = fd;
        rule.allowed_access = bits_of(p->rights, S_ISDIR(st.st_mode)) & handled;
        if (syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH,
                    &rule, 0u))
            rc = -errno;
    }
    close(fd);
    return rc;
}

int sandbox_files(const struct sandbox_path *paths, size_t nr, const char **at)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
                           LANDLOCK_CREATE_RULESET_VERSION);
    struct ruleset handled;
    int set, rc = 0;

    *at = NULL;
    /* ENOSYS: not built in; EOPNOTSUPP: not switched on. */
    if (version < 0)
        return errno == ENOSYS ? -EOPNOTSUPP : -errno;
    handled = handled_by((int)version);
    set = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled),
                       0u);
    if (set < 0)
        return -errno;
    for (size_t i = 0; i < nr && !rc; i++) {
        rc = add_path(set, &paths[i], handled.fs);
        if (rc)
            *at = paths[i].path;
    }
    if (!rc && syscall(SYS_landlock_restrict_self, set, 0u))
        rc = -errno;
    close(set);
    return rc ? rc : (int)version;
}

int sandbox_begin(void)
{
    umask(077);
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}
