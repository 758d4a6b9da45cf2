// The pool to use: objects of one type, created and destroyed in any order, at the price of a few instructions.
//
//   create ──► acquire ──► [ released slots, newest first ] ──none──► carve a slot that was never used ──none──► grow
//   destroy ─► release ──► [ released slots, newest first ]
//
//   poolmark::object_pool<order> orders;
//   order* const one = orders.create(17, "EUR");   orders.destroy(one);
//   auto lease = orders.make(18, "USD");           // destroyed with the lease
//
// It holds its free slots outside of them, in a stack (object_pool/top_stack.hpp): what comes next is known without reading
// it, so a million cold objects cost no chain of cache misses, and one object replaced by another costs no more than a
// list in the slots. Slots are carved only when no released one is left, from slabs that double, so memory that was
// never needed is never touched. The first slab is one small block of the heap: a pool may live for a single object.
//
// Good for: objects made and dropped at a high rate, whether they are still warm or have long gone cold.
// Bad for:  objects of many sizes (size_class_pool), several threads at once (local_pool), objects with one common
//           end (arena), references that may outlive their object (slot_map).
// Complexity: O(1) unless a member says otherwise, with at most two calls of the upstream when the pool grows.
// Bytes:    none an object out (four a slot when checked), 8 a free one. trim() gives memory back, also by itself
//           (pool_options::trims); so does the end, but for slabs kept warm for other pools (trim_slab_cache()).
// Threads:  one at a time. Pools of one type may live on several threads.
#pragma once

#include "pools/memory/construct.hpp"
#include "pools/memory/exceptions.hpp"
#include "pools/object_pool/parts.hpp"
#include "pools/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace poolmark {

template <class T, pool_options Options = pool_options{}, upstream_source Upstream = detail::source_of<Options>>
class object_pool;

// Ends an object's life when the lease does. The pool must still be there, and where it was: leases do not follow
// a pool that is moved. Destroying its object behind its back is a double release, which a checked pool throws
// out of the lease's destructor: the program ends.
template <class T, pool_options Options = pool_options{}, class Upstream = detail::source_of<Options>>
struct pool_deleter {
    object_pool<T, Options, Upstream>* pool;
    void operator()(T* object) const { pool->destroy(object); }
};
// An object_pool's lease, which can be named where T is not complete yet: inside T.
template <class T, pool_options Options = pool_options{}, class Upstream = detail::source_of<Options>>
using object_lease = std::unique_ptr<T, pool_deleter<T, Options, Upstream>>;

template <class T, pool_options Options, upstream_source Upstream>
class object_pool
    : private detail::pool_checks<detail::store_of<T, Options, Upstream>, detail::slot_stride<T>, Options.checks> {
    static_assert(std::is_object_v<T> && !std::is_array_v<T> && !std::is_const_v<T>,
                  "object_pool<T>: T is a plain object type");
    static_assert((Options.capacity == 0) == (Options.when_exhausted == exhausted::grow) ||
                      Options.when_exhausted == exhausted::null,
                  "object_pool: a capacity needs when_exhausted to say what happens at it, and the other way round");

    using store_type = detail::store_of<T, Options, Upstream>;
    using checks = detail::pool_checks<store_type, detail::slot_stride<T>, Options.checks>;
    static constexpr bool checked = Options.checks != check::off;
    static constexpr bool may_be_null = Options.when_exhausted == exhausted::null;
    using idle_memory = detail::idle_memory_of<Options.trims>;

public:
    using value_type = T;
    static constexpr const description& about = detail::object_pool_about<Options.checks, Options.trims>;
    static constexpr pool_traits traits{.reuse = reuse_order::lifo,
                                        .memory = Upstream::memory,
                                        .fixed_capacity = Options.capacity != 0,
                                        .rejects_foreign_release = checked,
                                        .max_objects = Options.capacity != 0 ? Options.capacity : pool_traits::unlimited,
                                        .gives_null = may_be_null};
    static_assert(alignof(T) <= traits.max_alignment, "object_pool<T>: alignments up to 4096");
    static_assert(detail::has_exceptions || Options.when_exhausted == exhausted::grow || may_be_null,
                  "object_pool: without exceptions, when_exhausted can be grow (which aborts) or null");

    using deleter = pool_deleter<T, Options, Upstream>;
    using lease = object_lease<T, Options, Upstream>;

    // `expected_objects` sizes the first slab, which then is the only block the pool takes for so many. Nothing is
    // allocated before the first object.
    explicit object_pool(std::size_t expected_objects = 0) noexcept(!checked)
        : checks(about.name), store_((std::min)(expected_objects, capacity())) {
        checks::settle(store_);
    }
    // The blocks move with their memory: every pointer stays valid, and belongs to the pool moved to.
    object_pool(object_pool&& other) noexcept
        : checks(std::move(other)), store_(std::move(other.store_)), on_exhausted_(std::move(other.on_exhausted_)),
          idle_(std::exchange(other.idle_, {})) {
        checks::settle(store_);
        other.checks::settle(other.store_);
    }
    // Ends this pool's blocks first.
    object_pool& operator=(object_pool&& other) noexcept;
    // Blocks still out are invalid from here on; their destructors do not run (see destroy_all). A checked pool
    // reports them to the leak handler.
    ~object_pool() {
        report_leaks();
        checks::leave();
    }

    // Constructs an object. Throws what its constructor throws, with the slot given back, and what acquire() throws.
    // Null only where the options say so.
    template <class... Args>
    [[nodiscard]] T* create(Args&&... args) {
        return construct_in<may_be_null>(acquire(), std::forward<Args>(args)...);
    }
    // Null where create() would have found no slot; throws only what the constructor throws.
    template <class... Args>
    [[nodiscard]] T* try_create(Args&&... args) noexcept(std::is_nothrow_constructible_v<T, Args...>) {
        return construct_in<true>(try_acquire(), std::forward<Args>(args)...);
    }
    // An object that is destroyed with the lease; an empty lease only where create() would give null.
    template <class... Args>
    [[nodiscard]] lease make(Args&&... args) {
        return lease(create(std::forward<Args>(args)...), deleter{this});
    }
    // Ends the life of an object of this pool. A checked pool throws, before the destructor runs, when it is none.
    void destroy(T* object) noexcept(!checked) {
        static_assert(std::is_destructible_v<T>, "object_pool<T>: the pool calls T's destructor, which must be public");
        if constexpr (std::is_trivially_destructible_v<T>) {
            release(object);
        } else {
            const auto mark = checks::before_ending(store_, object);
            std::destroy_at(object);
            give_back(object, mark);
        }
    }

    // Raw storage for one T. Throws std::bad_alloc when the upstream has no more memory, pool_exhausted at the
    // capacity; null where the options say so. A full check may throw use_after_release, for the slot it would have
    // handed out; the next call goes on with it.
    [[nodiscard]] void* acquire() {
        checks::check_thread();
        void* const slot = store_.take();
        if (slot == nullptr) [[unlikely]] {
            return acquire_growing();
        }
        return hand_out(slot);
    }
    // Null where acquire() would throw or be null.
    [[nodiscard]] void* try_acquire() noexcept;
    // Takes back a block that came from acquire(), without a destructor. A checked pool throws, and is unharmed, when
    // it is not out: double_release, foreign_pointer, other_pools_pointer, interior_pointer, wrong_thread.
    void release(void* block) noexcept(!checked) {
        if constexpr (checked) {
            checks::check_thread(block);
            if (!store_.is_newest(block)) {
                detail::slot_mark* const mark = checks::mark_of_one_out(store_, block);
                if (mark == nullptr) [[unlikely]] {
                    return release_otherwise(block);
                }
                store_.place(block, *mark);
            }
            give_back(block, detail::placed{});
        } else {
            give_back(block, detail::unmarked{});
        }
    }

    // Storage for `out.size()` objects, or an exception (as acquire(); std::length_error beyond the capacity) with
    // nothing taken. O(out.size()).
    void acquire_n(std::span<T*> out);
    // Whether there was storage for all of them; nothing is taken otherwise. O(out.size()).
    [[nodiscard]] bool try_acquire_n(std::span<T*> out) noexcept;
    // Takes all of them back; where a checked pool finds one that
    // is not out, it throws and takes none. O(blocks.size()).
    void release_n(std::span<T* const> blocks) noexcept(!checked);

    // The next `objects` acquisitions will not need the upstream. Throws std::bad_alloc, std::length_error beyond the
    // capacity; nothing changes then.
    void reserve(std::size_t objects);
    // Makes what is reserved resident now, so that no acquisition pays for a page's first use. O(bytes).
    void prefault() { store_.prefault(); }
    // Gives memory back to the system, past what is kept for other pools: slabs of which nothing is out, and single
    // pages of other slabs (which are not made of huge pages again). Free slots are then handed out lowest address
    // first; where a slab has 512 or more above its last object, those count as never used. Returns the bytes: whole
    // slabs, and those pages that were resident. Where there is no memory to work it out, it does nothing.
    // O(slots / 64 + free * log slabs + resident pages).
    std::size_t trim() noexcept;
    // Forgets everything that is out, without destructors, and keeps the slabs. O(slabs).
    void reset() noexcept {
        store_.reset();
        checks::on_reset(store_);
    }

    // visit(T&) for each object out, in order of address. Every block out must hold an object. The visitor may destroy
    // the object it is given and nothing else of this pool; it may create objects, which are not visited. Costs no hot
    // path anything: which slots are free is worked out here. Throws std::bad_alloc. O(slots / 64 + free * log slabs).
    template <class Visitor>
    void for_each_live(Visitor&& visit);
    // Destroys every object out, of which none may destroy another one in its destructor. As for_each_live.
    void destroy_all() {
        for_each_live([this](T& object) { destroy(std::addressof(object)); });
    }

    // Whether `block` is the beginning of a slot of this pool that is or, since trim(), was out. O(log slabs).
    [[nodiscard]] bool owns(const void* block) const noexcept {
        const auto* const in = store_.slabs().find(block);
        return in != nullptr && in->index(block) < store_.carved_in(*in);
    }
    [[nodiscard]] pool_stats stats() const noexcept; // O(slabs)
    [[nodiscard]] std::size_t slab_bytes() const noexcept { return store_.slabs().bytes(); } // O(slabs)
    [[nodiscard]] static constexpr std::size_t capacity() noexcept {
        return Options.capacity != 0 ? Options.capacity : (std::numeric_limits<std::size_t>::max)();
    }

    // `function()` is called when all slots are out; it returns true after it has released some.
    void on_exhausted(std::function<bool()> function)
        requires(Options.when_exhausted == exhausted::callback)
    {
        on_exhausted_.call = std::move(function);
    }
    // From here on the pool belongs to the thread that calls this.
    void bind_to_this_thread() noexcept
        requires(Options.checks == check::full)
    {
        checks::bind();
    }

private:
    struct no_handler {};
    struct handler {
        std::function<bool()> call;
    };
    using exhaustion_handler = std::conditional_t<Options.when_exhausted == exhausted::callback, handler, no_handler>;

    template <bool MayBeNull, class... Args>
    [[nodiscard]] T* construct_in(void* slot, Args&&... args) noexcept(std::is_nothrow_constructible_v<T, Args...>) {
        if (MayBeNull && slot == nullptr) {
            return nullptr;
        }
        if constexpr (std::is_nothrow_constructible_v<T, Args...>) {
            return detail::construct<T>(slot, std::forward<Args>(args)...);
        } else {
            POOLMARK_TRY {
                return detail::construct<T>(slot, std::forward<Args>(args)...);
            }
            POOLMARK_CATCH(...) {
                release(slot);
                POOLMARK_RETHROW;
            }
        }
    }

    [[nodiscard]] void* hand_out(void* slot) noexcept(Options.checks != check::full) {
        detail::unpoison(slot, sizeof(T));
        if constexpr (Options.checks == check::full) {
            POOLMARK_TRY {
                return checks::on_acquire(slot, sizeof(T));
            }
            POOLMARK_CATCH(...) {
                store_.put(slot, checks::mark_of(store_, slot));
                detail::poison(slot, detail::slot_stride<T>);
                POOLMARK_RETHROW;
            }
        } else {
            return checks::on_acquire(slot, sizeof(T));
        }
    }
    template <class Mark>
    void give_back(void* slot, Mark mark) noexcept {
        checks::after_release(slot, sizeof(T));
        store_.put(slot, mark);
        detail::poison(slot, detail::slot_stride<T>);
        if (idle_.tick()) [[unlikely]] {
            look_at_idle_memory();
        }
    }

    // Cold, so that release() has no call in the way.
    [[gnu::__noinline__, gnu::__cold__]] void release_otherwise(void* block) {
        give_back(block, checks::find_one_out(store_, block));
    }
    [[nodiscard, gnu::__noinline__]] void* acquire_growing();
    [[nodiscard, gnu::__noinline__, gnu::__cold__]] void* acquire_otherwise();
    [[nodiscard]] void* take_anywhere() noexcept;
    [[nodiscard]] void* find_slot();
    void grow(std::size_t fewest);
    void report_leaks() noexcept;
    [[gnu::__noinline__, gnu::__cold__]] void look_at_idle_memory() noexcept;

    store_type store_;
    [[no_unique_address]] exhaustion_handler on_exhausted_;
    [[no_unique_address]] idle_memory idle_;
};

static_assert(resettable_pool<object_pool<int>>);
static_assert(std::is_nothrow_move_constructible_v<object_pool<int>> && !std::is_copy_constructible_v<object_pool<int>>);

} // namespace poolmark

#include "pools/object_pool/slow.hpp"
