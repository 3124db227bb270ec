/* SPDX-License-Identifier: ISC */
/* TAP on the console, for test guests. One thread at a time. */
#ifndef GUEST_TAP_H
#define GUEST_TAP_H

#include <stdbool.h>

/* One line: ok or not ok. */
void check(bool good, const char *what);
/* The same, with both numbers when they differ. */
void check_is(long got, long want, const char *what);
/* Prints the plan; returns the exit code: 0 when all was ok, else 1. */
int check_done(void);

#endif /* GUEST_TAP_H */
