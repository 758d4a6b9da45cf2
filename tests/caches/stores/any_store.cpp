#include "tests/caches/stores/any_store.hpp"

namespace poolmark::tests {
namespace {

template <class S>
class erased_store final : public any_store {
public:
    template <class... Arguments>
    explicit erased_store(const Arguments&... arguments) : store_(arguments...) {}
    std::optional<std::string> get(const std::string& key) override { return store_.get(key); }
    bool put(const std::string& key, const std::string& value) override { return store_.put(key, value); }
    bool erase(const std::string& key) override { return store_.erase(key); }
    bool clear() override { return store_.clear(); }
    std::size_t size() override { return store_.size(); }
    std::string problem() override { return store_.problem(); }

private:
    S store_;
};

template <class S>
class place_on_disk final : public store_place {
public:
    std::unique_ptr<any_store> open(std::chrono::milliseconds /*limit*/) override {
        return std::make_unique<erased_store<S>>(folder_.path() / "cache");
    }

private:
    scratch_folder folder_;
};

template <class S, bool OnLoopback>
class place_in_server final : public store_place {
public:
    std::unique_ptr<any_store> open(std::chrono::milliseconds limit) override {
        return std::make_unique<erased_store<S>>(
            server_.where(), server_options{.limit = limit, .longest_back_off = std::chrono::milliseconds(100)});
    }
    benchmarks::private_server* server() override { return &server_; }

private:
    benchmarks::private_server server_{benchmarks::server_kind::redis, OnLoopback};
};

template <class Place>
std::unique_ptr<store_place> make() {
    return std::make_unique<Place>();
}

template <class S>
void add(std::vector<store_kind>& list) {
    const std::string name(S::about.name);
    if constexpr (S::traits.needs_server) {
        list.push_back({name + "_local", S::traits, has_redis_server(), &make<place_in_server<S, false>>});
        list.push_back({name + "_tcp", S::traits, has_redis_server(), &make<place_in_server<S, true>>});
    } else {
        list.push_back({name, S::traits, true, &make<place_on_disk<S>>});
    }
}

} // namespace

const std::vector<store_kind>& store_kinds() {
    static const std::vector<store_kind> list = [] {
        std::vector<store_kind> made;
        for_each_type(stores{}, [&]<class S>(std::type_identity<S>) { add<S>(made); });
        return made;
    }();
    return list;
}

} // namespace poolmark::tests
