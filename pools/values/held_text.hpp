// A handle that looks after itself: copied, moved and dropped like a value, compared like a number.
//
//   held_text key(names, "user_id");     intern
//   held_text copy = key;                count + 1
//   key == copy                          one comparison of pointers
//   }                                    count - 1, twice
//
// Good for: everyday code over an interner whose texts go with their last handle.
// Bad for:  inner loops that pass it by value: take it by reference, or pass what get() returns.
// Bytes:    two pointers. Threads: the interner's. It must outlive its handles.
#pragma once

#include "pools/values/interner.hpp"

#include <functional>
#include <string_view>
#include <utility>

namespace poolmark {

// Interner: one whose handles are pointers, with retain(): weak_interner, immortal_interner, sharded_interner.
template <class Interner = weak_interner>
class held_text {
public:
    held_text() = default; // no text; equal to others of its kind only
    held_text(Interner& in, std::string_view text) : in_(&in), held_(in.intern(text)) {}
    held_text(const held_text& other) noexcept
        : in_(other.in_), held_(other.held_ == nullptr ? nullptr : in_->retain(other.held_)) {}
    held_text(held_text&& other) noexcept : in_(other.in_), held_(std::exchange(other.held_, nullptr)) {}
    held_text& operator=(held_text other) noexcept {
        std::swap(in_, other.in_);
        std::swap(held_, other.held_);
        return *this;
    }
    ~held_text() {
        if (held_ != nullptr) {
            in_->drop(held_);
        }
    }

    [[nodiscard]] std::string_view text() const noexcept {
        return held_ == nullptr ? std::string_view() : in_->text(held_);
    }
    [[nodiscard]] typename Interner::handle get() const noexcept { return held_; }
    [[nodiscard]] friend bool operator==(const held_text& one, const held_text& other) noexcept {
        return one.held_ == other.held_;
    }

private:
    Interner* in_ = nullptr;
    typename Interner::handle held_ = nullptr;
};

} // namespace poolmark

template <class Interner>
struct std::hash<poolmark::held_text<Interner>> {
    [[nodiscard]] std::size_t operator()(const poolmark::held_text<Interner>& of) const noexcept {
        return std::hash<const void*>{}(of.get());
    }
};
