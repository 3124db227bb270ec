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

/* Are there as many arguments left as the command takes? If not, says so. */
static bool check_arity(const struct command *self, int argc, char **argv)
{
    int left = argc - optind;

    if (left < self->min_args) {
        fprintf(stderr, "'xl %s' requires at least %d argument%s.\n\n",
                self->name, self->min_args, plural(self->min_args));
        print_command_help(stderr, self);
        return false;
    }
    if (self->max_args != ANY_NUMBER && left > self->max_args) {
        fprintf(stderr, "xl %s: unexpected argument '%s'; see xl help %s\n",
                self->name, argv[optind + self->max_args], self->name);
        return false;
    }
    return true;
}

int next_option(const struct command *self, int argc, char **argv,
                const char *letters, const struct option *words, int *exit_code)
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
    if (opt == -1 && !check_arity(self, argc, argv)) {
        *exit_code = XL_USAGE;
        return -2;
    }
    return opt;
}

int plain_arguments(const struct command *self, int argc, char **argv,
                    int *exit_code)
{
    return next_option(self, argc, argv, "", NULL, exit_code) == -2 ? -1
                                                                    : XL_OK;
}
