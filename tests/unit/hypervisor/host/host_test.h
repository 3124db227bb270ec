/* SPDX-License-Identifier: ISC */
/* The parts of the host test program. */
#ifndef HOST_TEST_H
#define HOST_TEST_H

/* What tap.h does, for all files of this program: it counts per file. */
int check(int good, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A directory of this run's own, removed at the end if empty. */
extern char test_dir[];

void test_loop(void);
void test_files(void);
void test_sockets(void);
void test_processes(void);
void test_starters(void);
void test_trials(void);
void test_sandbox(void);
void test_guard(void);
/* What the program does when started as somebody's child; exits. */
void child_main(const char *name);

#endif /* HOST_TEST_H */
