#include "tests/caches/any_cache.hpp"

#include "benchmarks/contenders/caches/catalog.hpp"

#include <cstdlib>
#include <new>

namespace {
int allocations_until_failure = 0;
}

void* operator new(std::size_t bytes) {
    if (allocations_until_failure != 0 && --allocations_until_failure == 0) {
        throw std::bad_alloc();
    }
    if (void* const block = std::malloc(bytes)) {
        return block;
    }
    throw std::bad_alloc();
}
// The form that algorithms ask for room with: a sanitizer's own would not go with the delete below.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return std::malloc(bytes); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t /*bytes*/) noexcept { std::free(block); }

namespace poolmark::tests {

void fail_allocation(int nth) { allocations_until_failure = nth; }

namespace {

template <class Key>
Key as_key(int number) {
    if constexpr (std::is_same_v<Key, std::string>) {
        return "a key too long to be inside: " + std::to_string(number);
    } else {
        return number;
    }
}

template <class Key>
int as_number(const Key& key) {
    if constexpr (std::is_same_v<Key, std::string>) {
        return std::stoi(key.substr(key.rfind(' ')));
    } else {
        return static_cast<int>(key);
    }
}

template <class Cache>
class erased final : public any_cache {
    using key_type = typename Cache::key_type;

public:
    explicit erased(std::size_t capacity) : cache_(made(capacity)) {}

    std::optional<std::int64_t> get(int key) override { return number(cache_->get(as_key<key_type>(key))); }
    [[nodiscard]] std::optional<std::int64_t> peek(int key) const override {
        return number(cache_->peek(as_key<key_type>(key)));
    }
    bool put(int key, probe&& value) override { return put_any(key, std::move(value)); }
    bool put_copy(int key, const probe& value) override { return put_any(key, value); }
    std::int64_t memoized(int key, const std::function<std::int64_t(int)>& compute) override {
        const auto remembering =
            [&](const key_type& asked) -> probe { return compute(as_number<key_type>(asked)); };
        return memoize(*cache_, remembering)(as_key<key_type>(key))->number;
    }
    bool erase(int key) override { return cache_->erase(as_key<key_type>(key)); }
    void clear() override { cache_->clear(); }
    [[nodiscard]] std::size_t size() const override { return cache_->size(); }
    [[nodiscard]] std::size_t capacity() const override { return cache_->capacity(); }

private:
    static std::unique_ptr<Cache> made(std::size_t capacity) {
        if constexpr (Cache::traits.bounded) {
            return std::make_unique<Cache>(capacity);
        } else {
            return std::make_unique<Cache>();
        }
    }
    static std::optional<std::int64_t> number(const probe* found) {
        return found != nullptr ? std::optional(found->number) : std::nullopt;
    }
    template <class P>
    bool put_any(int key, P&& value) {
        const auto own = as_key<key_type>(key);
        const probe* const kept = cache_->put(own, std::forward<P>(value));
        return kept != nullptr && kept == cache_->peek(own);
    }

    std::unique_ptr<Cache> cache_;
};

template <class Key>
void add_all(std::vector<cache_kind>& all, const std::string& keys) {
    for_each_type(caches<Key, probe>{}, [&]<class C>(std::type_identity<C>) {
        all.push_back({std::string(C::about.name) + " of " + keys, C::traits, [](std::size_t capacity) {
                           return std::unique_ptr<any_cache>(std::make_unique<erased<C>>(capacity));
                       }});
    });
}

} // namespace

const std::vector<cache_kind>& every_cache() {
    static const std::vector<cache_kind> all = [] {
        std::vector<cache_kind> made;
        add_all<std::int64_t>(made, "numbers");
        add_all<std::string>(made, "strings");
        return made;
    }();
    return all;
}

} // namespace poolmark::tests
