// A struct with one flag more: what the pool object of the textbooks is, with its "in use" inside.
//
//   object ──► [ x | y | in_use | padding ]
//
// Good for: showing what one bit costs where the other fields are 8 bytes wide: as much as a field.
// Bad for:  many small objects: put the flags beside them (see bitmap_pool, index_list_pool).
// Complexity: that of slotted. Bytes: slotted's and 8. Threads: one at a time.
#pragma once

#include "benchmarks/contenders/layouts/slotted.hpp"

#include <cstddef>

namespace poolmark {

template <record Record, class Allocator = std::allocator<std::byte>>
class flagged : public struct_fields<Record> {
public:
    using record_type = Record;
    using allocator_type = Allocator;
    struct object : Record {
        bool in_use = true;
    };
    static constexpr description about{"flagged", family::layout, "a struct with a flag that says it is in use"};

    flagged() = default;
    explicit flagged(const Allocator& allocator) : allocator_(allocator) {}

    [[nodiscard]] object* make(const Record& values) { return detail::new_object<object>(allocator_, object{values}); }
    void destroy(object* ended) noexcept { detail::delete_object(allocator_, ended); }

private:
    [[no_unique_address]] Allocator allocator_;
};

static_assert(record_layout<flagged<vector2d>, vector2d>);
static_assert(sizeof(flagged<vector2d>::object) == 24 && sizeof(flagged<log_record>::object) == 48);

} // namespace poolmark
