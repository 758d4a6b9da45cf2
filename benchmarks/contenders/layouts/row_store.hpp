// Rows of one size in large chunks, each known by the address of its first bytes; a chunk's address is that of any
// row with the lowest bits cleared.
//
//   chunk (1 MiB, aligned to it)   │ header │ row 0 │ row 1 │ ...                        │ rows: one piece each
//                                  │ header │ 0 1 2 ... of column 0 │ 0 1 2 ... of column 1 │ ...   or columns
//
// Free rows are a list of numbers through the first 4 bytes of each. Empty chunks go back with trim() or at the end.
//
// Good for: many small objects with no byte between them.
// Bad for:  a few objects: only a chunk's touched pages count, but a whole chunk is asked for.
// Complexity: acquire and release O(1).
// Threads:  one at a time.
#pragma once

#include "pools/memory/align.hpp"
#include "pools/memory/poison.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

namespace poolmark::detail {

inline constexpr std::size_t row_chunk_bytes = std::size_t{1} << 20;

struct row_chunk_header {
    row_chunk_header* next = nullptr; // in the list of chunks with room
    row_chunk_header* previous = nullptr;
    std::uint32_t first_free = 0; // a row's number; at `touched` rows nobody has used yet begin
    std::uint32_t used = 0;
    std::uint32_t touched = 0;
};

// HandleBytes: the distance of two neighbours' addresses.
// RowBytes: what a row takes in all, slack of columns included.
template <std::size_t HandleBytes, std::size_t RowBytes, class Allocator>
class row_store {
public:
    static constexpr std::size_t header_bytes = 64;
    static constexpr std::size_t rows = (row_chunk_bytes - header_bytes - 64) / RowBytes; // 64: gaps between columns
    static_assert(sizeof(row_chunk_header) <= header_bytes && HandleBytes >= sizeof(std::uint32_t));
    static_assert(HandleBytes <= RowBytes);

    explicit row_store(const Allocator& allocator) : allocator_(allocator) {}
    row_store(const row_store&) = delete;
    row_store& operator=(const row_store&) = delete;
    ~row_store() { // whatever still is out goes with it
        while (with_room_ != nullptr) {
            drop(with_room_);
        }
        while (full_ != nullptr) {
            header* const gone = full_;
            full_ = gone->next;
            give_back(gone);
        }
    }

    [[nodiscard]] void* acquire() {
        if (with_room_ == nullptr) [[unlikely]] {
            grow();
        }
        header* const from = with_room_;
        const std::uint32_t row = from->first_free;
        std::byte* const taken = reinterpret_cast<std::byte*>(from) + header_bytes + row * HandleBytes;
        open(taken);
        if (row == from->touched) {
            from->first_free = ++from->touched;
        } else {
            std::memcpy(&from->first_free, taken, sizeof from->first_free);
        }
        if (++from->used == rows) [[unlikely]] {
            unlink(with_room_, from);
            link(full_, from);
        }
        return taken;
    }

    void release(void* row) noexcept {
        header* const home = chunk_of(row);
        if (home->used == rows) [[unlikely]] {
            unlink(full_, home);
            link(with_room_, home);
        }
        std::memcpy(row, &home->first_free, sizeof home->first_free);
        home->first_free = number_of(row);
        close(row);
        --home->used;
    }

    // Gives all empty chunks back. Not done by release(): a heap maps and unmaps each, and the kernel zeroes it anew.
    void trim() noexcept {
        for (header* next = with_room_; next != nullptr;) {
            header* const seen = next;
            next = seen->next;
            if (seen->used == 0) {
                drop(seen);
            }
        }
    }

    [[nodiscard]] static std::uint32_t number_of(const void* row) noexcept {
        const auto offset = reinterpret_cast<std::uintptr_t>(row) & (row_chunk_bytes - 1);
        return static_cast<std::uint32_t>((offset - header_bytes) / HandleBytes);
    }
    [[nodiscard]] static std::byte* chunk_begin(const void* row) noexcept {
        return reinterpret_cast<std::byte*>(reinterpret_cast<std::uintptr_t>(row) & ~(row_chunk_bytes - 1));
    }

private:
    using header = row_chunk_header;
    struct alignas(row_chunk_bytes) chunk {
        std::byte bytes[row_chunk_bytes];
    };
    using traits = typename std::allocator_traits<Allocator>::template rebind_traits<chunk>;

    [[nodiscard]] static header* chunk_of(const void* row) noexcept {
        return reinterpret_cast<header*>(chunk_begin(row));
    }

    // Poisoning opens and closes groups of 8 bytes: rows of another size stay open.
    static void open(void* row) noexcept {
        if constexpr (HandleBytes % poison_granule == 0) {
            unpoison(row, HandleBytes);
        }
    }
    static void close(void* row) noexcept {
        if constexpr (HandleBytes % poison_granule == 0) {
            poison(row, HandleBytes);
        }
    }

    [[gnu::noinline, gnu::cold]] void grow() {
        typename traits::allocator_type from(allocator_);
        // No chunk's worth of bytes is written: the pages are touched row by row.
        void* const fresh = traits::allocate(from, 1);
        link(with_room_, ::new (fresh) header);
    }
    void drop(header* gone) noexcept {
        unlink(with_room_, gone);
        give_back(gone);
    }
    void give_back(header* gone) noexcept {
        unpoison(gone, row_chunk_bytes);
        typename traits::allocator_type to(allocator_);
        traits::deallocate(to, reinterpret_cast<chunk*>(gone), 1);
    }

    static void link(header*& list, header* one) noexcept {
        one->previous = nullptr;
        one->next = list;
        if (list != nullptr) {
            list->previous = one;
        }
        list = one;
    }
    static void unlink(header*& list, header* one) noexcept {
        (one->previous != nullptr ? one->previous->next : list) = one->next;
        if (one->next != nullptr) {
            one->next->previous = one->previous;
        }
        one->next = one->previous = nullptr;
    }

    header* with_room_ = nullptr;
    header* full_ = nullptr;
    [[no_unique_address]] Allocator allocator_;
};

} // namespace poolmark::detail
