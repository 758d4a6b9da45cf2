// A counted reference to an object of a collected_heap (see there), and what stands before each such object.
//
//   ref ──► │ heap* │ count, state │ object │
//
// Good for: objects that refer to each other, and the variables that refer to them.
// Bad for:  outliving the heap.
// Complexity: a copy is one addition, the end of one a subtraction and a comparison. Bytes: 8, and 16 an object.
// Threads:  one at a time.
#pragma once

#include "pools/memory/align.hpp"

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace poolmark {

template <class T>
class collected_heap;

namespace detail {

// What stands before each object. T may be incomplete here: it holds references to its own kind.
template <class T>
struct collected_header {
    // The states of an object: what a collection thinks of it, and on which lists it stands.
    static constexpr std::uint64_t grey = 1;      // its references have been taken back
    static constexpr std::uint64_t white = 2;     // and nobody outside seems to refer to it
    static constexpr std::uint64_t condemned = 4; // it is garbage, or its count fell to 0
    static constexpr std::uint64_t buffered = 8;  // it is a candidate
    static constexpr std::uint64_t waiting = 16;  // it is on the stack
    static constexpr std::uint64_t one = 256;     // a reference

    explicit collected_header(collected_heap<T>& home) noexcept : heap(&home) {}

    [[nodiscard]] std::uint64_t count() const noexcept { return word / one; }
    [[nodiscard]] bool has(std::uint64_t state) const noexcept { return (word & state) != 0; }
    void set(std::uint64_t state) noexcept { word |= state; }
    void unset(std::uint64_t state) noexcept { word &= ~state; }
    void retain() noexcept { word += one; }

    collected_heap<T>* heap;
    std::uint64_t word = one; // the count above the states: 56 bits of it
};

template <class T>
struct collected_node : collected_header<T> {
    using collected_header<T>::collected_header;
    alignas(T) std::byte storage[sizeof(T)];

    [[nodiscard]] static T* object_of(collected_header<T>* header) noexcept {
        return std::launder(reinterpret_cast<T*>(&static_cast<collected_node*>(header)->storage));
    }
    [[nodiscard]] static collected_node* node_of(T* object) noexcept {
        constexpr std::size_t before = align_up(sizeof(collected_header<T>), alignof(T));
        static_assert(sizeof(collected_node) == align_up(before + sizeof(T), alignof(collected_node)));
        return reinterpret_cast<collected_node*>(reinterpret_cast<std::byte*>(object) - before);
    }
};

} // namespace detail

// A counted reference to an object of a collected_heap<T>; none may outlive the heap. T shows each one it has:
//
//   template <class Visit> void trace(Visit&& visit) { visit(left); visit(right); }
//
// One that is not shown keeps what it names alive; one that is shown twice is undefined.
template <class T>
class collected_ref {
public:
    constexpr collected_ref() noexcept = default;
    collected_ref(const collected_ref& other) noexcept : object_(other.object_) {
        if (object_ != nullptr) {
            object_->retain();
        }
    }
    collected_ref(collected_ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    collected_ref& operator=(collected_ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~collected_ref() {
        if (object_ != nullptr) {
            collected_heap<T>::release(object_);
        }
    }

    [[nodiscard]] T* get() const noexcept {
        return object_ == nullptr ? nullptr : collected_heap<T>::node::object_of(object_);
    }
    [[nodiscard]] T& operator*() const noexcept { return *get(); }
    [[nodiscard]] T* operator->() const noexcept { return get(); }
    [[nodiscard]] explicit operator bool() const noexcept { return object_ != nullptr; }
    [[nodiscard]] std::uint64_t references() const noexcept { return object_ == nullptr ? 0 : object_->count(); }
    [[nodiscard]] friend bool operator==(const collected_ref&, const collected_ref&) noexcept = default;

private:
    friend class collected_heap<T>;
    using header = detail::collected_header<T>;
    explicit collected_ref(header* counted) noexcept : object_(counted) {}
    header* object_ = nullptr;
};

} // namespace poolmark
