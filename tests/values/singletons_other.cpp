// The same singletons seen from another file of the program.
#include "tests/values/one_address.hpp"

void poolmark::tests::addresses_of_other_file(const void** to) { note_addresses(to, &not_a_singleton); }
