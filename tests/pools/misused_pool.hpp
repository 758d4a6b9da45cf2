// A checked object_pool behind virtual functions, so that the misuse tests and the fuzz are compiled once for both
// levels; and objects that tell whether they are intact.
#pragma once

#include "pools/object_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace poolmark::tests {

// Its number, all over. 24 bytes that are no power of two, so that slots begin at every second multiple of 8.
struct stamped {
    static inline long destroyed = 0;
    std::uint64_t words[3];

    explicit stamped(std::uint64_t number) : words{number, ~number, number * 0x9E3779B97F4A7C15u} {}
    stamped(const stamped&) = delete;
    stamped& operator=(const stamped&) = delete;
    ~stamped() { ++destroyed; }
    [[nodiscard]] bool is(std::uint64_t number) const {
        return words[0] == number && words[1] == ~number && words[2] == number * 0x9E3779B97F4A7C15u;
    }
};

class misused_pool {
public:
    misused_pool() = default;
    misused_pool(const misused_pool&) = delete;
    misused_pool& operator=(const misused_pool&) = delete;
    virtual ~misused_pool() = default;

    [[nodiscard]] virtual stamped* create(std::uint64_t number) = 0;
    [[nodiscard]] virtual stamped* try_create(std::uint64_t number) = 0;
    virtual void destroy(stamped* object) = 0;
    [[nodiscard]] virtual void* acquire() = 0;
    virtual void release(void* block) = 0;
    virtual void acquire_n(std::span<stamped*> out) = 0;
    virtual void release_n(std::span<stamped* const> blocks) = 0;
    virtual void reserve(std::size_t objects) = 0;
    virtual std::size_t trim() = 0;
    virtual void reset() = 0;
    virtual void move_away_and_back() = 0;
    virtual void move_assign_through() = 0;
    virtual void bind() = 0;
    [[nodiscard]] virtual bool owns(const void* block) const = 0;
    [[nodiscard]] virtual pool_stats stats() const = 0;
    [[nodiscard]] virtual std::vector<stamped*> live() = 0;
    [[nodiscard]] virtual std::string_view name() const = 0;
};

template <check Level>
class misused final : public misused_pool {
public:
    using pool_type = object_pool<stamped, pool_options{.checks = Level}>;

    stamped* create(std::uint64_t number) override { return pool_.create(number); }
    stamped* try_create(std::uint64_t number) override { return pool_.try_create(number); }
    void destroy(stamped* object) override { pool_.destroy(object); }
    void* acquire() override { return pool_.acquire(); }
    void release(void* block) override { pool_.release(block); }
    void acquire_n(std::span<stamped*> out) override { pool_.acquire_n(out); }
    void release_n(std::span<stamped* const> blocks) override { pool_.release_n(blocks); }
    void reserve(std::size_t objects) override { pool_.reserve(objects); }
    std::size_t trim() override { return pool_.trim(); }
    void reset() override { pool_.reset(); }
    void move_away_and_back() override {
        pool_type other(std::move(pool_));
        pool_ = std::move(other);
    }
    void move_assign_through() override {
        pool_type other;
        static_cast<void>(other.acquire()); // which ends with the assignment
        other.reset();
        other = std::move(pool_);
        std::swap(pool_, other);
    }
    void bind() override {
        if constexpr (Level == check::full) {
            pool_.bind_to_this_thread();
        }
    }
    bool owns(const void* block) const override { return pool_.owns(block); }
    pool_stats stats() const override { return pool_.stats(); }
    std::vector<stamped*> live() override {
        std::vector<stamped*> out;
        pool_.for_each_live([&out](stamped& each) { out.push_back(&each); });
        return out;
    }
    std::string_view name() const override { return pool_type::about.name; }

private:
    pool_type pool_;
};

[[nodiscard]] inline std::unique_ptr<misused_pool> make_misused(check level) {
    switch (level) {
    case check::off: return std::make_unique<misused<check::off>>();
    case check::fast: return std::make_unique<misused<check::fast>>();
    default: return std::make_unique<misused<check::full>>();
    }
}

} // namespace poolmark::tests
