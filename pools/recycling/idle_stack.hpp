// A stack of idle objects in two generations: those since the last trim on top, the victims below them.
//
//   bottom_ ──► [ T* T* T* | T* T* T* T* |  room for all the rest  ]
//                          ▲ young_      ▲ top_                    ▲ full_
//                 victims: idle since before the last trim, gone with the next one
//
// Good for: letting a burst decay at no cost to pop() and push(), which know nothing of generations.
// Bad for:  taking the oldest first. Complexity: pop, push O(1); the others O(idle). Threads: one at a time.
#pragma once

#include "pools/memory/align.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

namespace poolmark::detail {

template <class T>
class idle_stack {
public:
    [[nodiscard]] bool has_young() const noexcept { return top_ != young_; }
    [[nodiscard]] bool full() const noexcept { return top_ == full_; }
    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(top_ - bottom_); }
    [[nodiscard]] std::size_t room() const noexcept { return static_cast<std::size_t>(full_ - bottom_); }
    [[nodiscard]] std::size_t victims() const noexcept { return static_cast<std::size_t>(young_ - bottom_); }

    [[nodiscard]] T* pop() noexcept { return *--top_; } // has_young()
    void push(T* object) noexcept { *top_++ = object; } // not full()

    // With nothing young left: the newest victim, saved by being needed. Null when there is none either.
    [[nodiscard]] T* pop_victim() noexcept {
        if (young_ == bottom_) {
            return nullptr;
        }
        top_ = --young_;
        return *top_;
    }

    // All of them, as pop() would, victims or not. Null when there is none.
    [[nodiscard]] T* pop_any() noexcept {
        if (top_ == bottom_) {
            return nullptr;
        }
        --top_;
        young_ = (std::min)(young_, top_);
        return *top_;
    }

    // Calls drop(object) for the oldest `count`; the others are victims from now on.
    template <class Drop>
    void age(std::size_t count, Drop drop) {
        std::for_each(bottom_, bottom_ + count, drop);
        top_ = std::copy(bottom_ + count, top_, bottom_);
        young_ = top_;
    }

    // Room for `objects`, at most `most`. Throws std::bad_alloc and changes nothing.
    void make_room(std::size_t objects, std::size_t most) {
        if (objects <= room() || room() == most) {
            return;
        }
        const std::size_t wider = (std::min)((std::max)({objects, room() * 2, first_room}), most);
        static_cast<void>(checked_bytes(wider, sizeof(T*)));
        std::unique_ptr<T*[]> stack(new T*[wider]); // not make_unique, which would touch all of it
        top_ = std::copy(bottom_, top_, stack.get());
        young_ = stack.get() + victims();
        bottom_ = stack.get();
        full_ = bottom_ + wider;
        stack_ = std::move(stack);
    }

private:
    static constexpr std::size_t first_room = 16;

    T** top_ = nullptr;
    T** young_ = nullptr;
    T** bottom_ = nullptr;
    T** full_ = nullptr;
    std::unique_ptr<T*[]> stack_;
};

} // namespace poolmark::detail
