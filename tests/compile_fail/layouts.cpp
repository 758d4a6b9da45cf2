// Fields that a record does not have: where fields are fixed when the program is compiled, so are their names.
#include "benchmarks/contenders/layouts/rows.hpp"
#include "benchmarks/contenders/layouts/slotted.hpp"
#include "benchmarks/contenders/layouts/shape_slots.hpp"

using namespace poolmark;

void use(slotted<vector2d>& layout, slotted<vector2d>::object* object, columns<vector2d>& wide,
         columns<vector2d>::object* row, shape_slots<vector2d>& shaped, shape_slots<vector2d>::object* dynamic);
void use(slotted<vector2d>& layout, slotted<vector2d>::object* object, columns<vector2d>& wide,
         columns<vector2d>::object* row, shape_slots<vector2d>& shaped, shape_slots<vector2d>::object* dynamic) {
#if WRONG == 0
    static_cast<void>(layout.get(object, field<"x">));
    layout.set(object, field<"y">, 1.0);
    object->x = 1.0;
    static_cast<void>(wide.get(row, field<"x">));
    static_cast<void>(shaped.get(dynamic, field<"x">));
    static_cast<void>(shaped.get(dynamic, "z")); // known at run time only: unknown_field
    static_cast<void>(layout.get(object, "z"));
#elif WRONG == 1
    static_cast<void>(layout.get(object, field<"z">));
#elif WRONG == 2
    layout.set(object, field<"z">, 1.0);
#elif WRONG == 3
    object->z = 1.0;
#elif WRONG == 4
    static_cast<void>(wide.get(row, field<"z">));
#elif WRONG == 5
    static_cast<void>(shaped.get(dynamic, field<"z">));
#elif WRONG == 6
    layout.set(object, field<"">, 1.0);
#endif
}
