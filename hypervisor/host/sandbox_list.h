/* SPDX-License-Identifier: ISC */
/* Which system calls the sandbox lets through: a table, read by seccomp.c. */
#ifndef HOST_SANDBOX_LIST_H
#define HOST_SANDBOX_LIST_H

#include <stddef.h>
#include <stdint.h>

enum sandbox_verdict {
    SANDBOX_ALLOW,
    SANDBOX_IF_ALL, /* every argument named is as said, else it is deadly */
    SANDBOX_DEADLY, /* ends the program                                   */
};

/* The test of one argument's 32 low bits, which is all that Linux reads of
 * those it is used for. */
enum sandbox_test {
    SANDBOX_NO_TEST,
    SANDBOX_ONE_OF, /* one of (values)                                    */
    SANDBOX_NONE_OF_BITS, /* none of these bits: values[0]                     */
    SANDBOX_POSITIVE, /* as an int, > 0                                     */
    SANDBOX_ZERO,     /* all 64 bits                                        */
};

#define SANDBOX_MAX_VALUES 8
#define SANDBOX_MAX_ARGS   2

struct sandbox_arg {
    uint8_t n; /* which argument, from 0                               */
    uint8_t test, nr_values;
    uint32_t values[SANDBOX_MAX_VALUES];
};

struct sandbox_call {
    const char *name;
    uint32_t nr;
    enum sandbox_verdict verdict;
    struct sandbox_arg arg[SANDBOX_MAX_ARGS];
};

extern const struct sandbox_call sandbox_list[];
extern const size_t sandbox_list_size;

#endif /* HOST_SANDBOX_LIST_H */
