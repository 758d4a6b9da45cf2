#include "benchmarks/harness/slot_bytes.hpp"

#include "allocators/proof.hpp"

#include <dlfcn.h>

#include <algorithm>

namespace poolmark::benchmarks {

std::optional<double> slot_bytes(table<std::uintptr_t>& addresses) {
    if (addresses.size() < 2) {
        return std::nullopt;
    }
    std::ranges::sort(addresses);
    for (std::size_t i = 0; i + 1 < addresses.size(); ++i) {
        addresses[i] = addresses[i + 1] - addresses[i];
    }
    const auto middle = addresses.begin() + static_cast<std::ptrdiff_t>((addresses.size() - 1) / 2);
    std::nth_element(addresses.begin(), middle, addresses.end() - 1);
    return static_cast<double>(*middle);
}

std::optional<double> usable_bytes(const table<std::uintptr_t>& blocks) {
    using asker = std::size_t (*)(void*);
    void* const found = ::dlsym(RTLD_DEFAULT, "malloc_usable_size");
    const auto serving = allocators::examine().served_malloc_by;
    if (found == nullptr || blocks.empty() || !allocators::same_file(allocators::file_of(found), serving)) {
        return std::nullopt;
    }
    const auto usable = reinterpret_cast<asker>(found);
    std::size_t sum = 0;
    for (const std::uintptr_t block : blocks) {
        sum += usable(reinterpret_cast<void*>(block));
    }
    return static_cast<double>(sum) / static_cast<double>(blocks.size());
}

} // namespace poolmark::benchmarks
