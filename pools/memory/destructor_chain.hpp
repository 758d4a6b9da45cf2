// The objects whose destructors an arena has to run, newest first.
//
//   newest_ ──► │ object* | older │ ──► │ object* | older │ ──► null
//
// Good for: a few owners (strings, files) among many plain objects.
// Bad for:  objects that all have destructors: 16 bytes and one call each, in an arena that was to save just that.
// Complexity: add O(1), rewind O(objects that end).
// Bytes:    16 an object, from an arena of its own.
// Threads:  one at a time.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace poolmark::detail {

template <class T>
struct owned_object {
    T* object;
    owned_object* older;
};

// Links: an arena of owned_object<T>.
template <class T, class Links>
class destructor_chain {
public:
    struct checkpoint {
        owned_object<T>* newest;
        typename Links::checkpoint links;
    };

    destructor_chain() = default;
    destructor_chain(const destructor_chain&) = delete;
    destructor_chain& operator=(const destructor_chain&) = delete;
    ~destructor_chain() { destroy_down_to(nullptr); }

    // In two steps, so that what can fail is over before there is an object: get a place, then add the object.
    [[nodiscard]] void* place() { return links_.acquire(); }
    void add(void* place, T* object) noexcept {
        newest_ = std::construct_at(static_cast<owned_object<T>*>(place), owned_object<T>{object, newest_});
    }

    [[nodiscard]] checkpoint mark() const noexcept { return {newest_, links_.mark()}; }

    void rewind(const checkpoint& then) noexcept {
        destroy_down_to(then.newest);
        links_.rewind(then.links);
    }

    void reset() noexcept {
        destroy_down_to(nullptr);
        links_.reset();
    }

private:
    void destroy_down_to(const owned_object<T>* last) noexcept {
        static_assert(std::is_destructible_v<T>, "arena<T>: the arena calls T's destructor, which must be public");
        while (newest_ != last) { // a destructor may use the arena, so the chain is right before each call
            std::destroy_at(std::exchange(newest_, newest_->older)->object);
        }
    }

    owned_object<T>* newest_ = nullptr;
    Links links_;
};

// In an arena of objects that have no destructor.
struct no_destructors {
    struct checkpoint {};
    [[nodiscard]] static checkpoint mark() noexcept { return {}; }
    static void rewind(checkpoint /*then*/) noexcept {}
    static void reset() noexcept {}
};

} // namespace poolmark::detail
