#include "benchmarks/harness/options.hpp"

#include <gtest/gtest.h>

namespace poolmark::benchmarks {
namespace {

struct parsed {
    options ours;
    std::vector<std::string> left;
};

parsed parse(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "poolmark-bench");
    std::vector<char*> raw;
    for (std::string& argument : arguments) {
        raw.push_back(argument.data());
    }
    raw.push_back(nullptr);
    int argc = static_cast<int>(arguments.size());
    parsed result{take_options(argc, raw.data()), {}};
    for (int i = 1; i < argc; ++i) {
        result.left.emplace_back(raw[static_cast<std::size_t>(i)]);
    }
    return result;
}

TEST(options, takes_its_own_and_leaves_google_benchmarks) {
    const parsed got = parse({"--benchmark_filter=pair", "--allocator=mimalloc", "--smoke", "--pin=1", "--unknown"});
    EXPECT_EQ(got.ours.allocator, "mimalloc");
    EXPECT_TRUE(got.ours.smoke);
    EXPECT_EQ(got.ours.pin, std::vector<int>{1});
    EXPECT_EQ(got.left, (std::vector<std::string>{"--benchmark_filter=pair", "--unknown"}));
}

TEST(options, allocator_and_allocators_are_two_options) {
    const parsed got = parse({"--allocators=glibc,,mine=/x/lib.so,mimalloc"});
    EXPECT_EQ(got.ours.allocators, (std::vector<std::string>{"glibc", "mine=/x/lib.so", "mimalloc"}));
    EXPECT_EQ(got.ours.allocator, "");
}

TEST(options, a_value_that_is_no_number_is_refused) {
    for (const char* const bad : {"--pin=one", "--pin=", "--pin=1,x", "--pin=1 0", "--objects=1e6", "--heap-offset=16k", "--objects=-1"}) {
        EXPECT_THROW(static_cast<void>(parse({bad})), bad_option) << bad;
    }
    EXPECT_THROW(static_cast<void>(parse({"--allocators="})), bad_option);
}

} // namespace
} // namespace poolmark::benchmarks
