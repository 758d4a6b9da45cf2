#include "tests/values/literals.hpp"

namespace poolmark::tests {
namespace {
const char* another_function() { return "timestamp"; }
} // namespace

literals_of_file literals_there() { return {"timestamp", another_function(), "stamp", "not a name!"}; }

} // namespace poolmark::tests
