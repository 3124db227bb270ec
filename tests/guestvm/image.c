/* SPDX-License-Identifier: ISC */
/* Makes the ELF file around guest.S. */
#include <guestvm/guestvm.h>

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/elfnote.h>

#include <host/fd.h>
#include <host/memfd.h>

#define PAGE 4096ul

extern const uint8_t guest_text[], guest_text_end[];

/* File: headers, then text at PAGE, data at 2 * PAGE. */
struct headers {
    Elf64_Ehdr eh;
    Elf64_Phdr ph[3];
    uint8_t notes[256];
};

/* Appends a note with an 8-byte value at notes[at]; returns the new end. */
static size_t put_note(struct headers *h, size_t at, const char *owner,
                       uint32_t type, uint64_t value)
{
    Elf64_Nhdr n = {
        .n_namesz = (uint32_t)strlen(owner) + 1, .n_descsz = 8, .n_type = type};

    memcpy(h->notes + at, &n, sizeof(n));
    at += sizeof(n);
    memcpy(h->notes + at, owner, n.n_namesz);
    at += (n.n_namesz + 3u) & ~3u;
    memcpy(h->notes + at, &value, sizeof(value));
    return at + sizeof(value);
}

static void fill_headers(struct headers *h)
{
    size_t end;

    h->eh = (Elf64_Ehdr){
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_entry = GUEST_TEXT,
        .e_phoff = offsetof(struct headers, ph),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 3,
    };
    h->ph[0] = (Elf64_Phdr){.p_type = PT_LOAD,
                            .p_flags = PF_R | PF_X,
                            .p_offset = PAGE,
                            .p_vaddr = GUEST_TEXT,
                            .p_paddr = GUEST_TEXT,
                            .p_filesz = PAGE,
                            .p_memsz = 2ul * PAGE, /* hypercall page */
                            .p_align = PAGE};
    h->ph[1] = (Elf64_Phdr){.p_type = PT_LOAD,
                            .p_flags = PF_R | PF_W,
                            .p_offset = 2ul * PAGE,
                            .p_vaddr = GUEST_DATA,
                            .p_paddr = GUEST_DATA,
                            .p_filesz = PAGE,
                            .p_memsz = 3ul * PAGE,
                            .p_align = PAGE};
    h->ph[2] = (Elf64_Phdr){.p_type = PT_NOTE,
                            .p_flags = PF_R,
                            .p_offset = offsetof(struct headers, notes),
                            .p_align = 4};
    end = put_note(h, 0, "Xen", XEN_ELFNOTE_ENTRY, GUEST_TEXT);
    end =
        put_note(h, end, "Xen", XEN_ELFNOTE_HYPERCALL_PAGE, GUEST_TEXT + PAGE);
    end = put_note(h, end, "Xen", XEN_ELFNOTE_VIRT_BASE, 0);
    end = put_note(h, end, "Midge", ELF_NOTE_MIDGE_SHARED_INFO_VA, SHINFO_VA);
    h->ph[2].p_filesz = h->ph[2].p_memsz = end;
}

/* (data): its first bytes. */
static int make_image(const void *text, size_t text_len, const void *data,
                      size_t data_len)
{
    static uint8_t file[3 * PAGE];
    struct headers h;
    int fd = memfd_create_sealable("test-image", sizeof(file));

    memset(file, 0, sizeof(file));
    memset(&h, 0, sizeof(h));
    fill_headers(&h);
    memcpy(file, &h, sizeof(h));
    if (text_len > PAGE)
        abort();
    memcpy(file + PAGE, text, text_len);
    memcpy(file + 2 * PAGE, data, data_len);
    if (fd < 0 || fd_pwrite_all(fd, file, sizeof(file), 0))
        abort();
    return fd;
}

int guest_image(enum guest_mode mode)
{
    uint8_t data[(GUEST_MARK - GUEST_DATA) + sizeof(GUEST_MARK_TEXT)] = {
        (uint8_t)mode};
    uint32_t reason = 2;

    memcpy(data + 8, &reason, sizeof(reason));
    memcpy(data + (GUEST_MARK - GUEST_DATA), GUEST_MARK_TEXT,
           sizeof(GUEST_MARK_TEXT));
    return make_image(guest_text, (size_t)(guest_text_end - guest_text), data,
                      sizeof(data));
}

int guest_image_damaged(size_t off, const void *bytes, size_t len)
{
    int fd = guest_image(GUEST_SPIN);

    if (fd_pwrite_all(fd, bytes, len, off))
        abort();
    return fd;
}

static struct engine_template *template_of(int image)
{
    struct engine_template_params p = {.kernel_fd = image,
                                       .ramdisk_fd = -1,
                                       .kernel_name = "guest.elf",
                                       .nr_pages = GUEST_PAGES,
                                       .max_pages = GUEST_MAX_PAGES};
    struct engine_template *t = NULL;
    struct engine_error err = {""};
    int rc = process_engine.template_build(&p, &t, &err);

    check(rc == 0, "template built (%s)", err.text);
    if (rc)
        exit(1);
    fd_close(&p.kernel_fd);
    return t;
}

struct engine_template *guest_template(enum guest_mode mode)
{
    return template_of(guest_image(mode));
}

struct engine_template *guest_template_of(const void *text, size_t len)
{
    return template_of(make_image(text, len, "", 0));
}
