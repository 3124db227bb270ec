/* SPDX-License-Identifier: ISC */
/* The parts of the allocators' test. */
#ifndef ALLOC_TEST_H
#define ALLOC_TEST_H

void test_slots(void);

#endif /* ALLOC_TEST_H */
