// Ways to count the references to an object. Each starts at one; who drops the last one ends the object.
//
//   plain_count      ++ and --                    one thread
//   atomic_count     locked ++ and --             any threads, one cache line between them
//   immortal_count   ++ and -- until the top bit  then never again: nothing is written, nobody waits
//
// (biased_count, which is plain for one thread and atomic for the others, has a header of its own.)
//
// Good for: objects with several owners, none of whom is known to be the last.
// Bad for:  objects that refer to each other in a circle: their counts never reach 0 (see collected_heap).
// Complexity: O(1). Bytes: 8, immortal_count 4. Threads: as above.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>

namespace poolmark {

// A count of references.
//
//   retain    one more. Whoever calls it holds one.
//   release   one less; calls end(count) where that was the last, at once or, in biased_count, when the owner
//   settles.
//             Never throws, and neither does `end`.
//   value     how many there are. Exact while nobody else counts.
template <class C>
concept reference_count = std::default_initializable<C> &&
    requires(C& count, const C& read, void (*end)(C&) noexcept) {
    { count.retain() }
    noexcept;
    { count.release(end) }
    noexcept;
    { read.value() }
    noexcept->std::same_as<std::uint64_t>;
};

// 64 bits: more references than there is memory to hold them, so it cannot be overrun.
class plain_count {
public:
    void retain() noexcept { ++references_; }
    void release(void (*end)(plain_count&) noexcept) noexcept {
        if (--references_ == 0) {
            end(*this);
        }
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return references_; }

private:
    std::uint64_t references_ = 1;
};

// Retaining orders nothing: whoever does it has a reference, and with it the object. Releasing orders what was
// done to the object before its end.
class atomic_count {
public:
    void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
    void release(void (*end)(atomic_count&) noexcept) noexcept {
        if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            end(*this);
        }
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return references_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> references_{1};
};

// Stops counting for good at 2^31, or when asked to: an object that is never to end, or one that was
// referred to so often that its 32 bits would be overrun; that one leaks rather than ends too early. An immortal
// one may be retained and released by any threads, since that only reads; any other by one thread.
class immortal_count {
public:
    static constexpr std::uint32_t immortal = std::uint32_t{1} << 31U;

    immortal_count() = default;
    explicit immortal_count(std::uint32_t references) noexcept : references_(references) {}

    void retain() noexcept {
        if (!is_immortal()) {
            ++references_;
        }
    }
    void release(void (*end)(immortal_count&) noexcept) noexcept {
        if (!is_immortal() && --references_ == 0) {
            end(*this);
        }
    }
    void make_immortal() noexcept { references_ = immortal; }
    [[nodiscard]] bool is_immortal() const noexcept { return (references_ & immortal) != 0; }
    [[nodiscard]] std::uint64_t value() const noexcept { return references_; }

private:
    std::uint32_t references_ = 1;
};

static_assert(reference_count<plain_count> && reference_count<atomic_count> && reference_count<immortal_count>);

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
