/* SPDX-License-Identifier: ISC */
/* Building templates, and every line a user can get when it fails. */
#include "process_test.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <host/fd.h>
#include <host/file.h>
#include <host/memfd.h>
#include <host/pipe.h>

static int build(int kernel_fd, int ramdisk_fd, uint32_t pages, uint32_t max,
                 struct engine_error *err)
{
    struct engine_template_params p = {.kernel_fd = kernel_fd,
                                       .ramdisk_fd = ramdisk_fd,
                                       .kernel_name = "guest.elf",
                                       .nr_pages = pages,
                                       .max_pages = max};
    struct engine_template *t = NULL;
    int rc;

    err->text[0] = '\0';
    rc = process_engine.template_build(&p, &t, err);
    check((rc == 0) == (t != NULL), "a template exactly on success");
    process_engine.template_put(t);
    return rc;
}

/* Building from (fd), which is closed, fails with a line that contains (want)
 * and is one line. */
static void refused(int fd, int ramdisk_fd, uint32_t pages, int rc,
                    const char *want)
{
    struct engine_error err;
    int got = build(fd, ramdisk_fd, pages, pages, &err);

    check(got == rc, "refused with %d, want %d", got, rc);
    check(strstr(err.text, want) && !strchr(err.text, '\n'),
          "\"%s\" has \"%s\"", err.text, want);
    fd_close(&fd);
    fd_close(&ramdisk_fd);
}

static void test_bad_files(void)
{
    static const char text[] = "#!/bin/sh\necho this is not an image at all, "
                               "but it is longer than an ELF header\n";
    int fd = memfd_create_sealable("text", sizeof(text));
    uint16_t machine = EM_AARCH64;
    uint64_t nowhere = 0xdead000;
    uint32_t other = 0x12345678;
    int p[2];

    check(fd_pwrite_all(fd, text, sizeof(text), 0) == 0, "script written");
    refused(fd, -1, GUEST_PAGES, -ENOEXEC, "guest.elf: not an ELF file");
    refused(memfd_create_sealable("empty", 0), -1, GUEST_PAGES, -ENOEXEC,
            "guest.elf: ");
    refused(file_open_read("/tmp"), -1, GUEST_PAGES, -EISDIR,
            "guest.elf: is a directory");
    check(pipe_create(p) == 0, "pipe");
    refused(p[0], -1, GUEST_PAGES, -EINVAL, "guest.elf: not a regular file");
    fd_close(&p[1]);
    refused(memfd_create_sealable("huge", 300ull << 20), -1, GUEST_PAGES,
            -EFBIG, "guest.elf: too big (300 MiB, at most 256 MiB)");
    refused(999, -1, GUEST_PAGES, -EBADF, "guest.elf: Bad file descriptor");
    refused(guest_image_damaged(offsetof(Elf64_Ehdr, e_machine), &machine, 2),
            -1, GUEST_PAGES, -ENOEXEC, "(machine 183");
    refused(
        guest_image_damaged(sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_paddr),
                            &nowhere, 8),
        -1, GUEST_PAGES, -ENOEXEC, "guest.elf: ");
    /* The type of the note that gives the entry. */
    refused(guest_image_damaged(sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr) + 8,
                                &other, 4),
            -1, GUEST_PAGES, -ENOEXEC, "guest.elf: no entry point");
}

static void test_sizes(void)
{
    struct engine_error err;
    int fd = guest_image(GUEST_SPIN);
    int ramdisk = memfd_create_sealable("ramdisk", 3ul << 20);

    refused(guest_image(GUEST_SPIN), -1, 256, -ENOEXEC,
            "memory=1 MiB is too small: the image needs at least ");
    refused(guest_image(GUEST_SPIN), -1, 100, -ENOEXEC,
            "memory=400 KiB is too small");
    refused(guest_image(GUEST_SPIN), -1, 0x8000000, -ENOEXEC, "64 GiB");
    refused(guest_image(GUEST_SPIN), fd_dup(ramdisk), 1024, -ENOEXEC,
            "with its ramdisk needs at least ");
    check(build(fd, ramdisk, GUEST_PAGES, GUEST_PAGES, &err) == 0,
          "fits in 8 MiB");
    fd_close(&ramdisk);
    ramdisk = memfd_create_sealable("ramdisk", 2ull << 30);
    refused(fd_dup(fd), ramdisk, GUEST_PAGES, -EFBIG, "ramdisk: too big");
    check(build(fd, -1, GUEST_PAGES, 1u << 22, &err) == 0, "maxmem=16 GiB");
    fd_close(&fd);
}

static void test_image(void)
{
    struct engine_template *t = guest_template(GUEST_SPIN);
    const struct elf_image *img = process_engine.template_image(t);

    check(img->nr_segments == 2 && img->notes.entry == GUEST_TEXT,
          "the image stays readable");
    process_engine.template_get(t);
    process_engine.template_put(t);
    check(img->nr_segments == 2, "still referred to");
    process_engine.template_put(t);
}

void test_templates(void)
{
    test_bad_files();
    test_sizes();
    test_image();
}
