// A handle that looks after itself: copied, moved and dropped like a value, compared like a number.
//
//   interned_string key(names, "user_id");     intern
//   interned_string copy = key;                count + 1
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
class interned_string {
public:
    interned_string() = default; // no text; equal to others of its kind only
    interned_string(Interner& in, std::string_view text) : in_(&in), held_(in.intern(text)) {}
    interned_string(const interned_string& other) noexcept
        : in_(other.in_), held_(other.held_ == nullptr ? nullptr : in_->retain(other.held_)) {}
    interned_string(interned_string&& other) noexcept : in_(other.in_), held_(std::exchange(other.held_, nullptr)) {}
    interned_string& operator=(interned_string other) noexcept {
        std::swap(in_, other.in_);
        std::swap(held_, other.held_);
        return *this;
    }
    ~interned_string() {
        if (held_ != nullptr) {
            in_->drop(held_);
        }
    }

    [[nodiscard]] std::string_view text() const noexcept {
        return held_ == nullptr ? std::string_view() : in_->text(held_);
    }
    [[nodiscard]] typename Interner::handle get() const noexcept { return held_; }
    [[nodiscard]] friend bool operator==(const interned_string& one, const interned_string& other) noexcept {
        return one.held_ == other.held_;
    }

private:
    Interner* in_ = nullptr;
    typename Interner::handle held_ = nullptr;
};

} // namespace poolmark

template <class Interner>
struct std::hash<poolmark::interned_string<Interner>> {
    [[nodiscard]] std::size_t operator()(const poolmark::interned_string<Interner>& of) const noexcept {
        return std::hash<const void*>{}(of.get());
    }
};
