/* SPDX-License-Identifier: ISC */
/*
 * Child processes.
 *
 * Whose child: Linux makes the calling *thread* the parent, and a child that
 * asked for it (PR_SET_PDEATHSIG; children made by the child with CLONE_PARENT
 * inherit the parent, too) is killed when that thread ends, not when the
 * process does. Call process_start() only on a thread that lives as long as
 * the program. Any thread may wait for or signal the child.
 */
#ifndef HOST_PROCESS_H
#define HOST_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>

/* Descriptor (from) of ours becomes (to) in the child. */
struct process_fd {
    int from, to;
};

struct process_spec {
    int exec_fd;       /* the program: a static ELF; borrowed        */
    const char *argv0; /* its only argument; environment is empty    */
    const struct process_fd *fds; /* all it gets, besides stderr as 2      */
    size_t nr_fds;        /* at most PROCESS_MAX_FDS                    */
    uint64_t as_bytes;    /* RLIMIT_AS, 0 = unlimited                   */
    int oom_score_adj;    /* best effort; 0 = leave                     */
    bool die_with_thread; /* SIGKILL when the calling thread ends       */
};
#define PROCESS_MAX_FDS 8

/*
 * Starts (spec) by vfork + exec, in a session of its own, with no core dumps,
 * no_new_privs, default signal actions and an empty signal mask. Blocks until
 * the program runs (about 0.1 ms). Returns the pid or -errno, also of a failed
 * exec (then nothing is left behind).
 */
__must_check int process_start(const struct process_spec *spec);

/* Sends (sig) to a child not yet waited for. 0 or -errno. */
int process_signal(int pid, int sig);

/* Collects child (pid). Returns 1 and (*status) as from waitpid(2), 0 when it
 * is still running (never with (block)), or -errno. */
int process_wait(int pid, bool block, int *status);

/*
 * A descriptor that becomes readable when child (pid) has ended; the child
 * still has to be collected, which a debugger's presence may delay. CLOEXEC;
 * -errno on failure.
 */
__must_check int process_open(int pid);

#define PROCESS_RUNNING 0
#define PROCESS_STOPPED 1
#define PROCESS_ENDED   2
/* What child (pid) is doing; collects nothing, never blocks. PROCESS_* or
 * -errno (-ECHILD: collected already). One that a debugger has attached to may
 * be neither stopped nor ended for us before it has let go. */
__must_check int process_look(int pid);

/* Where child (pid) may run: bit n of (cpus) is CPU n, of the first 64 * (words).
 * CPUs that are not there, or not for us, count for nothing. 0, -EINVAL: none is
 * left, or -errno. */
__must_check int process_set_cpus(int pid, const uint64_t *cpus,
                                  unsigned words);
/* Its nice value, -20 to 19. 0 or -errno (-EACCES, -EPERM: below ours, which
 * needs a privilege). */
__must_check int process_set_nice(int pid, int nice);

/* What process_set_cpus() would leave of all CPUs: those there for us now. Tried
 * on the calling thread, which then goes back to its own. */
__must_check int process_usable_cpus(uint64_t *cpus, unsigned words);
/* What process_set_nice() would say for a child as nice as we are; tried in the
 * same way. */
__must_check int process_try_nice(int nice);

/* CPU time that process (pid) has used, ns; 0 when unknown. */
uint64_t process_cpu_ns(int pid);

/* Copies (len) bytes at (va) of process (pid), which should be stopped.
 * Returns bytes copied, up to the first hole. */
size_t process_read_memory(int pid, uint64_t va, void *buf, size_t len);

/*
 * General registers of child (pid); one that was stopped by a signal stays
 * stopped. 0 or -errno (-EPERM: a debugger has it, or none may). Blocks for the
 * microseconds that the kernel needs to hold it.
 */
struct user_regs_struct; /* <sys/user.h> */
__must_check int process_read_regs(int pid, struct user_regs_struct *regs);

/*
 * The seccomp filter that process (pid) installed last: number of instructions
 * (struct sock_filter of <linux/filter.h>), of which at most (max) are in
 * (insns). -EACCES: only root may know, -ENOENT: it has none, -E2BIG: longer.
 */
__must_check int process_read_filter(int pid, void *insns, unsigned max);

/* What child (pid) has open as (fd), opened anew for reading: a descriptor or
 * -errno. */
__must_check int process_open_fd(int pid, int fd);

/* What tells the pipe behind (pipe_fd) from all others. 0 or -errno. */
__must_check int process_pipe_id(int pipe_fd, uint64_t *id);
/* The pid of the child of thread (tid) of this process that has a descriptor
 * for pipe (id), 0: there is none, or -errno: out of descriptors or memory to
 * look. Reads /proc; slow with many children. */
__must_check int process_find_by_pipe(int tid, uint64_t id);

/* Kernel's id of the calling thread. */
int process_thread_id(void);
/* Our own process id. */
int process_self(void);

#endif /* HOST_PROCESS_H */
