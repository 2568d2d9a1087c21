// For a program of one file that watches what is allocated: its malloc, calloc and realloc take the
// place of libc's, call the program's own onAllocation(), and then libc's. A sanitizer has an
// allocator of its own, which these would break: then none is seen.

#pragma once

#include <cstddef>

// Must not allocate.
void onAllocation(std::size_t size) noexcept;

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t number, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);

void* malloc(std::size_t size) noexcept {
    onAllocation(size);
    return __libc_malloc(size);
}

void* calloc(std::size_t number, std::size_t size) noexcept {
    onAllocation(number * size);
    return __libc_calloc(number, size);
}

void* realloc(void* block, std::size_t size) noexcept {
    onAllocation(size);
    return __libc_realloc(block, size);
}
}
#endif
