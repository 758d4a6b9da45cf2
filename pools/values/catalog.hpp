// The lists of values: ways to box an integer, to intern a text, to reach an object of which there is one. Adding one
// is a header and two lines here, its type and its `about`.
#pragma once

#ifndef POOLMARK_PEERS
#error "link poolmark::peers, which says what the list has: one that differs between files is undefined behaviour"
#endif

#include "pools/peers/boost_flyweight.hpp"
#include "pools/type_list.hpp"
#include "pools/values/arena_interner.hpp"
#include "pools/values/boxed_int_table.hpp"
#include "pools/values/free_list_box.hpp"
#include "pools/values/fresh_box.hpp"
#include "pools/values/frozen_interner.hpp"
#include "pools/values/interner.hpp"
#include "pools/values/locked_interner.hpp"
#include "pools/values/plain_value.hpp"
#include "pools/values/sharded_interner.hpp"
#include "pools/values/shared_box.hpp"
#include "pools/values/singletons.hpp"
#include "pools/values/string_sets.hpp"
#include "pools/values/tagged_pointer.hpp"

#include <array>

namespace poolmark {

// The ways to box an integer; the first is the baseline.
using boxings = type_list<fresh_box, boxed_int_table<>, boxed_int_table<-5, 1024>, boxed_int_table<-128, 127>,
                          shared_box, shared_box_table, free_list_box, tagged_pointer, plain_value>;

namespace detail {
#ifdef POOLMARK_HAS_BOOST
using flyweights = type_list<boost_flyweight>;
#else
using flyweights = type_list<>;
#endif
} // namespace detail

// The ways to intern a text; the first is the baseline: what one writes with the standard library.
using internings = append_t<type_list<unordered_string_set, weak_ptr_interner, weak_interner, immortal_interner,
                                      arena_interner, frozen_interner, locked_interner<>, sharded_interner>,
                            detail::flyweights>;

// The ways to reach an object of which there is only one; the first is the baseline.
using singleton_ways = type_list<meyers_static, constinit_object, call_once_object, shared_ptr_static,
                                 counted_static, immortal_bit_static, enumerator>;

// A std::unordered_map from the text itself: what a lookup costs that interns nothing.
inline constexpr description text_keys_about{"text_keys", family::fresh,
                                             "a std::unordered_map looked up by the text itself"};

namespace detail {

inline constexpr std::array value_strategies{
    fresh_box::about,
    boxed_int_table<>::about,
    boxed_int_table<-5, 1024>::about,
    boxed_int_table<-128, 127>::about,
    shared_box::about,
    shared_box_table::about,
    free_list_box::about,
    tagged_pointer::about,
    plain_value::about,
    text_keys_about,
    unordered_string_set::about,
    weak_ptr_interner::about,
    weak_interner::about,
    immortal_interner::about,
    arena_interner::about,
    frozen_interner::about,
    locked_interner<>::about,
    sharded_interner::about,
    boost_flyweight_about,
    meyers_static::about,
    constinit_object::about,
    call_once_object::about,
    shared_ptr_static::about,
    counted_static::about,
    immortal_bit_static::about,
    enumerator::about,
};

} // namespace detail
} // namespace poolmark
