/* SPDX-License-Identifier: ISC */
/* midge-hv's command line and environment. */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <daemon/release.h>
#include <hv/core.h>
#include "options.h"
#include "rundir.h"

static const char usage[] =
    "usage: midge-hv [options]\n"
    "The Midge hypervisor: one per user, started by xl when needed.\n"
    "\n"
    "  --foreground     stay in the foreground, log to standard error too\n"
    "  --run-dir DIR    sockets, logs and lock (default: $MIDGE_RUN, else\n"
    "                   $XDG_RUNTIME_DIR/midge, else /run/midge for root,\n"
    "                   /run/user/UID/midge or /tmp/midge-UID for others)\n"
    "  --domids A-B     ids of domains, from A to B and from A again (default:\n"
    "                   1-32751)\n"
    "  --workers N      number of worker threads (default: one per CPU)\n"
    "  --no-sandbox     keep all rights, for debugging; see midge-hv(8)\n"
    "  --ready-fd N     write one byte to descriptor N when serving\n"
    "  --stop           end a running daemon and its domains, and wait for it\n"
    "  --version        print the version\n"
    "  --help           print this text\n"
    "\n"
    "Exit codes: 0 all went well (in the background: it serves), 1 failed,\n"
    "2 wrong usage, 3 another daemon serves this run directory already.\n";

/* (dir)(below), made absolute: the daemon leaves the current directory. */
static int set_run_dir(struct options *o, const char *dir, const char *below)
{
    char cwd[PATH_MAX] = "";
    int n;

    if (dir[0] != '/' && !getcwd(cwd, sizeof(cwd))) {
        fprintf(stderr, "midge-hv: cannot tell the current directory: %s\n",
                strerror(errno));
        return EXIT_FAILED;
    }
    n = snprintf(o->run_dir, sizeof(o->run_dir), "%s%s%s%s", cwd,
                 cwd[0] ? "/" : "", dir, below);
    if (n < 0 || (size_t)n >= sizeof(o->run_dir)) {
        fprintf(stderr, "midge-hv: name of the run directory is too long: %s\n",
                dir);
        return EXIT_FAILED;
    }
    return -1;
}

static int default_run_dir(struct options *o)
{
    const char *dir = getenv("MIDGE_RUN");
    char path[PATH_MAX];

    if (dir && dir[0])
        return set_run_dir(o, dir, "");
    dir = getenv("XDG_RUNTIME_DIR");
    if (dir && dir[0])
        return set_run_dir(o, dir, "/midge");
    rundir_default(path);
    return set_run_dir(o, path, "");
}

static int number(const char *what, const char *text, long min, long max,
                  long *out)
{
    char *end;

    errno = 0;
    *out = strtol(text, &end, 10);
    if (errno || end == text || *end || *out < min || *out > max) {
        fprintf(stderr,
                "midge-hv: %s %s: must be a number between %ld and %ld\n", what,
                text, min, max);
        return EXIT_USAGE;
    }
    return -1;
}

/* "A-B" */
static int id_range(struct options *o, const char *text)
{
    unsigned long first, last = 0;
    char *end;

    errno = 0;
    first = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '-' || end[1] < '0' ||
        end[1] > '9')
        first = 0;
    else
        last = strtoul(end + 1, &end, 10);
    if (errno || first < 1 || *end || last < first || last >= HV_DOMID_LIMIT) {
        fprintf(stderr,
                "midge-hv: --domids %s: must be two numbers A-B, "
                "1 <= A <= B <= %u\n",
                text, HV_DOMID_LIMIT - 1);
        return EXIT_USAGE;
    }
    o->first_domid = (unsigned)first;
    o->last_domid = (unsigned)last;
    return -1;
}

static int one_option(struct options *o, int c)
{
    long n = 0;
    int rc = -1;

    switch (c) {
    case 'f':
        o->foreground = true;
        return -1;
    case 'r':
        return set_run_dir(o, optarg, "");
    case 'w':
        rc = number("--workers", optarg, 1, MAX_WORKERS, &n);
        o->workers = (unsigned)n;
        return rc;
    case 'd':
        return id_range(o, optarg);
    case 'R':
        rc = number("--ready-fd", optarg, 0, INT_MAX, &n);
        o->ready_fd = (int)n;
        return rc;
    case 'n':
        o->no_sandbox = true;
        return -1;
    case 's':
        o->stop = true;
        return -1;
    case 'v':
        printf("midge-hv %s\n", MIDGE_RELEASE);
        return EXIT_SERVED;
    case 'h':
        fputs(usage, stdout);
        return EXIT_SERVED;
    default:
        fputs("midge-hv: try --help\n", stderr);
        return EXIT_USAGE;
    }
}

int options_read(struct options *o, int argc, char **argv)
{
    static const struct option known[] = {
        {"foreground", no_argument, NULL, 'f'},
        {"run-dir", required_argument, NULL, 'r'},
        {"domids", required_argument, NULL, 'd'},
        {"workers", required_argument, NULL, 'w'},
        {"ready-fd", required_argument, NULL, 'R'},
        {"no-sandbox", no_argument, NULL, 'n'},
        {"stop", no_argument, NULL, 's'},
        {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c, rc = -1;

    memset(o, 0, sizeof(*o));
    o->ready_fd = -1;
    o->first_domid = 1;
    o->last_domid = HV_DOMID_LIMIT - 1;
    while (rc < 0 && (c = getopt_long(argc, argv, "", known, NULL)) != -1)
        rc = one_option(o, c);
    if (rc >= 0)
        return rc;
    if (optind < argc) {
        fprintf(stderr, "midge-hv: unexpected argument: %s\n", argv[optind]);
        return EXIT_USAGE;
    }
    return o->run_dir[0] ? -1 : default_run_dir(o);
}
