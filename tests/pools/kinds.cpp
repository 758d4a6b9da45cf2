// Makes what erased_pool.hpp tells of from the catalog's types: the one part of the contract tests that is expanded for each pool.
// Compiled four times, with a POOLMARK_KINDS_ of its own each, so that no CPU waits for another one.
// It names no concept and no template that is not needed: either would be worked out again for each pool.
#include "benchmarks/contenders/storage/catalog.hpp"
#include "tests/pools/cell.hpp"
#include "tests/pools/erased_pool.hpp"

#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace poolmark::tests {

#ifdef POOLMARK_KINDS_OF_OBJECTS // every pool of the catalog for the types that the creation tests construct

namespace {

template <class P, class Argument>
class erased_creation final : public erased_objects<typename P::value_type, Argument> {
public:
    using value_type = typename P::value_type;
    using base = erased_objects<value_type, Argument>;

    explicit erased_creation(std::size_t expected_objects) : pool_(expected_objects) {}

    [[nodiscard]] static std::unique_ptr<base> make(std::size_t expected_objects) {
        return std::unique_ptr<base>(new erased_creation(expected_objects));
    }

    value_type* create(Argument with) override { return poolmark::create(pool_, std::move(with)); }
    void destroy(value_type* object) override { poolmark::destroy(pool_, object); }

private:
    P pool_;
};

template <class Objects, class Argument, class... Pools>
[[nodiscard]] std::vector<object_kind<Objects>> kinds_of(type_list<Pools...> /*list*/) {
    return {{&Pools::about, Pools::traits, &erased_creation<Pools, Argument>::make}...};
}

} // namespace

const std::vector<object_kind<scribblers>>& kinds_of_scribblers() {
    static const auto kinds = kinds_of<scribblers, scribbler::orders>(storage_pools<scribbler>{});
    return kinds;
}

const std::vector<object_kind<strings>>& kinds_of_strings() {
    static const auto kinds = kinds_of<strings, std::string>(storage_pools<std::string>{});
    return kinds;
}

#else

// The catalog, and our own pools on the heap besides.
template <class T>
using every_pool = append_t<storage_pools<T>, own_pools<T, heap_source>>;

template <class P>
class erased final : public erased_pool {
public:
    static constexpr bool resettable = requires(P & pool) { pool.reset(); };

    explicit erased(std::size_t expected_objects) : pool_(expected_objects) {}

    [[nodiscard]] static std::unique_ptr<erased_pool> make(std::size_t expected_objects) {
        return std::unique_ptr<erased_pool>(new erased(expected_objects));
    }

    void* acquire() override { return pool_.acquire(); }
    void release(void* block) override { pool_.release(block); }
    void reset() noexcept override {
        if constexpr (resettable) {
            pool_.reset();
        }
    }
    std::size_t slab_bytes() const noexcept override {
        if constexpr (requires { pool_.slab_bytes(); }) {
            return pool_.slab_bytes();
        } else {
            return 0;
        }
    }

private:
    P pool_;
};

// The pools of a list for one shape.
template <class... Pools>
void add_kinds(std::vector<pool_kind>& kinds, type_list<Pools...> /*list*/) {
    using one = typename type_at<0, type_list<Pools...>>::value_type;
    const pool_kind added[] = {{.about = &Pools::about,
                                .traits = Pools::traits,
                                .of = {sizeof(one), alignof(one)},
                                .resettable = erased<Pools>::resettable,
                                .make = &erased<Pools>::make}...};
    kinds.insert(kinds.end(), std::begin(added), std::end(added));
}

#endif
#ifdef POOLMARK_KINDS_USUAL // every pool of the catalog at the usual shape, and our own ones on rations

void for_each_kind(const std::vector<pool_kind>& kinds, const pool_check& check) {
    for (const pool_kind& kind : kinds) {
        if (!kind.about->installed()) {
            continue;
        }
        const pool_trace trace(*kind.about, kind.traits,
                               ", " + std::to_string(kind.of.bytes) + " bytes aligned to " +
                                   std::to_string(kind.of.alignment));
        check(kind);
    }
}

const std::vector<pool_kind>& usual_kinds() {
    static const std::vector<pool_kind> kinds = [] {
        std::vector<pool_kind> list;
        add_kinds(list, every_pool<cell<usual.bytes, usual.alignment>>{});
        return list;
    }();
    return kinds;
}

const std::vector<pool_kind>& kinds_on_rations() {
    static const std::vector<pool_kind> kinds = [] {
        std::vector<pool_kind> list;
        add_kinds(list, own_pools<cell<usual.bytes, usual.alignment>, rationed_source>{});
        return list;
    }();
    return kinds;
}

#endif
#ifdef POOLMARK_KINDS_OF_FEW_BYTES // every pool of the catalog for small objects; and the kinds of all shapes together

static void add_kinds_of_few_bytes(std::vector<pool_kind>& kinds) {
    add_kinds(kinds, storage_pools<cell<1>>{});
    add_kinds(kinds, storage_pools<cell<3>>{});
    add_kinds(kinds, storage_pools<cell<2, 2>>{});
    add_kinds(kinds, storage_pools<cell<12, 4>>{});
    add_kinds(kinds, storage_pools<cell<200, 8>>{});
    add_kinds(kinds, storage_pools<cell<16, 16>>{});
}

const std::vector<pool_kind>& every_kind() {
    static const std::vector<pool_kind> kinds = [] {
        std::vector<pool_kind> list = usual_kinds();
        add_kinds_of_few_bytes(list);
        add_kinds_well_aligned(list);
        return list;
    }();
    return kinds;
}

void for_every_pool(shape of, const pool_check& check) {
    std::vector<pool_kind> chosen;
    for (const pool_kind& kind : every_kind()) {
        if (kind.of == of) {
            chosen.push_back(kind);
        }
    }
    ASSERT_FALSE(chosen.empty()) << "no pool is compiled for this shape";
    for_each_kind(chosen, check);
}

#endif
#ifdef POOLMARK_KINDS_WELL_ALIGNED // every pool of the catalog for objects of strict alignment

void add_kinds_well_aligned(std::vector<pool_kind>& kinds) {
    add_kinds(kinds, storage_pools<cell<32, 32>>{});
    add_kinds(kinds, storage_pools<cell<64, 64>>{});
    add_kinds(kinds, storage_pools<cell<128, 128>>{});
    add_kinds(kinds, storage_pools<cell<256, 256>>{});
    add_kinds(kinds, storage_pools<cell<512, 512>>{});
    add_kinds(kinds, storage_pools<cell<1024, 1024>>{});
    add_kinds(kinds, storage_pools<cell<2048, 2048>>{});
    add_kinds(kinds, every_pool<cell<4096, 4096>>{});
}

#endif

} // namespace poolmark::tests
