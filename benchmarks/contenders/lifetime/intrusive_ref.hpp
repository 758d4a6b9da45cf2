// A pointer that owns a share of its object; the count lies in the object itself.
//
//   ref ──┐
//   ref ──┴──► │ count 2 │ fields ... │      the last one to go ends the object
//
// Good for: shared objects without a second allocation; one pointer a reference; a choice of how to count.
// Bad for:  circles; objects that nobody shares (std::unique_ptr counts nothing). A function that only
//           looks at the object takes `const T&`: it costs no count, where a reference by value costs two.
// Complexity: O(1) and whatever the object's end takes. Bytes: 8 a reference, the count in the object.
// Threads:  the object as its count says; one reference by one thread at a time.
#pragma once

#include "benchmarks/contenders/lifetime/reference_counts.hpp"

#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>

namespace poolmark {

// The end of an object that came from new. Others end theirs with a class of their own (see counted).
struct delete_object {
    template <class T>
    void operator()(T* last) const noexcept {
        delete last;
    }
};

template <class T>
class intrusive_ref;

// What a counted object derives from: struct node : counted<node, plain_count> {}. End is called with the object
// when its last reference went.
template <class T, reference_count Count, class End = delete_object>
class counted {
public:
    counted() = default;
    counted(const counted& /*other*/) noexcept {} // a copy is another object, with a count of its own
    counted& operator=(const counted& /*other*/) noexcept { return *this; }

    [[nodiscard]] const Count& references() const noexcept { return count_; }
    [[nodiscard]] Count& references() noexcept { return count_; }

protected:
    ~counted() = default;

private:
    friend class intrusive_ref<T>;

    // The count knows only itself; the object lies around it.
    static void end(Count& count) noexcept {
        counted* const around = reinterpret_cast<counted*>(&count); // its only member, hence at its beginning
        End{}(static_cast<T*>(around));
    }
    void retain() noexcept { count_.retain(); }
    void release() noexcept { count_.release(&counted::end); }

    Count count_;
};

template <class T>
class intrusive_ref {
public:
    using element_type = T;

    constexpr intrusive_ref() noexcept = default;
    intrusive_ref(const intrusive_ref& other) noexcept : object_(other.object_) { retain(); }
    intrusive_ref(intrusive_ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    intrusive_ref& operator=(intrusive_ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~intrusive_ref() {
        if (object_ != nullptr) {
            object_->release();
        }
    }

    // Takes over the one reference that a new object has.
    [[nodiscard]] static intrusive_ref adopt(T* fresh) noexcept {
        intrusive_ref taken;
        taken.object_ = fresh;
        return taken;
    }
    // One reference more to an object that has some.
    [[nodiscard]] static intrusive_ref share(T& object) noexcept {
        intrusive_ref one_more = adopt(&object);
        one_more.retain();
        return one_more;
    }

    [[nodiscard]] T* get() const noexcept { return object_; }
    [[nodiscard]] T& operator*() const noexcept { return *object_; }
    [[nodiscard]] T* operator->() const noexcept { return object_; }
    [[nodiscard]] explicit operator bool() const noexcept { return object_ != nullptr; }
    [[nodiscard]] friend bool operator==(const intrusive_ref&, const intrusive_ref&) noexcept = default;

private:
    void retain() const noexcept {
        if (object_ != nullptr) {
            object_->retain();
        }
    }
    T* object_ = nullptr;
};

template <class T, class... Args>
[[nodiscard]] intrusive_ref<T> make_counted(Args&&... args) {
    return intrusive_ref<T>::adopt(new T(std::forward<Args>(args)...));
}

} // namespace poolmark
