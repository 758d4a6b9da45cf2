// Any bytes as a value's file of a file_store. Aborts where something is found that is not there. The bytes of a
// redis_store are parsed by hiredis.
#pragma once

#include <string_view>

namespace poolmark::tests {

void run_store_bytes(std::string_view bytes);

} // namespace poolmark::tests
