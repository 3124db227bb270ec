/* SPDX-License-Identifier: ISC */
/* The headers of a core file. */

#include <coredump/coredump.h>

#include <base/compiler.h>
#include <base/string.h>
#include <elf/format.h>

#define NT_PRSTATUS 1
#define NT_PRPSINFO 3

/* Linux's struct elf_prstatus for x86-64 (sys/procfs.h). */
struct prstatus {
    int32_t signo, code, err;
    int16_t cursig;
    uint16_t pad;
    uint64_t sigpend, sighold;
    int32_t pid, ppid, pgrp, sid;
    uint64_t times[8];
    /* In the order of struct user_regs_struct (sys/user.h). */
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi,
        rdi, orig_rax, rip, cs, rflags, rsp, ss, fs_base, gs_base, ds, es, fs,
        gs;
    int32_t fpvalid, pad2;
};
_Static_assert(sizeof(struct prstatus) == 336, "what gdb expects");

/* struct elf_prpsinfo. */
struct prpsinfo {
    int8_t state, sname, zombie, nice;
    uint32_t pad;
    uint64_t flag;
    uint32_t uid, gid;
    int32_t pid, ppid, pgrp, sid;
    char fname[16], psargs[80];
};
_Static_assert(sizeof(struct prpsinfo) == 136, "what gdb expects");

struct note_header {
    uint32_t namesz, descsz, type;
    char name[8]; /* "CORE", padded                                        */
};

#define NOTES_SIZE                                                             \
    (2 * sizeof(struct note_header) + sizeof(struct prstatus) +                \
     sizeof(struct prpsinfo))

/* 64-bit code and data of a Linux process: gdb tells a process's mode by it. */
#define USER_CS 0x33
#define USER_SS 0x2b

static size_t notes_offset(size_t nr_runs)
{
    return sizeof(struct elf_header) + (nr_runs + 1) * sizeof(struct elf_phdr);
}

size_t core_header_size(size_t nr_runs)
{
    size_t end = notes_offset(nr_runs) + NOTES_SIZE;

    return (end + CORE_PAGE - 1) / CORE_PAGE * CORE_PAGE;
}

uint64_t core_file_size(const struct core_run *runs, size_t nr_runs)
{
    uint64_t size = core_header_size(nr_runs);

    for (size_t i = 0; i < nr_runs; i++)
        size += (uint64_t)runs[i].nr * CORE_PAGE;
    return size;
}

static void fill_ehdr(struct elf_header *h, size_t nr_runs)
{
    static const uint8_t ident[16] = {
        0x7f, 'E', 'L', 'F', 2 /* 64 bits */, 1 /* little-endian */,
        1 /* version */};

    memcpy(h->ident, ident, sizeof(ident));
    h->type = ET_CORE;
    h->machine = EM_X86_64;
    h->version = 1;
    h->phoff = sizeof(*h);
    h->ehsize = sizeof(*h);
    h->phentsize = sizeof(struct elf_phdr);
    h->phnum = (uint16_t)(nr_runs + 1);
}

/* Appends a note; returns where the next one goes. */
static uint8_t *put_note(uint8_t *at, uint32_t type, const void *desc,
                         size_t size)
{
    const struct note_header h = {5, (uint32_t)size, type, "CORE"};

    memcpy(at, &h, sizeof(h));
    memcpy(at + sizeof(h), desc, size);
    return at + sizeof(h) + size;
}

static void fill_regs(struct prstatus *s, const struct portal_regs *r)
{
    s->r15 = r->r15;
    s->r14 = r->r14;
    s->r13 = r->r13;
    s->r12 = r->r12;
    s->rbp = r->rbp;
    s->rbx = r->rbx;
    s->r11 = r->r11;
    s->r10 = r->r10;
    s->r9 = r->r9;
    s->r8 = r->r8;
    s->rax = r->rax;
    s->rcx = r->rcx;
    s->rdx = r->rdx;
    s->rsi = r->rsi;
    s->rdi = r->rdi;
    s->orig_rax = UINT64_MAX; /* not in a system call */
    s->rip = r->rip;
    s->cs = USER_CS;
    s->rflags = r->rflags;
    s->rsp = r->rsp;
    s->ss = USER_SS;
}

static void copy_text(char *to, size_t size, const char *from)
{
    size_t len = strlen(from);

    memcpy(to, from, MIN(len, size - 1));
}

static void put_notes(uint8_t *at, const struct core_meta *meta)
{
    struct prstatus status = {
        .signo = meta->signal,
        .cursig = (int16_t)meta->signal,
        .pid = (int32_t)meta->domid,
    };
    struct prpsinfo info = {.sname = 'R', .pid = (int32_t)meta->domid};
    size_t len;

    fill_regs(&status, &meta->regs);
    copy_text(info.fname, sizeof(info.fname), meta->program);
    copy_text(info.psargs, sizeof(info.psargs), meta->name);
    len = strlen(info.psargs);
    if (meta->args[0] && len + 2 < sizeof(info.psargs)) {
        info.psargs[len++] = ' ';
        copy_text(info.psargs + len, sizeof(info.psargs) - len, meta->args);
    }
    at = put_note(at, NT_PRSTATUS, &status, sizeof(status));
    (void)put_note(at, NT_PRPSINFO, &info, sizeof(info));
}

void core_fill_header(const struct core_meta *meta, const struct core_run *runs,
                      size_t nr_runs, void *buf)
{
    uint64_t offset = core_header_size(nr_runs);
    struct elf_header h = {.type = 0};
    struct elf_phdr p;
    uint8_t *at = buf;

    fill_ehdr(&h, nr_runs);
    memcpy(at, &h, sizeof(h));
    at += sizeof(h);
    p = (struct elf_phdr){
        .type = PT_NOTE,
        .offset = notes_offset(nr_runs),
        .filesz = NOTES_SIZE,
        .align = 4,
    };
    memcpy(at, &p, sizeof(p));
    at += sizeof(p);
    for (size_t i = 0; i < nr_runs; i++, at += sizeof(p)) {
        const struct core_run *r = &runs[i];

        p = (struct elf_phdr){
            .type = PT_LOAD,
            .flags = PF_R | (r->w ? PF_W : 0) | (r->x ? PF_X : 0),
            .offset = offset,
            .vaddr = r->va,
            .paddr = (uint64_t)r->mfn * CORE_PAGE,
            .filesz = (uint64_t)r->nr * CORE_PAGE,
            .memsz = (uint64_t)r->nr * CORE_PAGE,
            .align = CORE_PAGE,
        };
        memcpy(at, &p, sizeof(p));
        offset += p.filesz;
    }
    put_notes(at, meta);
}
