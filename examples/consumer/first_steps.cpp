// The pool in ten lines.
#include "pools/object_pool.hpp"

#include <cstdio>
#include <string>

struct order {
    int id;
    std::string currency;
};

int main() {
    poolmark::object_pool<order> orders; // grows as needed; allocates nothing yet

    order* const one = orders.create(17, "EUR"); // as new order{17, "EUR"}
    std::printf("order %d in %s\n", one->id, one->currency.c_str());
    orders.destroy(one); // as delete one; its slot is the next to be handed out

    {
        auto lease = orders.make(18, "USD"); // a unique_ptr, destroyed with its scope
        std::printf("order %d in %s, %zu out\n", lease->id, lease->currency.c_str(), orders.stats().live);
    }
    std::printf("%zu out\n", orders.stats().live);
}

// Prints:
//   order 17 in EUR
//   order 18 in USD, 1 out
//   0 out
