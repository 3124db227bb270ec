/* SPDX-License-Identifier: ISC */
/* xl: global options, then one command of the table in commands.c. */
#include "xl.h"

#include <errno.h>
#include <string.h>
#include <daemon/release.h>
#include <xl/console.h>

/* The global options: -1, or what to exit with. */
static int read_globals(struct xl *xl, int argc, char **argv)
{
    static const struct option words[] = {
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    int opt;

    opterr = 0;
    while ((opt = getopt_long(argc, argv, "+vftTNh", words, NULL)) != -1) {
        switch (opt) {
        case 'h':
            print_help(stdout);
            return XL_OK;
        case 'V':
            printf("xl (Midge) %s\n", MIDGE_RELEASE);
            return XL_OK;
        case 'v':
            xl->verbosity++;
            break;
        case 'N':
            xl->dry_run = true;
            break;
        case 'f': /* run in spite of another toolstack: there is no other */
        case 't': /* carriage returns and time stamps in progress reports: */
        case 'T': /* there are none */
            break;
        default:
            if (strncmp(argv[optind - 1], "--", 2) == 0)
                fprintf(stderr, "xl: unknown global option %s; see xl help\n",
                        argv[optind - 1]);
            else
                fprintf(stderr, "xl: unknown global option -%c; see xl help\n",
                        optopt);
            return XL_FAILED;
        }
    }
    return -1;
}

static int run(int argc, char **argv)
{
    const struct command *c;
    struct xl xl = {.dry_run = false};
    int code = read_globals(&xl, argc, argv);

    if (code >= 0)
        return code;
    argc -= optind;
    argv += optind;
    if (argc == 0) {
        print_help(stderr);
        return XL_FAILED;
    }
    c = find_command(argv[0]);
    if (!c) {
        fprintf(stderr, "xl: unknown command '%s'; xl help lists all\n",
                argv[0]);
        return XL_FAILED;
    }
    if (!c->run)
        return not_implemented(c);
    if (xl.dry_run && !c->can_dry_run) {
        fprintf(stderr, "xl: '%s' cannot be tried with -N (dry run)\n",
                argv[0]);
        return XL_FAILED;
    }
    optind = 0; /* getopt starts anew, at argv[1] of the command */
    return c->run(&xl, c, argc, argv);
}

int main(int argc, char **argv)
{
    int code = stdio_fill();

    if (code < 0) {
        fprintf(stderr, "xl: cannot open /dev/null: %s\n", strerror(-code));
        return XL_FAILED;
    }
    code = run(argc, argv);
    /* Output that got lost is a failure, whatever else went well. */
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "xl: cannot write the output: %s\n", strerror(errno));
        return code ? code : XL_FAILED;
    }
    return code;
}
