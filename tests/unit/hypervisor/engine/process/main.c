/* SPDX-License-Identifier: ISC */
/* Tests of the process engine, with the real monitor. */
#include "process_test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>

#include <host/loop.h>
#include <host/signals.h>
#include <tap.h>

int check(int good, const char *format, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    return ok(good, "%s", text);
}

int open_fds(void)
{
    int n = 0;

    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

void wait_for_no_children(void)
{
    siginfo_t si;

    settle(); /* released zygotes are closed by the loop */
    while (waitid(P_ALL, 0, &si, WEXITED | WNOWAIT) == 0)
        sched_yield();
}

int main(void)
{
    struct engine_error err = {""};
    int before;

    is_int(signals_init(), 0, "signals_init");
    is_int(process_engine.probe(&err), 0, "the engine works here: %s",
           err.text);
    test_loop = loop_create();
    test_windows();
    before = open_fds();
    test_templates();
    is_int(open_fds(), before, "templates leave no descriptors");
    test_vms();
    test_frames();
    test_memory();
    test_zygotes();
    wait_for_no_children();
    /* The monitor's file is opened once and stays. */
    is_int(open_fds(), before + 1, "and neither do domains and zygotes");
    loop_destroy(test_loop);
    return tap_done();
}
