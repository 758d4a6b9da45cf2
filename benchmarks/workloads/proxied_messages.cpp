// proxied_messages — producers send messages to consumers, some of them by way of proxies that look at them first.
//
// Question:  what does a message cost that one thread allocates, another one passes on and a third one frees?
// Models:    message passing: actors, event loops, servers with threads that route; small messages in small batches.
// Favours:   heaps that take back freed blocks in bulk, wherever they were freed.
// Ignores:   threads that both produce and consume (remote_release), large blocks (remote_flood), messages that stay.
//            The roles and numbers are those of snmalloc's message-passing benchmark: 3 producers, 2 proxies, 3
//            consumers, batches of 1 to 16 messages of 48, 64, 96 or 128 bytes, and at most 4,096 under way. Who sends
//            to whom is drawn beforehand. More threads than CPUs take turns, and the queues are part of the time:
//            no_heap is what they take alone. The wall time of all is divided by the messages of all.
#include "benchmarks/harness/heaps.hpp"
#include "benchmarks/harness/memory_measurable.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/ring.hpp"
#include "benchmarks/harness/side_by_side.hpp"

#include <array>
#include <deque>

namespace poolmark::benchmarks {
namespace {

constexpr std::array<std::uint8_t, 4> message_bytes{48, 64, 96, 128};
constexpr std::size_t batches_a_producer = 256; // in one iteration
constexpr std::uint64_t longest_batch = 16;
constexpr std::size_t places_from_producer = 128;
constexpr std::size_t places_from_proxy = 256;
constexpr std::size_t most_in_flight = 4096;
// 15 queues of producers and 6 of proxies; and what each thread holds in its hands.
static_assert(15 * places_from_producer + 6 * places_from_proxy + 8 * longest_batch <= most_in_flight);
constexpr std::size_t mean_message_bytes = 84;
constexpr std::uint64_t iterations_of_memory = 64;

template <class Heap>
class messages_subject final : public side_by_side, public memory_measurable {
public:
    explicit messages_subject(const parameters& where)
        : side_by_side(static_cast<std::size_t>(where.number("producers") + where.number("proxies") + where.number("consumers"))),
          producers_(static_cast<std::size_t>(where.number("producers"))),
          proxies_(static_cast<std::size_t>(where.number("proxies"))), members_(threads()) {
        random_source chance(workload_seed);
        for (std::size_t p = 0; p != producers_; ++p) {
            draw(p, chance);
        }
        for (std::size_t p = 0; p != producers_; ++p) {
            const std::size_t answers = consumer_of(p);
            for (std::size_t to = producers_; to != threads(); ++to) {
                const std::uint64_t sent = members_[p].sent[to];
                members_[to].due += sent;
                if (is_proxy(to)) {
                    members_[answers].due += sent;
                }
            }
        }
    }

    std::uint64_t verify() override {
        verifying_ = true;
        run(1);
        rest();
        verifying_ = false;
        unordered_digest all;
        for (const member& each : members_) {
            all.add(each.seen.value());
        }
        return all.value();
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override {
        std::uint64_t all = 0;
        for (std::size_t p = 0; p != producers_; ++p) {
            all += members_[p].sizes.size();
        }
        return all;
    }

    // Nothing is left when all have arrived: what a heap holds after one iteration, and after many more, is its own.
    [[nodiscard]] std::size_t usual_objects() const override { return most_in_flight; }
    [[nodiscard]] bool takes_any_number() const override { return false; }
    void prepare(std::size_t /*objects*/) override {}
    void build() override { run(1); }
    [[nodiscard]] object_sizes sizes() override { return mean_sizes(most_in_flight * mean_message_bytes, most_in_flight); }
    bool churn() override {
        run(iterations_of_memory);
        return true;
    }
    void release() override { rest(); }

private:
    struct batch {
        std::uint8_t to;
        std::uint8_t messages;
    };
    struct lane { // from one thread to one other
        explicit lane(std::size_t places) : queue(places) {}
        ring<void> queue;
        alignas(128) std::uint64_t put = 0;
        alignas(128) std::uint64_t taken = 0;
    };
    struct route {
        lane* from;
        lane* on; // of a proxy: where it passes on what comes from there
    };
    struct alignas(128) member {
        table<batch> batches; // of a producer, in one iteration
        table<std::uint8_t> sizes;
        table<std::uint64_t> sent; // messages, by receiver
        std::vector<lane*> lanes;  // of a producer, by receiver
        std::vector<route> routes; // of the others
        std::uint64_t due = 0;     // messages that reach it in one iteration
        std::uint64_t made = 0;
        unordered_digest seen;
        volatile std::uint64_t sum = 0; // what was read, so that it is read
    };

    [[nodiscard]] bool is_proxy(std::size_t thread) const { return thread >= producers_ && thread < producers_ + proxies_; }
    // Whom the proxies pass on to what comes from this producer.
    [[nodiscard]] std::size_t consumer_of(std::size_t producer) const {
        const std::size_t first = producers_ + proxies_;
        return first + producer % (threads() - first);
    }

    void draw(std::size_t producer, random_source& chance) {
        member& mine = members_[producer];
        mine.sent.resize(threads());
        mine.lanes.resize(threads());
        const std::size_t receivers = threads() - producers_;
        for (std::size_t i = 0; i != batches_a_producer; ++i) {
            const std::size_t to = producers_ + chance.below(receivers);
            const std::uint64_t messages = 1 + chance.below(longest_batch);
            mine.batches.push_back({static_cast<std::uint8_t>(to), static_cast<std::uint8_t>(messages)});
            mine.sent[to] += messages;
            for (std::uint64_t k = 0; k != messages; ++k) {
                mine.sizes.push_back(message_bytes[chance.below(message_bytes.size())]);
            }
        }
        for (std::size_t to = producers_; to != threads(); ++to) {
            lane& direct = lanes_.emplace_back(places_from_producer);
            mine.lanes[to] = &direct;
            lane* on = nullptr;
            if (is_proxy(to)) {
                on = &lanes_.emplace_back(places_from_proxy);
                members_[consumer_of(producer)].routes.push_back({on, nullptr});
            }
            members_[to].routes.push_back({&direct, on});
        }
    }

    void work(std::size_t thread, std::uint64_t iterations) override {
        member& mine = members_[thread];
        if (thread < producers_) {
            for (; iterations != 0; --iterations) {
                produce(mine, thread);
            }
            return;
        }
        std::uint64_t left = iterations * mine.due;
        while (left != 0) {
            spin_until([&] {
                std::uint64_t received = 0;
                for (const route& each : mine.routes) {
                    received += receive(mine, each);
                }
                left -= received;
                return received != 0;
            });
        }
    }

    void produce(member& mine, std::size_t number) {
        const std::uint8_t* bytes = mine.sizes.data();
        for (const batch& next : mine.batches) {
            lane& to = *mine.lanes[next.to];
            const std::uint64_t end = to.put + next.messages;
            to.queue.wait_to_write(end);
            for (; to.put != end; ++to.put) {
                void* const message = Heap::take(*bytes);
                touch(message, *bytes++, (static_cast<std::uint64_t>(number) << 56U) + mine.made++);
                to.queue.at(to.put) = message;
                barrier();
            }
            to.queue.written(end);
        }
    }

    // Takes what is there, one batch at most, and passes it on or frees it. Returns how many messages.
    std::uint64_t receive(member& mine, const route& by) {
        lane& from = *by.from;
        const std::uint64_t begin = from.taken;
        const std::uint64_t end = std::min(from.queue.written_by_now(), begin + longest_batch);
        if (begin == end) {
            return 0;
        }
        std::uint64_t sum = 0;
        if (by.on != nullptr) {
            lane& on = *by.on;
            on.queue.wait_to_write(on.put + (end - begin));
            for (; from.taken != end; ++from.taken) {
                void* const message = from.queue.at(from.taken);
                sum += value_of(message);
                on.queue.at(on.put++) = message;
            }
            on.queue.written(on.put);
        } else {
            for (; from.taken != end; ++from.taken) {
                void* const message = from.queue.at(from.taken);
                const std::uint64_t value = value_of(message);
                sum += value;
                if (verifying_) [[unlikely]] {
                    mine.seen.add(value);
                }
                Heap::give(message);
                barrier();
            }
        }
        from.queue.read(end);
        mine.sum = sum;
        return end - begin;
    }

    [[nodiscard]] static std::uint64_t value_of(const void* message) {
        if constexpr (Heap::gives_memory) {
            return stamp_of(message);
        } else {
            return 0; // its producer may be writing to it
        }
    }

    std::size_t producers_;
    std::size_t proxies_;
    bool verifying_ = false;
    std::deque<lane> lanes_;
    std::vector<member> members_;
};

const registration registered{{
    .name = "proxied_messages",
    .question = "What does a message cost that one thread allocates, another one passes on and a third one frees?",
    .operation = "allocate a message and write to each of its lines, hand it over, perhaps by a proxy, read and free it: the wall "
                 "time of all threads, divided by the messages of all",
    .models = "message passing: actors, event loops, servers with threads that route",
    .favours = "heaps that take back freed blocks in bulk, wherever they were freed",
    .ignores = "threads that both produce and consume, large blocks, messages that stay",
    .from = preset::heaps,
    .strategies = heap_strategies<messages_subject>(),
    .points = {{.where = {{"producers", 3}, {"proxies", 2}, {"consumers", 3}, {"threads", 8}}, .memory = true},
               {.where = {{"producers", 1}, {"proxies", 1}, {"consumers", 1}, {"threads", 3}}, .from = preset::full}},
}};

} // namespace
} // namespace poolmark::benchmarks
