/* SPDX-License-Identifier: ISC */
/* What the files of this test share. */
#ifndef XENBUS_GUEST_H
#define XENBUS_GUEST_H

#include <guest/tap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The decimal number that (text) begins with. */
unsigned parse(const char *text);

/* Each is a part of the tests without an argument. */
void test_store(void);
void test_many(void);
void test_watches(void);

/* Modes; the result is main()'s. */
int lists(const char *count);
int serve_loop(void);
int flooded(void);
int ends_by_hook(const char *how);
int breaks(const char *how);
int time_reads(void);

#endif /* XENBUS_GUEST_H */
