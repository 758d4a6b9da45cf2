// A shared object with a library of its own in it; built with hidden symbols and with usual ones.
#include "tests/shared_objects/operations.hpp"

extern "C" __attribute__((visibility("default"))) void POOLMARK_PLUGIN_ENTRY(poolmark::tests::plugin* into);
extern "C" void POOLMARK_PLUGIN_ENTRY(poolmark::tests::plugin* into) { *into = poolmark::tests::this_object(); }
