/* SPDX-License-Identifier: ISC */
/* The consoles' log files: opened on demand, few at a time. */
#ifndef CONSOLE_LOGS_H
#define CONSOLE_LOGS_H

#include <backend/console.h>

/* Where a log's open file is among console_logs' slots; no slot when unused. */
struct log_handle {
    const char *name; /* borrowed from the owner, who keeps it current     */
    int slot;         /* -1 = not open                                     */
};

/* 0, or -EIO when bytes did not get into the file. */
__must_check int log_write(struct console_logs *logs, struct log_handle *h,
                           const char *bytes, size_t len);
/* Gives the slot back; the next write opens the file again. */
void log_release(struct console_logs *logs, struct log_handle *h);
/* (h) is open or not; its file takes the name (to). 0 or -errno. */
int log_rename(struct console_logs *logs, struct log_handle *h, const char *to);

#endif /* CONSOLE_LOGS_H */
