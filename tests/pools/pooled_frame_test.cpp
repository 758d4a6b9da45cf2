// Coroutine frames: which resource they come from, and that each goes back there.
#include "pools/adaptors/pooled_frame.hpp"

#include <gtest/gtest.h>

#include <coroutine>
#include <memory_resource>
#include <stdexcept>
#include <utility>
#include <vector>

namespace poolmark::tests {
namespace {

// Counts, and fails when told to.
struct counting_resource {
    pool_resource pool;
    int made = 0;
    int live = 0;
    bool fails = false;

    void* allocate(std::size_t bytes, std::size_t alignment) {
        if (fails) {
            throw std::bad_alloc();
        }
        void* const block = pool.allocate(bytes, alignment);
        ++made;
        ++live;
        return block;
    }
    void deallocate(void* block, std::size_t bytes, std::size_t alignment) noexcept {
        --live;
        pool.deallocate(block, bytes, alignment);
    }
};

template <class Resource>
class sequence { // a generator, as small as it gets
public:
    struct promise_type : pooled_frame<Resource> {
        int value = 0;
        sequence get_return_object() { return sequence(handle::from_promise(*this)); }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        std::suspend_always yield_value(int given) {
            value = given;
            return {};
        }
        void return_void() {}
        void unhandled_exception() { throw; }
    };

    sequence(sequence&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    sequence& operator=(sequence&&) = delete;
    ~sequence() {
        if (frame_) {
            frame_.destroy();
        }
    }

    [[nodiscard]] int next() {
        frame_.resume();
        return frame_.promise().value;
    }

private:
    using handle = std::coroutine_handle<promise_type>;
    explicit sequence(handle frame) : frame_(frame) {}
    handle frame_;
};

using counted = sequence<counting_resource>;

counted count_from(std::allocator_arg_t, counting_resource&, int first) {
    for (;;) {
        co_yield first++;
    }
}

counted count_anywhere(int first) {
    const int room[100] = {first};
    for (int i = 0;; ++i) {
        co_yield room[0] + i;
    }
}

struct counter {
    int step;
    counted count(std::allocator_arg_t, counting_resource&, int first) const {
        for (;; first += step) {
            co_yield first;
        }
    }
};

TEST(pooled_frame, comes_from_the_resource_in_the_first_arguments) {
    counting_resource pool;
    {
        std::vector<counted> running;
        for (int i = 0; i != 100; ++i) {
            running.push_back(count_from(std::allocator_arg, pool, i));
        }
        EXPECT_EQ(pool.live, 100);
        EXPECT_EQ(running[42].next(), 42);
        EXPECT_EQ(running[42].next(), 43);
    }
    EXPECT_EQ(pool.live, 0);
}

TEST(pooled_frame, of_a_member_function_or_a_lambda_comes_from_the_resource_behind_the_object) {
    counting_resource pool;
    const counter by_tens{10};
    const auto lambda = [](std::allocator_arg_t, counting_resource&, int value) -> counted { co_yield value; };
    {
        counted tens = by_tens.count(std::allocator_arg, pool, 5);
        counted one = lambda(std::allocator_arg, pool, 3);
        EXPECT_EQ(pool.live, 2);
        EXPECT_EQ(tens.next() + tens.next(), 20);
        EXPECT_EQ(one.next(), 3);
    }
    EXPECT_EQ(pool.live, 0);
}

TEST(pooled_frame, comes_from_the_innermost_scope_and_goes_back_after_that_has_ended) {
    counting_resource outer;
    counting_resource inner;
    {
        const frame_scope in_outer(outer);
        counted first = count_anywhere(1);
        std::vector<counted> kept;
        {
            const frame_scope in_inner(inner);
            kept.push_back(count_anywhere(2));
            EXPECT_EQ(outer.live, 1);
            EXPECT_EQ(inner.live, 1);
        }
        EXPECT_EQ(frame_scope<counting_resource>::current(), &outer);
        EXPECT_EQ(kept[0].next() + first.next(), 3);
    }
    EXPECT_EQ(outer.live + inner.live, 0);
    EXPECT_EQ(frame_scope<counting_resource>::current(), nullptr);
    counted on_the_heap = count_anywhere(4);
    EXPECT_EQ(on_the_heap.next(), 4);
    EXPECT_EQ(outer.made + inner.made, 2);
}

TEST(pooled_frame, that_cannot_be_had_throws_before_there_is_a_coroutine) {
    counting_resource pool;
    pool.fails = true;
    EXPECT_THROW(static_cast<void>(count_from(std::allocator_arg, pool, 1)), std::bad_alloc);
    pool.fails = false;
    EXPECT_EQ(count_from(std::allocator_arg, pool, 1).next(), 1);
    EXPECT_EQ(pool.live, 0);
}

TEST(pooled_frame, is_reused_from_one_coroutine_to_the_next) {
    pool_resource pool;
    const frame_scope scope(pool);
    const auto work = [](int value) -> sequence<pool_resource> { co_yield value; };
    EXPECT_EQ(work(0).next(), 0);
    const std::size_t bytes = pool.upstream_bytes();
    EXPECT_GT(bytes, 0u);
    for (int i = 0; i != 100'000; ++i) {
        ASSERT_EQ(work(i).next(), i);
    }
    EXPECT_EQ(pool.upstream_bytes(), bytes);
}

} // namespace
} // namespace poolmark::tests
