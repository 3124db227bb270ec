/* SPDX-License-Identifier: ISC */
/* The halves of the client library's test. */
#ifndef CLIENT_TEST_H
#define CLIENT_TEST_H

/* Connecting, trusting and starting. The counts of tap.h are per file. */
int test_connect(void);
/* Acts as the daemon that test_connect() starts. */
int fake_daemon(int argc, char **argv);

/* client_test.c: one ok/not ok line with the running number. */
void check(int good, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same for texts, shown when they differ. */
void check_str(const char *got, const char *want, const char *what);

#endif /* CLIENT_TEST_H */
