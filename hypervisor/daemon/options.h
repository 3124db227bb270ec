/* SPDX-License-Identifier: ISC */
/* midge-hv's command line. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <limits.h>
#include <stdbool.h>

#define MAX_WORKERS 256

/* Exit codes of midge-hv. */
#define EXIT_SERVED 0 /* served and ended, or (in the background) serving */
#define EXIT_FAILED 1
#define EXIT_USAGE  2
#define EXIT_OTHER  3 /* another daemon already serves this run directory */

struct options {
    bool foreground, stop, no_sandbox;
    unsigned workers; /* 0 = number of CPUs                          */
    unsigned first_domid, last_domid;
    int ready_fd;           /* -1 = none                                   */
    char run_dir[PATH_MAX]; /* absolute                                    */
};

/* Reads the command line and the environment. Returns -1 to go on, else the
 * code to exit with (something has been printed then). */
int options_read(struct options *o, int argc, char **argv);

#endif /* DAEMON_OPTIONS_H */
