// Objects behind handles that know when their object is gone: an index, and a generation that each reuse changes.
//
//   handle  │ generation 7 │ index 1 │ ──► generations │ 3 │ 7 │ 12 │    equal: the object is there
//                                          slots       │ A │ B │ -  │    which never move
//
// Good for: references between objects that come and go; references of 4 or 8 bytes that can be stored anywhere.
// Bad for:  the tightest loops over everything: a handle costs two loads more than a pointer.
// Complexity: create and destroy O(1), create amortised; get O(1); for_each and clear O(slots ever used).
// Bytes:    8 an object besides the object (see slot_table).
// Threads:  one at a time. Movable; not copyable.
//
// A handle of another map is refused where it can be told: one of another type does not compile; with handle64 each
// map counts from another generation, so a foreign handle is stale here, up to a chance of one in a billion; with
// handle32 there are too few generations for that, and a foreign handle may name a live object. Maps whose handles
// must not be mixed up take a layout type of their own (see slot_handle.hpp).
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/memory/construct.hpp"
#include "pools/memory/process.hpp"
#include "pools/errors.hpp"
#include "pools/pool.hpp"
#include "pools/slots/handle.hpp"
#include "pools/slots/table.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace poolmark {

namespace detail {
struct map_count {
    static constexpr const char* name_in_process = "maps 1";
    std::atomic<std::uint32_t> maps{0};
};
// An even number that is not 0, another one for each map: below 2^31, so that half of all generations are ahead.
inline std::uint32_t next_unborn_generation() noexcept {
    const std::uint32_t spread = process_wide<map_count>().maps.fetch_add(1, std::memory_order_relaxed) * 0x9e3779b1U;
    return (spread >> 1U | 2U) & ~std::uint32_t{1};
}
} // namespace detail

template <class T, handle_layout Layout = handle64, upstream_source Upstream = page_source>
class slot_map {
public:
    using value_type = T;
    using handle = slot_handle<T, Layout>;
    static constexpr handle none{};
    static constexpr description about{
        sizeof(handle) == 4 ? "slot_map32" : "slot_map64", family::free_list,
        sizeof(handle) == 4 ? "handles of 22 bits of index and 10 of generation; slots never move"
                            : "handles of 32 bits of index and 32 of generation; slots never move"};

    slot_map() : slot_map(0) {}
    explicit slot_map(std::size_t expected_objects) noexcept : slots_(expected_objects, unborn()) {}
    slot_map(slot_map&& other) noexcept : slot_map(0) { slots_.swap(other.slots_); }
    slot_map& operator=(slot_map&& other) noexcept {
        slot_map taken(std::move(other));
        slots_.swap(taken.slots_);
        return *this;
    }
    ~slot_map() {
        if constexpr (!std::is_trivially_destructible_v<T>) {
            clear();
        }
    }

    // Throws pool_exhausted when every index is taken (4,194,304 with handle32), std::bad_alloc when there is no
    // memory, and what the constructor throws; in each case nothing has changed.
    template <class... Args>
    [[nodiscard]] handle create(Args&&... args) {
        const std::uint32_t slot = slots_.take();
        if constexpr (std::is_nothrow_constructible_v<T, Args...>) {
            static_cast<void>(detail::construct<T>(slots_.at(slot), std::forward<Args>(args)...));
        } else {
            POOLMARK_TRY {
                static_cast<void>(detail::construct<T>(slots_.at(slot), std::forward<Args>(args)...));
            }
            POOLMARK_CATCH(...) {
                slots_.give_back(slot);
                POOLMARK_RETHROW;
            }
        }
        return handle_for(slot, slots_.begin(slot));
    }

    // Throws stale_handle where the object is gone already. Its handles are stale when the destructor runs.
    void destroy(handle which) {
        if (!contains(which)) [[unlikely]] {
            throw_stale();
        }
        destroy_slot(which.index());
    }

    [[nodiscard]] bool contains(handle which) const noexcept {
        return slots_.is_alive(which.index(), which.stamp());
    }

    // The object, or null where it is gone.
    [[nodiscard]] T* try_get(handle which) noexcept {
        return static_cast<T*>(slots_.at(which.index(), which.stamp()));
    }
    [[nodiscard]] const T* try_get(handle which) const noexcept {
        return static_cast<const T*>(slots_.at(which.index(), which.stamp()));
    }

    // The object. Throws stale_handle where it is gone.
    [[nodiscard]] T& get(handle which) { return *found(try_get(which)); }
    [[nodiscard]] const T& get(handle which) const { return *found(try_get(which)); }

    // The handle of an object, from its address; none where that is not a live object of this map.
    [[nodiscard]] handle handle_of(const T* object) const noexcept {
        bool ours = false;
        const auto found = slots_.find(object, ours);
        const bool lives = found.found && found.slot < slots_.used() && slots_.is_alive(found.slot);
        return lives ? handle_for(found.slot, slots_.stamp(found.slot)) : none;
    }

    // visit(handle, T&) for each object, by index. It may destroy
    // any object and create new ones, which are visited or not.
    template <class Visit>
    void for_each(Visit&& visit) {
        for (std::size_t i = 0; i < slots_.used(); ++i) {
            const auto slot = static_cast<std::uint32_t>(i);
            if (slots_.is_alive(slot)) {
                visit(handle_for(slot, slots_.stamp(slot)), *object_at(slot));
            }
        }
    }

    // Destroys every object. Generations go on where they are, so all handles are stale from here on.
    void clear() noexcept {
        for (std::size_t i = 0; i < slots_.used(); ++i) {
            if (slots_.is_alive(static_cast<std::uint32_t>(i))) {
                destroy_slot(static_cast<std::uint32_t>(i));
            }
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return slots_.live(); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::size_t capacity() const noexcept { return slots_.capacity(); } // slots there is memory for
    [[nodiscard]] std::size_t retired() const noexcept { return slots_.retired(); }   // slots that lived all lives

private:
    // Where generations are few, every map starts at the same, so that each slot has all of its lives.
    [[nodiscard]] static std::uint32_t unborn() noexcept {
        if constexpr (Layout::generation_bits == 32) {
            return detail::next_unborn_generation();
        } else {
            return 2; // 0 would be the stamp of none
        }
    }

    [[nodiscard]] static handle handle_for(std::uint32_t slot, std::uint32_t stamp) noexcept {
        if constexpr (sizeof(handle) == sizeof stamp) {
            return handle(stamp);
        } else {
            return handle(std::uint64_t{stamp} << 32U | slot);
        }
    }

    [[nodiscard]] T* object_at(std::uint32_t slot) const noexcept { return static_cast<T*>(slots_.at(slot)); }

    template <class Object>
    [[nodiscard]] static Object* found(Object* object) {
        if (object == nullptr) [[unlikely]] {
            throw_stale();
        }
        return object;
    }

    void destroy_slot(std::uint32_t slot) noexcept {
        static_assert(std::is_destructible_v<T>, "slot_map<T>: the map calls T's destructor, which must be public");
        const bool lives_again = slots_.end(slot);
        std::destroy_at(object_at(slot));
        if (lives_again) {
            slots_.give_back(slot);
        }
    }

    [[gnu::__noreturn__, gnu::__noinline__, gnu::__cold__]] static void throw_stale() { detail::raise<stale_handle>(about.name); }

    slot_table<sizeof(T), alignof(T), Layout::index_bits, Layout::generation_bits, Upstream> slots_;
};

} // namespace poolmark
