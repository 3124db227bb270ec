/* SPDX-License-Identifier: ISC */
/* The parts of the grants guest. */
#ifndef GRANTS_H
#define GRANTS_H

#include <stdbool.h>

/* Serves one command, argv[0] its name. False: there is no such command, or it
 * wants other arguments. */
bool command(int argc, char **argv);

/* Tries what must be refused, and prints TAP. */
void attack(void);

#endif /* GRANTS_H */
