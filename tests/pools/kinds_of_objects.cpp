// Every pool of the catalog for the types that the creation tests construct.
#include "tests/pools/erased_objects.hpp"
#include "tests/pools/every_pool.hpp"

#include <utility>

namespace poolmark::tests {
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

} // namespace poolmark::tests
