// What object_pool is put together from: its statistics, its names, and the choices its options make.
#pragma once

#include "pools/description.hpp"
#include "pools/memory/align.hpp"
#include "pools/memory/poison.hpp"
#include "pools/object_pool/idle_memory.hpp"
#include "pools/object_pool/pool_checks.hpp"
#include "pools/object_pool/slot_store.hpp"
#include "pools/pool_options.hpp"
#include "pools/memory/upstream.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>

namespace poolmark {

// What a pool can say about itself without having counted anything on the way.
struct pool_stats {
    std::size_t live = 0;        // objects out
    std::size_t free = 0;        // released, to be handed out again
    std::size_t never_used = 0;  // slots that were never out
    std::size_t peak_live = 0;   // the most that were out at once since reset(), of the slots that trim() has left
    std::size_t slabs = 0;       // taken from the upstream
    std::size_t slab_bytes = 0;  // of address space; resident where they were touched
    std::size_t stack_bytes = 0; // room for the free slots' addresses, likewise, where it is not in a slab
};

namespace detail {

template <pool_options Options>
using source_of = std::conditional_t<
    Options.source == slab_source::heap, heap_source,
    std::conditional_t<Options.source == slab_source::warm, warm_pages<Options.huge>, mapped_source<Options.huge>>>;

template <check Level, trims When>
inline constexpr description object_pool_about =
    leading({"object_pool", family::free_list, "the one to use: stack of free slots beside them"});
template <>
inline constexpr description object_pool_about<check::off, trims::by_itself>{
    "object_pool_trims_itself", family::free_list, "object_pool that gives memory back by itself after a peak"};
template <trims When>
inline constexpr description object_pool_about<check::fast, When>{"object_pool_fast_checks", family::free_list,
                                                                  "object_pool that checks each release, exactly"};
template <trims When>
inline constexpr description object_pool_about<check::full, When>{"object_pool_full_checks", family::free_list,
                                                                  "object_pool that also checks threads and free blocks"};

// A slot is as large as the object; a poisoned one starts and ends at ASan's granules.
template <class T>
struct slot_of {
    static_assert(requires { sizeof(T); },
                  "object_pool<T>: T is not complete here; inside T, object_pool<T>::lease is called object_lease<T>");
    static constexpr std::size_t alignment = (std::max)(alignof(T), poison_granule);
    static constexpr std::size_t stride = align_up(sizeof(T), alignment);
};
template <class T>
inline constexpr std::size_t slot_alignment = slot_of<T>::alignment;
template <class T>
inline constexpr std::size_t slot_stride = slot_of<T>::stride;
template <class T, pool_options Options, class Upstream>
using store_of = slot_store<slot_stride<T>, slot_alignment<T>, Upstream, Options.checks != check::off>;

} // namespace detail

} // namespace poolmark
