// Caches of this process as contenders: each behind the same two calls, functools.lru_cache among them.
//
//   call(i)   what a program does that remembers: asks for key i and, on a miss, computes and keeps the value
//   value(i)  the same, and says what came of it: for verify()
#pragma once

#include "benchmarks/harness/user_counters.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/caches/cache.hpp"
#include "benchmarks/contenders/caches/catalog.hpp"
#include "benchmarks/contenders/caches/functools_lru_cache.hpp"
#include "benchmarks/contenders/type_list.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace poolmark::benchmarks {

using memo_number = std::uint64_t; // 8-byte keys and values

struct memo_answer {
    memo_number value;
    bool hit;
};

// The compiler must have the value here.
inline void use(memo_number value) noexcept { asm volatile("" : : "r"(value)); }

// The cache, of so many entries where it has a bound.
template <class C>
[[nodiscard]] std::unique_ptr<C> make_cache(std::size_t capacity) {
    if constexpr (std::is_constructible_v<C, std::size_t>) {
        return std::make_unique<C>(capacity);
    } else {
        return std::make_unique<C>();
    }
}

// The value of a key is the key: nothing is computed, so that a miss costs what the cache makes of it.
struct key_itself {
    [[nodiscard]] memo_number operator()(memo_number key) const noexcept { return key; }
};

template <class C, class Compute = key_itself>
class local_memo {
public:
    static constexpr bool local = true;

    local_memo(std::size_t capacity, const table<memo_number>& keys, Compute compute = {})
        : keys_(&keys), cache_(make_cache<C>(capacity)), compute_(compute) {}

    void call(std::size_t at) {
        use(answer(at).value);
    }
    [[nodiscard]] memo_answer value(std::size_t at) { return answer(at); }
    void clear() { cache_->clear(); }

private:
    memo_answer answer(std::size_t at) {
        const memo_number key = (*keys_)[at];
        if (const auto hit = cache_->get(key)) {
            return {*hit, true};
        }
        const memo_number computed = compute_(key);
        static_cast<void>(cache_->put(key, memo_number{computed}));
        return {computed, false};
    }

    const table<memo_number>* keys_;
    std::unique_ptr<C> cache_;
    Compute compute_;
};

// CPython's, over the same keys. Its C function computes the value; nothing unpacks it on a hit.
template <class Compute = key_itself>
class functools_memo {
public:
    static constexpr bool local = false;

    functools_memo(std::size_t capacity, const table<memo_number>& keys, Compute /*compute*/ = {})
        : cache_(capacity, keys, std::is_same_v<Compute, key_itself> ? nullptr : +[](memo_number key) { return Compute{}(key); }) {}

    void call(std::size_t at) { cache_.call(at); }
    [[nodiscard]] memo_answer value(std::size_t at) {
        const memo_number before = cache_.hits();
        const memo_number found = cache_.value(at);
        return {found, cache_.hits() != before};
    }
    void clear() { cache_.clear(); }

private:
    functools_lru_cache cache_;
};

// The function alone, through the same entry.
class cpython_call_memo {
public:
    static constexpr bool local = false;

    cpython_call_memo(std::size_t capacity, const table<memo_number>& keys) : cache_(capacity, keys) {}
    void call(std::size_t at) { cache_.call_uncached(at); }
    [[nodiscard]] memo_answer value(std::size_t /*at*/) { return {0, false}; }
    void clear() {}

private:
    functools_lru_cache cache_;
};

// Share of calls that were hits, as verify() counted them; of their bytes where the trace has sizes.
class hit_counter {
public:
    void start() noexcept { *this = {}; }
    void add(bool hit, std::uint64_t bytes = 0) noexcept {
        ++calls_;
        bytes_ += bytes;
        hits_ += hit ? 1U : 0U;
        bytes_hit_ += hit ? bytes : 0;
    }
    [[nodiscard]] double ratio() const noexcept { return share(hits_, calls_); }
    [[nodiscard]] double byte_ratio() const noexcept { return share(bytes_hit_, bytes_); }

private:
    static double share(std::uint64_t part, std::uint64_t whole) noexcept {
        return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
    }

    std::uint64_t hits_ = 0;
    std::uint64_t calls_ = 0;
    std::uint64_t bytes_hit_ = 0;
    std::uint64_t bytes_ = 0;
};

// The caches of one thread that a workload compares; the first is the baseline: what everyone writes.
using memo_caches = append_t<bounded_caches<memo_number, memo_number>,
                             type_list<unbounded_map<memo_number, memo_number>, flat_map_cache<memo_number, memo_number>>>;

template <class Memo, template <class> class Subject>
[[nodiscard]] std::unique_ptr<subject> make_memo_subject(const parameters& where) {
    return std::make_unique<Subject<Memo>>(where);
}

// Subject<Memo> over each cache that `suits`.
template <template <class> class Subject, class Suits>
void add_cache_strategies(std::vector<strategy>& list, Suits suits) {
    for_each_type(memo_caches{}, [&]<class C>(std::type_identity<C>) {
        if constexpr (suits(std::type_identity<C>{})) {
            list.push_back({.about = C::about,
                            .heap = C::about.kind == family::fresh ? heap_use::every_allocator : heap_use::baseline_only,
                            .make = &make_memo_subject<local_memo<C>, Subject>});
        }
    });
}

// A peer that is opened at run time: null where it is not there, and the table of strategies says why.
[[nodiscard]] inline strategy functools_strategy(subject_factory make) {
    return {.about = functools_lru_cache_about, .make = functools_lru_cache_about.installed() ? make : nullptr};
}
[[nodiscard]] inline strategy cpython_call_strategy(subject_factory make) {
    return {.about = cpython_call_about, .make = cpython_call_about.installed() ? make : nullptr, .as = role::limit};
}

} // namespace poolmark::benchmarks
