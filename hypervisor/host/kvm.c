/* SPDX-License-Identifier: ISC */
/* Whether /dev/kvm does what an engine needs. */
#include <host/kvm.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum verdict { WORKS, WRONG_API, LACKS, NO_MACHINE, NO_RUN, ENDED, WRONG };

/* KVM_CAP_*, and since when Linux has it. */
static const struct need {
    int cap;
    const char *what;
} needs[] = {
    {KVM_CAP_IMMEDIATE_EXIT, "immediate exits (Linux 4.13)"},
    {KVM_CAP_SYNC_REGS, "registers in shared memory (Linux 4.17)"},
    {KVM_CAP_X86_USER_SPACE_MSR, "MSR exits (Linux 5.10)"},
    {KVM_CAP_X86_MSR_FILTER, "MSR filters (Linux 5.10)"},
};

/* The machine's memory: page tables for the first 2 MiB, then the code. */
enum { TABLES = 0x1000, CODE = 0x4000, MEMORY = 0x5000 };

#define PTE_TABLE 0x3u  /* present, writable                                */
#define PTE_2M    0x83u /* and a page                                       */

#define PORT   0x42
#define RESULT 0xa5

/* Eight million instructions and one that uses a vector register: emulators of
 * privileged code have neither the speed nor that. */
static const uint8_t code[] = {
    0x0f, 0x57, 0xc0,             /* xorps %xmm0, %xmm0         */
    0xb9, 0x00, 0x09, 0x3d, 0x00, /* mov $4000000, %ecx         */
    0xff, 0xc9,                   /* dec %ecx                   */
    0x75, 0xfc,                   /* jnz -4                     */
    0x48, 0xb8, 0,    0,    0,
    0,    0,    0,    0,    RESULT, /* movabs $RESULT << 56, %rax */
    0x48, 0xc1, 0xe8, 0x38,         /* shr $56, %rax              */
    0xe6, PORT,                     /* out %al, $PORT             */
};

struct machine {
    int vm, vcpu;
    struct kvm_run *run;
};

int kvm_open(void)
{
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

static int add_memory(const struct machine *m)
{
    uint8_t *mem = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const struct kvm_userspace_memory_region slot = {
        .memory_size = MEMORY, .userspace_addr = (uintptr_t)mem};
    const uint64_t tables[] = {(TABLES + 0x1000) | PTE_TABLE,
                               (TABLES + 0x2000) | PTE_TABLE, PTE_2M};

    if (mem == MAP_FAILED)
        return -1;
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
        memcpy(mem + TABLES + i * 0x1000, &tables[i], sizeof(tables[i]));
    memcpy(mem + CODE, code, sizeof(code));
    return ioctl(m->vm, KVM_SET_USER_MEMORY_REGION, &slot);
}

static int set_registers(const struct machine *m)
{
    const struct kvm_regs regs = {.rip = CODE, .rflags = 0x2};
    const struct kvm_segment data = {.limit = ~0u,
                                     .selector = 16,
                                     .type = 3,
                                     .present = 1,
                                     .db = 1,
                                     .s = 1,
                                     .g = 1};
    struct kvm_sregs s;

    if (ioctl(m->vcpu, KVM_GET_SREGS, &s))
        return -1;
    s.ds = s.es = s.fs = s.gs = s.ss = s.cs = data;
    s.cs.selector = 8;
    s.cs.type = 11;
    s.cs.db = 0;
    s.cs.l = 1;
    s.cr0 = 0x80000011; /* PG, ET, PE                                       */
    s.cr3 = TABLES;
    s.cr4 = 0x620;  /* PAE, and vector registers: OSFXSR, OSXMMEXCPT        */
    s.efer = 0x500; /* LMA, LME                                             */
    return ioctl(m->vcpu, KVM_SET_SREGS, &s) ||
                   ioctl(m->vcpu, KVM_SET_REGS, &regs)
               ? -1
               : 0;
}

static int make_machine(int kvm_fd, struct machine *m)
{
    int size = ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);

    m->vm = ioctl(kvm_fd, KVM_CREATE_VM, 0);
    if (size < 0 || m->vm < 0 || add_memory(m))
        return -1;
    m->vcpu = ioctl(m->vm, KVM_CREATE_VCPU, 0);
    if (m->vcpu < 0)
        return -1;
    m->run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED,
                  m->vcpu, 0);
    return m->run == MAP_FAILED ? -1 : set_registers(m);
}

static bool wrote_result(const struct kvm_run *run)
{
    return run->exit_reason == KVM_EXIT_IO &&
           run->io.direction == KVM_EXIT_IO_OUT && run->io.size == 1 &&
           run->io.port == PORT &&
           ((const uint8_t *)run)[run->io.data_offset] == RESULT;
}

struct trial_answer kvm_try(int kvm_fd)
{
    struct machine m;

    if (ioctl(kvm_fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
        return (struct trial_answer){WRONG_API, 0};
    for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
        if (ioctl(kvm_fd, KVM_CHECK_EXTENSION, needs[i].cap) <= 0)
            return (struct trial_answer){LACKS, (int)i};
    if (make_machine(kvm_fd, &m))
        return (struct trial_answer){NO_MACHINE, errno};
    if (ioctl(m.vcpu, KVM_RUN, 0))
        return (struct trial_answer){NO_RUN, errno};
    if (wrote_result(m.run))
        return (struct trial_answer){WORKS, 0};
    if (m.run->exit_reason == KVM_EXIT_IO)
        return (struct trial_answer){WRONG, 0};
    return (struct trial_answer){ENDED, (int)m.run->exit_reason};
}

void kvm_open_text(int rc, char *text, size_t size)
{
    const char *why = strerrordesc_np(-rc);

    if (rc == -ENOENT)
        why = "there is none (no virtualisation here, or the kernel's module "
              "kvm-amd or kvm-intel is not loaded)";
    else if (rc == -EACCES || rc == -EPERM)
        why = "no permission (become a member of group kvm)";
    (void)snprintf(text, size, "/dev/kvm: %s", why ? why : "unknown error");
}

#define IMITATED "/dev/kvm opens but cannot run ordinary 64-bit code here"

bool kvm_try_text(int rc, const struct trial_answer *a, char *text, size_t size)
{
    if (rc == -ETIME)
        (void)snprintf(text, size,
                       IMITATED " (what takes a few ms was not "
                                "done after %u ms)",
                       KVM_TRY_MS);
    else if (rc)
        (void)snprintf(text, size, "/dev/kvm could not be tried: %s",
                       strerrordesc_np(-rc));
    else if (a->verdict == WORKS)
        return false;
    else if (a->verdict == WRONG_API)
        (void)snprintf(text, size, "/dev/kvm speaks another API than %d",
                       KVM_API_VERSION);
    else if (a->verdict == LACKS)
        (void)snprintf(text, size, "this kernel's KVM lacks %s",
                       needs[(size_t)a->detail % ARRAY_SIZE(needs)].what);
    else if (a->verdict == NO_MACHINE)
        (void)snprintf(text, size, "/dev/kvm makes no virtual machine: %s",
                       strerrordesc_np(a->detail));
    else if (a->verdict == NO_RUN)
        (void)snprintf(text, size, IMITATED " (KVM_RUN: %s)",
                       strerrordesc_np(a->detail));
    else if (a->verdict == ENDED)
        (void)snprintf(text, size, IMITATED " (KVM_RUN exit reason %d)",
                       a->detail);
    else
        (void)snprintf(text, size, IMITATED " (it computed a wrong result)");
    return true;
}
