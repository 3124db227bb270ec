/* SPDX-License-Identifier: ISC */
/* The domain's one page allocator and heap; contract in minios/memory.h. */
#include <minios/memory.h>

#include <alloc/heap.h>
#include <base/string.h>
#include <minios/arch.h>
#include <minios/boot.h>
#include <minios/panic.h>
#include <minios/thread.h>
#include <xen/errno.h>

static struct buddy pages;
static struct heap heap;

int memory_init(void)
{
    uintptr_t start = boot_info.free_start, end = boot_info.free_end;
    size_t map_bytes;

    if (end < start || end - start < 2 * PAGE_SIZE)
        return -XEN_ENOMEM;
    /* One byte of map for each page; it sits in front of them. */
    map_bytes = ((end - start) >> PAGE_SHIFT) + PAGE_SIZE - 1;
    map_bytes &= PAGE_MASK;
    buddy_init(&pages, (void *)(start + map_bytes),
               (end - start - map_bytes) >> PAGE_SHIFT, (uint8_t *)start);
    heap_init(&heap, &pages);
    return 0;
}

/* Events are disabled while the allocators change: then no handler and no other
 * thread sees them halfway. */
static void *locked_page_alloc(unsigned order)
{
    bool enabled = arch_events_disable();
    void *block = buddy_alloc(&pages, order);

    if (enabled)
        arch_events_enable();
    return block;
}

static void *locked_heap_alloc(size_t size)
{
    bool enabled = arch_events_disable();
    void *block = heap_alloc(&heap, size);

    if (enabled)
        arch_events_enable();
    return block;
}

void *page_alloc(unsigned order)
{
    void *block = locked_page_alloc(order);

    if (!block && thread_release_stacks())
        block = locked_page_alloc(order);
    return block;
}

void page_free(void *block, unsigned order)
{
    bool enabled = arch_events_disable();
    enum buddy_error e = buddy_free(&pages, block, order);

    if (enabled)
        arch_events_enable();
    if (e != BUDDY_OK)
        panic("page_free(%p, %u): %s", block, order,
              e == BUDDY_E_RANGE   ? "not a page of the allocator"
              : e == BUDDY_E_ORDER ? "allocated with another order"
                                   : "free already, or inside a block");
}

size_t page_free_count(void)
{
    return pages.free_pages;
}

void *kmalloc(size_t size)
{
    void *block = locked_heap_alloc(size);

    if (!block && heap.damage == HEAP_OK && thread_release_stacks())
        block = locked_heap_alloc(size);
    if (!block && heap.damage != HEAP_OK)
        panic("kmalloc(%zu): %s", size, heap_strerror(heap.damage));
    return block;
}

void *kzalloc(size_t size)
{
    void *block = kmalloc(size);

    if (block)
        memset(block, 0, size);
    return block;
}

void kfree(void *block)
{
    bool enabled = arch_events_disable();
    enum heap_error e = heap_free(&heap, block);

    if (enabled)
        arch_events_enable();
    if (e != HEAP_OK)
        panic("kfree(%p): %s", block, heap_strerror(e));
}
