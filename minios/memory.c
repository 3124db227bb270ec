/* SPDX-License-Identifier: ISC */
/* The domain's one page allocator and heap; contract in minios/memory.h. */
#include <minios/memory.h>

#include <alloc/heap.h>
#include <base/string.h>
#include <minios/boot.h>
#include <minios/panic.h>
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

void *page_alloc(unsigned order)
{
    return buddy_alloc(&pages, order);
}

void page_free(void *block, unsigned order)
{
    enum buddy_error e = buddy_free(&pages, block, order);

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
    void *block = heap_alloc(&heap, size);

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
    enum heap_error e = heap_free(&heap, block);

    if (e != HEAP_OK)
        panic("kfree(%p): %s", block, heap_strerror(e));
}
