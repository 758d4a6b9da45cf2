// Ways to reach an object of which there is only one, and what each look at it costs.
//
//   constinit_object      &object                                  there before the program runs; nothing is asked
//   meyers_static         made yet? ──► &object                    a byte is read; thread-safe on first use
//   call_once_object      std::call_once ──► object*               the same by hand
//   shared_ptr_static     copy of a shared_ptr                     count up, count down
//   counted_static        atomic count in the object               count up, count down, though it never ends
//   immortal_bit_static   count has the immortal bit? ──► &object  a word is read, never written
//   enumerator            a number that stands for it              no object at all
//
// Good for: none, true, false, the empty tuple, a default allocator: what everything mentions.
// Bad for:  state: a singleton that changes is a global variable.
// Complexity: O(1). Bytes: one object. Threads: any. The two that count write to one line from every thread.
#pragma once

#include "pools/description.hpp"

#include <atomic>
#include <concepts>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace poolmark {

// The one object: `nothing`, as a language has it, with something to read in it.
inline constexpr std::uint64_t nothing_value = 20;
struct nothing {
    std::uint64_t value = nothing_value;
};

// A way to reach a singleton.
//
//   get()            a handle; the object exists from then on. May throw std::bad_alloc the first time.
//   value(handle)    what is in the object
//   address(handle)  where it is; null when there is no object
//   drop(handle)     ends the handle, and never the object. Move it in.
//
// All static: there is one a process, shared objects included, as long as the program exports its symbols to them.
template <class S>
concept singleton_way = std::semiregular<typename S::handle> && requires(typename S::handle held) {
    { S::about } -> std::convertible_to<const description&>;
    { S::get() } -> std::same_as<typename S::handle>;
    { S::value(held) }
    noexcept->std::same_as<std::uint64_t>;
    { S::address(held) }
    noexcept->std::same_as<const void*>;
    { S::drop(std::move(held)) }
    noexcept->std::same_as<void>;
};

namespace detail {

// For handles that are pointers to what has a `value`, and own nothing.
template <class Object>
struct pointer_singleton {
    using handle = const Object*;
    [[nodiscard]] static std::uint64_t value(handle held) noexcept { return held->value; }
    [[nodiscard]] static const void* address(handle held) noexcept { return held; }
    static void drop(handle /*held*/) noexcept {}
};

// Not a constant to the compiler: an object made from it is made when the program runs.
[[nodiscard]] inline nothing made_at_run_time() noexcept {
    volatile std::uint64_t opaque = nothing_value;
    return {opaque};
}

// A count whose top bit says that nobody need count.
class immortal_bit {
public:
    static constexpr std::uint32_t bit = std::uint32_t{1} << 31;

    constexpr explicit immortal_bit(std::uint32_t count) noexcept : count_(count) {}

    [[nodiscard]] std::uint32_t count() const noexcept { return count_.load(std::memory_order_relaxed); }
    void retain() noexcept {
        if ((count() & bit) == 0) {
            count_.fetch_add(1, std::memory_order_relaxed);
        }
    }
    // True when that was the last one: never with the bit.
    [[nodiscard]] bool release() noexcept {
        return (count() & bit) == 0 && count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
    }

private:
    std::atomic<std::uint32_t> count_;
};

} // namespace detail

class constinit_object : public detail::pointer_singleton<nothing> {
public:
    static constexpr description about{"constinit_object", family::singleton,
                                       "an object there before the program runs"};
    [[nodiscard]] static handle get() noexcept { return &only; }

private:
    static constexpr nothing only{};
};

class meyers_static : public detail::pointer_singleton<nothing> {
public:
    static constexpr description about{"meyers_static", family::singleton, "a static local, made on first use"};
    [[nodiscard]] static handle get() noexcept {
        static const nothing only = detail::made_at_run_time();
        return &only;
    }
};

class call_once_object : public detail::pointer_singleton<nothing> {
public:
    static constexpr description about{"call_once_object", family::singleton, "a pointer behind std::call_once"};
    [[nodiscard]] static handle get() {
        std::call_once(made_, [] { only_ = new nothing(detail::made_at_run_time()); });
        return only_;
    }

private:
    static inline std::once_flag made_;
    static inline const nothing* only_ = nullptr; // never deleted: somebody may look at it to the end
};

class shared_ptr_static {
public:
    using handle = std::shared_ptr<const nothing>;
    static constexpr description about{"shared_ptr_static", family::singleton, "copies of one std::shared_ptr"};
    [[nodiscard]] static handle get() {
        static const handle only = std::make_shared<const nothing>(detail::made_at_run_time());
        return only;
    }
    [[nodiscard]] static std::uint64_t value(const handle& held) noexcept { return held->value; }
    [[nodiscard]] static const void* address(const handle& held) noexcept { return held.get(); }
    static void drop(handle /*held*/) noexcept {} // its end is the drop
};

namespace detail {
struct counted_nothing : nothing {
    std::atomic<std::uint32_t> count{1}; // the program's own, so that it never ends
};
struct immortal_nothing : nothing {
    immortal_bit count{immortal_bit::bit};
};
} // namespace detail

class counted_static : public detail::pointer_singleton<detail::counted_nothing> {
public:
    static constexpr description about{"counted_static", family::singleton,
                                       "a static object with an atomic count"};
    [[nodiscard]] static handle get() noexcept {
        only.count.fetch_add(1, std::memory_order_relaxed);
        return &only;
    }
    static void drop(handle /*held*/) noexcept { only.count.fetch_sub(1, std::memory_order_acq_rel); }
    [[nodiscard]] static std::uint32_t count() noexcept { return only.count.load(std::memory_order_relaxed); }

private:
    static inline constinit detail::counted_nothing only{};
};

class immortal_bit_static : public detail::pointer_singleton<detail::immortal_nothing> {
public:
    static constexpr description about{"immortal_bit_static", family::singleton,
                                       "a static object whose count says that it is not counted"};
    [[nodiscard]] static handle get() noexcept {
        only.count.retain();
        return &only;
    }
    static void drop(handle /*held*/) noexcept { static_cast<void>(only.count.release()); }
    [[nodiscard]] static std::uint32_t count() noexcept { return only.count.count(); }

private:
    static inline constinit detail::immortal_nothing only{};
};

class enumerator {
public:
    enum class handle : std::uint64_t { none, nothing = nothing_value };
    static constexpr description about{"enumerator", family::layout, "a number that stands for the object"};
    [[nodiscard]] static handle get() noexcept { return handle::nothing; }
    [[nodiscard]] static std::uint64_t value(handle held) noexcept { return static_cast<std::uint64_t>(held); }
    [[nodiscard]] static const void* address(handle /*held*/) noexcept { return nullptr; }
    static void drop(handle /*held*/) noexcept {}
};

static_assert(singleton_way<constinit_object> && singleton_way<meyers_static> && singleton_way<call_once_object>);
static_assert(singleton_way<shared_ptr_static> && singleton_way<counted_static>);
static_assert(singleton_way<immortal_bit_static> && singleton_way<enumerator>);

} // namespace poolmark
