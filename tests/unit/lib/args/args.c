/* SPDX-License-Identifier: ISC */
/* Command line splitting: quoting, errors, limits. */
#include <args/args.h>
#include <stdlib.h>
#include <tap.h>

/* Splits a copy of (line) and joins the result as "<a><b>", or an error. */
static const char *split(const char *line)
{
    static char text[256];
    size_t len = strlen(line), used = 0;
    size_t max = ARGS_MAX(len);
    /* Exactly as large as allowed, so that the sanitiser sees an overrun. */
    char *copy = strdup(line), **argv = malloc(max * sizeof(*argv));
    int n = args_split(copy, argv, max);

    text[0] = '\0';
    if (n < 0)
        snprintf(text, sizeof(text), "error: %s", args_strerror(n));
    for (int i = 0; i < n; i++)
        used +=
            (size_t)snprintf(text + used, sizeof(text) - used, "<%s>", argv[i]);
    free(argv);
    free(copy);
    return text;
}

static void test_words(void)
{
    is_str(split(""), "", "nothing");
    is_str(split("  \t \n"), "", "only blanks");
    is_str(split("a"), "<a>", "one");
    is_str(split("a b"), "<a><b>", "two");
    is_str(split("  a \t b\n "), "<a><b>", "blanks around");
    is_str(split("a b c d e"), "<a><b><c><d><e>", "the most possible");
}

static void test_quotes(void)
{
    is_str(split("'a b' c"), "<a b><c>", "single quotes");
    is_str(split("\"a b\" c"), "<a b><c>", "double quotes");
    is_str(split("a' b 'c\" d \"e"), "<a b c d e>", "pieces join");
    is_str(split("'' \"\" x"), "<><><x>", "empty arguments");
    is_str(split("'a\\b' '\"'"), "<a\\b><\">", "single quotes keep all");
    is_str(split("\"a\\\"b\\\\c\\d'\""), "<a\"b\\c\\d'>",
           "backslash in double quotes");
    is_str(split("a\\ b \\'c \\\\"), "<a b><'c><\\>", "backslash outside");
    is_str(split("--x='1 2' y"), "<--x=1 2><y>", "option with a quote");
}

static void test_errors(void)
{
    char line[] = "a b c", *argv[2];

    is_str(split("a 'b"), "error: a quote is not closed", "open quote");
    is_str(split("\"a\\\""), "error: a quote is not closed",
           "escaped closing quote");
    is_str(split("a \\"), "error: it ends in a backslash", "last backslash");
    is_int(args_split(line, argv, 2), ARGS_E_TOO_MANY, "too many");
}

int main(void)
{
    test_words();
    test_quotes();
    test_errors();
    return tap_done();
}
