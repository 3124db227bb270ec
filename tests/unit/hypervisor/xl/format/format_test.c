/* SPDX-License-Identifier: ISC */
/* xl's output, byte for byte. */
#include <tap.h>
#include <stdlib.h>
#include <xl/format.h>

static char *text;
static size_t len;

static FILE *begin(void)
{
    FILE *f;

    free(text);
    f = open_memstream(&text, &len);
    if (!f)
        abort();
    return f;
}

static const char *row(const struct midge_domain *d, bool verbose)
{
    FILE *f = begin();

    format_list_row(f, d, verbose);
    fclose(f);
    return text;
}

static const char *one_line(json_t *obj)
{
    free(text);
    text = json_dumps(obj, JSON_COMPACT);
    json_decref(obj);
    return text ? text : "(none)";
}

static void test_list(void)
{
    struct midge_domain d = {
        .domid = 12,
        .name = "hello",
        .uuid = "01234567-89ab-cdef-0123-456789abcdef",
        .memory_kb = 32768,
        .vcpus = 1,
        .state = "-b----",
        .cpu_ns = 1234567890,
    };
    FILE *f = begin();

    format_list_header(f, false);
    fclose(f);
    is_str(text,
           "Name                                        ID   Mem VCPUs\tState"
           "\tTime(s)\n",
           "the header");
    is_str(row(&d, false),
           "hello                                       12    32     1     "
           "-b----       1.2\n",
           "a row");
    is_str(row(&d, true),
           "hello                                       12    32     1     "
           "-b----       1.2 01234567-89ab-cdef-0123-456789abcdef        - "
           "               -\n",
           "with -v");
    strcpy(d.shutdown_reason, "crash");
    strcpy(d.state, "---sc-");
    is_str(row(&d, true),
           "hello                                       12    32     1     "
           "---sc-       1.2 01234567-89ab-cdef-0123-456789abcdef        3 "
           "               -\n",
           "crashed");
    strcpy(d.shutdown_reason, "reboot");
    strcpy(d.state, "---s--");
    ok(strstr(row(&d, false), " ---sr- "), "rebooting");
    strcpy(d.shutdown_reason, "poweroff");
    ok(strstr(row(&d, false), " ---s-- "), "powered off");
    strcpy(d.shutdown_reason, "of-tomorrow");
    ok(strstr(row(&d, true), " ---s?- "), "a reason nobody knows");
    d.shutdown_reason[0] = '\0';
    d.state[0] = '\0';
    ok(strstr(row(&d, false), " ------ "), "no state");
    memset(d.name, 'x', 50);
    d.name[50] = '\0';
    ok(strstr(row(&d, false), "xx    12    32"), "a long name pushes the rest");
}

static const char *uptime_row(const struct midge_domain *d, bool brief)
{
    FILE *f = begin();

    format_uptime_row(f, d, brief, 3661);
    fclose(f);
    return text;
}

static void test_uptime(void)
{
    struct midge_domain d = {
        .domid = 12,
        .name = "hello",
        .uuid = "01234567-89ab-cdef-0123-456789abcdef",
        .uptime_ns = 61999999999,
    };
    FILE *f = begin();

    setenv("TZ", "UTC", 1);
    format_uptime_header(f);
    fclose(f);
    is_str(text, "Name                                ID Uptime\n", "header");
    is_str(uptime_row(&d, false),
           "hello                               12  0:01:01\n", "a minute");
    is_str(uptime_row(&d, true), " 01:01:01 up  0:01, hello (12)\n", "brief");
    d.uptime_ns = 86400ull * 1000000000;
    is_str(uptime_row(&d, false),
           "hello                               12 1 day,  0:00:00\n", "a day");
    d.uptime_ns = (86400ull * 400 + 36000) * 1000000000;
    is_str(uptime_row(&d, true), " 01:01:01 up 400 days, 10:00, hello (12)\n",
           "many, brief");
    f = begin();
    format_vm_list_header(f);
    format_vm_list_row(f, &d);
    fclose(f);
    is_str(text,
           "UUID                                  ID    name\n"
           "01234567-89ab-cdef-0123-456789abcdef  12    hello"
           "                         \n",
           "vm-list");
    is_int(format_reason_number("poweroff"), 0, "the number of poweroff");
    is_int(format_reason_number("soft_reset"), 5, "of soft_reset");
    is_int(format_reason_number("of-tomorrow"), -1, "of what nobody knows");
}

static void test_json(void)
{
    struct xl_domain d = {
        .name = "g",
        .type = XL_TYPE_PV,
        .kernel = "k",
        .cmdline = "a \"b\"",
        .memory_kb = 32768,
        .maxmem_kb = 65536,
        .vcpus = 1,
        .on_poweroff = XL_DESTROY,
        .on_reboot = XL_RESTART,
        .on_crash = XL_PRESERVE,
        .on_watchdog = XL_RENAME_RESTART,
    };
    struct midge_domain m = {.domid = 3,
                             .name = "g",
                             .uuid = "u",
                             .type = "pv",
                             .memory_kb = 1,
                             .maxmem_kb = 2,
                             .vcpus = 1,
                             .state = "r-----",
                             .cpu_ns = 9,
                             .pid = 8};

    is_str(one_line(format_config(&d)),
           "{\"c_info\":{\"type\":\"pv\",\"name\":\"g\"},\"b_info\":{"
           "\"max_vcpus\":1,\"avail_vcpus\":[0],\"max_memkb\":65536,"
           "\"target_memkb\":32768,\"kernel\":\"k\",\"cmdline\":\"a \\\"b\\\""
           "\"},\"on_poweroff\":\"destroy\",\"on_reboot\":\"restart\","
           "\"on_watchdog\":\"rename_restart\",\"on_crash\":\"preserve\","
           "\"on_soft_reset\":\"destroy\"}",
           "a configuration");
    d.uuid = "u";
    d.ramdisk = "r";
    one_line(format_config(&d));
    ok(strstr(text, "\"uuid\":\"u\"") && strstr(text, "\"ramdisk\":\"r\""),
       "with uuid and ramdisk");
    d.cmdline = "\xff";
    ok(!format_config(&d), "what is not UTF-8 has no JSON");
    is_str(one_line(format_domain(&m)),
           "{\"domid\":3,\"config\":{\"c_info\":{\"type\":\"pv\",\"name\":"
           "\"g\",\"uuid\":\"u\"},\"b_info\":{\"max_vcpus\":1,"
           "\"avail_vcpus\":[0],\"max_memkb\":2,\"target_memkb\":1}},"
           "\"midge\":{\"state\":\"r-----\",\"cpu_ns\":9,"
           "\"shutdown_reason\":null,\"pid\":8}}",
           "a domain");
}

static const char info_text[] =
    "host                   : h\n"
    "release                : 6\n"
    "version                : v\n"
    "machine                : x86_64\n"
    "nr_cpus                : 4\n"
    "total_memory           : 2\n"
    "free_memory            : 1\n"
    "xen_pagesize           : 4096\n"
    "midge_release          : 0.1\n"
    "midge_pid              : 7\n"
    "midge_run_dir          : /r\n"
    "midge_sandbox          : all\n"
    "midge_domains          : 1\n"
    "midge_workers          : 2\n"
    "midge_more_guests      : 99 (first limit: ids; to change: more of "
    "us)\n"
    "midge_engine_process   : usable, type=\"pv\"\n"
    "midge_engine_kvm       : not usable: no /dev/kvm\n"
    "midge_limit_open_files_of_one : 20000 (one per domain; to change: "
    "nofile)\n"
    "midge_limit_x          : none (y)\n";

static void test_info(void)
{
    struct midge_engine engines[] = {
        {.name = "process", .type = "pv", .usable = true},
        {.name = "kvm", .type = "pvh", .why = "no /dev/kvm"}};
    struct midge_limit limits[] = {{.what = "open files of one",
                                    .value = "20000",
                                    .needed_for = "one per domain",
                                    .raise = "nofile"},
                                   {.what = "x", .needed_for = "y"}};
    struct midge_info info = {.release = "0.1",
                              .pid = 7,
                              .run_dir = "/r",
                              .sandbox = "all",
                              .more_guests = 99,
                              .first_limit = "ids",
                              .first_raise = "more of us",
                              .domains = 1,
                              .workers = 2,
                              .cpus = 4,
                              .memory_kb = 2048,
                              .free_memory_kb = 1024,
                              .nr_engines = 2,
                              .nr_limits = 2,
                              .engines = engines,
                              .limits = limits};
    struct utsname host = {
        .nodename = "h", .release = "6", .version = "v", .machine = "x86_64"};
    FILE *f = begin();
    bool found = format_info(f, &info, &host, NULL);

    fclose(f);
    ok(found, "info");
    is_str(text, info_text, "all of it");
    f = begin();
    ok(format_info(f, &info, &host, "free_memory"), "one key");
    fclose(f);
    is_str(text, "1\n", "just its value");
    f = begin();
    ok(!format_info(f, &info, &host, "free"), "a key that is not there");
    fclose(f);
    is_str(text, "", "prints nothing");
}

int main(void)
{
    test_list();
    test_uptime();
    test_json();
    test_info();
    free(text);
    return tap_done();
}
