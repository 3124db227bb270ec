/* SPDX-License-Identifier: ISC */
/* What a thread has in its registers: all of ymm0 to ymm15 (or the low halves),
 * seven of the x87 stack, and what controls both. */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stdint.h>

struct pattern {
    uint8_t vectors[16][32];
    uint64_t x87[7]; /* doubles, by their bits                            */
    uint32_t mxcsr;
    uint16_t fcw, zero;
};

struct control {
    uint32_t mxcsr;
    uint16_t fcw;
};

/* vectors.S */
void x86_hold_registers(const struct pattern *want, struct pattern *got,
                        volatile int *stop, bool avx, volatile uint64_t *turns);

#endif /* PATTERN_H */
