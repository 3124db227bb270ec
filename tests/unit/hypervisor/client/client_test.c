/* SPDX-License-Identifier: ISC */
/*
 * The client library against the protocol. Answers are put into a socket pair
 * before the call (ids count from 1), requests are read from it afterwards; so
 * there is no second thread and no timing.
 */
#include <tap.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <jansson.h>
#include <midge/client.h>
#include "client_test.h"

static int peer = -1; /* the daemon's end */
static struct midge *m;
static struct midge_error err;

void check(int good, const char *format, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    ok(good, "%s", text);
}

void check_str(const char *got, const char *want, const char *what)
{
    is_str(got, want, "%s", what);
}

static void open_pair(void)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
        midge_from_fd(pair[0], &m, &err) < 0)
        abort();
    peer = pair[1];
}

static void close_pair(void)
{
    midge_close(m);
    close(peer);
}

static void put(const void *bytes, size_t len)
{
    if (write(peer, bytes, len) != (ssize_t)len)
        abort();
}

static void answer(const char *json)
{
    uint32_t len = (uint32_t)strlen(json);
    unsigned char head[4] = {(unsigned char)len, (unsigned char)(len >> 8),
                             (unsigned char)(len >> 16),
                             (unsigned char)(len >> 24)};

    put(head, 4);
    put(json, len);
}

/* The next request, sorted and without blanks; descriptors go to fds[]. */
static int fds[4], nr_fds;
static const char *request(void)
{
    static char text[65536];
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(fds))];
    } control;
    unsigned char head[4];
    struct iovec iov = {head, 4};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.room,
                         .msg_controllen = sizeof(control.room)};
    size_t len, got = 0;
    json_t *obj;
    char *dump;

    nr_fds = 0;
    if (recvmsg(peer, &msg, MSG_DONTWAIT) != 4)
        return "(none)";
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
        nr_fds = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(fds, CMSG_DATA(c), (size_t)nr_fds * sizeof(int));
    }
    len = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
    while (got < len) {
        ssize_t n = read(peer, text + got, len - got);

        if (n <= 0)
            return "(cut)";
        got += (size_t)n;
    }
    obj = json_loadb(text, len, 0, NULL);
    dump = json_dumps(obj, JSON_COMPACT | JSON_SORT_KEYS);
    snprintf(text, sizeof(text), "%s", dump ? dump : "(no JSON)");
    free(dump);
    json_decref(obj);
    return text;
}

static bool same_file(int a, int b)
{
    struct stat x, y;

    return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_ino == y.st_ino &&
           x.st_dev == y.st_dev;
}

static void test_create(void)
{
    struct midge_create p = {
        .name = "g",
        .type = "pv",
        .kernel = "k\xc3\xa9.elf",
        .kernel_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC),
        .ramdisk_fd = open("/dev/null", O_RDONLY | O_CLOEXEC),
        .cmdline = "a \"b\"",
        .memory_kb = 32768,
        .maxmem_kb = 65536,
        .vcpus = 1,
        .on_poweroff = "destroy",
        .on_reboot = "restart",
        .on_crash = "preserve",
        .paused = true,
    };
    const uint64_t cpus[MIDGE_CPUS_MAX / 64] = {2, 1};
    const char *sent;
    struct midge_created out;

    open_pair();
    answer("{\"id\":1,\"ok\":true,\"domid\":7,\"created_ns\":5000000000,"
           "\"tsc\":9007199254740995,\"marks\":{\"parsed\":11,"
           "\"template\":12,\"memory\":13,\"domain\":14,\"sent\":15,"
           "\"forked\":16,\"gate\":9007199254740997}}");
    is_int(midge_create(m, &p, &out, &err), 0, "create");
    is_int(out.domid, 7, "domid");
    is_int(out.created_ns, 5000000000, "created_ns");
    is_int(out.tsc, 9007199254740995, "tsc, more than a double holds");
    is_int(out.marks.parsed, 11, "first mark");
    is_int(out.marks.found, 12, "second mark");
    is_int(out.marks.gate, 9007199254740997, "last mark");
    is_str(request(),
           "{\"cmdline\":\"a \\\"b\\\"\",\"id\":1,\"kernel\":\"k\xc3\xa9.elf\","
           "\"maxmem_kb\":65536,\"memory_kb\":32768,\"name\":\"g\","
           "\"on_crash\":\"preserve\",\"on_poweroff\":\"destroy\","
           "\"on_reboot\":\"restart\",\"op\":\"create\",\"paused\":true,"
           "\"ramdisk\":true,\"type\":\"pv\",\"vcpus\":1}",
           "the request");
    is_int(nr_fds, 2, "with two descriptors");
    ok(nr_fds == 2 && same_file(fds[0], p.kernel_fd), "the kernel first");
    ok(nr_fds == 2 && same_file(fds[1], p.ramdisk_fd), "then the ramdisk");
    for (int i = 0; i < nr_fds; i++)
        close(fds[i]);

    answer("{\"id\":2,\"ok\":true,\"domid\":8}");
    p.ramdisk_fd = -1;
    p.hold = true;
    is_int(midge_create(m, &p, &out, &err), 0, "create with hold");
    ok(strstr(request(), "\"hold\":true") != NULL, "asks for it");
    close(fds[0]);

    answer("{\"id\":3,\"ok\":true,\"domid\":9}");
    p.cpus = cpus;
    p.cpu_weight = 512;
    is_int(midge_create(m, &p, &out, &err), 0, "create with CPUs");
    ok(strstr(request(), "\"cpu_weight\":512,\"cpus\":[1,64]") != NULL,
       "asks for them");
    close(fds[0]);

    answer("{\"id\":4,\"ok\":true}");
    is_int(midge_config_update(m, "7", &p, &err), 0, "config-update");
    sent = request();
    ok(strstr(sent, "\"domain\":7") && !strstr(sent, "paused") &&
           !strstr(sent, "hold"),
       "is about a domain, and no creation");
    is_int(nr_fds, 1, "with the kernel");
    close(fds[0]);

    p.name = "\xff";
    is_int(midge_create(m, &p, &out, &err), -1, "a name that is not UTF-8");
    is_int(err.code, MIDGE_E_INVALID, "is invalid");
    is_str(err.text, "name is not valid UTF-8", "and said so");
    is_str(request(), "(none)", "and nothing was sent");
    close(p.kernel_fd);
    close(p.ramdisk_fd);
    close_pair();
}

static void test_control(void)
{
    struct midge_core core;

    open_pair();
    answer("{\"id\":1,\"ok\":true}");
    is_int(midge_shutdown(m, "7", "reboot", &err), 0, "shutdown");
    is_str(request(),
           "{\"domain\":7,\"id\":1,\"op\":\"shutdown\",\"request\":"
           "\"reboot\"}",
           "the request");
    answer("{\"id\":2,\"ok\":true}");
    is_int(midge_sysrq(m, "x", 'h', &err), 0, "sysrq");
    is_str(request(),
           "{\"domain\":\"x\",\"id\":2,\"key\":\"h\",\"op\":\"sysrq\"}",
           "the request");
    answer("{\"id\":3,\"ok\":false,\"error\":\"invalid\",\"message\":\"no\"}");
    is_int(midge_trigger(m, "x", "nmi", 0, &err), -1, "trigger");
    is_str(err.text, "no", "refused");
    is_str(request(),
           "{\"domain\":\"x\",\"id\":3,\"op\":\"trigger\",\"trigger\":"
           "\"nmi\",\"vcpu\":0}",
           "the request");
    answer("{\"id\":4,\"ok\":true,\"bytes\":9000000000,\"complete\":true}");
    is_int(midge_dump_core(m, "7", "/dev/null", &core, &err), 0, "dump-core");
    is_str(request(), "{\"domain\":7,\"id\":4,\"op\":\"dump-core\"}",
           "the request");
    is_int(nr_fds, 1, "with a descriptor");
    close(fds[0]);
    is_int(core.bytes, 9000000000, "its size");
    ok(core.complete, "all of it");
    is_int(midge_dump_core(m, "7", "/", &core, &err), -1, "not to a directory");
    is_str(err.text, "/: Is a directory", "which is said");
    is_int(midge_shutdown(m, "\xff", "reboot", &err), -1, "not UTF-8");
    is_str(request(), "(none)", "nothing is sent");
    close_pair();
}

static void test_errors(void)
{
    static const struct {
        const char *name;
        enum midge_code code;
    } names[] = {
        {"invalid", MIDGE_E_INVALID},
        {"exists", MIDGE_E_EXISTS},
        {"not-found", MIDGE_E_NOT_FOUND},
        {"no-memory", MIDGE_E_NO_MEMORY},
        {"image", MIDGE_E_IMAGE},
        {"limit", MIDGE_E_LIMIT},
        {"denied", MIDGE_E_DENIED},
        {"busy", MIDGE_E_BUSY},
        {"gone", MIDGE_E_GONE},
        {"internal", MIDGE_E_INTERNAL},
        {"of-tomorrow", MIDGE_E_INTERNAL},
    };
    char json[256];

    open_pair();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(json, sizeof(json),
                 "{\"id\":%zu,\"ok\":false,\"error\":\"%s\",\"message\":"
                 "\"two\\nlines\"}",
                 i + 1, names[i].name);
        answer(json);
        is_int(midge_pause(m, "g", &err), -1, "refused");
        is_int(err.code, names[i].code, "as %s", names[i].name);
    }
    is_str(err.text, "two lines", "a message is one line");
    is_str(request(), "{\"domain\":\"g\",\"id\":1,\"op\":\"pause\"}",
           "a domain by name");
    close_pair();

    open_pair();
    answer("{\"id\":1,\"ok\":true}");
    is_int(midge_unpause(m, "12", &err), 0, "unpause");
    is_str(request(), "{\"domain\":12,\"id\":1,\"op\":\"unpause\"}",
           "a domain by id");
    answer("{\"id\":2,\"ok\":false}");
    is_int(midge_destroy(m, "12", &err), -1, "destroy refused, no reason");
    is_str(err.text, "midge-hv refused without a reason", "said so");
    close_pair();
}

/* Each is something a broken daemon could send. */
static void test_bad_messages(void)
{
    static const char zero[4], huge[4] = {0, 0, 0, 2};
    static const char *const texts[] = {"[1,2]", "{", "{\"ok\":true}",
                                        "{\"id\":\"1\",\"ok\":true}"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        open_pair();
        answer(texts[i]);
        is_int(midge_pause(m, "g", &err), -1, "answer %s", texts[i]);
        is_int(err.code, MIDGE_E_PROTOCOL, "is against the protocol");
        close_pair();
    }
    open_pair();
    put(zero, 4);
    ok(midge_pause(m, "g", &err) < 0 && err.code == MIDGE_E_PROTOCOL,
       "a message of length 0");
    close_pair();
    open_pair();
    put(huge, 4);
    ok(midge_pause(m, "g", &err) < 0 && err.code == MIDGE_E_PROTOCOL,
       "a message of 32 MiB");
    is_str(err.text, "midge-hv sent a message of 33554432 bytes", "says so");
    close_pair();
    open_pair();
    put("\x09\0\0\0{\"id", 8);
    shutdown(peer, SHUT_WR);
    ok(midge_pause(m, "g", &err) < 0 && err.code == MIDGE_E_SYSTEM,
       "an answer that is cut off");
    close_pair();
    open_pair();
    close(peer);
    ok(midge_pause(m, "g", &err) < 0 && err.code == MIDGE_E_SYSTEM,
       "a daemon that is gone, without SIGPIPE");
    close_pair();
}

/* The answer to (id) came while another one was waited for. */
static void finish_second(int64_t id)
{
    struct midge_end end;

    is_int(midge_wait_finish(m, id, &end, &err), 0,
           "the second was kept meanwhile");
    is_str(end.reason, "crash", "reason");
    ok(!end.have_exit_code, "no exit code");
    ok(end.restarted && end.new_domid == 9, "restarted as 9");
    is_int(end.entered_tsc, 77, "when it entered the guest");
    answer("{\"id\":4,\"ok\":false,\"error\":\"not-found\",\"message\":\"x\"}");
    is_int(midge_wait(m, "h", &end, &err), -1, "wait for nobody");
    is_int(err.code, MIDGE_E_NOT_FOUND, "not found");
}

static void test_wait(void)
{
    static const char late[] = "{\"id\":1,\"ok\":true,\"reason\":\"poweroff\","
                               "\"exit_code\":3,\"action\":\"destroy\"}";
    unsigned char head[4] = {sizeof(late) - 1};
    struct midge_end end;
    int64_t first, second;

    open_pair();
    is_int(midge_wait_start(m, "g", &first, &err), 0, "first wait");
    is_int(midge_wait_start(m, "5", &second, &err), 0, "second wait");
    is_int(midge_wait_check(m, first, &end, &err), 0, "not answered yet");
    answer("{\"id\":2,\"ok\":true,\"reason\":\"crash\",\"exit_code\":null,"
           "\"action\":\"restart\",\"new_domid\":9,\"entered_tsc\":77}");
    is_int(midge_wait_check(m, first, &end, &err), 0,
           "another one's answer does not count");
    answer("{\"id\":3,\"ok\":true}");
    is_int(midge_unpause(m, "g", &err), 0, "other calls go on");
    put(head, 4);
    put(late, 10);
    is_int(midge_wait_check(m, first, &end, &err), 0, "half an answer");
    put(late + 10, sizeof(late) - 1 - 10);
    is_int(midge_wait_check(m, first, &end, &err), 1, "all of it");
    is_str(end.reason, "poweroff", "reason");
    ok(end.have_exit_code && end.exit_code == 3, "exit code 3");
    is_str(end.action, "destroy", "action");
    ok(!end.restarted, "no restart");
    finish_second(second);
    close_pair();
}

static void check_second_page(const struct midge_domain_list *list)
{
    is_int(list->domain[2].domid, 2, "the second page's domid");
    is_str(list->domain[2].shutdown_reason, "", "no reason");
    is_str(request(), "{\"from\":0,\"id\":1,\"op\":\"list\"}", "from 0");
    is_str(request(), "{\"from\":2,\"id\":2,\"op\":\"list\"}", "then from 2");
}

static void test_list(void)
{
    struct midge_domain_list list;

    open_pair();
    answer("{\"id\":1,\"ok\":true,\"next\":2,\"domains\":[{\"domid\":0,"
           "\"name\":\"Domain-0\",\"state\":\"r-----\"},{\"domid\":1,"
           "\"name\":\"g\",\"uuid\":\"u\",\"type\":\"pv\",\"memory_kb\":32768,"
           "\"maxmem_kb\":65536,\"vcpus\":1,\"state\":\"---sc-\","
           "\"cpu_ns\":1500000000,\"shutdown_reason\":\"crash\",\"pid\":42}]}");
    answer("{\"id\":2,\"ok\":true,\"next\":null,\"domains\":[{\"domid\":2,"
           "\"name\":\"h\",\"shutdown_reason\":null,\"pid\":-1}]}");
    is_int(midge_list(m, NULL, &list, &err), 0, "list over two pages");
    is_int(list.nr, 3, "three domains");
    is_str(list.domain[1].name, "g", "name");
    is_str(list.domain[1].uuid, "u", "uuid");
    is_int(list.domain[1].memory_kb, 32768, "memory");
    is_int(list.domain[1].maxmem_kb, 65536, "maxmem");
    is_str(list.domain[1].state, "---sc-", "state");
    is_int(list.domain[1].cpu_ns, 1500000000, "cpu");
    is_str(list.domain[1].shutdown_reason, "crash", "reason");
    is_int(list.domain[1].pid, 42, "pid");
    check_second_page(&list);
    midge_domain_list_free(&list);

    answer("{\"id\":3,\"ok\":true,\"next\":5,\"domains\":[]}");
    answer("{\"id\":4,\"ok\":true,\"next\":5,\"domains\":[]}");
    is_int(midge_list(m, NULL, &list, &err), -1, "a list in a circle");
    is_int(err.code, MIDGE_E_PROTOCOL, "is refused");
    midge_domain_list_free(&list);
    close_pair();
}

static void test_others(void)
{
    struct midge_info info;
    char path[16], *text = NULL;

    open_pair();
    answer("{\"id\":1,\"ok\":true,\"release\":\"0.1\",\"pid\":5,\"run_dir\":"
           "\"/r\",\"domains\":2,\"workers\":3,\"cpus\":4,\"memory\":1000,"
           "\"free_memory\":900,\"engines\":[{\"name\":\"process\",\"type\":"
           "\"pv\",\"usable\":true},{\"name\":\"kvm\",\"type\":\"pvh\","
           "\"usable\":false,\"why\":\"not built\"}],\"limits\":[{\"what\":"
           "\"descriptors\",\"value\":20000,\"needed_for\":\"n\",\"raise\":"
           "\"r\"},{\"what\":\"x\",\"value\":\"max\"}]}");
    is_int(midge_info(m, &info, &err), 0, "info");
    ok(info.pid == 5 && info.domains == 2 && info.workers == 3 &&
           info.cpus == 4 && info.memory_kb == 1000 &&
           info.free_memory_kb == 900,
       "its numbers");
    is_int(info.nr_engines, 2, "two engines");
    ok(info.engines[0].usable && !info.engines[1].usable, "one usable");
    is_str(info.engines[1].why, "not built", "and why the other is not");
    is_str(info.limits[0].value, "20000", "a limit as a number");
    is_str(info.limits[1].value, "max", "and as a text");
    midge_info_free(&info);

    answer("{\"id\":2,\"ok\":true,\"text\":\"a\\n\",\"next\":2}");
    answer("{\"id\":3,\"ok\":true,\"text\":\"b\\n\",\"next\":null}");
    is_int(midge_dmesg(m, false, &text, &err), 0, "dmesg");
    is_str(text, "a\nb\n", "in two pieces");
    free(text);

    answer("{\"id\":4,\"ok\":true,\"tty\":\"/dev/pts/7\"}");
    is_int(midge_console(m, "g", true, path, sizeof(path), &err), 0, "console");
    is_str(path, "/dev/pts/7", "its path");
    answer("{\"id\":5,\"ok\":true,\"tty\":\"/dev/pts/123456\"}");
    ok(midge_console(m, "g", true, path, 15, &err) < 0, "a path too long");
    answer("{\"id\":6,\"ok\":true}");
    ok(midge_console(m, "g", true, path, sizeof(path), &err) < 0, "no path");
    close_pair();
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return fake_daemon(argc, argv);
    test_create();
    test_control();
    test_errors();
    test_bad_messages();
    test_wait();
    test_list();
    test_others();
    if (test_connect() < 0)
        abort();
    return tap_done();
}
