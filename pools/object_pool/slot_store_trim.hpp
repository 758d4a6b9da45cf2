// How slot_store gives memory back, and makes it resident; see pools/object_pool/slot_store.hpp.
//
//   before   │ out free free out │ free free free free │ free ... free │      stack: as they were released
//   after    │ out free free out │       gone          │     gone      │      stack: lowest address on top
//              pages without an object: contents gone, addresses kept
#pragma once

#include "pools/object_pool/slot_store.hpp"

namespace poolmark::detail {

// What was given back of a slab stays away, where the upstream can see to it.
template <upstream_source Upstream>
void keep_holes_in([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) noexcept {
    if constexpr (requires { Upstream::keep_holes(memory, bytes); }) {
        Upstream::keep_holes(memory, bytes);
    }
}

// Throws std::bad_alloc before it has changed anything.
template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream, bool LiveMarks>
template <class BeforeDrop>
auto slot_store<Stride, Alignment, Upstream, LiveMarks>::trim_by(const free_map<directory>& map, bool discard_pages,
                                                               BeforeDrop& before_drop) -> trimmed {
    fit_stack(map);
    trimmed given;
    // From the highest slab to the lowest, and in each from the highest slot: what is pushed last is taken first.
    for (std::size_t position = slabs_.all().size(); position-- != 0;) {
        slab& in = slabs_.all()[position];
        if (map.used(position) == 0) {
            given.slab_bytes += in.bytes;
            if (in.begin == current_) {
                bump_ = end_ = address{};
                current_ = nullptr;
            }
            before_drop(std::as_const(in));
            slabs_.drop(in);
            continue;
        }
        forget_long_tail(in, map, position);
        map.for_each_free_downwards(position, [&](std::size_t index) {
            if constexpr (LiveMarks) {
                in.mark(index) = slot_mark::none;
                if (index < in.carved) {
                    free_.push(in.slot(index), in.mark(index));
                }
            } else if (index < in.carved) {
                free_.push(in.slot(index));
            }
        });
        if (discard_pages) {
            given.page_bytes += discard_free_pages(in, map, position);
        }
    }
    given.page_bytes += discard_stack_pages();
    return given;
}

// Where many slots are free above a slab's last one in use, they are as good as never used: carving them again needs no
// stack, which for half a million of them is 4 MiB.
template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream, bool LiveMarks>
void slot_store<Stride, Alignment, Upstream, LiveMarks>::forget_long_tail(slab& in, const free_map<directory>& map,
                                                                        std::size_t position) noexcept {
    constexpr std::size_t many = 4096 / sizeof(top_stack::entry);
    std::size_t used_up_to = 0;
    map.for_each_used(position, [&](std::size_t index) { used_up_to = index + 1; });
    if (in.carved - used_up_to >= many) {
        in.carved = used_up_to;
        if (in.begin == current_) {
            start(in);
        }
    }
}

// Empties the stack, of which the map knows everything, and leaves it in memory that will stay and is not larger than
// what the slots that stay need. Throws std::bad_alloc before it has changed anything.
template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream, bool LiveMarks>
void slot_store<Stride, Alignment, Upstream, LiveMarks>::fit_stack(const free_map<directory>& map) {
    std::size_t staying = 0;
    bool stands_where_it_stays = false; // the stack, in a slab
    for (std::size_t position = 0; position != slabs_.all().size(); ++position) {
        const slab& in = slabs_.all()[position];
        if (map.used(position) != 0) {
            staying += in.slot_count;
            stands_where_it_stays |= in.stack != nullptr && in.contains(free_.end() - 1);
        }
    }
    if (staying == 0) {
        free_.abandon();
        give_back_for_good(std::exchange(room_, {}));
        return;
    }
    const std::size_t needed = room_for(staying);
    if (!stands_where_it_stays && (room_.memory == nullptr || needed < room_.bytes)) {
        POOLMARK_TRY {
            const block fitting = new_room(staying);
            free_.clear();
            free_.move_to(fitting.memory);
            give_back_for_good(std::exchange(room_, fitting));
        }
        POOLMARK_CATCH(const std::bad_alloc&) {
            if (room_.memory == nullptr) { // it stands in a slab that is to go
                POOLMARK_RETHROW;
            }
        }
    }
    free_.clear();
}

template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream, bool LiveMarks>
std::size_t slot_store<Stride, Alignment, Upstream, LiveMarks>::discard_free_pages(const slab& in,
                                                                                 const free_map<directory>& map,
                                                                                 std::size_t position) noexcept {
    std::size_t bytes = 0;
    if constexpr (discarding_source<Upstream>) {
        std::byte* from = in.begin; // behind the last slot in use
        map.for_each_used(position, [&](std::size_t index) {
            bytes += whole_pages(from, in.slot(index), &Upstream::discard);
            from = in.slot(index + 1);
        });
        bytes += whole_pages(from, in.end(), &Upstream::discard);
        if (bytes != 0) {
            keep_holes_in<Upstream>(in.memory, in.bytes);
        }
    }
    return bytes;
}

// Above the top, wherever the stack stands, and wherever it stood before.
template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream, bool LiveMarks>
std::size_t slot_store<Stride, Alignment, Upstream, LiveMarks>::discard_stack_pages() noexcept {
    std::size_t bytes = 0;
    if constexpr (discarding_source<Upstream>) {
        auto* const above = reinterpret_cast<std::byte*>(free_.unused());
        if (room_.memory != nullptr) {
            bytes = whole_pages(above, static_cast<std::byte*>(room_.memory) + room_.bytes, &Upstream::discard);
            keep_holes_in<Upstream>(room_.memory, room_.bytes); // of what is not there, some was never touched
        }
        for (const slab& each : slabs_.all()) {
            if (each.stack != nullptr) {
                auto* const from = each.contains(above - sizeof(top_stack::entry)) ? above : each.end();
                const std::size_t gone =
                    whole_pages(from, static_cast<std::byte*>(each.memory) + each.bytes, &Upstream::discard);
                if (gone != 0) {
                    keep_holes_in<Upstream>(each.memory, each.bytes);
                }
                bytes += gone;
            }
        }
    }
    return bytes;
}

template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream, bool LiveMarks>
void slot_store<Stride, Alignment, Upstream, LiveMarks>::prefault() noexcept {
    if constexpr (discarding_source<Upstream>) {
        // All of a slab's pages: after trim(), any of them may lack its contents.
        for (const slab& each : slabs_.all()) {
            auto* const first = static_cast<std::byte*>(each.memory);
            auto* const used = each.contains(free_.begin()) ? first + each.bytes : each.end();
            whole_pages(first, (std::min)(used + page_size() - 1, first + each.bytes), &Upstream::prefault);
        }
        auto* const first = static_cast<std::byte*>(room_.memory);
        whole_pages(first, first + room_.bytes, &Upstream::prefault);
    }
}

} // namespace poolmark::detail
