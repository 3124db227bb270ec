/* SPDX-License-Identifier: ISC */
/* Options of commands. */
#include "xl.h"

#include <string.h>

static const char *plural(int n)
{
    return n == 1 ? "" : "s";
}

/* (word) is the argument that getopt stopped at. */
static void bad_option(const struct command *self, bool lacks_value,
                       const char *word)
{
    const char *problem = lacks_value ? "needs a value" : "is not known";

    if (strncmp(word, "--", 2) == 0 || !optopt)
        fprintf(stderr, "xl %s: option %s %s", self->name, word, problem);
    else
        fprintf(stderr, "xl %s: option -%c %s", self->name, optopt, problem);
    fprintf(stderr, "; see xl help %s\n", self->name);
}

int next_option(const struct command *self, int argc, char **argv,
                const char *letters, const struct option *words, int required,
                int *exit_code)
{
    char with_help[32];
    int opt;

    snprintf(with_help, sizeof(with_help), ":%sh", letters);
    opterr = 0;
    opt = words ? getopt_long(argc, argv, with_help, words, NULL)
                : getopt(argc, argv, with_help);
    if (opt == 'h') {
        print_command_help(stdout, self);
        *exit_code = XL_OK;
        return -2;
    }
    if (opt == '?' || opt == ':') {
        bad_option(self, opt == ':', argv[optind - 1]);
        *exit_code = XL_USAGE;
        return -2;
    }
    if (opt == -1 && argc - optind < required) {
        fprintf(stderr, "'xl %s' requires at least %d argument%s.\n\n",
                self->name, required, plural(required));
        print_command_help(stderr, self);
        *exit_code = XL_USAGE;
        return -2;
    }
    return opt;
}

int plain_arguments(const struct command *self, int argc, char **argv, int min,
                    int max, int *exit_code)
{
    if (next_option(self, argc, argv, "", NULL, min, exit_code) == -2)
        return -1;
    if (argc - optind <= max)
        return XL_OK;
    fprintf(stderr, "xl %s: unexpected argument '%s'; see xl help %s\n",
            self->name, argv[optind + max], self->name);
    *exit_code = XL_USAGE;
    return -1;
}
