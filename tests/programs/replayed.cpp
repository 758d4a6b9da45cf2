// Replays a file of operations on a heap that watches: every block that comes back has to be one that is out, with the bytes that it was asked
// with. JSON on standard output. With "twice", on a heap that hands the same block out twice: the digest has to show it. With "unwatched", on
// the heap itself: to watch takes a lock, which would order threads that nothing else does.
#include "benchmarks/harness/replay/replayer.hpp"

#include <cstdio>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace poolmark::replaying;

struct totals {
    std::mutex change;
    std::map<void*, std::size_t> out;
    std::uint64_t made = 0, resized = 0, given = 0, bytes = 0, live = 0, live_bytes = 0, peak_live = 0, peak_bytes = 0, unknown = 0, misaligned = 0, not_zero = 0;
    bool twice = false;

    void come(void* block, std::size_t size) {
        out[block] = size;
        bytes += size;
        peak_bytes = std::max(peak_bytes, live_bytes += size);
        peak_live = std::max(peak_live, ++live);
    }
    bool go(void* block) {
        const auto found = out.find(block);
        if (found == out.end()) {
            ++unknown;
            return false;
        }
        live_bytes -= found->second;
        --live;
        out.erase(found);
        return true;
    }
};
totals all;

struct watching_heap {
    static constexpr bool gives_memory = true;
    static constexpr std::uint64_t most_written = ~std::uint64_t{0};

    static void* take(deed how, std::size_t bytes, unsigned align_log2) {
        const std::scoped_lock held(all.change);
        void* const block = process_heap_again::take(how, bytes, align_log2);
        ++all.made;
        all.misaligned += reinterpret_cast<std::uintptr_t>(block) % (std::size_t{1} << align_log2) != 0;
        for (std::size_t i = 0; how == deed::zeroed && i != bytes; ++i) {
            all.not_zero += static_cast<unsigned char*>(block)[i] != 0;
        }
        all.come(block, bytes);
        static void* last = nullptr;
        return all.twice && all.made == 100 ? last : last = block;
    }
    static void* resize(void* block, std::size_t bytes) {
        const std::scoped_lock held(all.change);
        ++all.resized;
        if (!all.go(block)) {
            return block;
        }
        void* const moved = process_heap_again::resize(block, bytes);
        all.come(moved, bytes);
        return moved;
    }
    static void give(deed how, void* block, unsigned align_log2) {
        const std::scoped_lock held(all.change);
        ++all.given;
        if (all.go(block)) {
            process_heap_again::give(how, block, align_log2);
        }
    }
};

struct yielding {
    template <class Condition>
    void operator()(Condition&& fulfilled) const {
        while (!fulfilled()) {
            std::this_thread::yield();
        }
    }
};

// Twice: the second replay begins where the first has ended.
template <class Heap>
std::uint64_t digest_of(const ops_file& file) {
    replayer<Heap, yielding> again(file);
    std::vector<std::jthread> threads;
    for (std::uint32_t number = 0; number != file.head().threads; ++number) {
        threads.emplace_back([&, number] {
            for (int replay = 0; replay != 2; ++replay) {
                again.play(number);
                again.give_rest(number);
            }
        });
    }
    threads.clear();
    return again.take_digest();
}

} // namespace

int main(int count, char** words) {
    const std::string_view mode = count > 2 ? words[2] : "";
    all.twice = mode == "twice";
    const ops_file file(words[1]);
    const std::uint64_t digest = mode == "unwatched" ? digest_of<process_heap_again>(file) : digest_of<watching_heap>(file);
    std::printf("{\"made\": %lu, \"resized\": %lu, \"given\": %lu, \"bytes\": %lu, \"peak_live\": %lu, \"peak_bytes\": %lu, \"unknown\": %lu, "
                "\"misaligned\": %lu, \"not_zero\": %lu, \"left\": %lu, \"digest\": \"%016lx\"}\n",
                all.made, all.resized, all.given, all.bytes, all.peak_live, all.peak_bytes, all.unknown, all.misaligned, all.not_zero, all.live, digest);
}
