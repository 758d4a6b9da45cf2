// What own_objects.hpp times: objects of the reader's type, in
// batches or as a population, and how they become a workload.
#pragma once

#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/workload.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace poolmark::benchmarks::detail {

[[nodiscard]] std::uint64_t digest_of_bytes(const void* object, std::size_t bytes) noexcept;

// The workload of these words; what cannot be one is a line on
// standard error and exit code 2, since this runs before main.
[[nodiscard]] workload describe_own(std::string_view name, const std::vector<std::int64_t>& live,
                                    std::string_view pattern, std::size_t bytes,
                                    std::vector<strategy>&& strategies);

template <class Pool>
[[nodiscard]] strategy own_strategy(heap_use pools_on, subject_factory make) {
    strategy by{.about = Pool::about,
                .heap = pools_on == heap_use::every_allocator ? pools_on : heap_of(Pool::traits, pools_on),
                .make = Pool::about.installed() ? make : nullptr,
                .from = first_preset(Pool::about)};
    limit_live_objects(by, Pool::traits);
    return by;
}

// Objects of Pool::value_type, and how one is made and dropped.
template <class Pool, class Make, class Digest>
class own_objects : public subject {
protected:
    using value_type = typename Pool::value_type;

    explicit own_objects(const parameters& where)
        : objects_(static_cast<std::size_t>(bounded_live(where.number("live")))), pool_(objects_.size()) {}

    [[nodiscard]] value_type* make() {
        auto* object = ::new (pool_.acquire()) value_type(Make{}(next_++));
        keep(object);
        return object;
    }
    void drop(value_type* object) {
        keep(object); // looked up by everyone, also by those whose release does nothing
        std::destroy_at(object);
        pool_.release(object);
    }
    void all_gone() {
        if constexpr (Pool::traits.reuse == reuse_order::never) {
            pool_.reset();
        }
        next_ = 0;
    }

    table<value_type*> objects_;
    std::uint64_t next_ = 0;
    Pool pool_;
};

// All of them made, and all dropped in a given order.
template <class Pool, class Make, class Digest>
class own_batch final : public own_objects<Pool, Make, Digest> {
public:
    explicit own_batch(const parameters& where)
        : own_objects<Pool, Make, Digest>(where),
          turns_(release_turns(where.word("pattern"), this->objects_.size())) {}

    std::uint64_t verify() override {
        digest seen;
        make_all();
        for (const auto* object : this->objects_) {
            seen.add(Digest{}(*object));
        }
        drop_all();
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            make_all();
            barrier();
            drop_all();
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return turns_.size(); }

private:
    void make_all() {
        for (auto*& object : this->objects_) {
            object = this->make();
        }
    }
    void drop_all() {
        for (const std::uint32_t turn : turns_) {
            this->drop(this->objects_[turn]);
        }
        this->all_gone();
    }

    table<std::uint32_t> turns_;
};

// A steady number of them; each operation replaces one.
template <class Pool, class Make, class Digest>
class own_population final : public own_objects<Pool, Make, Digest> {
public:
    explicit own_population(const parameters& where)
        : own_objects<Pool, Make, Digest>(where),
          victims_(std::bit_ceil(
              std::max<std::size_t>(1U << 14U, std::min<std::size_t>(4 * this->objects_.size(), 1U << 21U)))) {
        random_source chance(workload_seed);
        std::ranges::generate(victims_,
                              [&] { return static_cast<std::uint32_t>(chance.below(this->objects_.size())); });
        for (auto*& object : this->objects_) {
            object = this->make();
        }
    }
    ~own_population() override {
        for (auto* object : this->objects_) {
            this->drop(object);
        }
    }
    own_population(const own_population&) = delete;
    own_population& operator=(const own_population&) = delete;

    std::uint64_t verify() override {
        digest seen;
        for (std::size_t i = 0; i < this->objects_.size(); ++i) {
            seen.add(Digest{}(*next_victim()));
            --position_;
            replace();
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            replace();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }

private:
    auto*& next_victim() { return this->objects_[victims_[position_++ & (victims_.size() - 1)]]; }
    void replace() {
        auto*& object = next_victim();
        this->drop(object);
        barrier(); // a real program does other things in between; without it the two fuse into nothing
        object = this->make();
        barrier();
    }

    table<std::uint32_t> victims_;
    std::size_t position_ = 0;
};

} // namespace poolmark::benchmarks::detail
