// The list of the stores. One place to add one, beside its line in descriptions.hpp.
#pragma once

#include "benchmarks/contenders/stores/descriptions.hpp"
#include "benchmarks/contenders/stores/file_store.hpp"
#include "benchmarks/contenders/type_list.hpp"

#ifdef POOLMARK_HAS_SQLITE
#include "benchmarks/contenders/stores/sqlite_store.hpp"
#endif
#ifdef POOLMARK_HAS_HIREDIS
#include "benchmarks/contenders/stores/redis_store.hpp"
#endif

namespace poolmark {

#ifdef POOLMARK_HAS_SQLITE
using sqlite_stores = type_list<sqlite_store>;
#else
using sqlite_stores = type_list<>;
#endif

#ifdef POOLMARK_HAS_HIREDIS
using redis_stores = type_list<redis_store>;
#else
using redis_stores = type_list<>;
#endif

// All that this build has.
using stores = join_t<type_list<file_store>, sqlite_stores, redis_stores>;

} // namespace poolmark
