/* SPDX-License-Identifier: ISC */
/* What the files of xl share. */
#ifndef XL_XL_H
#define XL_XL_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <midge/client.h>
#include <base/compiler.h>

/* Exit codes, besides those of guests. */
enum {
    XL_OK = 0,
    XL_FAILED = 1,
    XL_USAGE = 2,
    /* Of create -c and -F when the guest had no exit code of its own: what a
     * shell shows for a program that aborted, and for one that was killed. */
    XL_CRASHED = 134,
    XL_DESTROYED = 137,
};

/* The global options. */
struct xl {
    bool dry_run;  /* -N */
    int verbosity; /* -v */
};

#define ANY_NUMBER (-1)

struct command {
    const char *name;
    int (*run)(const struct xl *xl, const struct command *self, int argc,
               char **argv); /* NULL: Xen's xl has it, this one not yet */
    bool can_dry_run;
    int min_args,
        max_args;     /* behind the options; ANY_NUMBER: it looks itself */
    const char *help; /* one line */
    const char *usage;
    const char *options; /* NULL: none */
};

/* commands.c */
const struct command *find_command(const char *name);
/* Says that Xen's command (c) is missing here; what to exit with. */
int not_implemented(const struct command *c);
void print_help(FILE *stream);
void print_command_help(FILE *stream, const struct command *c);

/*
 * options.c: as getopt_long(), for one command's options, with -h added. After
 * the last option as many arguments must be left as the command takes. Returns
 * -1 at the end of the options, or -2 when the command must return
 * (*exit_code), because help was asked for or the usage is wrong (a message has
 * been printed).
 */
int next_option(const struct command *self, int argc, char **argv,
                const char *letters, const struct option *words,
                int *exit_code);
/* The same for a command without options: XL_OK, or -1 with (*exit_code). */
int plain_arguments(const struct command *self, int argc, char **argv,
                    int *exit_code);

/* domain.c: connections and what to say when something fails. */
enum start { START_DAEMON, NO_START };
/* Connects; somebody who waits long is told. As midge_connect(). */
int xl_open(enum start start, struct midge **out, struct midge_error *err);
/* NULL after a message. */
struct midge *xl_connect(enum start start);
/* The same, for a command about the existing domain (name): without a daemon
 * there is none, and the message says that. */
struct midge *xl_connect_for(const char *name);
/* Prints (*err), which befell domain (name) (NULL: none); returns XL_FAILED. */
int xl_fail(const struct midge_error *err, const char *name);

/*
 * follow.c: stays with the domain (name), which is paused, through all its
 * incarnations, with its console if (console); lets it run first, if (start).
 * Returns what create is to exit with.
 */
int follow(struct midge *m, const char *name, bool console, bool start);

/*
 * list.c: all domains, or with (name) not NULL that one. Without a daemon there
 * are none. XL_OK, or XL_FAILED after a message; the caller frees the list.
 */
int get_list(const char *name, struct midge_domain_list *list);

/* The commands: what to exit with. */
typedef int command_fn(const struct xl *xl, const struct command *self,
                       int argc, char **argv);
command_fn cmd_create, cmd_config_update, cmd_list, cmd_destroy, cmd_pause,
    cmd_unpause, cmd_shutdown, cmd_reboot, cmd_rename, cmd_sysrq, cmd_trigger,
    cmd_dump_core, cmd_uptime, cmd_vm_list, cmd_console, cmd_info, cmd_domid,
    cmd_domname, cmd_dmesg, cmd_help;

#endif /* XL_XL_H */
