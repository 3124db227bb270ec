/* SPDX-License-Identifier: ISC */
/* midge-sandbox: the system calls that a domain's process can make. */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/compiler.h>
#include <filter/filter.h>
#include <host/process.h>
#include <portal/layout.h>
#include <sandbox/sandbox.h>

/* The monitor, as midge-hv has it. */
extern const uint8_t _binary_monitor_elf_start[];

static const char usage[] =
    "usage: midge-sandbox [-r] [-p PID]\n"
    "Prints the system calls that the process of a domain can make.\n"
    "\n"
    "  -p PID   read the filter of that process from the kernel (needs root)\n"
    "           instead of printing those that midge-hv installs\n"
    "  -r       print the filter's instructions, not what they let through\n";

struct options {
    int pid; /* 0: ours                                                    */
    int raw;
};

static int complain(const char *what, int rc)
{
    fprintf(stderr, "midge-sandbox: %s: %s\n", what, strerror(-rc));
    return 1;
}

static void print_raw(const struct bpf_insn *insn, unsigned len)
{
    for (unsigned i = 0; i < len; i++)
        printf("%3u: %#06x %3u %3u %#010x\n", i, insn[i].code, insn[i].jt,
               insn[i].jf, insn[i].k);
}

static int print(const struct options *o, const char *title,
                 const struct bpf_insn *insn, unsigned len)
{
    static struct sandbox_paths paths;
    int rc;

    printf("%s\n", title);
    if (o->raw) {
        print_raw(insn, len);
        return 0;
    }
    rc = sandbox_walk(insn, len, &paths);
    if (!rc)
        rc = sandbox_print(&paths, stdout);
    return rc ? complain("this filter cannot be explained", rc) : 0;
}

static int of_process(const struct options *o)
{
    struct bpf_insn insn[FILTER_MAX_INSNS];
    char title[64];
    int n = process_read_filter(o->pid, insn, sizeof(insn) / sizeof(*insn));

    snprintf(title, sizeof(title), "process %d", o->pid);
    if (n < 0)
        return complain(title, n);
    return print(o, title, insn, (unsigned)n);
}

/* Where the monitor's text lies: its first segment, in whole pages
 * (mk/monitor.lds). */
static void find_text(struct filter_params *p)
{
    const uint64_t page = PORTAL_PAGE_SIZE - 1;
    Elf64_Ehdr eh;
    Elf64_Phdr ph;

    memcpy(&eh, _binary_monitor_elf_start, sizeof(eh));
    memcpy(&ph, _binary_monitor_elf_start + eh.e_phoff, sizeof(ph));
    p->text_start = (uint32_t)ph.p_vaddr;
    p->text_end = (uint32_t)((ph.p_vaddr + ph.p_memsz + page) & ~page);
}

static int of_monitor(const struct options *o)
{
    static const struct {
        const char *title;
        bool strict_wx, arch_prctl;
    } kinds[] = {
        {"strict: no segment is both writable and executable", true, false},
        {"relaxed: some segment is", false, false},
        {"strict, CPU without FSGSBASE", true, true},
        {"relaxed, CPU without FSGSBASE", false, true},
    };
    struct filter_params p;
    int rc = 0;

    find_text(&p);
    for (unsigned i = 0; i < ARRAY_SIZE(kinds) && !rc; i++) {
        struct filter f;

        p.strict_wx = kinds[i].strict_wx;
        p.arch_prctl = kinds[i].arch_prctl;
        rc = filter_build(&p, &f) ? print(o, kinds[i].title, f.insn, f.len)
                                  : complain(kinds[i].title, -E2BIG);
    }
    return rc;
}

static int read_options(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-r")) {
            o->raw = 1;
        } else if (!strcmp(argv[i], "-p") && i + 1 < argc) {
            char *end;
            long pid = strtol(argv[++i], &end, 10);

            if (*end || pid <= 0 || pid > INT32_MAX) {
                fprintf(stderr, "midge-sandbox: -p %s: no process id\n",
                        argv[i]);
                return 2;
            }
            o->pid = (int)pid;
        } else {
            fputs(usage, strcmp(argv[i], "--help") ? stderr : stdout);
            return strcmp(argv[i], "--help") ? 2 : 0;
        }
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    int rc = read_options(&o, argc, argv);

    if (rc < 0)
        rc = o.pid ? of_process(&o) : of_monitor(&o);
    if (fflush(stdout))
        return complain("standard output", -errno);
    return rc;
}
