/* SPDX-License-Identifier: ISC */
/*
 * The wrappers. Each asks fault_hit() with a copy of its arguments, and either
 * fails or jumps on to the call itself with registers and stack as they came: so
 * one macro does for variadic functions, and for vfork(), which returns twice.
 */
#include "fault.h"

    .text

/* (value): what the function returns when it fails. */
.macro WRAP name, kind, value
    .globl __wrap_\name
    .type __wrap_\name, @function
__wrap_\name:
    push %rax
    push %r9
    push %r8
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    mov %rsp, %rdi
    mov $\kind, %esi
    mov 56(%rsp), %rdx
    call fault_hit
    test %al, %al
    pop %rdi
    pop %rsi
    pop %rdx
    pop %rcx
    pop %r8
    pop %r9
    pop %rax
    jnz 1f
    jmp __real_\name@PLT
1:  mov $\value, %rax
    ret
    .size __wrap_\name, . - __wrap_\name
.endm

    WRAP mmap, FAULT_MMAP, -1
    WRAP mremap, FAULT_MREMAP, -1
    WRAP madvise, FAULT_MADVISE, -1
    WRAP memfd_create, FAULT_MEMFD, -1
    WRAP pipe2, FAULT_PIPE, -1
    WRAP open, FAULT_OPEN, -1
    WRAP fopen, FAULT_FOPEN, 0
    WRAP opendir, FAULT_OPENDIR, 0
    WRAP socketpair, FAULT_SOCKETPAIR, -1
    WRAP accept4, FAULT_ACCEPT, -1
    WRAP epoll_ctl, FAULT_EPOLL_ADD, -1
    WRAP epoll_create1, FAULT_EPOLL_CREATE, -1
    WRAP eventfd, FAULT_EVENTFD, -1
    WRAP timerfd_create, FAULT_TIMERFD, -1
    WRAP sendmsg, FAULT_SENDMSG, -1
    WRAP recvmsg, FAULT_RECVMSG, -1
    WRAP pread, FAULT_PREAD, -1
    WRAP pwrite, FAULT_PWRITE, -1
    WRAP write, FAULT_WRITE, -1
    WRAP fcntl, FAULT_FCNTL, -1
    WRAP vfork, FAULT_VFORK, -1
    WRAP syscall, FAULT_SYSCALL, -1
    WRAP pthread_create, FAULT_THREAD, 11 /* EAGAIN: it returns errors */
    WRAP posix_openpt, FAULT_PTY, -1
    WRAP dup2, FAULT_DUP, -1
    WRAP rename, FAULT_RENAME, -1
    WRAP mkdir, FAULT_MKDIR, -1
    WRAP ftruncate, FAULT_FTRUNCATE, -1
    WRAP process_vm_readv, FAULT_VM_READ, -1
    WRAP ptrace, FAULT_PTRACE, -1

    .section .note.GNU-stack, "", @progbits
