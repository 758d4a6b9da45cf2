// std::atomic_ref of a 32-bit word, which libc++ has from version 19 on.
#pragma once

#include <atomic>
#include <cstdint>

namespace poolmark::detail {

#ifdef __cpp_lib_atomic_ref
using word_ref = std::atomic_ref<std::uint32_t>;
#else
class word_ref {
public:
    explicit word_ref(std::uint32_t& word) noexcept : word_(&word) {}
    [[nodiscard]] std::uint32_t load(std::memory_order order) const noexcept { return __atomic_load_n(word_, number(order)); }
    void store(std::uint32_t value, std::memory_order order) const noexcept {
        __atomic_store_n(word_, value, number(order));
    }
    std::uint32_t fetch_add(std::uint32_t value, std::memory_order order) const noexcept {
        return __atomic_fetch_add(word_, value, number(order));
    }
    std::uint32_t fetch_sub(std::uint32_t value, std::memory_order order) const noexcept {
        return __atomic_fetch_sub(word_, value, number(order));
    }
    bool compare_exchange_weak(std::uint32_t& seen, std::uint32_t value, std::memory_order done,
                               std::memory_order otherwise) const noexcept {
        return __atomic_compare_exchange_n(word_, &seen, value, true, number(done), number(otherwise));
    }

private:
    [[nodiscard]] static constexpr int number(std::memory_order order) noexcept { return static_cast<int>(order); }

    std::uint32_t* word_;
};
#endif

} // namespace poolmark::detail
