/* SPDX-License-Identifier: ISC */
/* Command line splitting; contract in args/args.h. */
#include <args/args.h>

#include <stdbool.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/*
 * Copies one argument from (*in) to (*out), which never overtakes it: quoting
 * only ever removes characters. Leaves (*in) at the blank or NUL after it.
 */
static int take_argument(char **in, char **out)
{
    char *r = *in, *w = *out, quote = '\0';

    for (; *r != '\0' && (quote != '\0' || !is_blank(*r)); r++) {
        if (*r == quote) {
            quote = '\0';
        } else if (quote == '\0' && (*r == '\'' || *r == '"')) {
            quote = *r;
        } else if (*r == '\\' &&
                   (quote == '\0' ||
                    (quote == '"' && (r[1] == '"' || r[1] == '\\')))) {
            if (r[1] == '\0')
                return ARGS_E_BACKSLASH;
            *w++ = *++r;
        } else {
            *w++ = *r;
        }
    }
    *in = r;
    *out = w;
    return quote == '\0' ? 0 : ARGS_E_QUOTE;
}

int args_split(char *line, char **argv, size_t max)
{
    char *in = line, *out = line;
    size_t n = 0;

    for (;;) {
        bool last;
        int rc;

        while (is_blank(*in))
            in++;
        if (*in == '\0')
            return (int)n;
        if (n == max)
            return ARGS_E_TOO_MANY;
        argv[n++] = out;
        rc = take_argument(&in, &out);
        if (rc < 0)
            return rc;
        /* The NUL may land on the blank just found: look before writing. */
        last = *in == '\0';
        if (!last)
            in++;
        *out++ = '\0';
        if (last)
            return (int)n;
    }
}

const char *args_strerror(int error)
{
    switch (error) {
    case ARGS_E_QUOTE:
        return "a quote is not closed";
    case ARGS_E_BACKSLASH:
        return "it ends in a backslash";
    case ARGS_E_TOO_MANY:
        return "it has too many arguments";
    default:
        return "unknown error";
    }
}
