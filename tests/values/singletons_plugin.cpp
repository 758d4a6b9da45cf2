// The same singletons seen from a shared object that is opened at run time.
#include "tests/values/one_address.hpp"

extern "C" [[gnu::visibility("default")]] void poolmark_plugin_addresses(const void** to);
extern "C" void poolmark_plugin_addresses(const void** to) {
    poolmark::tests::note_addresses(to, &poolmark::tests::not_a_singleton);
}
