// What stores read that others wrote: any bytes as a value's file, and as a memcached server's answer. Aborts where
// something is found that is not there. A redis_store's bytes are parsed by hiredis.
#pragma once

#include <string_view>

namespace poolmark::tests {

void run_store_bytes(std::string_view bytes);

} // namespace poolmark::tests
