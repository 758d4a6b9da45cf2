// The same singletons seen from elsewhere: from another file of the program, and from a shared object that is opened at run time.
#include "tests/values/one_address.hpp"

#ifdef POOLMARK_PLUGIN
extern "C" [[gnu::visibility("default")]] void poolmark_plugin_addresses(const void** to);
extern "C" void poolmark_plugin_addresses(const void** to) {
    poolmark::tests::note_addresses(to, &poolmark::tests::not_a_singleton);
}
#else
void poolmark::tests::addresses_of_other_file(const void** to) { note_addresses(to, &not_a_singleton); }
#endif
