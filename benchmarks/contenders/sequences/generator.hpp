// A coroutine as a sequence: values are made one by one, as somebody asks for them.
//
//   for (auto v : squares(n))      frame │ i │ value │      one allocation for the whole sequence, however long
//         ▲ co_yield ──────────────┘
//
//   generator<T>                   frames from the heap
//   generator<T, pooled_frame<>>   frames from a pool (see pooled_frame.hpp)
//
// Good for: sequences whose production is a story of its own; stopping early; memory that does not grow with length.
// Bad for:  the shortest loop bodies: a resume is an indirect call that nothing is inlined through.
// Complexity: one frame; each value a resume. Bytes: the frame. Threads: one at a time.
#pragma once

#ifdef __cpp_impl_coroutine // Clang before 17 has coroutines, but not the ones of this standard library
#define POOLMARK_HAS_COROUTINES 1

#include <coroutine>
#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <utility>

namespace poolmark {

struct heap_frame {}; // no operator new of its own

// An exception in the coroutine's body comes out where the value was asked for, and ends the sequence.
template <class T, class Frame = heap_frame>
class [[nodiscard]] generator {
public:
    struct promise_type : Frame {
        const T* value = nullptr;
        std::exception_ptr failure;

        generator get_return_object() noexcept { return generator(handle::from_promise(*this)); }
        std::suspend_always initial_suspend() const noexcept { return {}; }
        std::suspend_always final_suspend() const noexcept { return {}; }
        std::suspend_always yield_value(const T& given) noexcept { // it lives until the coroutine is resumed
            value = std::addressof(given);
            return {};
        }
        void return_void() const noexcept {}
        void unhandled_exception() noexcept { failure = std::current_exception(); }
    };

    class iterator {
    public:
        using value_type = T;
        using difference_type = std::ptrdiff_t;

        explicit iterator(std::coroutine_handle<promise_type> at) : at_(at) { advance(); }
        [[nodiscard]] const T& operator*() const noexcept { return *at_.promise().value; }
        iterator& operator++() {
            advance();
            return *this;
        }
        [[nodiscard]] bool operator==(std::default_sentinel_t) const noexcept { return at_.done(); }

    private:
        void advance() {
            at_.resume();
            if (at_.done() && at_.promise().failure) [[unlikely]] {
                std::rethrow_exception(std::exchange(at_.promise().failure, nullptr));
            }
        }
        std::coroutine_handle<promise_type> at_;
    };

    generator(generator&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    generator& operator=(generator&& other) noexcept {
        std::swap(frame_, other.frame_);
        return *this;
    }
    ~generator() {
        if (frame_) {
            frame_.destroy(); // wherever it is: what lives in the frame is destroyed
        }
    }

    // Once: it runs the coroutine to its first value.
    [[nodiscard]] iterator begin() { return iterator(frame_); }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

private:
    using handle = std::coroutine_handle<promise_type>;
    explicit generator(handle frame) noexcept : frame_(frame) {}
    handle frame_;
};

} // namespace poolmark
#endif
