// The slots of a slot_map as plain storage: what the generations cost, in the same terms as every other pool.
//
//   block ──slab──► index ──► generations │ 3 │ 7 │ 12 │    odd: the block is out
//
// The way back from a block to its slot is arithmetic, with no header in
// the slot: the slab by its address, the index by one multiplication.
//
// Good for: the checks of a slot_map for code that holds pointers: a double release or a stray pointer is an error.
// Bad for:  as much speed as possible with no checks (see stack_pool).
// Complexity: acquire O(1), amortised; release O(1). Bytes: 8 a slot. Memory goes back with the pool's end.
// Threads:  one at a time.
#pragma once

#include "pools/errors.hpp"
#include "pools/pool.hpp"
#include "pools/slots/handle.hpp"
#include "pools/slots/table.hpp"

#include <cstddef>

namespace poolmark {

template <class T, upstream_source Upstream = page_source>
class slot_pool {
public:
    using value_type = T;
    static constexpr description about{"slot_pool", family::free_list,
                                       "stack of slot numbers and a generation a slot; checks every release"};
    static constexpr pool_traits traits{
        .reuse = reuse_order::lifo, .memory = Upstream::memory, .rejects_foreign_release = true};

    slot_pool() : slot_pool(0) {}
    explicit slot_pool(std::size_t expected_objects) noexcept : slots_(expected_objects, 2) {}

    [[nodiscard]] void* acquire() {
        const auto slot = slots_.take();
        slots_.begin(slot);
        return slots_.at(slot);
    }

    // Throws double_release, interior_pointer or foreign_pointer for a block that is not out; changes nothing then.
    void release(void* block) {
        const auto at = slots_.probe(block);
        if (!is_out(at)) [[unlikely]] {
            return release_slow(block);
        }
        give_back(at.slot);
    }

private:
    using table = slot_table<sizeof(T), alignof(T), handle64::index_bits, handle64::generation_bits, Upstream>;
    static_assert(alignof(T) <= traits.max_alignment);

    [[nodiscard]] bool is_out(typename table::place at) const noexcept {
        return at.found && at.slot < slots_.used() && slots_.is_alive(at.slot);
    }

    void give_back(typename table::index slot) noexcept {
        if (slots_.end(slot)) [[likely]] { // after two billion lives it stays empty
            slots_.give_back(slot);
        }
    }

    // The address is not where it was expected, or it is wrong.
    [[gnu::noinline, gnu::cold]] void release_slow(void* block) {
        bool ours = false;
        const auto at = slots_.find(block, ours);
        if (!ours) {
            throw foreign_pointer(about.name, block);
        }
        if (!at.found) {
            throw interior_pointer(about.name, block);
        }
        if (!is_out(at)) {
            throw double_release(about.name, block);
        }
        give_back(at.slot);
    }

    table slots_;
};

static_assert(pool<slot_pool<int>>);
static_assert(pool<slot_pool<int, heap_source>>);

} // namespace poolmark
