/* SPDX-License-Identifier: ISC */
/* Configuration files and images from the file system, and the complaints. */
#include <tap.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xl/load.h>

static char *said;
static size_t said_len;

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");

    if (!f || fputs(text, f) < 0 || fclose(f))
        abort();
}

/* Loads file and images; the messages are in (said). */
static int load(struct xl_loaded *l, const char *file, char *const *vars,
                size_t nr_vars)
{
    FILE *f;
    int rc;

    free(said);
    f = open_memstream(&said, &said_len);
    if (!f)
        abort();
    rc = xl_load(l, file, vars, nr_vars, f);
    if (rc == 0)
        rc = xl_load_images(l, f);
    fclose(f);
    return rc;
}

static void refused(const char *file, char *var, const char *want)
{
    struct xl_loaded l;

    is_int(load(&l, file, &var, var ? 1 : 0), -1, "refused: %s %s", file,
           var ? var : "");
    is_str(said, want, "because");
    ok(l.kernel_fd == -1 || l.ramdisk_fd == -1, "not everything is open");
    xl_unload(&l);
    is_int(l.kernel_fd, -1, "nothing is open afterwards");
}

static char v_name[] = "name='h'; memory=16", v_extra[] = "extra='x y'",
            v_kernel_dir[] = "kernel='.'", v_kernel_none[] = "kernel='none'",
            v_kernel_fifo[] = "kernel='fifo'", v_bad[] = "memory=[",
            v_ramdisk[] = "ramdisk='none'", v_memory[] = "memory='abc'",
            v_good_ramdisk[] = "ramdisk='k'";

static void test_good(void)
{
    struct xl_loaded l;

    is_int(load(&l, "a.cfg", NULL, 0), 0, "a file alone");
    is_str(said, "", "says nothing");
    is_str(l.domain.name, "g", "name");
    ok(l.kernel_fd >= 0 && l.ramdisk_fd == -1, "the kernel is open");
    xl_unload(&l);
}

static void test_arguments(void)
{
    char *vars[] = {v_name, v_extra, v_good_ramdisk};
    struct midge_create request;
    struct xl_loaded l;

    is_int(load(&l, "a.cfg", vars, 3), 0, "with arguments");
    is_str(said, "", "which override silently");
    xl_load_request(&l, &request);
    is_str(request.name, "h", "name");
    is_str(request.cmdline, "x y", "command line");
    is_int(request.memory_kb, 16384, "memory");
    is_str(request.type, "pv", "type");
    is_str(request.on_reboot, "restart", "on_reboot");
    ok(request.kernel_fd >= 0 && request.ramdisk_fd >= 0 && !request.uuid,
       "both files, no uuid");
    xl_unload(&l);
    is_int(load(&l, "/dev/null", vars, 1), -1, "no file at all");
    is_str(said, "/dev/null: the configuration has no kernel=\n", "lacks");
    xl_unload(&l);
}

static void test_bad(void)
{
    static char big[XL_CONFIG_MAX + 2];

    refused("none.cfg", NULL,
            "none.cfg: cannot read the configuration: No such file or "
            "directory\n");
    refused(".", NULL,
            ".: cannot read the configuration: is a directory, not a file\n");
    refused("a.cfg", v_bad,
            "<command line>:2:1: expected a string, a number, '[' or ']', "
            "found the end\n");
    refused("a.cfg", v_memory,
            "<command line>:1:8: memory=\"abc\": expected a number (decimal, "
            "0x hexadecimal or 0 octal)\n");
    refused("a.cfg", v_kernel_dir,
            "<command line>:1:8: kernel=\".\": is a directory, not a file\n");
    refused("a.cfg", v_kernel_none,
            "<command line>:1:8: kernel=\"none\": No such file or "
            "directory\n");
    refused("a.cfg", v_kernel_fifo,
            "<command line>:1:8: kernel=\"fifo\": is not a regular file\n");
    refused("a.cfg", v_ramdisk,
            "<command line>:1:9: ramdisk=\"none\": No such file or "
            "directory\n");
    memset(big, '\n', sizeof(big) - 1);
    write_file("big.cfg", big);
    refused("big.cfg", NULL,
            "big.cfg: cannot read the configuration: is too large for a "
            "configuration\n");
    write_file("warn.cfg", "name='g'\nname='h'\nkernel='k'\nbar=1\n");
    refused("warn.cfg", v_kernel_none,
            "warn.cfg:2:1: warning: 'name' is set again, replacing its value "
            "of line 1\n"
            "warn.cfg:4:1: warning: unknown key 'bar' is ignored\n"
            "<command line>:1:8: kernel=\"none\": No such file or "
            "directory\n");
}

int main(void)
{
    static const char *const files[] = {"a.cfg", "k", "fifo", "big.cfg",
                                        "warn.cfg"};
    char dir[] = "/tmp/midge-load-XXXXXX";

    if (!mkdtemp(dir) || chdir(dir) < 0)
        abort();
    write_file("a.cfg", "name='g'\nkernel='k'\n");
    write_file("k", "kernel");
    if (mkfifo("fifo", 0600) < 0)
        abort();
    test_good();
    test_arguments();
    test_bad();
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlink(files[i]);
    ok(chdir("/") == 0 && rmdir(dir) == 0, "nothing is left behind");
    free(said);
    return tap_done();
}
