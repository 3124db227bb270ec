/* SPDX-License-Identifier: ISC */
/*
 * A vm's process while it runs: start, gate, pause, kicks, and its end. The
 * states and invariants are drawn in process.h.
 */
#include <common/common.h>

#include <signal.h>
#include <xen/xen.h>

#include <base/compiler.h>
#include <host/clock.h>
#include <host/fd.h>
#include <host/futex.h>
#include <host/process.h>

/* Bytes of a doorbell taken at once: all that its pipe holds. */
#define BELL_BYTES 4096

static void signal_vcpu(struct engine_vm *vm, int sig)
{
    pthread_mutex_lock(&vm->lock);
    if (vm->pid > 0)
        (void)process_signal(vm->pid, sig); /* ours and not reaped */
    pthread_mutex_unlock(&vm->lock);
}

/* Under vm->lock; atomic for vm_pid() and vm_cpu_ns(), which take no lock. */
static void set_pid(struct engine_vm *vm, int pid)
{
    __atomic_store_n(&vm->pid, pid, __ATOMIC_RELAXED);
}

/* --- looking again ---------------------------------------------------------- */

/* Some things a process does are not told to us by a descriptor: that it has
 * stopped, and that a debugger lets us collect it. It takes some microseconds
 * as a rule; the longest interval is for a debugger at its prompt. */
#define FIRST_LOOK_NS 30000u
#define LAST_LOOK_NS  20000000u

static bool look_for_stop(struct engine_vm *vm);
static bool try_reap(struct engine_vm *vm);

void vm_look_no_more(struct engine_vm *vm)
{
    if (vm->look.fd < 0)
        return;
    loop_del(vm->loop, &vm->look);
    fd_close(&vm->look.fd);
}

static void look_again(struct loop_source *s, unsigned what)
{
    struct engine_vm *vm = CONTAINER_OF(s, struct engine_vm, look);
    bool done;

    (void)what;
    timer_ack(s->fd);
    vm->pins++;
    done = vm->life == VM_ENDING ? try_reap(vm) : look_for_stop(vm);
    if (!done) {
        vm->look_ns = MIN(vm->look_ns * 2, LAST_LOOK_NS);
        /* An open timer can be armed. */
        (void)!timer_arm(s->fd, vm->look_ns);
    }
    vm_unpin(vm);
}

/* Has look_again() called until that is done. 0 or -errno. */
static int begin_look(struct engine_vm *vm)
{
    int rc;

    vm_look_no_more(vm);
    vm->look.ready = look_again;
    vm->look_ns = FIRST_LOOK_NS;
    vm->look.fd = timer_open();
    if (vm->look.fd < 0)
        return vm->look.fd;
    rc = timer_arm(vm->look.fd, vm->look_ns);
    if (!rc)
        rc = loop_add(vm->loop, &vm->look, LOOP_READ);
    if (rc)
        fd_close(&vm->look.fd);
    return rc;
}

/* --- the end --------------------------------------------------------------- */

static void drop_bell(struct engine_vm *vm)
{
    if (vm->bell.fd >= 0)
        loop_del(vm->loop, &vm->bell);
    fd_close(&vm->bell.fd);
}

/* Collects the process if it has ended; reports that and returns true. The
 * vm may be freed then unless it is pinned. */
static bool try_reap(struct engine_vm *vm)
{
    int status = 0;
    int r;

    pthread_mutex_lock(&vm->lock);
    __atomic_store_n(&vm->cpu_ns, process_cpu_ns(vm->pid), __ATOMIC_RELAXED);
    r = process_wait(vm->pid, false, &status);
    if (r) /* also when somebody else has collected it: it is gone */
        set_pid(vm, 0);
    pthread_mutex_unlock(&vm->lock);
    if (!r)
        return false;
    vm_look_no_more(vm);
    drop_bell(vm);
    vm->life = VM_GONE;
    vm->events->exited(vm->owner, status);
    return true;
}

static void try_again(struct loop_work *w);

/* It is on its way out, or a debugger has to let it go. */
static void reap_later(struct engine_vm *vm)
{
    drop_bell(vm);
    if (!begin_look(vm))
        return;
    /* No descriptor for a timer: between two rounds of the loop. */
    vm->pins++;
    vm->retry.run = try_again;
    loop_post(vm->loop, &vm->retry);
}

static void try_again(struct loop_work *w)
{
    struct engine_vm *vm = CONTAINER_OF(w, struct engine_vm, retry);

    if (!vm->destroyed && !try_reap(vm))
        reap_later(vm);
    vm_unpin(vm);
}

static void ended(struct loop_source *s, unsigned what)
{
    struct engine_vm *vm = CONTAINER_OF(s, struct engine_vm, bell);

    (void)what;
    if (!try_reap(vm))
        reap_later(vm);
}

/*
 * The doorbell's other end is closed, so the process is past closing its files
 * and about to end; the kill is for one that managed to close it otherwise. A
 * pidfd tells when it can be collected, if that is not already so.
 */
static void hung_up(struct engine_vm *vm)
{
    vm->life = VM_ENDING;
    vm_look_no_more(vm);
    vm->stopping = false;
    drop_bell(vm);
    if (!vm->kill_wanted)
        signal_vcpu(vm, SIGKILL);
    if (try_reap(vm))
        return;
    vm->bell.ready = ended;
    vm->bell.fd = process_open(vm->pid);
    if (vm->bell.fd < 0 || loop_add(vm->loop, &vm->bell, LOOP_READ)) {
        fd_close(&vm->bell.fd);
        reap_later(vm);
    }
}

static void bell_ready(struct loop_source *s, unsigned what)
{
    struct engine_vm *vm = CONTAINER_OF(s, struct engine_vm, bell);

    vm->pins++;
    /* Empty the pipe first, look at the portal afterwards: a ring in between
     * is then seen by the look or wakes us again. */
    if (what & LOOP_READ) {
        (void)fd_drain(s->fd, BELL_BYTES);
        vm->events->doorbell(vm->owner);
    }
    if ((what & LOOP_HANGUP) && !vm->destroyed)
        hung_up(vm);
    vm_unpin(vm);
}

/* --- pause ------------------------------------------------------------------ */

/* True when the stop has been seen, or there is none to be seen. */
static bool look_for_stop(struct engine_vm *vm)
{
    int what = process_look(vm->pid);

    if (what == PROCESS_RUNNING) {
        /* Somebody's SIGCONT takes a stop away that has not happened yet. */
        signal_vcpu(vm, SIGSTOP);
        return false;
    }
    vm_look_no_more(vm);
    vm->stopping = false;
    if (what == PROCESS_STOPPED) {
        vm->stopped = !vm->resume_wanted;
        if (vm->resume_wanted)
            signal_vcpu(vm, SIGCONT);
        vm->resume_wanted = false;
        vm->events->paused(vm->owner);
    }
    return true;
}

static void notice_paused(struct loop_work *w)
{
    struct engine_vm *vm = CONTAINER_OF(w, struct engine_vm, notice);

    vm->notice_posted = false;
    if (!vm->destroyed && vm->life != VM_GONE)
        vm->events->paused(vm->owner);
    vm_unpin(vm);
}

/* Reports "paused" when there is no stop to wait for; from the loop, because
 * the owner does not expect its event inside its own call. */
static void post_paused(struct engine_vm *vm)
{
    if (vm->notice_posted)
        return;
    vm->notice_posted = true;
    vm->pins++;
    vm->notice.run = notice_paused;
    loop_post(vm->loop, &vm->notice);
}

static void begin_stop(struct engine_vm *vm)
{
    vm->resume_wanted = false;
    signal_vcpu(vm, SIGSTOP);
    vm->stopping = begin_look(vm) == 0;
    if (!vm->stopping) {
        /* Out of descriptors: nothing to wait with. The kernel lets it run no
         * further than to its next entry, microseconds from now. */
        vm->stopped = true;
        post_paused(vm);
    }
}

void vm_pause(struct engine_vm *vm)
{
    if (!vm->gate_open) {
        post_paused(vm);
    } else if (vm->life == VM_SPAWNING) {
        vm->pause_wanted = true;
    } else if (vm->life == VM_ALIVE) {
        if (vm->stopping)
            vm->resume_wanted = false;
        else if (vm->stopped)
            post_paused(vm);
        else
            begin_stop(vm);
    }
}

/* A vCPU that has shut down waits for an answer that never comes. But the guest
 * can have made the request behind its monitor's back, and then runs on. */
void vm_park(struct engine_vm *vm)
{
    vm->resume_wanted = false;
    if (vm->life != VM_ALIVE || vm->stopping || vm->stopped)
        return;
    vm->stopped = true;
    signal_vcpu(vm, SIGSTOP);
}

void vm_unpause(struct engine_vm *vm)
{
    vm->pause_wanted = false;
    if (!vm->gate_open) {
        vm->gate_open = true;
        /* Release: everything in the portal was written before. Pairs with the
         * monitor's acquire of the gate. */
        __atomic_store_n(&vm->portal->gate, PORTAL_GATE_OPEN, __ATOMIC_RELEASE);
        futex_wake(&vm->portal->gate, 1);
    } else if (vm->stopping) {
        vm->resume_wanted = true; /* SIGCONT now would undo the stop unseen */
    } else if (vm->stopped) {
        vm->stopped = false;
        signal_vcpu(vm, SIGCONT);
    }
}

/* --- start, kicks ----------------------------------------------------------- */

/* The zygote's answer: a pid or -errno. */
void vm_spawned(struct engine_vm *vm, int64_t pid)
{
    int rc;

    if (pid <= 0) {
        vm->life = VM_GONE;
        vm->events->spawned(vm->owner, (int)pid);
        return;
    }
    vm->bell.ready = bell_ready;
    rc = loop_add(vm->loop, &vm->bell, LOOP_READ);
    if (rc) {
        keeper_discard(vm_take_discard(vm), (int)pid);
        vm->life = VM_GONE;
        vm->events->spawned(vm->owner, rc);
        return;
    }
    pthread_mutex_lock(&vm->lock);
    set_pid(vm, (int)pid);
    pthread_mutex_unlock(&vm->lock);
    vm->life = VM_ALIVE;
    if (vm->kill_wanted)
        signal_vcpu(vm, SIGKILL);
    else if (vm->pause_wanted)
        begin_stop(vm);
    vm->events->spawned(vm->owner, 0);
}

void vm_kill(struct engine_vm *vm)
{
    vm->kill_wanted = true;
    signal_vcpu(vm, SIGKILL);
}

void vm_kick(struct engine_vm *vm, bool in_call)
{
    volatile struct portal *p = vm->portal;
    uint32_t state;

    /* Sequentially consistent: the monitor stores BLOCKED, then lets the futex
     * compare wake_seq; we add to wake_seq, then read the state. One of the two
     * sees the other. The same with the end of CALL, which the monitor stores
     * before it looks for events. What the guest makes of these words harms only
     * itself. */
    __atomic_fetch_add(&p->wake_seq, 1, __ATOMIC_SEQ_CST);
    /* Counted all the same: the call may come from a handler that interrupted a
     * wait on wake_seq, which must then not begin again. */
    if (in_call)
        return;
    state = __atomic_load_n(&p->vcpu_state, __ATOMIC_SEQ_CST);
    if (state == PORTAL_VCPU_BLOCKED)
        futex_wake(&p->wake_seq, 1);
    else if (state == PORTAL_VCPU_RUNNING)
        /* Also when upcalls are masked: a guest unmasks with a plain store and
         * then looks for events, and both of us could read the other's old
         * word. The handler finds nothing due then, and returns. */
        signal_vcpu(vm, SIGUSR1);
}

void vm_answer(struct engine_vm *vm)
{
    futex_wake(&vm->portal->resp_seq, 1);
}

uint64_t vm_cpu_ns(const struct engine_vm *vm)
{
    int pid = vm_pid(vm);

    /* Should it be collected just now, and its number be in use again, one
     * reading is wrong. */
    return pid > 0 ? process_cpu_ns(pid)
                   : __atomic_load_n(&vm->cpu_ns, __ATOMIC_RELAXED);
}

int vm_pid(const struct engine_vm *vm)
{
    return __atomic_load_n(&vm->pid, __ATOMIC_RELAXED);
}
