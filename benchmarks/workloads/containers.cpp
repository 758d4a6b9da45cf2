// containers — containers that are built, read and dropped, over every heap and over memory resources on top of it.
//
// Question:  does a program with containers gain more by another heap or by a memory resource, and what is left to gain then?
// Models:    requests, documents and queries: they fill containers, read them and drop them all.
// Favours:   resources that live as long as the container: nothing is given back singly, or ends are skipped altogether.
// Ignores:   growth (vectors and sets reserve), elements that come and go, resources that outlive containers (node_containers).
//            Containers and strategies are those of the paper P0089 of the C++ committee, "Quantifying Memory-Allocation
//            Strategies": strings of 33 to 1,000 characters, 128 elements in each inner container, from 2^4 on in the outer
//            one (to 2^16 numbers and 2^14 strings here), a resource that is made and ends with each container. Lists and maps
//            are added.
//
// The paper's buffer is one static array. Whether its pages are there already decides more than the strategy does, so there
// are three rows: buffers from the heap, pages new from the kernel each time, and a buffer that is kept and was touched.
// What containers do themselves, such as to copy and to hash texts, is part of every row, of `no_heap` too. The step from
// fresh_heap to new_delete_resource is a virtual call and, in libstdc++, operator new with an alignment, which some heaps
// serve more slowly.
#include "benchmarks/contenders/resources/scoped.hpp"
#include "benchmarks/harness/container_kinds.hpp"
#include "benchmarks/harness/heaps.hpp"
#include "benchmarks/harness/memory_measurable.hpp"

#include <concepts>
#include <optional>

namespace poolmark::benchmarks {
namespace {

// Containers over std::allocator take no resource.
struct plain_way : scoped_way {
    static constexpr description about = fresh_heap<std::uint64_t>::about;
    static constexpr bool on_heap = true;
    explicit plain_way(std::size_t /*bytes*/) {}
    std::pmr::memory_resource* begin() { return nullptr; }
};

// The least that a resource can do: one block behind the other in a touched buffer, nothing checked, nothing taken back.
class bare_bump final : public std::pmr::memory_resource {
public:
    explicit bare_bump(std::size_t bytes) : buffer_(bytes) { buffer_.make_resident(); }

    void restart() noexcept { used_ = 0; }
    [[nodiscard]] std::size_t used() const noexcept { return used_; }

private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        const std::size_t begin = (used_ + alignment - 1) & ~(alignment - 1);
        used_ = begin + bytes;
        return static_cast<std::byte*>(buffer_.begin()) + begin;
    }
    void do_deallocate(void* /*block*/, std::size_t /*bytes*/, std::size_t /*alignment*/) override {}
    [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }

    page_buffer buffer_;
    std::size_t used_ = 0;
};

class bare_way : public scoped_way {
public:
    static constexpr description about = no_heap_about;
    static constexpr bool destroys = false;
    explicit bare_way(std::size_t bytes) : memory_(bytes) {}
    std::pmr::memory_resource* begin() {
        memory_.restart();
        return &memory_;
    }

private:
    bare_bump memory_;
};

// What all containers of an iteration hold together, at least: one of 16 numbers is built in less than the clock can tell.
constexpr std::size_t elements_an_iteration = 1024;

std::size_t elements_at(const parameters& where, const container_kind& kind) {
    const auto asked = where.number("elements") * static_cast<std::int64_t>(kind.inner);
    return std::max<std::size_t>(1, static_cast<std::size_t>(bounded_live(asked)) / kind.inner);
}

// Nodes and texts of one container, by their means and with room for a draw of long ones.
std::size_t bytes_of(const container_kind& kind, std::size_t elements) {
    return elements * kind.inner * (kind.texts ? 640 : 64) + (std::size_t{64} << 10U);
}

template <class Way>
class containers_subject final : public subject, public memory_measurable {
public:
    explicit containers_subject(const parameters& where)
        : kind_(container_named(where.word("data"))), does_(plain ? kind_.plain : kind_.pmr),
          elements_(elements_at(where, kind_)),
          containers_(std::max<std::size_t>(1, elements_an_iteration / (elements_ * kind_.inner))) {}
    ~containers_subject() override {
        if (built_) {
            release();
        }
    }

    std::uint64_t verify() override {
        digest seen;
        from_.first_text();
        for (std::size_t left = containers_; left != 0; --left) {
            build();
            seen.add(does_.digest(place_));
            release();
            way_->end();
        }
        return seen.value();
    }
    void run(std::uint64_t iterations) override {
        for (std::uint64_t left = iterations * containers_; left != 0; --left) {
            build();
            does_.sum(place_);
            release();
            way_->end();
            barrier();
        }
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return containers_ * elements_ * kind_.inner; }

    [[nodiscard]] std::size_t usual_objects() const override { return elements_ * kind_.inner; }
    [[nodiscard]] bool takes_any_number() const override { return false; }
    void prepare(std::size_t objects) override {
        bare_bump counts(bytes_of(kind_, elements_));
        kind_.pmr.build(place_, elements_, from_, &counts);
        const auto asked = static_cast<double>(counts.used()) / static_cast<double>(objects);
        requested_ = asked - static_cast<double>(kind_.pmr.value_bytes - does_.value_bytes); // a pmr string has a pointer more
        from_.first_text();
    }
    void build() override {
        if (!way_) [[unlikely]] {
            way_.emplace(bytes_of(kind_, elements_));
        }
        from_.first_number();
        does_.build(place_, elements_, from_, way_->begin());
        built_ = true;
    }
    [[nodiscard]] object_sizes sizes() override {
        constexpr std::size_t mean_text = 516;
        return {.requested_bytes = requested_, .usable_bytes = {}, .sizeof_bytes = does_.value_bytes,
                .payload_bytes = kind_.texts ? mean_text : sizeof(int)};
    }
    void release() override {
        if constexpr (Way::destroys) {
            does_.drop(place_);
        }
        built_ = false;
    }
    bool end() override {
        way_->end();
        way_.reset();
        return !plain && !std::same_as<Way, new_delete_way>;
    }

private:
    static constexpr bool plain = std::same_as<Way, plain_way>;

    const container_kind& kind_;
    const container_functions& does_;
    std::size_t elements_;
    std::size_t containers_; // in one iteration, one after the other
    element_source from_;
    std::optional<Way> way_;
    alignas(std::max_align_t) std::byte place_[container_bytes];
    double requested_ = 0;
    bool built_ = false;
};

std::vector<strategy> strategies_of_containers() {
    std::vector<strategy> list;
    for_each_type(append_t<append_t<type_list<plain_way>, scoped_ways>, type_list<bare_way>>{},
                  [&]<class Way>(std::type_identity<Way>) {
                      list.push_back({.about = Way::about,
                                      .heap = Way::on_heap ? heap_use::every_allocator : heap_use::baseline_only,
                                      .make = [](const parameters& where) -> std::unique_ptr<subject> {
                                          return std::make_unique<containers_subject<Way>>(where);
                                      },
                                      .as = std::same_as<Way, bare_way> ? role::limit : role::contender});
                  });
    return only_in_quick(std::move(list), {"fresh_heap", "new_delete_resource", "monotonic_heap_buffers", "std_pmr_pool",
                                           "monotonic_kept_buffer", "wink_out", "pool_resource_virtual", "no_heap"});
}

// Sizes of the paper: its smallest one, one in the middle, and one whose container outgrows the caches.
std::vector<point> points_of_containers() {
    std::vector<point> points;
    for (const container_kind& kind : container_kinds) {
        const bool nested = kind.inner != 1;
        const std::int64_t middle = !nested ? 1024 : kind.texts ? 64 : 256;
        const std::int64_t largest = !nested ? (kind.texts ? 16'384 : 65'536) : kind.texts ? 256 : 4096;
        const bool leads = kind.name == "vector_string" || kind.name == "set_int" || kind.name == "map_int" ||
                           kind.name == "vector_vector_string";
        for (const std::int64_t elements : {std::int64_t{16}, middle, largest}) {
            const bool asked_first = elements == middle && (kind.name == "vector_string" || kind.name == "map_int");
            const bool weighed = leads && !nested && elements == largest;
            points.push_back({.where = {{"data", std::string(kind.name)}, {"elements", elements}},
                              .from = asked_first ? preset::quick : preset::full,
                              .every_allocator_from = asked_first || weighed || elements == middle ? preset::quick : preset::wide,
                              .memory = weighed,
                              .littered = asked_first && kind.texts});
        }
    }
    return points;
}

const registration registered{{
    .name = "containers",
    .question = "Does a program with containers gain more by another heap or by a memory resource?",
    .operation = "insert an element into a container that is built, read once and dropped; the container's own share included",
    .models = "requests, documents and queries that fill containers, read them and drop them all",
    .favours = "resources that live as long as the container: nothing is given back singly, or destructors are skipped",
    .ignores = "growth of vectors, elements that come and go, resources that outlive their containers",
    .from = preset::heaps,
    .strategies = strategies_of_containers(),
    .points = points_of_containers(),
}};

} // namespace
} // namespace poolmark::benchmarks
