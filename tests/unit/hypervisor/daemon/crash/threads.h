/* SPDX-License-Identifier: ISC */
/* The part of this test that is about threads. */
#ifndef CRASH_TEST_THREADS_H
#define CRASH_TEST_THREADS_H

void test_threads(void);

#endif /* CRASH_TEST_THREADS_H */
