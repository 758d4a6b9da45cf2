// A checked pool says what was done wrong and where, and goes on unharmed.
#include "pools/errors.hpp"
#include "pools/leaks.hpp"
#include "pools/object_pool.hpp"

#include <cstdio>
#include <string>

struct order {
    int id;
    int quantity;
};

// Checks in debug builds, none in release builds: the same code either way.
#ifdef NDEBUG
constexpr poolmark::pool_options checks_in_debug{};
#else
constexpr poolmark::pool_options checks_in_debug{.checks = poolmark::check::fast};
#endif
using debug_orders = poolmark::object_pool<order, checks_in_debug>;

using checked_orders = poolmark::object_pool<order, poolmark::pool_options{.checks = poolmark::check::fast}>;

namespace {

// What the error says, without the address in it, which differs from run to run.
std::string without_address(const poolmark::pool_misuse& error) {
    const std::string text = error.what();
    return text.substr(0, text.find(" (0x"));
}

void attempt(const char* what, checked_orders& orders, order* wrong) {
    try {
        orders.destroy(wrong);
    } catch (const poolmark::double_release& error) { // one of the kinds that a caller can tell apart
        std::printf("%s: double_release: %s\n", what, without_address(error).c_str());
    } catch (const poolmark::pool_misuse& error) { // all of them
        std::printf("%s: %s\n", what, without_address(error).c_str());
    }
}

void count_leaks(const poolmark::leak_report& found) noexcept {
    std::printf("%zu block of %zu bytes was still out\n", found.blocks, found.bytes);
}

} // namespace

int main() {
    poolmark::set_leak_handler(&count_leaks); // without it, a line on stderr
    checked_orders orders;
    checked_orders others;
    order* const one = orders.create(17, 100);
    order* const two = others.create(18, 100);
    order on_the_stack{19, 100};

    orders.destroy(one);
    attempt("again", orders, one);
    attempt("another pool's", orders, two);
    attempt("no pool's", orders, &on_the_stack);
    std::printf("%zu out here, %zu there: nothing was harmed\n", orders.stats().live, others.stats().live);

    debug_orders everyday;
    everyday.destroy(everyday.create(20, 100));
} // `others` ends with order 18 still out, and the leak handler is called

// Prints:
//   again: double_release: poolmark: object_pool_fast_checks: released a block that was released before
//   another pool's: poolmark: object_pool_fast_checks: released a block that belongs to another pool of this type
//   no pool's: poolmark: object_pool_fast_checks: released a pointer that this pool never handed out
//   0 out here, 1 there: nothing was harmed
//   1 block of 8 bytes was still out
