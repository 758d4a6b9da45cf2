// The lists of values: ways to box an integer, to intern a text, to reach an object of which there is one. Adding one
// is a header and a line here.
#pragma once

#ifndef POOLMARK_CONTENDERS
#error "link poolmark::contenders, which says what the list has: one that differs between files is undefined behaviour"
#endif

#include "benchmarks/contenders/values/boost_flyweight.hpp"
#include "benchmarks/contenders/type_list.hpp"
#include "pools/values/arena_interner.hpp"
#include "pools/values/boxed_int_table.hpp"
#include "benchmarks/contenders/values/boxes.hpp"
#include "pools/values/frozen_interner.hpp"
#include "pools/values/interner.hpp"
#include "benchmarks/contenders/values/string_sets.hpp"
#include "pools/values/sharded_interner.hpp"
#include "benchmarks/contenders/values/singletons.hpp"

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

} // namespace poolmark
