// Ways to hand a sequence of numbers to somebody: all at once in a vector, or one by one.
//
//   eager   source(0), source(1), ... source(n-1) ──► [ vector ] ──► visit(v), visit(v), stop
//   lazy    source(0) ──► visit(v)   source(1) ──► visit(v)   stop
//
// A way is called as way(source, count, visit): source(i) makes value i, visit(value) says whether to go on. Producing
// is a function of its own that is not inlined into the consumer, as in a library; only lazy_range is a header's.
//
// Good for: asking what it costs to build what is looked at once.
// Bad for:  sequences that are visited twice, which a vector is for.
#pragma once

#include "pools/adaptors/pooled_frame.hpp"
#include "pools/description.hpp"
#include "benchmarks/contenders/type_list.hpp"
#include "benchmarks/contenders/sequences/generator.hpp"

#include <cstdint>
#include <type_traits>
#include <vector>

namespace poolmark {

inline constexpr description lazy_generator_about{"lazy_generator", family::fresh,
                                                  "a coroutine, with its frame from the heap"};
inline constexpr description lazy_pooled_generator_about{"lazy_pooled_generator", family::free_list,
                                                         "a coroutine, with its frame from a pool"};

namespace detail {

template <class Source>
[[nodiscard, gnu::noinline]] std::vector<std::uint64_t> collected(Source& source, std::uint64_t count, bool reserved) {
    std::vector<std::uint64_t> all;
    if (reserved) {
        all.reserve(count);
    }
    for (std::uint64_t i = 0; i != count; ++i) {
        all.push_back(source(i));
    }
    return all;
}

// Reserved: whether the vector knows beforehand how long it will be.
template <bool Reserved>
struct eager_sequence {
    template <class Source, class Visit>
    void operator()(Source source, std::uint64_t count, Visit&& visit) {
        for (const std::uint64_t value : collected(source, count, Reserved)) {
            if (!visit(value)) {
                return;
            }
        }
    }
};

// A range as one writes it by hand: a place in the sequence, and what to do there.
template <class Source>
class computed_range {
public:
    class iterator {
    public:
        iterator(Source* source, std::uint64_t at) noexcept : source_(source), at_(at) {}
        [[nodiscard]] std::uint64_t operator*() const { return (*source_)(at_); }
        iterator& operator++() noexcept {
            ++at_;
            return *this;
        }
        [[nodiscard]] bool operator==(const iterator& other) const noexcept { return at_ == other.at_; }

    private:
        Source* source_;
        std::uint64_t at_;
    };
    computed_range(Source& source, std::uint64_t count) noexcept : source_(&source), count_(count) {}
    [[nodiscard]] iterator begin() const noexcept { return {source_, 0}; }
    [[nodiscard]] iterator end() const noexcept { return {source_, count_}; }

private:
    Source* source_;
    std::uint64_t count_;
};

using erased_visit = bool (*)(void*, std::uint64_t);

template <class Source>
[[gnu::noinline]] void call_back(Source& source, std::uint64_t count, void* state, erased_visit visit) {
    for (std::uint64_t i = 0; i != count; ++i) {
        if (!visit(state, source(i))) {
            return;
        }
    }
}

#ifdef POOLMARK_HAS_COROUTINES
template <class Source>
[[gnu::noinline]] generator<std::uint64_t> yielded(Source& source, std::uint64_t count) {
    for (std::uint64_t i = 0; i != count; ++i) {
        co_yield source(i);
    }
}
template <class Resource, class Source>
[[gnu::noinline]] generator<std::uint64_t, pooled_frame<Resource>>
yielded_from(std::allocator_arg_t, Resource& /*frames*/, Source& source, std::uint64_t count) {
    for (std::uint64_t i = 0; i != count; ++i) {
        co_yield source(i);
    }
}
#endif

} // namespace detail

struct eager_vector : detail::eager_sequence<false> {
    static constexpr description about{"eager_vector", family::fresh, "a vector that grows, then a loop over it"};
};
struct eager_reserved : detail::eager_sequence<true> {
    static constexpr description about{"eager_reserved", family::fresh, "a vector reserved beforehand, then a loop"};
};

struct lazy_range {
    static constexpr description about{"lazy_range", family::layout, "a range written by hand, inlined"};
    template <class Source, class Visit>
    void operator()(Source source, std::uint64_t count, Visit&& visit) {
        for (const std::uint64_t value : detail::computed_range<Source>(source, count)) {
            if (!visit(value)) {
                return;
            }
        }
    }
};

struct lazy_callback {
    static constexpr description about{"lazy_callback", family::layout, "a function pointer called with each value"};
    template <class Source, class Visit>
    void operator()(Source source, std::uint64_t count, Visit&& visit) {
        detail::call_back(source, count, &visit, [](void* state, std::uint64_t value) -> bool {
            return (*static_cast<std::remove_reference_t<Visit>*>(state))(value);
        });
    }
};

#ifdef POOLMARK_HAS_COROUTINES
struct lazy_generator {
    static constexpr const description& about = lazy_generator_about;
    template <class Source, class Visit>
    void operator()(Source source, std::uint64_t count, Visit&& visit) {
        for (const std::uint64_t value : detail::yielded(source, count)) {
            if (!visit(value)) {
                return;
            }
        }
    }
};

template <class Resource = pool_resource>
struct basic_lazy_pooled_generator {
    static constexpr const description& about = lazy_pooled_generator_about;
    Resource frames;
    template <class Source, class Visit>
    void operator()(Source source, std::uint64_t count, Visit&& visit) {
        for (const std::uint64_t value : detail::yielded_from(std::allocator_arg, frames, source, count)) {
            if (!visit(value)) {
                return;
            }
        }
    }
};
using lazy_pooled_generator = basic_lazy_pooled_generator<>;
using coroutine_ways = type_list<lazy_generator, lazy_pooled_generator>;
#else
using coroutine_ways = type_list<>;
#endif

// The first is the baseline: what one writes when nobody thinks about it.
using sequence_ways = append_t<type_list<eager_vector, eager_reserved, lazy_range, lazy_callback>, coroutine_ways>;

} // namespace poolmark
