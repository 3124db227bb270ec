/* SPDX-License-Identifier: ISC */
/* The parts of the sandbox's tests: attempts, and who makes them. */
#ifndef SANDBOX_TEST_H
#define SANDBOX_TEST_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

/* How an attempt ends: as these say, or by SIGSYS. */
enum { WENT_WELL, FAILED, ODD };
#define DIES (-1)

struct attempt {
    const char *what;
    int (*run)(void);
    int without; /* the outcome without a sandbox; ODD: depends           */
    int with;
};

extern const struct attempt attempts[], file_attempts[];
extern const size_t nr_attempts, nr_file_attempts;

/* sandbox.c: */
extern char sandbox_dir[];
extern int landlock;   /* its version here                                 */
extern int loose;      /* a socket without a name                          */
extern pid_t somebody; /* a process that is not of ours                    */
socklen_t abstract_address(struct sockaddr_un *sa);
/* sandbox_attempts.c: */
int try_exec(void);

#endif /* SANDBOX_TEST_H */
