// What a store of events asks for: bytes and allocations for one event, counted and not timed.
#pragma once

#include "benchmarks/contenders/events/catalog.hpp"
#include "benchmarks/harness/layouts.hpp"
#include "benchmarks/harness/log_lines.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace poolmark::benchmarks {

// All six fields of an event, read.
template <class Store>
[[nodiscard]] std::uint64_t read_event(const Store& store, const typename Store::event* one) {
    std::uint64_t sum = 0;
    for (const event_field number : {event_field::time, event_field::level, event_field::user, event_field::duration}) {
        sum = sum * 31 + static_cast<std::uint64_t>(store.number(one, number));
    }
    for (const event_field text : {event_field::type, event_field::session}) {
        const std::string_view found = store.text(one, text);
        sum = sum * 31 + found.size() + static_cast<unsigned char>(found.back());
    }
    return sum;
}

// What one event asks for, everything it owns included, and in how many allocations.
struct asked_for {
    double bytes = 0;
    double allocations = 0;
};

// Tallied is the same store over an allocator that counts.
template <class Tallied>
[[nodiscard]] asked_for asked_of_allocator(const log_lines& lines, std::size_t held) {
    tally asked;
    Tallied store{tallying_allocator<std::byte>(asked)};
    for (std::size_t i = 0; i != held; ++i) {
        auto* const one = store.parse(lines[i]);
        static_cast<void>(read_event(store, one)); // keys of temporary strings count as well
        store.drop(one);
    }
    const auto events = static_cast<double>(held);
    return {static_cast<double>(asked.bytes) / events, static_cast<double>(asked.allocations) / events};
}

// The slot, which is there again for the next event, and a box for each number outside of the table.
template <class Store>
[[nodiscard]] asked_for asked_for_boxes(const log_lines& lines, std::size_t held) {
    Store store;
    std::size_t boxes = 0;
    for (std::size_t i = 0; i != held; ++i) {
        auto* const one = store.parse(lines[i]);
        if constexpr (std::is_same_v<Store, interned_events<>>) {
            for (const auto box : one->numbers) {
                boxes += !boxed_int_table<>::is_shared(box);
            }
        }
        store.drop(one);
    }
    const double boxes_per_event = static_cast<double>(boxes) / static_cast<double>(held);
    return {static_cast<double>(sizeof(typename Store::event)) + boxes_per_event * sizeof(boxed_int), boxes_per_event};
}

template <class Store>
[[nodiscard]] asked_for asked_by(const log_lines& lines, std::size_t held) {
    using counting = tallying_allocator<std::byte>;
    if constexpr (std::is_same_v<Store, dictionary_events<>>) {
        return asked_of_allocator<dictionary_events<counting>>(lines, held);
    } else if constexpr (std::is_same_v<Store, string_events<>>) {
        return asked_of_allocator<string_events<counting>>(lines, held);
    } else {
        return asked_for_boxes<Store>(lines, held);
    }
}

} // namespace poolmark::benchmarks
