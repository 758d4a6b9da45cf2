// A small object pool as everybody writes it first: n slots, handed out, looked up on their return, the one released last
// first. What differs between pools of this kind is their books, where it stands which slots are out; scan_pool, the
// plainest, is here, and its improvements are in fixed_pools.hpp.
//
//   slots_   │ 0 │ 1 │ 2 │ ... │ capacity - 1 │      address <──► number, by one division
//   books_   free_ [ slot* slot* slot* ]             scan_pool's: acquire() takes the last, release() appends;
//            out_  [ slot* slot* slot* slot* ... ]   release() scans ──► twice, then closes the gap
//
//   Books(slots)              all are free; throws std::bad_alloc or nothing
//   take(slots)               a free one; throws pool_exhausted, or std::bad_alloc where the books need memory
//   give_back(slots, block)   false, and nothing has changed, for a block that is not out
//   available()               how many are free
//
// Good for: comparing books; a handful of objects; a double release or a foreign block is reported at once.
// Bad for:  pools that grow; scan_pool: more than a few dozen objects out.
// Complexity: acquire O(1); release O(1), or O(objects out) where it searches. Bytes: the slots and the books, all
//           taken when it is built; scan_pool's are 16 an object.
// Threads:  one at a time.
#pragma once

#include "pools/errors.hpp"
#include "pools/object_pool/checked_pools.hpp"
#include "pools/memory/upstream.hpp"
#include "pools/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string_view>
#include <vector>

namespace poolmark {

namespace detail {

// The slots of one pool, and what is wrong with a pointer that is none of those out.
template <class T, class Books, upstream_source Upstream>
class fixed_slots {
public:
    static constexpr std::size_t none = ~std::size_t{0};
    static constexpr std::size_t object_bytes = align_up(sizeof(T), poison_granule);

    explicit fixed_slots(std::size_t capacity)
        : capacity_(capacity), bytes_(std::max(checked_bytes(capacity, stride), stride)),
          begin_(static_cast<std::byte*>(allocate_slab<Upstream>(bytes_, alignment))) {
        if constexpr (Books::tells_apart) {
            entry_.type = type();
            entry_.store = this;
            process_wide_over_forks<checked_pools>().add(entry_);
        }
    }
    fixed_slots(const fixed_slots&) = delete;
    fixed_slots& operator=(const fixed_slots&) = delete;
    ~fixed_slots() {
        if constexpr (Books::tells_apart) {
            process_wide<checked_pools>().remove(entry_);
        }
        unpoison(begin_, bytes_);
        Upstream::deallocate(begin_, bytes_, alignment);
    }

    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::byte* at(std::size_t number) const noexcept { return begin_ + number * stride; }

    // The number of the slot that begins there; none where no slot of this pool does.
    [[nodiscard]] std::size_t number_of(const void* block) const noexcept {
        const std::size_t offset = offset_of(block);
        return offset < capacity_ * stride && offset % stride == 0 ? offset / stride : none;
    }

    // Throws the error that fits a pointer which is no slot of this pool that is out.
    [[noreturn, gnu::noinline, gnu::cold]] void report_misuse(const void* block) const {
        constexpr std::string_view pool = Books::about.name;
        if (!Books::tells_apart) {
            throw not_in_use(pool, block);
        }
        if (number_of(block) != none) {
            throw double_release(pool, block);
        }
        if (contains(block)) {
            throw interior_pointer(pool, block);
        }
        auto& all = process_wide<checked_pools>();
        const std::lock_guard lock(all.mutex);
        for (const auto* other = all.first; other != nullptr; other = other->next) {
            if (std::strcmp(other->type, entry_.type) == 0 &&
                static_cast<const fixed_slots*>(other->store)->contains(block)) {
                throw other_pools_pointer(pool, block);
            }
        }
        throw foreign_pointer(pool, block);
    }

private:
    static constexpr std::size_t alignment = std::max(alignof(T), poison_granule);
    static constexpr std::size_t stride = align_up(object_bytes + Books::bytes_in_slot, alignment);

    // Unsigned on purpose: what lies before the slots is a very large offset.
    [[nodiscard]] std::size_t offset_of(const void* block) const noexcept {
        return reinterpret_cast<std::uintptr_t>(block) - reinterpret_cast<std::uintptr_t>(begin_);
    }
    [[nodiscard]] bool contains(const void* block) const noexcept {
        return offset_of(block) < capacity_ * stride;
    }

    [[nodiscard]] static const char* type() noexcept { return __PRETTY_FUNCTION__; }

    std::size_t capacity_;
    std::size_t bytes_;
    std::byte* begin_;
    checked_pools::entry entry_; // among all of this type, to tell whose pointer it is: read when a pool refuses
};

// What books say that they do not say themselves.
struct usual_books {
    static constexpr bool tells_apart = true; // the four errors; else every one is not_in_use
    static constexpr bool linear = false;     // release() is O(objects out)
    static constexpr std::size_t bytes_in_slot = 0; // behind the object, never poisoned
};

// Books with the addresses of the free slots in a list, newest last: 8 bytes an object. `Out` is where those out stand:
//   Out(slots)           room for all of them
//   insert(slots, slot)  throws std::bad_alloc or nothing, and has changed nothing then
//   erase(slots, block)  false, and nothing has changed, where it did not stand there
template <class Out>
class listed_books : public Out {
public:
    template <class Slots>
    explicit listed_books(const Slots& slots) : Out(slots) {
        free_.reserve(slots.capacity()); // needs no memory from here on
        for (std::size_t i = 0; i != slots.capacity(); ++i) {
            free_.push_back(slots.at(i));
        }
    }
    template <class Slots>
    [[nodiscard]] void* take(const Slots& slots) {
        if (free_.empty()) [[unlikely]] {
            throw pool_exhausted();
        }
        void* const taken = free_.back();
        this->insert(slots, taken);
        free_.pop_back();
        return taken;
    }
    template <class Slots>
    [[nodiscard]] bool give_back(const Slots& slots, void* block) {
        if (!this->erase(slots, block)) [[unlikely]] {
            return false;
        }
        free_.push_back(block);
        return true;
    }
    [[nodiscard]] std::size_t available() const noexcept { return free_.size(); }

private:
    std::vector<void*> free_;
};

// A list that release() searches from its beginning: worst for the newest, best for the oldest. 8 bytes an object.
class list_of_out : public usual_books {
public:
    static constexpr bool linear = true;
    template <class Slots>
    explicit list_of_out(const Slots& slots) {
        out_.reserve(slots.capacity());
    }
    void insert(const auto& /*slots*/, void* slot) { out_.push_back(slot); }

protected:
    [[nodiscard]] auto found(void* block) noexcept { return std::find(out_.begin(), out_.end(), block); }
    std::vector<void*> out_;
};

// Once to see whether the block is out, once more to take it out, which keeps the order of the rest: what this pool is
// known for, and what the comparison is about.
struct searched_twice : list_of_out {
    static constexpr description about =
        leading({"scan_pool", family::pool, "fixed slots; release searches the list of those in use, twice"});
    static constexpr bool tells_apart = false;
    using list_of_out::list_of_out;
    [[nodiscard]] bool erase(const auto& /*slots*/, void* block) noexcept {
        if (found(block) == out_.end()) {
            return false;
        }
        out_.erase(found(block));
        return true;
    }
};

} // namespace detail

template <class T, class Books, upstream_source Upstream = page_source>
class fixed_pool {
public:
    using value_type = T;
    static constexpr description about = Books::about;
    static constexpr pool_traits traits{.reuse = reuse_order::lifo,
                                        .memory = Upstream::memory,
                                        .fixed_capacity = true,
                                        .rejects_foreign_release = true,
                                        .linear_release = Books::linear};

    explicit fixed_pool(std::size_t capacity) : slots_(capacity), books_(slots_) {
        static_assert(alignof(T) <= traits.max_alignment);
        for (std::size_t i = 0; i != capacity; ++i) {
            detail::poison(slots_.at(i), slots_.object_bytes);
        }
    }

    // Throws pool_exhausted when all slots are out, std::bad_alloc when the books need memory and there is none; nothing
    // has changed then.
    [[nodiscard]] void* acquire() {
        void* const taken = books_.take(slots_);
        detail::unpoison(taken, sizeof(T));
        return taken;
    }

    // Throws double_release, interior_pointer, other_pools_pointer or foreign_pointer, scan_pool not_in_use for all of
    // them; changes nothing then.
    void release(void* block) {
        if (!books_.give_back(slots_, block)) [[unlikely]] {
            slots_.report_misuse(block);
        }
        detail::poison(block, slots_.object_bytes);
    }

    [[nodiscard]] std::size_t available() const noexcept { return books_.available(); }
    [[nodiscard]] std::size_t in_use() const noexcept { return slots_.capacity() - books_.available(); }

private:
    detail::fixed_slots<T, Books, Upstream> slots_;
    Books books_;
};

template <class T, upstream_source Upstream = page_source>
using scan_pool = fixed_pool<T, detail::listed_books<detail::searched_twice>, Upstream>;

static_assert(pool<scan_pool<int>> && pool<scan_pool<int, heap_source>>);

} // namespace poolmark
