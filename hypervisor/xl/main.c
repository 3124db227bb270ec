/* SPDX-License-Identifier: ISC */
/* xl: global options, then one command of the table in commands.c. */
#include "xl.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int run(int argc, char **argv)
{
    const struct command *c;
    struct xl xl = {.dry_run = false};
    int opt;

    opterr = 0;
    while ((opt = getopt(argc, argv, "+vftTN")) != -1) {
        switch (opt) {
        case 'v':
            xl.verbosity++;
            break;
        case 'N':
            xl.dry_run = true;
            break;
        case 'f': /* run in spite of another toolstack: there is no other */
        case 't': /* carriage returns and time stamps in progress reports: */
        case 'T': /* there are none */
            break;
        default:
            fprintf(stderr, "xl: unknown global option -%c; see xl help\n",
                    optopt);
            return XL_FAILED;
        }
    }
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
    if (!c->run) {
        fprintf(stderr, "xl: '%s' is not implemented yet\n", argv[0]);
        return XL_FAILED;
    }
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
    int code = run(argc, argv);

    /* Output that got lost is a failure, whatever else went well. */
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "xl: cannot write the output: %s\n", strerror(errno));
        return code ? code : XL_FAILED;
    }
    return code;
}
