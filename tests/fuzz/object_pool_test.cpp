// A checked or unchecked object_pool, driven by bytes, against a list of what must be out.
//
//   bytes ──► create, destroy, many at once, trim, reset, reserve, move, misuse ──► object_pool
//                                                                              └──► shadow: address ─► number
//
// Good for: orders of calls that nobody thought of: the same function serves libFuzzer (with POOLMARK_FUZZER) and a test of fixed seeds.
// Bad for:  several threads; exhaustion.
#include "pools/errors.hpp"
#include "pools/leaks.hpp"
#include "pools/memory/poison.hpp"
#include "pools/pool_options.hpp"
#include "tests/pools/misused_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <span>
#include <vector>

namespace poolmark::tests {
namespace {

void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "object_pool: %s\n", what);
        std::abort();
    }
}

// The input; zeros behind its end.
class reader {
public:
    explicit reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
    [[nodiscard]] bool done() const { return rest_.empty(); }
    std::size_t byte() {
        if (rest_.empty()) {
            return 0;
        }
        const std::size_t value = rest_.front();
        rest_ = rest_.subspan(1);
        return value;
    }
    std::size_t word() {
        const std::size_t high = byte();
        return high << 8 | byte();
    }

private:
    std::span<const std::uint8_t> rest_;
};

class model {
public:
    model(check level, std::span<const std::uint8_t> bytes)
        : level_(level), pool_(make_misused(level)), other_(make_misused(level)), in_(bytes) {}

    void run() {
        theirs_ = other_->create(0);
        while (!in_.done()) {
            step();
        }
        look_at_all();
        end();
    }

private:
    struct object {
        stamped* at;
        std::uint64_t number;
    };
    static constexpr std::size_t most = 20'000;

    void step() {
        switch (in_.byte() % 16) {
        case 0:
        case 1:
        case 2: return create(1 + in_.byte() % 8);
        case 3: return create(in_.word() % 2048);
        case 4:
        case 5:
        case 6: return destroy(1 + in_.byte() % 8);
        case 7: return destroy(in_.word() % 2048);
        case 8: return acquire_many(in_.word() % 1024);
        case 9: return release_many(in_.word() % 1024);
        case 10: return static_cast<void>(pool_->trim());
        case 11: return reset_or_end(in_.byte());
        case 12: return reserve(in_.word());
        case 13: return in_.byte() % 2 == 0 ? pool_->move_away_and_back() : pool_->move_assign_through();
        case 14: return look_at_all();
        default: return level_ == check::off ? look_at_all() : misuse(in_.byte());
        }
    }

    void add(stamped* at) {
        require(at->is(next_), "an object lost its number");
        out_.push_back({at, next_++});
    }
    object take(std::size_t chosen) {
        std::swap(out_[chosen % out_.size()], out_.back());
        const object taken = out_.back();
        out_.pop_back();
        require(taken.at->is(taken.number), "an object was written over");
        return taken;
    }

    void create(std::size_t count) {
        for (; count-- != 0 && out_.size() < most;) {
            add(count % 2 == 0 ? pool_->create(next_) : pool_->try_create(next_));
        }
    }
    void destroy(std::size_t count) {
        for (; count-- != 0 && !out_.empty();) {
            last_released_ = take(count * 7919u + next_).at;
            pool_->destroy(last_released_);
        }
    }
    void acquire_many(std::size_t count) {
        std::vector<stamped*> many(std::min(count, most - out_.size()));
        pool_->acquire_n(many);
        for (stamped* const each : many) {
            add(std::construct_at(each, next_));
        }
    }
    void release_many(std::size_t count) {
        std::vector<stamped*> many;
        while (many.size() != count && !out_.empty()) {
            many.push_back(take(count).at);
        }
        pool_->release_n(many);
    }
    void reset_or_end(std::size_t how) {
        if (how % 2 == 0) {
            pool_->reset();
            out_.clear();
        } else {
            end();
            pool_ = make_misused(level_);
        }
        last_released_ = nullptr;
    }
    void reserve(std::size_t count) {
        pool_->reserve(count);
        const pool_stats found = pool_->stats();
        require(found.free + found.never_used >= count, "reserved less than was asked for");
    }

    void misuse(std::size_t how) {
        auto* const some = out_.empty() ? nullptr : out_[how % out_.size()].at;
        stamped outside(1u);
        switch (how % 8) {
        case 0: return refused(&outside);
        case 1: return refused(nullptr);
        case 2: return refused(theirs_);
        case 3: return refused(some == nullptr ? nullptr : reinterpret_cast<std::byte*>(some) + 1 + how % 23);
        case 4: return refused(is_out(last_released_) ? nullptr : last_released_);
        case 5: return refused(some == nullptr || pool_->owns(some + 1) ? nullptr : some + 1);
        case 6: return refused_among_many(how % 2 == 0 ? some : &outside);
        default: return write_after_release();
        }
    }
    void refused(void* address) {
        for (const bool destroying : {false, true}) {
            try {
                destroying ? pool_->destroy(static_cast<stamped*>(address)) : pool_->release(address);
            } catch (const not_in_use& error) {
                require(error.address() == address, "another address was reported");
                continue;
            }
            require(false, "a wrong release was taken");
        }
    }
    void refused_among_many(stamped* bad) {
        std::vector<stamped*> many;
        for (const object& each : out_) {
            many.push_back(each.at);
        }
        many.insert(many.begin() + static_cast<std::ptrdiff_t>(many.size() / 2), bad);
        try {
            pool_->release_n(many);
        } catch (const not_in_use&) {
            return;
        }
        require(false, "many were taken with a wrong one among them");
    }
    void write_after_release() {
        if (level_ != check::full) {
            return;
        }
        stamped* const released = pool_->create(1);
        pool_->destroy(released);
        detail::unpoison(released, sizeof(stamped));
        reinterpret_cast<unsigned char*>(released)[next_ % sizeof(stamped)] ^= 1;
        try {
            static_cast<void>(pool_->acquire());
        } catch (const use_after_release& error) {
            require(error.address() == released, "another block was reported");
            return;
        }
        require(false, "a write after release was not found");
    }

    [[nodiscard]] bool is_out(const stamped* at) const {
        return std::any_of(out_.begin(), out_.end(), [at](const object& each) { return each.at == at; });
    }
    void look_at_all() {
        std::vector<stamped*> expected;
        for (const object& each : out_) {
            require(each.at->is(each.number), "an object was written over");
            require(pool_->owns(each.at), "the pool does not know its own object");
            expected.push_back(each.at);
        }
        std::sort(expected.begin(), expected.end());
        require(pool_->live() == expected, "the pool and the shadow differ in what is out");
        const pool_stats found = pool_->stats();
        require(found.live == out_.size(), "the number of live objects is wrong");
        require(found.peak_live == found.live + found.free, "the slots do not add up");
        require((found.slabs == 0) == (found.slab_bytes == 0), "the slabs do not add up");
        require(other_->stats().live == 1 && theirs_->is(0), "the other pool was harmed");
    }
    // Everything goes back, and trim() gives back all memory.
    void end() {
        destroy(out_.size());
        require(pool_->stats().live == 0, "something is out that the shadow does not know");
        pool_->trim();
        require(pool_->stats().slab_bytes == 0 && pool_->stats().stack_bytes == 0, "trim() kept memory");
    }

    check level_;
    std::unique_ptr<misused_pool> pool_;
    std::unique_ptr<misused_pool> other_;
    reader in_;
    std::vector<object> out_;
    stamped* theirs_ = nullptr;
    stamped* last_released_ = nullptr;
    std::uint64_t next_ = 1;
};

// Does what the bytes say. Ends the program with a line on stderr where the pool and the shadow differ.
void run_object_pool(check level, std::span<const std::uint8_t> bytes) {
    model one(level, bytes);
    one.run();
}

} // namespace

#ifndef POOLMARK_FUZZER
namespace {

class object_pool_fuzz : public testing::TestWithParam<check> {};

TEST_P(object_pool_fuzz, agrees_with_its_shadow_whatever_the_order_of_calls) {
    const leak_handler before = set_leak_handler([](const leak_report&) noexcept {}); // the other pool's object
    for (unsigned seed = 0; seed != 16; ++seed) {
        std::mt19937 random(seed);
        std::vector<std::uint8_t> bytes(1000);
        for (std::uint8_t& each : bytes) {
            each = static_cast<std::uint8_t>(random());
        }
        run_object_pool(GetParam(), bytes);
    }
    set_leak_handler(before);
}

INSTANTIATE_TEST_SUITE_P(at, object_pool_fuzz, testing::Values(check::off, check::fast, check::full),
                         [](const auto& level) {
                             return level.param == check::off ? "off" : level.param == check::fast ? "fast" : "full";
                         });

} // namespace
#endif

} // namespace poolmark::tests

#ifdef POOLMARK_FUZZER
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// The first byte chooses the level of checks.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using poolmark::check;
    poolmark::set_leak_handler([](const poolmark::leak_report&) noexcept {});
    if (size != 0) {
        constexpr check levels[] = {check::off, check::fast, check::full};
        poolmark::tests::run_object_pool(levels[data[0] % 3], std::span(data, size).subspan(1));
    }
    return 0;
}
#endif
