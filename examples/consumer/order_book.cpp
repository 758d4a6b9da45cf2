// An order book: orders wait at their price until they are filled or cancelled. Each is owned by a lease, so taking it
// out of the book is all there is to giving its slot back.
#include "pools/object_pool.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <functional>
#include <map>

namespace {

struct order {
    int id;
    int price;
    int quantity;
};

class order_book {
public:
    void add(int id, int price, int quantity) {
        levels_[price].push_back(orders_.make(id, price, quantity));
    }

    // Sells to whoever bids most, the oldest order first. Returns how much of it nobody wanted.
    int sell(int quantity) {
        while (quantity != 0 && !levels_.empty()) {
            auto& queue = levels_.begin()->second;
            order& best = *queue.front();
            const int filled = std::min(best.quantity, quantity);
            best.quantity -= filled;
            quantity -= filled;
            if (best.quantity == 0) {
                queue.pop_front(); // ends the lease, and with it the order
            }
            if (queue.empty()) {
                levels_.erase(levels_.begin());
            }
        }
        return quantity;
    }

    [[nodiscard]] poolmark::pool_stats stats() const { return orders_.stats(); }

private:
    using orders = poolmark::object_pool<order>;

    orders orders_; // before the leases: what is declared first is destroyed last
    std::map<int, std::deque<orders::lease>, std::greater<>> levels_;
};

} // namespace

int main() {
    order_book book;
    book.add(1, 99, 10);
    book.add(2, 101, 5);
    book.add(3, 101, 20);
    std::printf("%zu orders wait\n", book.stats().live);

    book.sell(12); // all of order 2, and 7 of order 3
    std::printf("sold 12: %zu orders wait\n", book.stats().live);
    const int left = book.sell(100);
    std::printf("sold 100: %zu orders wait, %d unsold\n", book.stats().live, left);

    // A day of trading. Each order takes the place of one that is gone.
    for (int id = 4; id != 100'000; ++id) {
        book.add(id, 100, 1);
        book.sell(1);
    }
    const poolmark::pool_stats after = book.stats();
    std::printf("100,000 orders later: at most %zu at once, in %zu slab\n", after.peak_live, after.slabs);
}

// Prints:
//   3 orders wait
//   sold 12: 2 orders wait
//   sold 100: 0 orders wait, 77 unsold
//   100,000 orders later: at most 3 at once, in 1 slab
