/* SPDX-License-Identifier: ISC */
/* An image as elf_read() would give it, and a domain built from it. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <builder/pv.h>

#define MIB       0x100000ul
#define TEXT_VA   (1 * MIB)
#define RODATA_VA (TEXT_VA + 0x3000)
#define DATA_VA   (TEXT_VA + 0x5000) /* one guard page before it */
#define STACK_VA  (TEXT_VA + 0x9000) /* one guard page before it */
#define IMAGE_END (TEXT_VA + 0xb000)
#define NR_PAGES  2048u /* 8 MiB */
#define MAX_PAGES 4096u

/* What the fields of (img) and (p) say may be changed before build(). */
struct sample {
    struct elf_image img;
    struct pv_params p;
    struct pv_layout l;
    uint64_t value;
    uint8_t *mem; /* pv_boot_size() bytes, after build() */
};

void sample_make(struct sample *s);
/* Plans and fills; aborts when the plan is refused. */
void sample_build(struct sample *s);
void sample_free(struct sample *s);
enum pv_error sample_plan(struct sample *s);
/* Bytes of a frame of the bootstrap region. */
void *sample_frame(const struct sample *s, uint64_t frame);

void test_plan(void);
void test_pages(void);
void test_domain(void);

#endif /* SAMPLE_H */
