/* SPDX-License-Identifier: ISC */
/* Unit tests of hypervisor/host. */
#include "host_test.h"

#include <stdlib.h>
#include <unistd.h>

#include <host/signals.h>
#include <tap.h>

char test_dir[] = "/tmp/midge-host-test-XXXXXX";

int check(int good, const char *format, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    return ok(good, "%s", text);
}

int main(int argc, char **argv)
{
    (void)argc;
    if (!strncmp(argv[0], "child", 5))
        child_main(argv[0]);
    if (!mkdtemp(test_dir)) {
        perror(test_dir);
        return 1;
    }
    is_int(signals_init(), 0, "signals_init");
    test_loop();
    test_files();
    test_sockets();
    test_processes();
    test_guard();
    test_starters();
    test_trials();
    test_sandbox();
    is_int(rmdir(test_dir), 0, "nothing is left in the test's directory");
    return tap_done();
}
