# SPDX-License-Identifier: ISC
"""gdb commands for domains of Midge's process engine (docs/debugging.md).

    (gdb) source .../midge.py
    (gdb) midge-attach DOMAIN [IMAGE]     stop it, load symbols
    (gdb) info midge                      domid, events, where it stands
    (gdb) info midge-threads              the guest's threads
    (gdb) midge-thread-bt NAME|NUMBER|all their backtraces
    (gdb) midge-where ADDRESS             whose an address is
"""
import os
import struct
import sys

import gdb
import gdb.unwinder

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import midge_domain  # noqa: E402

# What the monitor lives on; each arrives thousands of times in a healthy guest.
SIGNALS = "SIGSEGV SIGSYS SIGUSR1 SIGALRM SIGBUS SIGILL SIGFPE"

# lib/debuginfo/include/debuginfo/threads.h
THREADS_MAGIC, THREADS_VERSION, THREADS_MAX = 0x5447444d, 1, 4096
NAME_MAX = 16

# xen.h, struct shared_info: 32 vcpu_info of 64 bytes come first.
EVTCHN_PENDING = 32 * 64

attached = None  # a midge_domain.Domain


def memory(address, n):
    return bytes(gdb.selected_inferior().read_memory(address, n))


def word(address):
    return struct.unpack("<Q", memory(address, 8))[0]


def symbol(name):
    """Address of a symbol that need not have debugging information, or None."""
    try:
        return int(gdb.parse_and_eval(f"(unsigned long)&{name}"))
    except gdb.error:
        return None


def need_domain():
    if attached is None:
        raise gdb.GdbError("no domain: midge-attach DOMAIN first")
    return attached


# --- backtraces through the monitor ------------------------------------------------

class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class MonitorUnwinder(gdb.unwinder.Unwinder):
    """Through code written in assembly. From the monitor's entry code back to
    the guest code that came in: by hypercall (the registers of struct guest_regs
    lie at the top of the monitor's stack) or by signal (Linux's frame). And from
    our own kernel's trap and upcall entries to what was interrupted."""

    # Offsets in machine_context.h.
    CONTEXT = dict(zip("r8 r9 r10 r11 r12 r13 r14 r15 rdi rsi rbp rbx rdx rax "
                       "rcx rsp rip".split(), range(40, 40 + 17 * 8, 8)))
    REGS = "rdi rsi rdx r10 r8 r9 r11 rcx rbp".split()
    # struct trap_frame of minios/arch/x86/x86.h, to which rbp points.
    TRAP = dict(zip("r15 r14 r13 r12 r11 r10 r9 r8 rbp rdi rsi rdx rcx rbx "
                    "rax".split(), range(32, 32 + 15 * 8, 8)))
    TRAP.update(rip=168, rsp=192)
    TRAP_ENTRIES, ENTRY_BYTES = ("trap_common", "x86_upcall_entry"), 256

    def __init__(self):
        super().__init__("midge-monitor")
        self.known, self.entries = None, []

    def look_up(self):
        names = ("hypercall_entry", "hypercall_exit_end", "monitor_stack_top",
                 "v_guest_rsp", "signal_restorer")
        self.known = {n: symbol(n) for n in names}
        self.entries = [e for e in map(symbol, self.TRAP_ENTRIES) if e]

    def __call__(self, pending):
        k = self.known
        if not k or None in k.values():
            return None
        pc = int(pending.read_register("rip"))
        if pc == k["signal_restorer"]:
            return self.by_signal(pending)
        if k["hypercall_entry"] < pc < k["hypercall_exit_end"]:
            return self.by_hypercall(pending)
        if any(e < pc < e + self.ENTRY_BYTES for e in self.entries):
            return self.by_trap(pending)
        return None

    def info(self, pending, values, sp, pc):
        info = pending.create_unwind_info(FrameId(sp, pc))
        long = gdb.lookup_type("long")
        for name, value in values.items():
            value &= (1 << 64) - 1
            signed = value - (1 << 64) if value >> 63 else value
            info.add_saved_register(name, gdb.Value(signed).cast(long))
        return info

    def by_signal(self, pending):
        sp = int(pending.read_register("rsp")) & ((1 << 64) - 1)
        values = {n: word(sp + at) for n, at in self.CONTEXT.items()}
        return self.info(pending, values, gdb.Value(sp), pending.read_register("rip"))

    def by_trap(self, pending):
        frame = int(pending.read_register("rbp")) & ((1 << 64) - 1)
        try:
            values = {n: word(frame + at) for n, at in self.TRAP.items()}
            # The frame record in front says the same, or it is none.
            if (word(frame), word(frame + 8)) != (values["rbp"], values["rip"]):
                return None
        except gdb.MemoryError:
            return None
        return self.info(pending, values, gdb.Value(frame), pending.read_register("rip"))

    def by_hypercall(self, pending):
        top = self.known["monitor_stack_top"]
        rsp = word(self.known["v_guest_rsp"])
        values = {n: word(top - 72 + i * 8) for i, n in enumerate(self.REGS)}
        values.update(rip=word(rsp), rsp=rsp + 8)
        for n in ("rbx", "r12", "r13", "r14", "r15"):
            values[n] = int(pending.read_register(n))
        return self.info(pending, values, gdb.Value(rsp), pending.read_register("rip"))


unwinder = MonitorUnwinder()
gdb.unwinder.register_unwinder(None, unwinder, replace=True)


# --- midge-attach ------------------------------------------------------------------

class Attach(gdb.Command):
    """midge-attach DOMAIN [IMAGE]: attach to a domain's process.

DOMAIN is a name or a domid. IMAGE is the file with its symbols, if that is not
the one it was created from. The domain stops; `detach' or `quit' let it go on."""

    def __init__(self):
        super().__init__("midge-attach", gdb.COMMAND_RUNNING)

    def invoke(self, arg, _from_tty):
        global attached
        words = gdb.string_to_argv(arg)
        if len(words) not in (1, 2):
            raise gdb.GdbError("usage: midge-attach DOMAIN [IMAGE]")
        try:
            d = midge_domain.Domain(*words)
            image = midge_domain.Image(d.image)
        except midge_domain.Error as e:
            raise gdb.GdbError(f"midge-attach: {e}") from e
        gdb.execute("set confirm off")
        gdb.execute("set backtrace past-main on")  # to the kernel's start
        gdb.execute(f"handle {SIGNALS} nostop noprint pass", to_string=True)
        # The monitor's own symbols; its path in /proc says "deleted".
        gdb.execute(f"file /proc/{d.pid}/exe", to_string=True)
        gdb.execute(f"attach {d.pid}", to_string=True)
        gdb.execute(f"add-symbol-file {d.image}", to_string=True)
        self.protect(d)
        unwinder.look_up()
        gdb.invalidate_cached_frames()
        attached = d
        print(f"{d.name}: domain {d.domid}, process {d.pid}, image {d.image}")
        at = image.differs(d)
        if at is not None:
            print(f"warning: {d.image} is not what the domain runs (it differs at "
                  f"0x{at:x}): rebuilt since? Symbols may be wrong.")
        gdb.execute("frame")

    @staticmethod
    def protect(d):
        """No breakpoint can be written into what all domains of an image share:
        gdb takes the CPU's four breakpoint registers for read-only memory."""
        gdb.execute("set breakpoint auto-hw on")
        gdb.execute("set mem inaccessible-by-default off")
        gdb.execute("delete mem", to_string=True)
        for lo, hi, _, _, _, _ in d.templates():
            gdb.execute(f"mem 0x{lo:x} 0x{hi:x} ro", to_string=True)


# --- info midge --------------------------------------------------------------------

VCPU_STATES = ("starting", "running", "blocked")


class Info(gdb.Command):
    """info midge: the domain, its events, where it stands."""

    def __init__(self):
        super().__init__("info midge", gdb.COMMAND_STATUS)

    def invoke(self, _arg, _from_tty):
        d = need_domain()
        si = midge_domain.SHARED_INFO
        pending, mask, selector, cr2 = struct.unpack("<BBxxxxxxQQ", memory(si, 24))
        state = struct.unpack("<I", memory(midge_domain.WINDOW[0] + 8, 4))[0]
        words = struct.unpack("<64Q", memory(si + EVTCHN_PENDING, 64 * 8))
        pc = int(gdb.parse_and_eval("(unsigned long)$rip"))
        ports = [i * 64 + b for i, w in enumerate(words) if w
                 for b in range(64) if w >> b & 1]
        print(f"domain       {d.domid} ({d.name}), process {d.pid}")
        print(f"image        {d.image}")
        print(f"vCPU         {VCPU_STATES[state] if state < 3 else state}, "
              f"rip 0x{pc:x} in: {midge_domain.place(pc)}")
        print(f"upcall       {'pending' if pending else 'not pending'}, "
              f"{'masked' if mask else 'unmasked'}, selector 0x{selector:x}")
        print("pending      " + (" ".join(map(str, ports)) or "no port"))
        print(f"cr2          0x{cr2:x}")


class Where(gdb.Command):
    """midge-where ADDRESS: whose an address is: monitor, window or guest."""

    def __init__(self):
        super().__init__("midge-where", gdb.COMMAND_DATA)

    def invoke(self, arg, _from_tty):
        if not arg:
            raise gdb.GdbError("usage: midge-where ADDRESS")
        at = int(gdb.parse_and_eval(f"(unsigned long)({arg})"))
        print(f"0x{at:x}: {midge_domain.place(at)}")


# --- threads -----------------------------------------------------------------------

class Thread:
    """One thread object in the guest, read as lib/debuginfo says."""

    def __init__(self, desc, address, running):
        (self.off_next, off_name, off_start, off_end, off_sp, self.words, _) = desc
        self.address, self.running = address, running
        raw = memory(address + off_name, NAME_MAX).split(b"\0")[0]
        self.name = "".join(chr(c) if 32 < c < 127 else "?" for c in raw)
        self.start, self.end = word(address + off_start), word(address + off_end)
        self.sp = word(address + off_sp)
        self.next = word(address + self.off_next)

    def saved(self):
        """(stack pointer, frame pointer, pc) of a thread that does not run, as
        they will be when it goes on; None when they cannot be."""
        if not 2 <= self.words <= 64 or not (
                self.start <= self.sp <= self.end - self.words * 8):
            return None
        top = self.sp + self.words * 8
        return top, word(top - 16), word(top - 8)


def threads():
    at = symbol("midge_threads")
    if at is None:
        raise gdb.GdbError("the image does not describe its threads (midge_threads)")
    try:
        magic, version, current, first = struct.unpack("<IIQQ", memory(at, 24))
        desc = struct.unpack("<7I", memory(at + 24, 28))
        if magic != THREADS_MAGIC or version != THREADS_VERSION:
            raise gdb.GdbError(f"midge_threads: magic {magic:x}, version {version}: "
                               "not known here")
        running, address, found = word(current), word(first), []
        while address and len(found) < THREADS_MAX:
            found.append(Thread(desc, address, address == running))
            address = found[-1].next
    except gdb.MemoryError as e:
        raise gdb.GdbError(f"midge_threads leads to memory that is not there: {e}") from e
    return found


def describe(number, t):
    where = ""
    saved = t.saved()
    if t.running:
        where = "running"
    elif saved:
        sal = gdb.execute(f"info symbol 0x{saved[2]:x}", to_string=True).strip()
        where = f"at 0x{saved[2]:x} {sal.split(' in section')[0]}"
    print(f"{'*' if t.running else ' '} {number:<3} {t.name:<16} 0x{t.address:x}  "
          f"stack 0x{t.start:x}-0x{t.end:x}  {where}")


class InfoThreads(gdb.Command):
    """info midge-threads: the guest's threads, the running one with a star."""

    def __init__(self):
        super().__init__("info midge-threads", gdb.COMMAND_STATUS)

    def invoke(self, _arg, _from_tty):
        need_domain()
        for n, t in enumerate(threads(), 1):
            describe(n, t)


class ThreadBacktrace(gdb.Command):
    """midge-thread-bt NAME|NUMBER|all: backtraces of the guest's threads.

Of one that does not run, by its saved stack pointer; the frames are symbolised
by frame pointers, which all code of an image has."""

    def __init__(self):
        super().__init__("midge-thread-bt", gdb.COMMAND_STACK)

    def invoke(self, arg, _from_tty):
        need_domain()
        wanted = [(n, t) for n, t in enumerate(threads(), 1)
                  if arg in ("all", "", t.name, str(n))]
        if not wanted:
            raise gdb.GdbError(f"no thread {arg}")
        for n, t in wanted:
            describe(n, t)
            if t.running:
                gdb.execute("backtrace")
            else:
                self.walk(t)

    @staticmethod
    def walk(t):
        saved = t.saved()
        if not saved:
            print("  its saved stack pointer is not on its stack")
            return
        _, frame, pc = saved
        for n in range(64):
            text = gdb.execute(f"info line *0x{pc - (1 if n else 0):x}", to_string=True)
            place = text.split(" starts at")[0] if text.startswith("Line") else ""
            name = gdb.execute(f"info symbol 0x{pc - (1 if n else 0):x}", to_string=True)
            print(f"  #{n:<2} 0x{pc:016x} {name.split(' in section')[0].strip()}"
                  f"{', ' + place if place else ''}")
            if frame % 8 or not t.start <= frame <= t.end - 16:
                return
            following, pc = word(frame), word(frame + 8)
            if not pc or following <= frame and following:
                return
            frame = following


for command in (Attach, Info, Where, InfoThreads, ThreadBacktrace):
    command()
