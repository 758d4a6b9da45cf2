// Storage for one object, as an element type for peers that insist on making objects themselves. Making and
// ending one does nothing, so that such a peer is left with the storage alone.
#pragma once

#include <cstddef>

namespace poolmark::detail {

template <std::size_t Bytes, std::size_t Alignment>
struct alignas(Alignment) raw_cell {
    std::byte bytes[Bytes];

    raw_cell() noexcept {
    } // NOLINT(modernize-use-equals-default): a defaulted one would let `raw_cell()` write zeros
};

template <class T>
using raw_cell_for = raw_cell<sizeof(T), alignof(T)>;

} // namespace poolmark::detail
