#include "benchmarks/harness/own_subjects.hpp"
#include "benchmarks/harness/digest.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>

namespace poolmark::benchmarks::detail {
namespace {

[[noreturn]] void refuse(std::string_view name, const char* why) {
    std::fprintf(stderr, "poolmark-bench: own_workload '%.*s': %s\n", static_cast<int>(name.size()), name.data(),
                 why);
    std::_Exit(2); // before main: nobody could catch anything
}

bool is_name(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

} // namespace

std::uint64_t digest_of_bytes(const void* object, std::size_t bytes) noexcept {
    digest seen;
    const auto* from = static_cast<const unsigned char*>(object);
    for (std::size_t i = 0; i < bytes; i += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, from + i, std::min(sizeof word, bytes - i));
        seen.add(word);
    }
    return seen.value();
}

workload describe_own(std::string_view name, const std::vector<std::int64_t>& live, std::string_view pattern,
                      std::size_t bytes, std::vector<strategy>&& strategies) {
    if (!is_name(name)) {
        refuse(name, "a name is made of lower-case letters, digits and _");
    }
    if (std::ranges::find(workloads(), name, &workload::name) != workloads().end()) {
        refuse(name, "there is a workload of that name already; give it another one");
    }
    if (live.empty() || std::ranges::any_of(live, [](std::int64_t n) { return n < 1 || n > 100'000'000; })) {
        refuse(name, ".live wants numbers of live objects from 1 to 100,000,000");
    }
    static std::deque<std::string> texts; // a workload's words outlive the registration
    const auto kept = [&](std::string text) -> std::string_view { return texts.emplace_back(std::move(text)); };
    const bool batch = pattern != "random";
    workload own{
        .name = kept(std::string(name)),
        .question = kept("What do objects of type " + std::string(name) + ", " + std::to_string(bytes) +
                         " bytes each, cost when " +
                         (batch ? "a batch of them dies in " + std::string(pattern) + " order?"
                                : "random ones are replaced?")),
        .operation = batch ? "acquire, construct, destroy and release one object of the batch"
                           : "destroy and release a random live object, acquire and construct its successor",
        .models = "the program that this type is from, as far as the lifetimes are its own",
        .favours = "what the other workloads with this pattern favour, less so where constructing takes long",
        .ignores = "threads, size mixes, what the program does with its objects in between",
        .strategies = std::move(strategies),
        .points = {}};
    for (const std::int64_t count : live) {
        own.points.push_back({.where = {{"pattern", std::string(pattern)}, {"live", count}}});
    }
    return own;
}

} // namespace poolmark::benchmarks::detail
