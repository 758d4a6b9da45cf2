#include "tests/layouts/allocation_count.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> made{0};
std::atomic<std::size_t> ended{0};

void* counted(std::size_t bytes, std::size_t alignment) {
    ++made;
    void* const block = alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__
                            ? std::malloc(bytes == 0 ? 1 : bytes)
                            : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (block == nullptr) {
        throw std::bad_alloc();
    }
    return block;
}
void uncounted(void* block) noexcept {
    ended += block != nullptr;
    std::free(block);
}

} // namespace

void* operator new(std::size_t bytes) { return counted(bytes, 1); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return counted(bytes, static_cast<std::size_t>(alignment));
}
// The form that algorithms ask for room with: a sanitizer's own would not go with the delete below.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    ++made;
    return std::malloc(bytes == 0 ? 1 : bytes);
}
void operator delete(void* block) noexcept { uncounted(block); }
void operator delete(void* block, std::size_t) noexcept { uncounted(block); }
void operator delete(void* block, std::align_val_t) noexcept { uncounted(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { uncounted(block); }

namespace poolmark::tests {
allocation_counts allocations() noexcept { return {made, ended}; }
} // namespace poolmark::tests
