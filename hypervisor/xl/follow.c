/* SPDX-License-Identifier: ISC */
/* Staying with a domain until it has ended, for xl create -c and -F. */
#include "xl.h"

#include <string.h>
#include <xl/console.h>

/* What the shell is told about how the domain ended. */
static int exit_code_of(const struct midge_end *end)
{
    if (strcmp(end->reason, "destroyed") == 0) {
        fprintf(stderr, "xl: the domain was destroyed\n");
        return XL_DESTROYED;
    }
    if (strcmp(end->reason, "poweroff") != 0 &&
        strcmp(end->reason, "reboot") != 0 &&
        strcmp(end->reason, "suspend") != 0) {
        fprintf(stderr, "xl: the domain ended by %s; xl dmesg tells more\n",
                end->reason[0] ? end->reason : "an unknown reason");
        return XL_CRASHED;
    }
    if (!end->have_exit_code)
        return XL_OK;
    /* A process has eight bits of exit code; none may turn failure into
     * success. */
    if (end->exit_code != 0 && (end->exit_code & 0xff) == 0)
        return XL_FAILED;
    return end->exit_code & 0xff;
}

/*
 * Nothing must be left behind by a create that failed; the first error is the
 * one that counts.
 */
static int give_up(struct midge *m, const char *domid,
                   const struct midge_error *err)
{
    struct midge_error second;

    (void)xl_fail(err, domid);
    if (midge_destroy(m, domid, &second) < 0 &&
        second.code != MIDGE_E_NOT_FOUND)
        (void)xl_fail(&second, domid);
    return XL_FAILED;
}

/* One incarnation. True with (*end), or false with what to exit with. */
static bool follow_one(struct midge *m, const char *domid, bool console,
                       bool start, struct midge_end *end, int *code)
{
    struct midge_error err;
    int tty = -1;
    int64_t wait_id;

    if (console)
        tty = console_open(m, domid, &err);
    /* An heir may have ended before we came, and have an heir itself: the wait
     * knows. What it said is in its log. */
    if (console && tty < 0 &&
        (err.code == MIDGE_E_NOT_FOUND || err.code == MIDGE_E_GONE))
        console = false;
    if ((console && tty < 0) ||
        midge_wait_start(m, domid, &wait_id, &err) < 0 ||
        (start && midge_unpause(m, domid, &err) < 0)) {
        *code = give_up(m, domid, &err);
        console_close(tty);
        return false;
    }
    if (!console) {
        if (midge_wait_finish(m, wait_id, end, &err) == 0)
            return true;
        *code = xl_fail(&err, domid);
        return false;
    }
    switch (console_run(m, tty, wait_id, end)) {
    case CONSOLE_ENDED:
        return true;
    case CONSOLE_DETACHED:
        *code = XL_OK;
        return false;
    case CONSOLE_FAILED:
        break;
    }
    *code = XL_FAILED;
    return false;
}

int follow(struct midge *m, const char *name, bool console, bool start)
{
    struct midge_end end;
    char domid[16];
    int code = XL_FAILED;

    snprintf(domid, sizeof(domid), "%s", name);
    if (console)
        console_hint();
    for (;;) {
        if (!follow_one(m, domid, console, start, &end, &code))
            return code;
        if (!end.restarted)
            return exit_code_of(&end);
        /* The next incarnation runs already. */
        snprintf(domid, sizeof(domid), "%u", end.new_domid);
        start = false;
    }
}
