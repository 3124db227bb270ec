/* SPDX-License-Identifier: ISC */
/* The parts of the process engine's test program. */
#ifndef PROCESS_TEST_H
#define PROCESS_TEST_H

#include <guestvm/guestvm.h>

/* Descriptors open in this process. */
int open_fds(void);

/* Returns when the keeper, in its own time, has collected every process. */
void wait_for_no_children(void);

void test_templates(void);
void test_windows(void);
void test_vms(void);
void test_frames(void);
void test_zygotes(void);
void test_memory(void);

#endif /* PROCESS_TEST_H */
