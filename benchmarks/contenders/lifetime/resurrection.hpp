// What a destructor gets that tries to keep its object alive.
#pragma once

#include "pools/errors.hpp"

#include <string_view>

namespace poolmark {

// A reference was asked for to an object that is being destroyed. It is destroyed all the same; nothing was changed.
class resurrection : public pool_misuse {
public:
    resurrection(std::string_view heap, const void* object)
        : pool_misuse(heap, object, "a new reference to an object that is being destroyed") {}
};

} // namespace poolmark
