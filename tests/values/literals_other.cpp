#include "tests/values/literals.hpp"

namespace poolmark::tests {
namespace {
const char* another_function() { return "timestamp"; }
} // namespace

literals_of_file literals_there() { return {"timestamp", another_function(), "stamp", "not a name!"}; }

#ifdef POOLMARK_COMPARED // a pointer with a literal, which our warnings refuse
bool is_timestamp(const char* name);
bool is_timestamp(const char* name) { return name == "timestamp"; }
#endif

} // namespace poolmark::tests
