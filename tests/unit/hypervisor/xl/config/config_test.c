/* SPDX-License-Identifier: ISC */
/* What xl makes of each key, and what it says about wrong ones. */
#include <tap.h>
#include <stdint.h>
#include <stdlib.h>
#include <xen/errno.h>
#include <xl/config.h>

#define BASE "name='g'\nkernel='k'\n"

static _Alignas(16) char arena[1 << 16];
static char said[2048];

static void on_message(void *arg, bool error, const struct xlcfg_message *m)
{
    size_t n = strlen(said);

    (void)arg;
    snprintf(said + n, sizeof(said) - n, "%s%s", n ? "|" : "",
             error ? "" : "warning ");
    n = strlen(said);
    if (m->pos.source)
        snprintf(said + n, sizeof(said) - n, "%u:%u: ", m->pos.line,
                 m->pos.column);
    n = strlen(said);
    snprintf(said + n, sizeof(said) - n, "%s", m->text);
}

static int read_config(const char *text, struct xl_domain *d)
{
    static const struct xl_domain nothing;
    struct xl_report report = {.message = on_message};
    struct xlcfg cfg;

    *d = nothing;
    said[0] = '\0';
    xlcfg_init(&cfg, arena, sizeof(arena));
    if (xlcfg_parse(&cfg, "f", text, strlen(text))) {
        snprintf(said, sizeof(said), "syntax: %s", cfg.error.text);
        return -1;
    }
    return xl_config_read(&cfg, &report, d);
}

/* (text) on one line, for the name of a test. */
static const char *shown(const char *text)
{
    static char out[128];

    snprintf(out, sizeof(out), "%s", text);
    for (char *c = out; *c; c++) {
        if ((unsigned char)*c < ' ')
            *c = '|';
    }
    return out;
}

static void refused(const char *text, const char *want)
{
    struct xl_domain d;
    char all[4096];

    snprintf(all, sizeof(all), "%s%s", BASE, text);
    is_int(read_config(all, &d), -XEN_EINVAL, "refused: %s", shown(text));
    is_str(said, want, "because");
}

static void warned(const char *text, const char *want)
{
    struct xl_domain d;
    char all[4096];

    snprintf(all, sizeof(all), "%s%s", BASE, text);
    is_int(read_config(all, &d), 0, "accepted: %s", shown(text));
    is_str(said, want, "with the right warning");
}

static void test_defaults(void)
{
    struct xl_domain d;

    is_int(read_config(BASE, &d), 0, "name and kernel are enough");
    is_str(said, "", "and nothing is said");
    is_str(d.name, "g", "name");
    is_str(d.kernel, "k", "kernel");
    is_str(d.cmdline, "", "empty command line");
    ok(!d.ramdisk, "no ramdisk");
    ok(!d.uuid, "no uuid");
    is_int(d.type, XL_TYPE_PV, "type pv");
    is_int(d.memory_kb, 32768, "32 MB");
    is_int(d.maxmem_kb, 32768, "maxmem = memory");
    is_int(d.vcpus, 1, "one vCPU");
    is_int(d.on_poweroff, XL_DESTROY, "on_poweroff destroy");
    is_int(d.on_reboot, XL_RESTART, "on_reboot restart");
    is_int(d.on_crash, XL_DESTROY, "on_crash destroy");
    is_int(d.on_watchdog, XL_DESTROY, "on_watchdog destroy");
    is_int(d.on_soft_reset, XL_DESTROY, "on_soft_reset destroy");
}

static void test_all_keys(void)
{
    struct xl_domain d;

    is_int(read_config(BASE
                       "type='pvh'; ramdisk='r'; memory=0x20; maxmem='64'"
                       "\nvcpus=1; maxvcpus=1; on_poweroff='preserve'\n"
                       "on_reboot=\"coredump-destroy\"; on_crash='restart'\n"
                       "on_watchdog='rename-restart'\n"
                       "on_soft_reset='preserve'\n"
                       "uuid='01234567-89AB-cdef-0123-456789abcdef'\n",
                       &d),
           0, "every key is read");
    is_int(d.type, XL_TYPE_PVH, "type");
    is_int(d.type_pos.line, 3, "and where it was");
    is_str(d.ramdisk, "r", "ramdisk");
    is_int(d.memory_kb, 32 * 1024, "memory");
    is_int(d.maxmem_kb, 64 * 1024, "maxmem");
    is_int(d.on_poweroff, XL_PRESERVE, "on_poweroff");
    is_int(d.on_reboot, XL_COREDUMP_DESTROY, "on_reboot");
    is_int(d.on_crash, XL_RESTART, "on_crash");
    is_int(d.on_watchdog, XL_RENAME_RESTART, "on_watchdog");
    is_int(d.on_soft_reset, XL_PRESERVE, "on_soft_reset");
    is_str(d.uuid, "01234567-89AB-cdef-0123-456789abcdef", "uuid");
    is_int(read_config(BASE "maxmem=48", &d), 0, "maxmem alone");
    is_int(d.memory_kb, 48 * 1024, "also sets memory");
}

static void test_cmdline(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"extra='a b'", "a b"},
        {"root='/dev/xvda1'", "root=/dev/xvda1"},
        {"extra='ro quiet'; root='/dev/xvda1'", "root=/dev/xvda1 ro quiet"},
        {"cmdline='x'; extra='y'; root='z'", "x"},
        {"cmdline=5", "5"},
    };
    char text[1200];
    struct xl_domain d;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        snprintf(text, sizeof(text), "%s%s", BASE, cases[i].text);
        is_int(read_config(text, &d), 0, "%s", cases[i].text);
        is_str(d.cmdline, cases[i].want, "gives its command line");
    }
    warned("extra='x'\ncmdline='y'",
           "warning 3:7: root= and extra= are ignored because of cmdline=");
    warned("root=''; extra=''\ncmdline='y'", "");
    warned("root='x'; extra=''\ncmdline='y'",
           "warning 3:6: root= and extra= are ignored because of cmdline=");
    warned("root='x'\ncmdline='y'",
           "warning 3:6: root= and extra= are ignored because of cmdline=");
    snprintf(text, sizeof(text), BASE "extra='%01023d'", 7);
    is_int(read_config(text, &d), 0, "1023 bytes fit");
    snprintf(text, sizeof(text), BASE "extra='%01024d'", 7);
    is_int(read_config(text, &d), -XEN_EINVAL, "1024 do not");
    is_str(said,
           "3:7: the command line has 1024 bytes; a guest takes at most 1023",
           "because");
}

static void test_numbers(void)
{
    refused("memory=0", "3:8: memory=0: must lie between 1 and 65536");
    refused("memory=-1", "3:8: memory=-1: must lie between 1 and 65536");
    refused("memory=65537", "3:8: memory=65537: must lie between 1 and 65536");
    refused("memory=99999999999999999999",
            "3:8: memory=99999999999999999999: must lie between 1 and 65536");
    refused("memory='abc'", "3:8: memory=\"abc\": expected a number (decimal, "
                            "0x hexadecimal or 0 octal)");
    refused("memory=[32]", "3:8: memory: expected a number, found a list");
    refused("memory=''", "3:8: memory=\"\": expected a number (decimal, "
                         "0x hexadecimal or 0 octal)");
    refused("memory=64; maxmem=32", "3:19: maxmem=32 is less than memory=64");
    refused("vcpus=0", "3:7: vcpus=0: must lie between 1 and 2147483647");
    refused("vcpus=2",
            "3:7: vcpus=2: more than one vCPU is not implemented yet");
    refused("maxvcpus=4",
            "3:10: maxvcpus=4: more than one vCPU is not implemented yet");
}

static void test_strings(void)
{
    refused("extra=['x']", "3:7: extra: expected a string, found a list");
    refused("kernel=['x']", "3:8: kernel: expected a string, found a list");
    refused("kernel=''", "3:8: kernel=\"\": no file name");
    refused("type='hvm'", "3:6: type=\"hvm\" is not implemented yet");
    refused("type='x'", "3:6: type=\"x\": expected \"pv\" or \"pvh\"");
    refused("on_crash='zap'",
            "3:10: on_crash=\"zap\": expected destroy, restart, "
            "rename-restart, preserve, coredump-destroy or coredump-restart");
    refused("on_soft_reset='soft-reset'",
            "3:15: on_soft_reset=\"soft-reset\": only an HVM domain can do "
            "that; use destroy, restart, rename-restart, preserve, "
            "coredump-destroy or coredump-restart");
    refused("uuid='zz'", "3:6: uuid=\"zz\": expected the form "
                         "01234567-89ab-cdef-0123-456789abcdef");
    refused("uuid='01234567-89ab-cdef-0123-456789abcdef0'",
            "3:6: uuid=\"01234567-89ab-cdef-0123-456789abcdef0\": expected the "
            "form 01234567-89ab-cdef-0123-456789abcdef");
    refused("builder='hvm'", "3:9: builder=\"hvm\": only \"generic\" is "
                             "implemented; use type=\"pv\" instead");
    warned("builder='linux'",
           "warning 3:9: builder= is deprecated, use type=\"pv\"");
    warned("ramdisk=''", "");
}

static void test_names(void)
{
    refused("name=''", "3:6: name=\"\": the name must not be empty");
    refused("name='a/b'", "3:6: name=\"a/b\": the name may only have letters, "
                          "digits and _ . : + -");
    refused("name='-a'", "3:6: name=\"-a\": the name must not start with '-'");
    refused("name='..'", "3:6: name=\"..\": the name is reserved");
    refused("name=12", "3:6: name=\"12\": the name must not be a number (it "
                       "would be taken for a domid)");
    refused("name='x\\n'", "3:6: name=\"x?\": the name may only have letters, "
                           "digits and _ . : + -");
    refused("name='0123456789012345678901234567890123456789012345678901234567"
            "890123'",
            "3:6: name=\"0123456789012345678901234567890123456789012345678901"
            "234567890123\": the name is longer than 63 bytes");
    warned("name='A1-_.:+z'", "");
}

static uint64_t cpus_of(const char *setting)
{
    char text[128];
    struct xl_domain d;

    snprintf(text, sizeof(text), BASE "%s", setting);
    if (read_config(text, &d))
        return 0xbad;
    return d.have_cpus ? d.cpus[0] : UINT64_MAX;
}

static void test_resources(void)
{
    struct xl_domain d;

    is_int(cpus_of("cpus='0'"), 1, "one CPU");
    is_int(cpus_of("cpus=3"), 8, "as a number");
    is_int(cpus_of("cpus='0-3,^1'"), 0xd, "a range with a gap");
    is_int(cpus_of("cpus=' 2 , 4 - 5 '"), 0x34, "blanks");
    is_int(cpus_of("cpus=['2,3']"), 0xc, "one text for one vCPU");
    is_int(cpus_of("cpus='all'"), -1, "all is no wish");
    is_int(cpus_of("cpus='all,^0'"), -2, "all but one is");
    is_int(cpus_of("cpus='63,1023'"), (long long)(1ull << 63), "high numbers");
    refused(
        "cpus='1024'",
        "3:6: cpus=\"1024\": expected \"all\", or CPU numbers below 1024 and "
        "ranges, such as \"0-3,^1\"");
    refused(
        "cpus='3-1'",
        "3:6: cpus=\"3-1\": expected \"all\", or CPU numbers below 1024 and "
        "ranges, such as \"0-3,^1\"");
    refused("cpus='0,'",
            "3:6: cpus=\"0,\": expected \"all\", or CPU numbers below 1024 and "
            "ranges, such as \"0-3,^1\"");
    refused("cpus=''",
            "3:6: cpus=\"\": expected \"all\", or CPU numbers below 1024 and "
            "ranges, such as \"0-3,^1\"");
    refused("cpus='0,^0'", "3:6: cpus=\"0,^0\": no CPU is left");
    refused("cpus='nodes:0'",
            "3:6: cpus=\"nodes:0\": nodes are not implemented "
            "yet; use CPU numbers");
    refused("cpus=['0','1']", "3:6: cpus: a list must have one text for each "
                              "vCPU, which is 1");
    refused("cpu_weight=0", "3:12: cpu_weight=0: must lie between 1 and 65535");
    refused("max_event_channels=1",
            "3:20: max_event_channels=1: must lie between 2 and 131071");
    refused("max_grant_frames=257",
            "3:18: max_grant_frames=257: must lie between 1 and 256");
    refused("max_maptrack_frames='x'",
            "3:21: max_maptrack_frames=\"x\": expected a number (decimal, 0x "
            "hexadecimal or 0 octal)");
    refused("nomigrate=2", "3:11: nomigrate=2: must lie between 0 and 1");
    is_int(read_config(BASE "cpu_weight=512; max_event_channels=10; "
                            "max_grant_frames=4; max_maptrack_frames=8; "
                            "nomigrate=1",
                       &d),
           0, "all of them");
    is_int(d.cpu_weight, 512, "cpu_weight");
    is_int(d.max_event_channels, 10, "max_event_channels");
    is_int(d.max_grant_frames, 4, "max_grant_frames");
    is_int(d.max_maptrack_frames, 8, "max_maptrack_frames");
}

static void test_keys(void)
{
    struct xl_domain d;

    warned("foo='x'", "warning 3:1: unknown key 'foo' is ignored");
    refused("vif=['']", "3:1: key 'vif' is not implemented yet");
    refused("disk='x'", "3:1: key 'disk' is not implemented yet");
    warned("vif=[]; disk=[ ]", "");
    refused("\n  acpi=1", "4:3: key 'acpi' is not implemented yet");
    refused("spice=1; zzz=2; pool='0'",
            "3:1: key 'spice' is not implemented yet|"
            "warning 3:10: unknown key 'zzz' is ignored|"
            "3:17: key 'pool' is not implemented yet");
    is_int(read_config("", &d), -XEN_EINVAL, "nothing at all is refused");
    is_str(said,
           "the configuration has no name=|the configuration has no kernel=",
           "saying what it lacks");
    is_int(xl_key_state("acpi"), XL_KEY_LATER, "first key of the table");
    is_int(xl_key_state("xenstore_quota"), XL_KEY_LATER, "last key");
    is_int(xl_key_state("memory"), XL_KEY_DONE, "an implemented one");
    is_int(xl_key_state("mem"), XL_KEY_UNKNOWN, "no key by its beginning");
}

int main(void)
{
    test_defaults();
    test_all_keys();
    test_cmdline();
    test_numbers();
    test_strings();
    test_names();
    test_resources();
    test_keys();
    return tap_done();
}
