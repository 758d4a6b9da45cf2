// Numbers, addresses and links of slots, and the lock-free stack of numbers.
#include "pools/memory/numbered_slabs.hpp"

#include "tests/pools/shared_pools.hpp"

#include <array>
#include <set>

namespace poolmark::tests {
namespace {

using of_24_bytes = numbered_slabs<24, 8, counted_source>;

TEST(numbered_slabs, know_each_slot_by_number_and_by_address) {
    for (const std::size_t expected : {0U, 1U, 5000U}) {
        of_24_bytes slots(expected);
        while (slots.capacity() < 30'000) {
            slots.grow();
        }
        std::set<std::byte*> seen;
        for (std::uint32_t number = 0; number != slots.capacity(); ++number) {
            std::byte* const slot = slots.address(number);
            ASSERT_EQ(slots.number_of(slot), number);
            ASSERT_EQ(reinterpret_cast<std::uintptr_t>(slot) % 8, 0U);
            slots.link(number).store(~number);
            seen.insert(slot);
        }
        ASSERT_EQ(seen.size(), slots.capacity());
        for (auto at = seen.begin(), next = std::next(at); next != seen.end(); at = next++) {
            ASSERT_GE(*next - *at, 24);
        }
        for (std::uint32_t number = 0; number != slots.capacity(); ++number) {
            ASSERT_EQ(slots.link(number).load(), ~number);
        }
        const int outside = 0;
        EXPECT_EQ(slots.number_of(&outside), slots.none);
    }
    EXPECT_EQ(counted_source::slabs_out, 0);
}

TEST(numbered_slabs, hand_out_each_fresh_number_once) {
    of_24_bytes slots(std::size_t{1} << 20U);
    EXPECT_EQ(slots.take_fresh(), slots.none);
    slots.grow();
    std::atomic<std::uint64_t> sum = 0;
    in_threads(4, [&](std::size_t) {
        std::uint64_t mine = 0;
        for (std::uint32_t number = slots.take_fresh(); number != slots.none; number = slots.take_fresh()) {
            mine += number;
        }
        sum += mine;
    });
    EXPECT_EQ(sum, std::uint64_t{slots.capacity()} * (slots.capacity() - 1) / 2);
}

TEST(numbered_slabs, that_cannot_grow_stay_as_they_were) {
    of_24_bytes slots(0);
    slots.grow();
    const std::uint32_t before = slots.capacity();
    counted_source::slabs_left = 0;
    EXPECT_THROW(slots.grow(), std::bad_alloc);
    counted_source::slabs_left = counted_source::unlimited;
    EXPECT_EQ(slots.capacity(), before);
    slots.grow();
    EXPECT_EQ(slots.capacity(), 2 * before);
}

// Links that let another one pop the first two numbers, and push the first again, after its link was read.
struct meddled_links {
    const of_24_bytes& slots;
    detail::tagged_stack& stack;
    mutable bool done = false;

    struct meddled_link {
        const meddled_links& all;
        std::atomic_ref<std::uint32_t> real;
        [[nodiscard]] std::uint32_t load(std::memory_order order) const {
            const std::uint32_t seen = real.load(order);
            if (!std::exchange(all.done, true)) {
                const std::uint32_t first = all.stack.pop(all.slots);
                static_cast<void>(all.stack.pop(all.slots));
                all.stack.push(all.slots, first);
            }
            return seen;
        }
    };
    [[nodiscard]] meddled_link link(std::uint32_t number) const { return {*this, slots.link(number)}; }
};

TEST(tagged_stack, notices_that_its_first_number_was_gone_in_between) {
    of_24_bytes slots(0);
    slots.grow();
    detail::tagged_stack stack;
    for (const std::uint32_t number : {30U, 20U, 10U}) {
        stack.push(slots, number);
    }
    EXPECT_EQ(stack.pop(meddled_links{slots, stack}), 10U);
    EXPECT_EQ(stack.pop(slots), 30U) << "20 is with somebody else";
    EXPECT_EQ(stack.pop(slots), stack.none);
}

// Few numbers and many threads: what a thread has read is popped and pushed again before it comes to exchange.
TEST(tagged_stack, gives_each_number_to_one_thread_at_a_time) {
    of_24_bytes slots(0);
    slots.grow();
    detail::tagged_stack stack;
    std::array<std::atomic<int>, 3> holders{};
    for (std::uint32_t number = 0; number != holders.size(); ++number) {
        stack.push(slots, number);
    }
    std::atomic<int> wrong = 0;
    in_threads(4, [&](std::size_t) {
        for (int i = 0; i != 100'000; ++i) {
            if (const std::uint32_t number = stack.pop(slots); number != stack.none) {
                wrong += holders[number].fetch_add(1) != 0;
                holders[number].fetch_sub(1);
                stack.push(slots, number);
            }
        }
    });
    EXPECT_EQ(wrong, 0);
    std::set<std::uint32_t> left;
    for (std::size_t i = 0; i != holders.size(); ++i) {
        left.insert(stack.pop(slots));
    }
    EXPECT_EQ(left.size(), holders.size());
    EXPECT_EQ(stack.pop(slots), stack.none);
}

} // namespace
} // namespace poolmark::tests
