/* SPDX-License-Identifier: ISC */
/* Framing, requests and answers of the control protocol. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <daemon/proto.h>
#include "tap.h"

static struct ctl_request req;
static struct ctl_error err;
static bool malformed;

static int parse(const char *text)
{
    memset(&err, 0, sizeof(err));
    return ctl_parse(text, strlen(text), &req, &err, &malformed);
}

static void test_frame(void)
{
    uint8_t h[CTL_HEADER + 2] = {0};
    size_t total;

    is_int(ctl_frame(h, 0, &total), 0, "nothing is not enough");
    is_int(total, CTL_HEADER, "the header comes first");
    ctl_frame_header(h, 2);
    is_int(ctl_frame(h, CTL_HEADER, &total), 0, "header alone is not enough");
    is_int(total, CTL_HEADER + 2, "the whole is known");
    is_int(ctl_frame(h, CTL_HEADER + 2, &total), 1, "complete");
    ctl_frame_header(h, 0);
    is_int(ctl_frame(h, CTL_HEADER, &total), -EMSGSIZE, "empty is refused");
    ctl_frame_header(h, CTL_MSG_MAX);
    is_int(ctl_frame(h, CTL_HEADER, &total), 0, "the longest is possible");
    ctl_frame_header(h, CTL_MSG_MAX + 1);
    is_int(ctl_frame(h, CTL_HEADER, &total), -EMSGSIZE, "longer is refused");
    memset(h, 0xff, sizeof(h));
    is_int(ctl_frame(h, sizeof(h), &total), -EMSGSIZE, "4 GiB is refused");
}

static void test_shape(void)
{
    is_int(parse("garbage"), -EINVAL, "not JSON");
    ok(malformed, "is malformed");
    is_int(parse("[1]"), -EINVAL, "not an object");
    ok(malformed, "is malformed");
    is_int(parse("{\"op\":\"info\"}"), -EINVAL, "no id");
    ok(malformed, "is malformed");
    is_int(parse("{\"id\":1,\"id\":2,\"op\":\"info\"}"), -EINVAL, "id twice");
    is_int(parse("{\"id\":7,\"op\":\"fly\"}"), -EINVAL, "unknown operation");
    ok(!malformed, "is a request all the same");
    is_int(req.id, 7, "whose id is known");
    is_int(parse("{\"id\":1,\"op\":\"info\",\"x\":1}"), -EINVAL, "extra field");
    ok(strstr(err.text, "\"x\"") != NULL, "named: %s", err.text);
    is_int(parse("{\"id\":-5,\"op\":\"info\"}"), 0, "a good one");
    is_int(req.op, CTL_OP_INFO, "its operation");
    is_int(req.id, -5, "its id");
    is_int(parse("{\"id\":1,\"op\":\"hello\",\"version\":1}"), 0, "hello");
    is_int(parse("{\"id\":1,\"op\":\"hello\"}"), -EINVAL, "needs a version");
}

static void test_target(void)
{
    is_int(parse("{\"id\":1,\"op\":\"destroy\",\"domain\":5}"), 0, "by id");
    is_int(req.target.domid, 5, "the id");
    is_int(parse("{\"id\":1,\"op\":\"destroy\",\"domain\":\"ab\"}"), 0, "name");
    is_int(req.target.domid, -1, "no id then");
    is_str(req.target.name, "ab", "the name");
    is_int(parse("{\"id\":1,\"op\":\"destroy\"}"), -EINVAL, "missing");
    is_int(parse("{\"id\":1,\"op\":\"destroy\",\"domain\":-1}"), -EINVAL,
           "negative");
    is_int(parse("{\"id\":1,\"op\":\"destroy\",\"domain\":65536}"), -EINVAL,
           "too big");
    is_int(parse("{\"id\":1,\"op\":\"destroy\",\"domain\":true}"), -EINVAL,
           "neither");
    is_int(parse("{\"id\":1,\"op\":\"list\"}"), 0, "list needs none");
    ok(!req.target.given, "and has none");
    is_int(parse("{\"id\":1,\"op\":\"list\",\"from\":70000}"), -EINVAL,
           "list from nowhere");
}

#define CREATE "{\"id\":1,\"op\":\"create\",\"name\":\"n\""

static void test_create(void)
{
    char text[CTL_UUID_TEXT];

    is_int(parse(CREATE ",\"memory_kb\":8191}"), 0, "smallest request");
    is_int(req.create.config.memory_kb, 8188, "whole pages");
    is_int(req.create.config.maxmem_kb, 8188, "maxmem follows");
    is_int(req.create.config.on_reboot, CTL_RESTART, "xl's default on_reboot");
    is_int(req.create.config.on_crash, CTL_DESTROY, "xl's default on_crash");
    is_int(req.nr_fds, 1, "one descriptor");
    is_int(parse(CREATE ",\"memory_kb\":8,\"ramdisk\":true,\"bad\":0}"),
           -EINVAL, "refused");
    is_int(req.nr_fds, 2, "its descriptors are counted all the same");
    is_int(parse(CREATE "}"), -EINVAL, "memory missing");
    is_int(parse(CREATE ",\"memory_kb\":3}"), -EINVAL, "less than a page");
    is_int(parse(CREATE ",\"memory_kb\":8,\"maxmem_kb\":4}"), -EINVAL,
           "maxmem below memory");
    is_int(parse(CREATE ",\"memory_kb\":1e3}"), -EINVAL, "a float");
    is_int(parse(CREATE ",\"memory_kb\":99999999999999999999}"), -EINVAL,
           "too big for JSON");
    is_int(parse(CREATE ",\"memory_kb\":8,\"vcpus\":2}"), -EINVAL, "two vcpus");
    is_int(parse(CREATE ",\"memory_kb\":8,\"type\":\"pvh\"}"), -EINVAL, "pvh");
    ok(strstr(err.text, "not implemented yet") != NULL, "said: %s", err.text);
    is_int(parse(CREATE ",\"memory_kb\":8,\"on_crash\":\"soft-reset\"}"),
           -EINVAL, "soft reset");
    ok(strstr(err.text, "only an HVM domain") != NULL, "said: %s", err.text);
    is_int(parse(CREATE ",\"memory_kb\":8,\"on_crash\":\"coredump-restart\"}"),
           0, "core dumps");
    is_int(req.create.config.on_crash, CTL_COREDUMP_RESTART, "understood");
    is_int(parse(CREATE ",\"memory_kb\":8,\"on_crash\":\"preserve\"}"), 0,
           "preserve");
    is_int(req.create.config.on_crash, CTL_PRESERVE, "understood");
    is_int(parse(CREATE ",\"memory_kb\":8,\"on_watchdog\":\"rename-restart\","
                        "\"on_soft_reset\":\"restart\"}"),
           0, "more of them");
    is_int(req.create.config.on_watchdog, CTL_RENAME_RESTART, "understood");
    is_int(req.create.config.on_soft_reset, CTL_RESTART, "this, too");
    ok(!req.create.hold, "nothing is held unless asked for");
    is_int(parse(CREATE ",\"memory_kb\":8,\"paused\":true,\"hold\":true}"), 0,
           "hold");
    ok(req.create.hold && req.create.paused, "understood");
    is_int(parse(CREATE ",\"memory_kb\":8,\"hold\":1}"), -EINVAL,
           "hold is a boolean");
    is_int(parse(CREATE ",\"memory_kb\":8,"
                        "\"uuid\":\"01234567-89aB-cdef-0123-456789abcdef\"}"),
           0, "a uuid");
    ctl_uuid_text(req.create.uuid, text);
    is_str(text, "01234567-89ab-cdef-0123-456789abcdef", "comes back");
    is_int(parse(CREATE ",\"memory_kb\":8,"
                        "\"uuid\":\"0123456789ab-cdef-0123-4567-89abcdef\"}"),
           -EINVAL, "a uuid with its dashes elsewhere");
    is_int(parse(CREATE ",\"memory_kb\":8,\"cmdline\":\"a\\u0000b\"}"), -EINVAL,
           "a NUL inside");
}

static void test_control(void)
{
    is_int(parse("{\"id\":1,\"op\":\"shutdown\",\"domain\":3,"
                 "\"request\":\"reboot\"}"),
           0, "shutdown");
    is_int(req.shutdown, CTL_REBOOT, "what is asked for");
    is_str(ctl_shutdown_name(CTL_HALT), "halt", "a name");
    is_str(ctl_shutdown_name(CTL_NR_SHUTDOWNS), "?", "no name");
    is_int(parse("{\"id\":1,\"op\":\"shutdown\",\"domain\":3}"), -EINVAL,
           "nothing asked for");
    is_int(parse("{\"id\":1,\"op\":\"shutdown\",\"domain\":3,"
                 "\"request\":\"suspend\"}"),
           -EINVAL, "something else");
    is_str(err.text, "request \"suspend\" is not known", "said");
    is_int(parse("{\"id\":1,\"op\":\"shutdown\",\"request\":\"halt\"}"),
           -EINVAL, "of nobody");
    is_int(parse("{\"id\":1,\"op\":\"dump-core\",\"domain\":3}"), 0,
           "dump-core");
    is_int(req.nr_fds, 1, "comes with a descriptor");
    is_int(req.fd, -1, "which is not known here");
    is_int(parse("{\"id\":1,\"op\":\"sysrq\",\"domain\":3,\"key\":\"b\"}"), 0,
           "sysrq");
    is_int(req.key, 'b', "its key");
    is_int(parse("{\"id\":1,\"op\":\"sysrq\",\"domain\":3,\"key\":\"\"}"),
           -EINVAL, "no key");
    is_int(parse("{\"id\":1,\"op\":\"sysrq\",\"domain\":3,\"key\":\"\xc3\xa9"
                 "\"}"),
           -EINVAL, "two bytes");
    is_int(parse("{\"id\":1,\"op\":\"trigger\",\"domain\":3,"
                 "\"trigger\":\"s3resume\",\"vcpu\":0}"),
           0, "trigger");
    is_int(req.trigger, CTL_TRIGGER_S3RESUME, "which");
    is_int(parse("{\"id\":1,\"op\":\"trigger\",\"domain\":3,"
                 "\"trigger\":\"nmi\",\"vcpu\":1}"),
           -EINVAL, "of a vCPU that is not there");
    is_int(parse("{\"id\":1,\"op\":\"trigger\",\"domain\":3,"
                 "\"trigger\":\"x\"}"),
           -EINVAL, "no such trigger");
}

static void test_resources(void)
{
    is_int(parse(CREATE ",\"memory_kb\":8,\"cpus\":[0,65],\"cpu_weight\":512,"
                        "\"max_event_channels\":9,\"max_grant_frames\":3,"
                        "\"max_maptrack_frames\":4}"),
           0, "placement and limits");
    ok(req.create.config.have_cpus, "CPUs");
    is_int(req.create.config.cpus[0], 1, "the first 64");
    is_int(req.create.config.cpus[1], 2, "the next");
    is_int(req.create.config.cpu_weight, 512, "weight");
    is_int(req.create.config.max_event_channels, 9, "event channels");
    is_int(req.create.config.max_grant_frames, 3, "grant frames");
    is_int(req.create.config.max_maptrack_frames, 4, "maptrack frames");
    is_int(parse(CREATE ",\"memory_kb\":8,\"cpus\":[]}"), -EINVAL, "no CPU");
    is_int(parse(CREATE ",\"memory_kb\":8,\"cpus\":\"0\"}"), -EINVAL, "a text");
    is_int(parse(CREATE ",\"memory_kb\":8,\"cpus\":[-1]}"), -EINVAL,
           "negative");
    is_int(parse(CREATE ",\"memory_kb\":8,\"cpus\":[1024]}"), -EINVAL,
           "too high");
    is_int(parse(CREATE ",\"memory_kb\":8,\"cpu_weight\":65536}"), -EINVAL,
           "too heavy");
    is_int(parse(CREATE ",\"memory_kb\":8,\"max_event_channels\":1}"), -EINVAL,
           "not even the store and the console");
}

static void test_update(void)
{
    is_int(parse("{\"id\":1,\"op\":\"config-update\",\"domain\":3,"
                 "\"name\":\"n\",\"memory_kb\":8}"),
           0, "config-update");
    is_int(req.nr_fds, 1, "with a kernel");
    is_int(req.target.domid, 3, "of whom");
    is_int(req.create.config.memory_kb, 8, "what");
    is_int(parse("{\"id\":1,\"op\":\"config-update\",\"name\":\"n\","
                 "\"memory_kb\":8}"),
           -EINVAL, "of nobody");
    is_int(parse("{\"id\":1,\"op\":\"config-update\",\"domain\":3,"
                 "\"name\":\"n\",\"memory_kb\":8,\"paused\":true}"),
           -EINVAL, "paused is not for it");
}

static void test_too_long(void)
{
    char text[4096];
    int n =
        snprintf(text, sizeof(text), CREATE ",\"memory_kb\":8,\"cmdline\":\"");

    memset(text + n, 'a', 1023);
    memcpy(text + n + 1023, "\"}", 3);
    is_int(parse(text), 0, "1023 bytes of command line");
    is_int(strlen(req.create.cmdline), 1023, "all there");
    memset(text + n, 'a', 1024);
    memcpy(text + n + 1024, "\"}", 3);
    is_int(parse(text), -EINVAL, "1024 are too many");
}

static void test_answers(void)
{
    struct ctl_error e;
    char *m, *big;
    size_t size = 0;

    is_int(ctl_refuse(&e, CTL_GONE, "line\nand \xff"), -EINVAL, "refusing");
    m = ctl_message(ctl_answer_error(3, &e), &size);
    ok(m != NULL, "an error gets out whatever it quotes");
    ok(m && !memchr(m + CTL_HEADER, '\n', size - CTL_HEADER), "on one line");
    ok(m && memmem(m, size, "\"gone\"", 6), "with its name");
    free(m);
    big = malloc(CTL_MSG_MAX + 1);
    memset(big, 'x', CTL_MSG_MAX);
    big[CTL_MSG_MAX] = '\0';
    ok(!ctl_message(json_pack("{s:s}", "a", big), &size), "too long an answer");
    free(big);
    ok(!ctl_message(NULL, &size), "no object, no message");
    is_str(ctl_error_text((enum ctl_error_name)99), "internal",
           "unknown error");
}

static long allocations; /* that will still succeed                        */

static void *scarce(size_t bytes)
{
    return allocations-- > 0 ? malloc(bytes) : NULL;
}

/* With memory running out at any point a message is whole or is not. */
static void test_no_memory(void)
{
    unsigned whole = 0, none = 0, broken = 0;
    long n;

    json_set_alloc_funcs(scarce, free);
    for (n = 0; n < 50; n++) {
        size_t size = 0;
        json_t *obj;
        char *m;

        allocations = 1000;
        obj = json_pack("{s:i, s:[i, i]}", "a", 1, "b", 2, 3);
        allocations = n;
        m = ctl_message(obj, &size);
        if (!m)
            none++;
        else if (size == CTL_HEADER + 17 &&
                 !memcmp(m + CTL_HEADER, "{\"a\":1,\"b\":[2,3]}", 17))
            whole++;
        else
            broken++;
        free(m);
    }
    json_set_alloc_funcs(malloc, free);
    ok(whole > 0 && none > 0, "%u whole, %u none", whole, none);
    is_int(broken, 0, "none broken");
}

int main(void)
{
    test_frame();
    test_shape();
    test_target();
    test_create();
    test_control();
    test_resources();
    test_update();
    test_too_long();
    test_answers();
    test_no_memory();
    return tap_done();
}
