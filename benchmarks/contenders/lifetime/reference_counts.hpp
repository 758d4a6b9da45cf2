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

} // namespace poolmark
