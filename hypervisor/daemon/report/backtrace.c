/* SPDX-License-Identifier: ISC */
/* Backtraces by frame pointers, in memory that a broken guest has left. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <base/compiler.h>
#include <daemon/crash.h>

void crash_symbol(const struct elf_image *image, uint64_t addr, char *buf,
                  size_t size)
{
    struct elf_symbol sym;

    if (image && elf_find_symbol(image, addr, &sym))
        snprintf(buf, size, "%.80s+0x%" PRIx64, sym.name, addr - sym.value);
    else
        snprintf(buf, size, "?");
}

enum before { NO_CALL, CALLS_OTHER, MAY_RETURN };

/*
 * What the five bytes before (addr) say about it being a return address of
 * (callee): a direct call of somebody else says no.
 */
static enum before before(const struct crash_source *src, uint64_t addr,
                          const struct elf_symbol *callee)
{
    uint8_t code[5];
    int32_t rel;

    if (src->read(src->arg, addr - sizeof(code), code, sizeof(code)) !=
        sizeof(code))
        return NO_CALL;
    if (code[0] == 0xe8) {
        memcpy(&rel, code + 1, sizeof(rel));
        return addr + (uint64_t)(int64_t)rel == callee->value ? MAY_RETURN
                                                              : CALLS_OTHER;
    }
    /* call *reg, call *disp8(reg): ff /2 */
    if ((code[3] == 0xff && (code[4] & 0x38) == 0x10) ||
        (code[2] == 0xff && (code[3] & 0x38) == 0x10))
        return MAY_RETURN;
    return NO_CALL;
}

/*
 * A return address is symbolised by the call before it: after a call that does
 * not return it may already belong to the next function. In a frame that a trap
 * handler made it is the faulting instruction itself, which may be a function's
 * first; what stands before it decides between the two.
 */
static bool return_symbol(const struct crash_source *src, uint64_t addr,
                          const struct elf_symbol *callee,
                          struct elf_symbol *sym)
{
    if (!src->image || !addr)
        return false;
    if (callee->name && before(src, addr, callee) == MAY_RETURN &&
        elf_find_symbol(src->image, addr - 1, sym))
        return true;
    return elf_find_symbol(src->image, addr, sym);
}

/* (*callee): the function in the frame below; becomes this frame's. */
static void frame_line(const struct crash_source *src, unsigned n,
                       uint64_t addr, struct elf_symbol *callee)
{
    char name[128] = "?", text[192];
    struct elf_symbol sym = {0};

    if (return_symbol(src, addr, callee, &sym))
        snprintf(name, sizeof(name), "%.80s+0x%" PRIx64, sym.name,
                 addr - sym.value);
    *callee = sym;
    snprintf(text, sizeof(text), "  #%-2u 0x%016" PRIx64 " %s", n, addr, name);
    src->line(src->arg, text);
}

static bool is_code(const struct crash_source *src, uint64_t addr)
{
    struct elf_symbol sym;

    return src->image && elf_find_symbol(src->image, addr, &sym);
}

static bool read_words(const struct crash_source *src, uint64_t va,
                       uint64_t *words, unsigned n)
{
    return src->read(src->arg, va, words, n * sizeof(*words)) ==
           n * sizeof(*words);
}

/* What lies at the top of a stack that has no frame chain to follow. */
static void top_of_stack(const struct crash_source *src, uint64_t rsp)
{
    uint64_t word[4];
    char text[192];
    unsigned i;

    for (i = 0; i < 4; i++) {
        uint64_t va = rsp + i * sizeof(word);

        if (!read_words(src, va, word, 4)) {
            snprintf(text, sizeof(text),
                     "  stack at 0x%016" PRIx64 " is unreadable", va);
            src->line(src->arg, text);
            return;
        }
        snprintf(text, sizeof(text),
                 "  stack 0x%016" PRIx64 ": %016" PRIx64 " %016" PRIx64
                 " %016" PRIx64 " %016" PRIx64,
                 va, word[0], word[1], word[2], word[3]);
        src->line(src->arg, text);
    }
}

/* A walk up the frames; equal return addresses in a row are recursion, shown
 * once and counted, so that its start is reached. */
struct walk {
    unsigned shown;  /* lines                                              */
    unsigned steps;  /* frames                                             */
    uint64_t last;   /* return address                                     */
    unsigned folded; /* how often it came again                            */
    struct elf_symbol callee;
};

static void end_fold(const struct crash_source *src, struct walk *w)
{
    char text[64];

    if (!w->folded)
        return;
    snprintf(text, sizeof(text), "  (the last one %u times more)", w->folded);
    src->line(src->arg, text);
    w->folded = 0;
}

static void step(const struct crash_source *src, struct walk *w, uint64_t addr)
{
    w->steps++;
    if (addr == w->last) {
        w->folded++;
        return;
    }
    end_fold(src, w);
    frame_line(src, w->shown++, addr, &w->callee);
    w->last = addr;
}

void crash_backtrace(const struct crash_source *src,
                     const struct portal_regs *regs)
{
    uint64_t frame[2], rbp = regs->rbp;
    struct walk w = {0};

    src->line(src->arg, "backtrace:");
    frame_line(src, w.shown++, regs->rip, &w.callee);
    /* A call to nowhere has left its return address on top of the stack, and
     * the caller's frame pointer in place. */
    if (src->image && !is_code(src, regs->rip) &&
        read_words(src, regs->rsp, frame, 1) && is_code(src, frame[0]))
        step(src, &w, frame[0]);
    while (rbp && w.shown < CRASH_MAX_FRAMES && w.steps < CRASH_MAX_STEPS) {
        if (rbp % sizeof(rbp) || !read_words(src, rbp, frame, 2) || !frame[1])
            break;
        step(src, &w, frame[1]);
        /* Frames lie above each other: anything else is a loop or garbage. */
        if (frame[0] <= rbp)
            break;
        rbp = frame[0];
    }
    end_fold(src, &w);
    if (w.shown >= CRASH_MAX_FRAMES || w.steps >= CRASH_MAX_STEPS)
        src->line(src->arg, "  (more frames are not shown)");
    if (w.shown <= 1 && !w.steps)
        top_of_stack(src, regs->rsp);
}
