// The pools that threads may share, behind one interface, so that the tests of them are compiled once; and a
// source of slabs that counts across threads.
#pragma once

#include "benchmarks/contenders/storage/catalog.hpp"
#include "tests/support/threads.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <latch>
#include <limits>
#include <memory>
#include <new>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

namespace poolmark::tests {

// The heap, until `slabs_left` slabs have been handed out.
struct counted_source {
    static constexpr backing memory = backing::heap;
    static constexpr int unlimited = std::numeric_limits<int>::max();
    static inline std::atomic<int> slabs_left = unlimited;
    static inline std::atomic<int> slabs_out = 0;
    static inline std::atomic<std::size_t> bytes_out = 0;

    [[nodiscard]] static constexpr std::size_t usable(std::size_t bytes) noexcept { return bytes; }
    [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t alignment) {
        if (slabs_left.fetch_sub(1) <= 0) {
            slabs_left.fetch_add(1);
            throw std::bad_alloc();
        }
        void* const slab = heap_source::allocate(bytes, alignment);
        ++slabs_out;
        bytes_out += bytes;
        return slab;
    }
    static void deallocate(void* slab, std::size_t bytes, std::size_t alignment) noexcept {
        --slabs_out;
        bytes_out -= bytes;
        heap_source::deallocate(slab, bytes, alignment);
    }
};
static_assert(upstream_source<counted_source>);

// 64 bytes, so that a magazine has 256 of them.
struct stamped {
    std::uint64_t words[8];

    void stamp(std::uint64_t value) noexcept {
        for (std::uint64_t& word : words) {
            word = value++;
        }
    }
    [[nodiscard]] bool has(std::uint64_t value) const noexcept {
        std::uint64_t wrong = 0;
        for (const std::uint64_t word : words) {
            wrong |= word ^ value++;
        }
        return wrong == 0;
    }
};

class shared_storage {
public:
    shared_storage() = default;
    shared_storage(const shared_storage&) = delete;
    shared_storage& operator=(const shared_storage&) = delete;
    virtual ~shared_storage() = default;
    [[nodiscard]] virtual void* acquire() = 0;
    virtual void release(void* block) = 0;

    [[nodiscard]] stamped* make(std::uint64_t value) {
        auto* const made = ::new (acquire()) stamped;
        made->stamp(value);
        return made;
    }
};

template <class P>
class shared_storage_of final : public shared_storage {
public:
    template <class... Arguments>
    explicit shared_storage_of(Arguments... arguments) : pool_(arguments...) {}
    [[nodiscard]] void* acquire() override { return pool_.acquire(); }
    void release(void* block) override { pool_.release(block); }

private:
    P pool_;
};

struct shared_kind {
    const char* name;
    std::unique_ptr<shared_storage> (*make)();
    friend std::ostream& operator<<(std::ostream& out, const shared_kind& kind) { return out << kind.name; }
};

template <class P, auto... Arguments>
[[nodiscard]] std::unique_ptr<shared_storage> make_shared_storage() {
    static_assert(pool<P> && P::traits.thread_safe);
    return std::make_unique<shared_storage_of<P>>(std::size_t{0}, Arguments...);
}

inline const std::vector<shared_kind>& shared_kinds() {
    using cpu = cpu_pool<stamped, counted_source>;
    static const std::vector<shared_kind> all{
        {"local_pool", &make_shared_storage<local_pool<stamped, counted_source>>},
        {"cpu_pool", &make_shared_storage<cpu>},
        {"cpu_pool_never_by_cpu", &make_shared_storage<cpu, per_cpu::never>},
        {"treiber_pool", &make_shared_storage<treiber_pool<stamped, counted_source>>},
        {"locked_pool", &make_shared_storage<locked_pool<slab_pool<stamped, counted_source>>>},
    };
    return all;
}

// Where that CPU is not to be had, the thread stays.
inline void move_to(std::size_t cpu) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(cpu, &only);
    ::sched_setaffinity(0, sizeof only, &only);
}

// A test of each kind. Declared once a file, with POOLMARK_EVERY_SHARED_POOL(name of its own).
class every_shared_pool : public testing::TestWithParam<shared_kind> {
protected:
    ~every_shared_pool() override { EXPECT_EQ(counted_source::slabs_out, 0) << "every slab went back"; }
};
#define POOLMARK_EVERY_SHARED_POOL(suite)                                                                        \
    class suite : public every_shared_pool {};                                                                   \
    INSTANTIATE_TEST_SUITE_P(pools, suite, testing::ValuesIn(shared_kinds()),                                    \
                             [](const auto& kind) { return std::string(kind.param.name); })

} // namespace poolmark::tests
