/* SPDX-License-Identifier: ISC */
/*
 * Says hello and shows its arguments.
 *
 *   --exit N   leave with exit code N
 *   --tsc      print the cycle counter as it was when main() began
 *   --echo     then print back each line typed, until "quit" or Ctrl-D
 *   --block    then sleep for ever
 */
#include <base/string.h>
#include <minios/app.h>
#include <minios/console.h>
#include <minios/evtchn.h>
#include <minios/stdio.h>
#include <minios/time.h>
#include <stdbool.h>

const char app_name[] = "hello";

/* Reads a decimal number of at most 255; -1 if (text) is none. */
static int parse_code(const char *text)
{
    int n = 0;

    if (!text || *text == '\0')
        return -1;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        n = n * 10 + (*text - '0');
        if (n > 255)
            return -1;
    }
    return n;
}

static void echo(void)
{
    char line[256];

    while (console_read_line(line, sizeof(line)) >= 0) {
        printf("echo: %s\n", line);
        if (strcmp(line, "quit") == 0)
            break;
    }
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

int main(int argc, char **argv)
{
    uint64_t tsc = time_cycles();
    bool want_echo = false, want_block = false;
    int code = 0, i;

    printf("Hello from Midge\n");
    for (i = 0; i < argc; i++)
        printf("argv[%d] = \"%s\"\n", i, argv[i]);

    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--tsc") == 0) {
            printf("tsc: %lu\n", tsc);
        } else if (strcmp(argv[i], "--echo") == 0) {
            want_echo = true;
        } else if (strcmp(argv[i], "--block") == 0) {
            want_block = true;
        } else if (strcmp(argv[i], "--exit") == 0) {
            code = parse_code(argv[++i]); /* NULL ends argv */
            if (code < 0) {
                printf("hello: --exit needs a number from 0 to 255\n");
                return 2;
            }
        }
    }
    if (want_echo)
        echo();
    if (want_block)
        event_wait(never, NULL);
    return code;
}
