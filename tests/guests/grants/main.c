/* SPDX-License-Identifier: ISC */
/*
 * Grants by command: what the words of the command line say, each
 * "command,argument,...", then what is typed on the console, until "quit".
 */
#include "grants.h"

#include <args/args.h>
#include <base/string.h>
#include <minios/app.h>
#include <minios/console.h>
#include <minios/stdio.h>

const char app_name[] = "grants";

#define LINE_MAX  200
#define WORDS_MAX 8

static bool serve(char *line)
{
    char *word[WORDS_MAX + 1];
    int n = 0;

    word[n++] = line;
    for (; *line && n < WORDS_MAX; line++) {
        if (*line == ',' || *line == ' ') {
            *line = '\0';
            word[n++] = line + 1;
        }
    }
    word[n] = NULL;
    if (strcmp(word[0], "quit") == 0)
        return false;
    if (!command(n, word))
        printf("what is \"%s\" with %d arguments?\n", word[0], n - 1);
    return true;
}

int main(int argc, char **argv)
{
    char line[LINE_MAX];
    int i;

    for (i = 1; i < argc; i++) {
        if (!serve(argv[i]))
            return 0;
    }
    printf("ready\n");
    while (console_read_line(line, sizeof(line)) >= 0) {
        if (!serve(line))
            return 0;
    }
    return 1;
}
