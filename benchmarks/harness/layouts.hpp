// Sample records for the layouts, and what a layout asks its allocator for.
#pragma once

#include "benchmarks/contenders/layouts/catalog.hpp"
#include "benchmarks/contenders/layouts/records.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace poolmark::benchmarks {

// A record whose fields differ from those of other seeds.
template <class Record>
[[nodiscard]] Record sample_record(std::int64_t seed);

template <>
[[nodiscard]] inline vector2d sample_record<vector2d>(std::int64_t seed) {
    return {.x = static_cast<double>(seed), .y = 0.5};
}
template <>
[[nodiscard]] inline log_record sample_record<log_record>(std::int64_t seed) {
    return {.timestamp = 1'000'000 + seed, .level = static_cast<std::int32_t>(seed % 5), .user_id = seed * 7,
            .duration = 0.25, .event = seed % 100};
}

// One field in the middle of the record, by a name that the program knows when it is compiled.
template <class Record, class Layout>
[[nodiscard]] std::int64_t read_sample_field(Layout& layout, const typename Layout::object* one) {
    if constexpr (std::same_as<Record, vector2d>) {
        return static_cast<std::int64_t>(layout.get(one, field<"x">));
    } else {
        return layout.get(one, field<"user_id">);
    }
}
template <class Record, class Layout>
void write_sample_field(Layout& layout, typename Layout::object* one, std::int64_t value) {
    if constexpr (std::same_as<Record, vector2d>) {
        layout.set(one, field<"x">, static_cast<double>(value));
    } else {
        layout.set(one, field<"user_id">, value);
    }
}

// Looks at an object's dictionary, where it gets one for whoever looks.
template <class Layout>
void look_at_dictionary(Layout& layout, typename Layout::object* one) {
    if constexpr (touchable_layout<Layout>) {
        static_cast<void>(layout.touch(one));
    }
}

// Whether a layout takes memory for many objects at once.
template <class Layout>
inline constexpr bool keeps_memory = requires { Layout::keeps_memory; };

// What was asked for, and how often. It goes up only.
struct tally {
    std::size_t bytes = 0;
    std::size_t allocations = 0;
};

// std::allocator with a tally.
template <class T>
class tallying_allocator {
public:
    using value_type = T;

    explicit tallying_allocator(tally& asked) noexcept : asked_(&asked) {}
    template <class Other>
    tallying_allocator(const tallying_allocator<Other>& other) noexcept : asked_(other.asked_) {}

    [[nodiscard]] T* allocate(std::size_t count) {
        asked_->bytes += count * sizeof(T);
        ++asked_->allocations;
        return std::allocator<T>{}.allocate(count);
    }
    void deallocate(T* block, std::size_t count) noexcept { std::allocator<T>{}.deallocate(block, count); }

    [[nodiscard]] bool operator==(const tallying_allocator&) const noexcept = default;

private:
    template <class Other>
    friend class tallying_allocator;

    tally* asked_;
};

// What one object of the layout asks for, everything it owns included,
// averaged over enough of them that what they share does not show.
template <class Record, std::size_t Index>
[[nodiscard]] double requested_bytes_per_object(bool touched) {
    using layout = type_at<Index, layouts<Record, tallying_allocator<std::byte>>>;
    constexpr std::size_t objects = keeps_memory<layout> ? 1'000'000 : 1000;
    tally asked;
    layout counted{tallying_allocator<std::byte>(asked)};
    std::vector<typename layout::object*> made;
    for (std::size_t i = 0; i < objects; ++i) {
        made.push_back(counted.make(sample_record<Record>(static_cast<std::int64_t>(i))));
        if (touched) {
            look_at_dictionary(counted, made.back());
        }
    }
    const double per_object = static_cast<double>(asked.bytes) / static_cast<double>(objects);
    for (typename layout::object* one : made) {
        counted.destroy(one);
    }
    return per_object;
}

} // namespace poolmark::benchmarks
