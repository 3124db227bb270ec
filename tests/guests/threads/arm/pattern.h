/* SPDX-License-Identifier: ISC */
/* What a thread has in its registers: v0 to v31, and what controls them. */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdint.h>

struct pattern {
    uint8_t vectors[32][16];
    uint64_t fpcr, fpsr;
};

struct control {
    uint64_t fpcr;
};

#endif /* PATTERN_H */
