// recorded — what a program of the reader's asked of its heap, done again.
//
// Question:  what does a heap cost in the order, the sizes and the threads of this very program?
// Models:    the program that was recorded (docs/your-program.md), on the input that it was given.
// Favours:   heaps that fit this program. Whatever is better for another one is not asked.
// Ignores:   what the program did with its blocks and between its calls: better placed blocks make its own accesses faster, and that does
//            not show here. Blocks are written to: each line of those up to 1 KiB, of larger ones the first word of each page. The heap has
//            served earlier replays, as it would in a program that has been running; blocks that the program never freed are freed at the
//            end of each replay, which takes time (`never_freed` says how many). Threads that ran one after the other are one.
#include "benchmarks/harness/heaps.hpp"
#include "benchmarks/harness/recordings.hpp"
#include "benchmarks/harness/side_by_side.hpp"
#include "benchmarks/harness/user_counters.hpp"
#include "benchmarks/harness/replay/replayer.hpp"

#include <algorithm>
#include <stdexcept>

namespace poolmark::benchmarks {
namespace {

// What no_heap hands out is written over soon, so nothing is read back, and a larger block than it has is written as far as it goes.
struct no_heap_again {
    static constexpr bool gives_memory = false;
    static constexpr std::uint64_t most_written = no_heap::largest;

    [[nodiscard]] static void* take(replaying::deed /*how*/, std::size_t bytes, unsigned /*align_log2*/) {
        return no_heap::take(std::min(bytes, no_heap::largest));
    }
    [[nodiscard]] static void* resize(void* /*block*/, std::size_t bytes) { return no_heap::take(std::min(bytes, no_heap::largest)); }
    static void give(replaying::deed /*how*/, void* block, unsigned /*align_log2*/) noexcept { no_heap::give(block); }
};

struct spinning {
    template <class Condition>
    void operator()(Condition&& fulfilled) const {
        spin_until(fulfilled);
    }
};

template <class Heap>
class recorded_subject final : public side_by_side, public user_counters {
public:
    explicit recorded_subject(const parameters& where)
        : side_by_side(static_cast<std::size_t>(where.number("threads"))), file_(recording(where.word("recording"))), again_(file_) {
        if (threads() != file_.head().threads) {
            throw std::out_of_range("this recording has " + std::to_string(file_.head().threads) + " threads");
        }
    }

    std::uint64_t verify() override {
        run(2); // what the first replay leaves is reused by the second
        rest();
        return again_.take_digest();
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return file_.head().operations + file_.head().left; }
    [[nodiscard]] std::vector<user_counter> counters() const override {
        return {{"blocks", static_cast<double>(file_.head().made)}, {"never_freed", static_cast<double>(file_.head().left)},
                {"handed_over", static_cast<double>(file_.head().handed)}};
    }

private:
    void work(std::size_t thread, std::uint64_t iterations) override {
        const auto number = static_cast<std::uint32_t>(thread);
        for (; iterations != 0; --iterations) {
            again_.play(number);
            again_.give_rest(number);
        }
    }

    const replaying::ops_file& file_;
    replaying::replayer<std::conditional_t<Heap::gives_memory, replaying::process_heap_again, no_heap_again>, spinning> again_;
};

const registration registered{{
    .name = "recorded",
    .question = "What does a heap cost in the order, the sizes and the threads of your own program?",
    .operation = "the next call that the program made to its heap, with the writes to the block that comes: the wall time of all threads, divided by "
                 "the calls of all",
    .models = "the program that was recorded, on the input that it was given: --recording=FILE.ops brings it",
    .favours = "heaps that fit this program",
    .ignores = "what the program does with its blocks and between its calls",
    .from = preset::heaps,
    .strategies = heap_strategies<recorded_subject>(),
    .points = {},
    .brought = "--recording=FILE.ops",
}};

} // namespace
} // namespace poolmark::benchmarks
