/* SPDX-License-Identifier: ISC */
/*
 * What a seccomp filter lets through, found by walking every path of the program
 * itself: there is no second list that could differ from it. Knows the
 * instructions that our filters consist of (filter/bpf.h) and refuses others.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <stdint.h>
#include <stdio.h>
#include <filter/bpf.h>

#define SANDBOX_MAX_NOTS  24
#define SANDBOX_MAX_MASKS 2
#define SANDBOX_MAX_PATHS 128

/* Values of one word: in [min, max], none of nots, and word & mask == bits or,
 * with differ, != bits. */
struct sandbox_mask {
    uint32_t mask, bits;
    uint32_t differ;
};

struct sandbox_word {
    uint32_t min, max;
    uint32_t nr_nots, nr_masks;
    uint32_t nots[SANDBOX_MAX_NOTS];
    struct sandbox_mask masks[SANDBOX_MAX_MASKS];
};

/* One path through the program: the calls that take it, and its verdict. */
struct sandbox_path {
    struct sandbox_word word[BPF_DATA_WORDS]; /* of struct seccomp_data    */
    uint32_t verdict;
};

struct sandbox_paths {
    unsigned nr;
    struct sandbox_path path[SANDBOX_MAX_PATHS];
};

/* Every path that some call can take. 0; -EINVAL: damaged, -ENOTSUP: an
 * instruction we do not know, -E2BIG: more than fits. */
int sandbox_walk(const struct bpf_insn *insn, unsigned len,
                 struct sandbox_paths *out);

/* Whether (value) is among the values of (w). */
int sandbox_word_has(const struct sandbox_word *w, uint32_t value);

/* The numbers of the calls that are let through, sorted, at most (max). Returns
 * how many there are, or -ENOTSUP when a path lets through more than one. */
int sandbox_calls(const struct sandbox_paths *p, uint32_t *nr, unsigned max);

/* Prints the calls that are let through and their arguments, a line each, then
 * how many. 0 or as sandbox_calls(). */
int sandbox_print(const struct sandbox_paths *p, FILE *f);

/* Linux's name of x86-64 call (nr); NULL: none that we know. */
const char *sandbox_call_name(uint32_t nr);

#endif /* SANDBOX_SANDBOX_H */
